"""Descent paths in the plane, over the contours of f."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from gdlab.figures import panels, words
from gdlab.figures.axis import tick_values
from gdlab.figures.page import HIGHEST, NO_VALUE, label_outside, say_instead
from gdlab.figures.style import STAR, START, part_of
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array, Objective, values

SAMPLES = 201
LEVELS = 16
FEWEST_LEVELS = 7
MOST_LABELS = 9
MOST_DECADES = 6
SEA = part_of("GnBu_r", 0.0, 0.95)


def draw_contours(paths: pd.DataFrame, objective: Objective, subject: Subject) -> Figure:
    """The paths of `gdlab.results.traces.paths` over contours of f at logarithmic levels."""
    parts = panels.by_alpha(paths)
    names = subject.facts.variables
    low, high = _ranges(paths, subject)
    x, y = (np.linspace(a, b, SAMPLES) for a, b in zip(low, high, strict=True))
    f = values(objective, np.stack(np.meshgrid(x, y)).reshape(2, -1)).reshape(SAMPLES, SAMPLES)
    known = subject.facts.minimum is not None
    f = np.ma.masked_where(~(np.abs(f) < HIGHEST), f)
    least = f.min() if subject.facts.minimum is None else subject.facts.minimum
    above = f - least
    levels = _levels(above)
    norm = BoundaryNorm(levels, SEA.N, extend="both")

    n = len(parts)
    wide, tall = high - low
    even = bool(1 / 3 <= tall / wide <= 3)
    width = {1: 4.6, 2: 3.6}.get(n, 2.75)
    size = width, float(width * np.clip(tall / wide, 0.5, 1.2)) if even else 0.85 * width
    n_starts = int((paths["iteration"] == 0).sum()) // n
    some = words.shown_of(n_starts, subject.n_x0, "starting point")
    figure, grid, flat = panels.sheet(
        n,
        size,
        subject,
        [
            f"{subject.method}, {words.shown_of(n, subject.n_alpha, 'α', 'α')}, from {some}",
            words.criterion_and_limit(subject),
            *panels.cut_said(paths),
        ],
        panels.legend(subject),
        0.95,
    )
    for axes, (alpha, own) in zip(flat, parts, strict=True):
        panels.set_title(axes, panels.title(alpha, own))
        if not above.count():
            say_instead(axes, NO_VALUE)
            continue
        filled = axes.contourf(x, y, above, levels=levels, norm=norm, cmap=SEA, extend="both")
        filled.set_rasterized(True)
        for _, lane in own.groupby("lane"):
            _path(axes, lane[list(names)].to_numpy().T, low, high)
        if subject.facts.minimisers is not None:
            axes.plot(
                *subject.facts.minimisers.T,
                linestyle="none",
                markersize=10,
                markeredgewidth=0.8,
                zorder=6,
                **STAR,
            )
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    label_outside(grid, n, *(words.maths(words.symbol(name)) for name in names))
    if above.count():
        _bar(figure, flat, filled, levels, subject, known)
    return figure


def _path(axes: Axes, points: Array, low: Array, high: Array) -> None:
    x, y = points
    dots = panels.thinned(points, high - low)
    edge = [withStroke(linewidth=2.2, foreground="white", alpha=0.6)]
    beyond = np.maximum(low[:, None] - points, points - high[:, None]).max(axis=0)
    outside = np.logical_not(beyond <= 0)  # NaN is outside too
    gone = int(outside.argmax()) if outside[-1] else panels.JOINED
    first = slice(min(gone, panels.JOINED) + 1)
    axes.plot(x[first], y[first], color=panels.RED, linewidth=1.1, zorder=3, path_effects=edge)
    axes.plot(
        x[dots],
        y[dots],
        linestyle="none",
        marker="o",
        markersize=3.6,
        markerfacecolor=panels.RED,
        markeredgecolor="white",
        markeredgewidth=0.5,
        zorder=4,
    )
    axes.plot(x[:1], y[:1], linestyle="none", markersize=6, zorder=5, **START)


def _ranges(paths: pd.DataFrame, subject: Subject) -> tuple[Array, Array]:
    """Lower and upper corner (2,): starts, minimisers, and where bounded iterates go, near by."""
    names = subject.facts.variables
    starts = panels.points_of(paths, names, 0)
    known = subject.facts.minimisers
    places = starts if known is None else np.concatenate([starts, known.T], axis=1)
    low, high = places.min(axis=1), places.max(axis=1)
    wide = np.maximum(high - low, 0.05 * (high - low).max())
    wide = np.where(wide > 0, wide, 2.0)
    centre = (low + high) / 2
    low, high = centre - wide / 2, centre + wide / 2
    stayed = panels.bounded(paths, names)
    farthest = 0.5 * wide
    if stayed.size:
        low = np.minimum(low, np.maximum(stayed.min(axis=1), low - farthest))
        high = np.maximum(high, np.minimum(stayed.max(axis=1), high + farthest))
    room = 0.08 * (high - low)
    return low - room, high + room


def _levels(above: np.ma.MaskedArray) -> Array:
    """Values at which contours are drawn: 1, 2, 5 and so on, or where f varies little even."""
    seen = above.compressed()
    positive = seen[seen > 1 / HIGHEST]
    if positive.size < 2 or positive.min() == positive.max():
        return np.linspace(0, 1, LEVELS)
    high = float(np.quantile(positive, 0.98))
    low = max(float(np.quantile(positive, 0.002)), high * 10.0**-MOST_DECADES)
    for digits in ((1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        found = [float(f"{digit}e{ten}") for ten in decades for digit in digits]
        found = [level for level in found if low <= level <= high]
        if len(found) >= FEWEST_LEVELS:
            return np.array(found)
    return np.array(tick_values(low, high, LEVELS))


def _bar(
    figure: Figure,
    axes: list[Axes],
    filled: ContourSet,
    levels: Array,
    subject: Subject,
    known: bool,
) -> None:
    function = words.function(subject)
    bar = figure.colorbar(
        filled,
        ax=axes,
        pad=0.02,
        aspect=30,
        fraction=0.06,
        label=words.maths(f"{function} - f^*")
        if known
        else f"{words.maths(function)} minus its least value here",
    )
    bar.ax.minorticks_off()
    decades = levels[[f"{level:e}".startswith("1.000000") for level in levels]]
    chosen = decades if decades.size >= 4 else levels[:: -(-levels.size // MOST_LABELS)]
    bar.ax.yaxis.set_major_locator(FixedLocator(chosen.tolist()))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    bar.ax.yaxis.set_ticklabels(words.numbers(chosen.tolist()))
