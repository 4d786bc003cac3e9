"""Where the iterates go: along the curve of f, or over its contours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gdlab.figures import panels, words
from gdlab.figures.contours import draw_contours
from gdlab.figures.page import HIGHEST, NO_VALUE, label_outside, say_instead
from gdlab.figures.style import STAR, START, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array, Objective, values

SAMPLES = 800
ROOM = 0.08
BEYOND = 0.3
"""Share of the width that iterates may add at either side."""
FARTHEST = 25
"""How many widths of the path away a minimiser is shown still."""


@styled
def path(paths: pd.DataFrame, objective: Objective, subject: Subject) -> Figure:
    """The iterates of some lanes, a panel for each of at most six step sizes.

    d = 1: on the curve of f. d = 2: on its contours. More variables are a ValueError.
    paths : of `gdlab.results.traces.paths`.
    """
    if subject.facts.dimension == 2:
        return draw_contours(paths, objective, subject)
    if subject.facts.dimension > 2:
        raise ValueError(
            f"a descent path is drawn for one variable or two, and the objective has "
            f"{subject.facts.dimension}"
        )
    return _on_curve(paths, objective, subject)


def _on_curve(paths: pd.DataFrame, objective: Objective, subject: Subject) -> Figure:
    (variable,) = subject.facts.variables
    parts = panels.by_alpha(paths)
    low, high = _range(paths, subject)
    x = np.linspace(low, high, SAMPLES)
    f = values(objective, x[None])
    f[~(np.abs(f) < HIGHEST)] = np.nan
    bottom, top = _heights(paths, f, variable)
    curve = Line2D([], [], color="black", linewidth=1.8, label=words.maths(words.function(subject)))
    n = len(parts)
    starts = paths.loc[paths["iteration"] == 0, variable].unique()
    single = starts.size == 1
    origin = (
        f"from {words.sign(subject)}₀ = {words.number(starts[0])}" if single else "several starts"
    )
    size = {1: (5.2, 3.6), 2: (3.6, 2.8)}.get(n, (2.85, 2.3))
    figure, grid, flat = panels.sheet(
        n,
        size,
        subject,
        [
            f"{subject.method}, {words.shown_of(n, subject.n_alpha, 'α', 'α')}, {origin}",
            words.criterion_and_limit(subject),
            *panels.cut_said(paths),
        ],
        panels.legend(subject, [curve]),
        0.0,
    )
    for axes, (alpha, own) in zip(flat, parts, strict=True):
        panels.set_title(axes, panels.title(alpha, own))
        if np.isnan(f).all():
            say_instead(axes, NO_VALUE)
            continue
        axes.plot(x, f, color="black", linewidth=1.8)
        _stars(axes, objective, subject)
        for _, lane in own.groupby("lane"):
            _path(axes, lane[[variable, "f"]].to_numpy().T, np.array([high - low, top - bottom]))
        axes.set(xlim=(low, high), ylim=(bottom, top))
        axes.grid()
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_locator(MaxNLocator(6))
    label_outside(
        grid, n, words.maths(words.symbol(variable)), words.maths(words.function(subject))
    )
    return figure


def _path(axes: Axes, points: Array, extent: Array) -> None:
    x, f = points
    dots = panels.thinned(points, extent)
    first = slice(panels.JOINED + 1)
    axes.plot(x[first], f[first], color=panels.RED, linewidth=0.9, alpha=0.7, zorder=3)
    axes.plot(
        x[dots],
        f[dots],
        linestyle="none",
        marker="o",
        markersize=5,
        markerfacecolor=panels.RED,
        markeredgecolor="white",
        markeredgewidth=0.5,
        zorder=4,
    )
    axes.plot(x[:1], f[:1], linestyle="none", markersize=7, zorder=5, **START)


def _stars(axes: Axes, objective: Objective, subject: Subject) -> None:
    if subject.facts.minimisers is None:
        return
    x = subject.facts.minimisers[:, 0]
    axes.plot(x, values(objective, x[None]), linestyle="none", markersize=11, zorder=3.5, **STAR)


def _range(paths: pd.DataFrame, subject: Subject) -> tuple[float, float]:
    """From the starts past the minimisers to as far beyond, and a little where iterates go on."""
    names = subject.facts.variables
    starts = panels.points_of(paths, names, 0)[0]
    stayed = panels.bounded(paths, names)[0]
    known = subject.facts.minimisers
    places = starts
    if known is not None and len(known):
        minimisers = known[:, 0]
        nearest = minimisers[np.abs(minimisers - starts[:, None]).argmin(axis=1)]
        places = np.concatenate([places, nearest, 2 * nearest - starts])
        near = np.abs(minimisers - places.mean()) <= FARTHEST * max(np.ptp(places), 1e-9)
        places = np.concatenate([places, minimisers[near]])
    elif stayed.size:
        places = np.concatenate([places, stayed])
    low, high = float(places.min()), float(places.max())
    if not high - low > 1e-9 * max(1.0, abs(low)):
        return low - 1, high + 1
    beyond = BEYOND * (high - low)
    room = ROOM * (high - low)
    lowest, highest = float(stayed.min(initial=low)), float(stayed.max(initial=high))
    return max(lowest, low - beyond) - room, min(highest, high + beyond) + room


def _heights(paths: pd.DataFrame, f: Array, variable: str) -> tuple[float, float]:
    """From the least of the curve to a little above the starts, or what bounded iterates reach."""
    stayed = paths[(paths["status"].astype(str) != panels.DIVERGED) | (paths["iteration"] == 0)][
        "f"
    ]
    reached = stayed[stayed.abs() < HIGHEST].to_numpy()
    low = float(np.nanmin(f)) if np.isfinite(f).any() else float(reached.min(initial=0.0))
    high = float(np.nanmax(f)) if np.isfinite(f).any() else low + 1
    most = float(reached.max(initial=low))
    high = min(high, low + 1.6 * (most - low)) if most > low else high
    room = max(0.06 * (high - low), 1e-9 * max(abs(low), abs(high))) or 1.0
    return low - room, high + room
