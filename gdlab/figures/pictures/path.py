"""Where the iterates go: along the curve of f, or in the plane over its contours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from gdlab.figures import captions, words
from gdlab.figures.contours import Contours, corners
from gdlab.figures.facets import Loaded, loaded
from gdlab.figures.lines import VERBS
from gdlab.figures.sheet import HIGHEST, NO_VALUE, note, say_instead, share_labels, sheet
from gdlab.figures.sizes import Size, columns_of, panel_size, plane_size
from gdlab.figures.style import STAR, START, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array, values
from gdlab.results import traces
from gdlab.results.choice import lanes_to_follow
from gdlab.results.table import STATUS
from gdlab.store.run import Run

MOST_PANELS = 6
SAMPLES = 800
RED = "#e8000b"
APART = 0.012
"""Share of the frame by which dots must differ to be told apart."""
JOINED = 50
"""Iterates that a line joins; those of a lane that goes on hopping would fill the panel."""
LONGEST = 500
"""Iterations of a path that are drawn."""
ROOM = 0.08
BEYOND = 0.3
"""Share of the width that iterates may add at either side."""
FARTHEST = 25
"""How many widths of the path away a minimiser is shown still."""
CONVERGED, CYCLING, MAX_ITER, DIVERGED = STATUS.categories
MANY = {CONVERGED: "converge"} | VERBS


@styled
def path(run: Run | Loaded, lanes: Sequence[int] | None = None) -> Figure:
    """The iterates of some lanes of a run, a panel for each of at most six step sizes.

    d = 1: on the curve of f. d = 2: on its contours. More variables are a ValueError.
    lanes : their numbers; by default some that show how step sizes differ.
    """
    run = loaded(run)
    subject = run.subject
    names = list(subject.facts.variables)
    if len(names) > 2:
        raise ValueError(
            f"a descent path is drawn for one variable or two, and the objective has {len(names)}"
        )
    paths = traces.paths(run.experiment, lanes or lanes_to_follow(run.experiment), LONGEST)
    parts = [own for _, own in paths.groupby("alpha", sort=True)]
    n = len(parts)
    if n > MOST_PANELS:
        raise ValueError(
            f"the paths have {n} step sizes, and there is room for {MOST_PANELS}; choose some"
        )
    plane = len(names) == 2
    background = (_Plane if plane else _Line)(paths, subject)
    alphas = f"{subject.method}, {words.shown_of(n, subject.n_alpha, 'α', 'α')}"
    figure, panels = sheet(
        columns_of(n),
        background.size(n),
        [(f"α = {words.number(float(own['alpha'].iloc[0]))}", "") for own in parts],
        words.title(subject),
        [
            f"{alphas}, {_starts_said(paths, subject)}",
            *captions.criterion([subject]),
            *_cut_said(paths),
        ],
        _legend(subject),
        noted=True,
        right=0.9 if plane else 0.0,
    )
    for axes, own in zip(panels, parts, strict=True):
        note(axes, _verdict(own))
        if not background.has_values:
            say_instead(axes, NO_VALUE)
            continue
        background.draw(axes)
        for _, lane in own.groupby("lane"):
            draw_path(axes, lane[names if plane else [*names, "f"]].to_numpy().T, background.extent)
        axes.xaxis.set_major_locator(MaxNLocator(6 if plane else 5, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.set(xlim=background.extent[0], ylim=background.extent[1])
        axes.set_xlabel(words.maths(words.symbol(names[0])))
        axes.set_ylabel(words.maths(words.symbol(names[1]) if plane else words.function(subject)))
    share_labels(figure)
    if isinstance(background, _Plane) and background.has_values:
        background.contours.bar(figure)
    return figure


def draw_path(axes: Axes, points: Array, extent: Array) -> None:
    """Draw iterates (2, n) as dots that a line joins; extent (2, 2) are the ends of the axes."""
    low, high = extent[:, :1], extent[:, 1:]
    with np.errstate(over="ignore"):  # those far away are all in one place
        places = np.floor(points / (APART * (high - low)))
    dots = np.unique(places, axis=1, return_index=True)[1]  # of those on top of each other one
    beyond = np.logical_not(np.maximum(low - points, points - high).max(axis=0) <= 0)  # NaN too
    gone = int(beyond.argmax()) if beyond[-1] else JOINED
    first = slice(min(gone, JOINED) + 1)
    edge = [withStroke(linewidth=2.2, foreground="white", alpha=0.6)]
    axes.plot(*points[:, first], color=RED, linewidth=1.0, zorder=3, path_effects=edge)
    axes.plot(*points[:, np.sort(dots)], zorder=4, **_DOT)
    axes.plot(*points[:, :1], linestyle="none", markersize=6.5, zorder=5, **START)


_DOT: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 4.3,
    "markerfacecolor": RED,
    "markeredgecolor": "white",
    "markeredgewidth": 0.5,
}


class _Line:
    """The curve of f that the paths of one variable lie on."""

    def __init__(self, paths: pd.DataFrame, subject: Subject) -> None:
        objective = subject.experiment.objective
        low, high = _range(paths, subject)
        self.x = np.linspace(low, high, SAMPLES)
        self.f = values(objective, self.x[None])
        self.f[~(np.abs(self.f) < HIGHEST)] = np.nan
        self.has_values = not np.isnan(self.f).all()
        self.extent = np.array([[low, high], _heights(paths, self.f)])
        known = subject.facts.minimisers
        stars = np.empty(0) if known is None else known[:, 0]
        self.stars = stars, values(objective, stars[None])

    def size(self, n: int) -> Size:
        return panel_size(columns_of(n), 0.8)

    def draw(self, axes: Axes) -> None:
        axes.plot(self.x, self.f, color="black", linewidth=1.8)
        axes.plot(*self.stars, linestyle="none", markersize=11, zorder=3.5, **STAR)
        axes.grid()


class _Plane:
    """The contours of f that the paths of two variables lie on."""

    def __init__(self, paths: pd.DataFrame, subject: Subject) -> None:
        names, known = list(subject.facts.variables), subject.facts.minimisers
        self.stars = np.empty((2, 0)) if known is None else known.T
        starts = paths.loc[paths["iteration"] == 0, names].to_numpy().T
        self.extent = corners(np.concatenate([starts, self.stars], axis=1), _stayed(paths, names))
        self.contours = Contours.of(subject, self.extent)
        self.has_values = self.contours.has_values

    def size(self, n: int) -> Size:
        return plane_size(np.ptp(self.extent, axis=1), n)

    def draw(self, axes: Axes) -> None:
        self.contours.draw(axes)
        look: dict[str, Any] = {"markersize": 10, "markeredgewidth": 0.8, "zorder": 6}
        axes.plot(*self.stars, linestyle="none", **look, **STAR)


def _stayed(paths: pd.DataFrame, names: Sequence[str]) -> Array:
    """The iterates (d, n) of the lanes that did not diverge."""
    points = paths.loc[paths["status"] != DIVERGED, list(names)].to_numpy().T
    return points[:, np.isfinite(points).all(axis=0)]


def _range(paths: pd.DataFrame, subject: Subject) -> tuple[float, float]:
    """From the starts past the minimisers to as far beyond, and a little where iterates go on."""
    (name,) = subject.facts.variables
    places = starts = paths.loc[paths["iteration"] == 0, name].to_numpy()
    stayed, known = _stayed(paths, [name])[0], subject.facts.minimisers
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
    beyond, room = BEYOND * (high - low), ROOM * (high - low)
    lowest, highest = float(stayed.min(initial=low)), float(stayed.max(initial=high))
    return max(lowest, low - beyond) - room, min(highest, high + beyond) + room


def _heights(paths: pd.DataFrame, f: Array) -> tuple[float, float]:
    """From the least of the curve to a little above the starts, or what bounded iterates reach."""
    stayed = paths.loc[(paths["status"] != DIVERGED) | (paths["iteration"] == 0), "f"]
    reached = stayed[stayed.abs() < HIGHEST].to_numpy()
    low = float(np.nanmin(f)) if np.isfinite(f).any() else float(reached.min(initial=0.0))
    high = float(np.nanmax(f)) if np.isfinite(f).any() else low + 1
    most = float(reached.max(initial=low))
    high = min(high, low + 1.6 * (most - low)) if most > low else high
    room = max(0.06 * (high - low), 1e-9 * max(abs(low), abs(high))) or 1.0
    return low - room, high + room


def _verdict(paths: pd.DataFrame) -> str:
    """What became of the lanes of a step size, in words."""
    lanes = paths.drop_duplicates("lane")
    if len(lanes) > 1:
        counts = lanes["status"].value_counts(sort=False)
        said = {status: "all" if n == len(lanes) else n for status, n in counts.items() if n}
        return ", ".join(f"{n} {MANY[status]}" for status, n in said.items())
    lane = lanes.iloc[0]
    n, period = words.plural(int(lane["steps"]), "iteration"), lane["period"]
    return {
        CONVERGED: n,
        CYCLING: f"cycles, period {period}",
        MAX_ITER: f"not yet, {n}",
        DIVERGED: "diverges",
    }[lane["status"]]


def _starts_said(paths: pd.DataFrame, subject: Subject) -> str:
    starts = paths.loc[paths["iteration"] == 0, list(subject.facts.variables)].drop_duplicates()
    if len(starts) == 1 and subject.facts.dimension == 1:
        return f"from {words.sign(subject)}₀ = {words.number(float(starts.to_numpy()[0, 0]))}"
    return f"from {words.shown_of(len(starts), subject.n_x0, 'starting point')}"


def _cut_said(paths: pd.DataFrame) -> list[str]:
    """Say in words that paths go on, and that their later iterates are dots alone."""
    last = int(paths["iteration"].max())
    joined = [f"a line joins the first {JOINED}"] if last > JOINED else []
    if last >= int(paths["steps"].max()):
        return joined
    return [f"the first {words.plural(last, 'iteration')} drawn", *joined]


def _legend(subject: Subject) -> list[Artist]:
    """What the signs mean."""
    curve = Line2D([], [], color="black", linewidth=1.8, label=words.maths(words.function(subject)))
    iterates = f"iterates {words.maths(words.x(subject))}"
    look = _DOT | {"linestyle": "-"}
    entries: list[Artist] = [
        *([curve] if subject.facts.dimension == 1 else []),
        Line2D([], [], color=RED, linewidth=0.9, label=iterates, **look),
        Line2D([], [], linestyle="none", markersize=7, label="start", **START),
    ]
    if subject.facts.minimisers is not None and len(subject.facts.minimisers):
        entries.append(Line2D([], [], linestyle="none", markersize=11, label="minimiser", **STAR))
    return entries
