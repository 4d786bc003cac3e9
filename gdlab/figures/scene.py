"""What paths are drawn on: a panel for each step size, with the curve of f or its contours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gdlab.figures import captions, words
from gdlab.figures.contours import Contours, corners
from gdlab.figures.facets import Loaded
from gdlab.figures.lines import VERBS
from gdlab.figures.sheet import HIGHEST, NO_VALUE, say_instead, share_labels, sheet
from gdlab.figures.sizes import Size, columns_of, panel_size, plane_size
from gdlab.figures.style import STAR, START
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array, values
from gdlab.results import traces
from gdlab.results.choice import lanes_to_follow
from gdlab.results.table import STATUS

MOST_PANELS = 6
SAMPLES = 800
RED = "#e8000b"
JOINED = 50
"""Iterations that a line joins; those of a lane that goes on hopping would fill the panel."""
LONGEST = 500
"""Iterations of a path that are drawn."""
ROOM = 0.08
BEYOND = 0.3
"""Share of the width that iterates may add at either side."""
FARTHEST = 25
"""How many widths of the path away a minimiser is shown still."""
CONVERGED, CYCLING, MAX_ITER, DIVERGED = STATUS.categories
MANY = {CONVERGED: "converge"} | VERBS
DOT: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 4.3,
    "markerfacecolor": RED,
    "markeredgecolor": "white",
    "markeredgewidth": 0.5,
}


@dataclass(frozen=True, eq=False)
class Panel:
    """A panel for a step size.

    lanes : the iterates (2, n) of each of its lanes, as they are drawn; none where f has no value.
    verdict : what becomes of them, in words. steps : after how many iterations that is.
    """

    axes: Axes
    lanes: list[Array]
    verdict: str
    steps: int


@dataclass(frozen=True, eq=False)
class Scene:
    """All but the paths themselves, and what is said of them above the panels.

    extent : the ends of all axes, (2, 2). last : the last iteration that is drawn.
    """

    figure: Figure
    panels: list[Panel]
    extent: Array
    last: int

    @classmethod
    def of(cls, run: Loaded, lanes: Sequence[int] | None) -> Scene:
        """The panels of some lanes of a run, by default of some that show how step sizes differ.

        Raises ValueError for more than two variables, or more step sizes than there is room for.
        """
        subject = run.subject
        names = list(subject.facts.variables)
        if len(names) > 2:
            raise ValueError(
                "a descent path is drawn for one variable or two, and the objective has "
                f"{len(names)}"
            )
        chosen = lanes or lanes_to_follow(run.experiment)
        paths = traces.paths(run.experiment, chosen, LONGEST)
        parts = [own for _, own in paths.groupby("alpha", sort=True)]
        n = len(parts)
        if n > MOST_PANELS:
            raise ValueError(
                f"the paths have {n} step sizes, and there is room for {MOST_PANELS}; choose some"
            )
        plane = len(names) == 2
        background = (Plane if plane else Line)(paths, subject)
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
        drawn = [*names, *([] if plane else ["f"])]
        for axes in panels:
            if not background.has_values:
                say_instead(axes, NO_VALUE)
                continue
            background.draw(axes)
            axes.xaxis.set_major_locator(MaxNLocator(6 if plane else 5, steps=[1, 2, 5, 10]))
            axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
            axes.set(xlim=background.extent[0], ylim=background.extent[1])
            axes.set_xlabel(words.maths(words.symbol(names[0])))
            upward = words.symbol(names[1]) if plane else words.function(subject)
            axes.set_ylabel(words.maths(upward))
        share_labels(figure)
        if isinstance(background, Plane) and background.has_values:
            background.contours.bar(figure)
        return cls(
            figure,
            [
                Panel(
                    axes,
                    [lane[drawn].to_numpy().T for _, lane in own.groupby("lane")]
                    if background.has_values
                    else [],
                    _verdict(own),
                    int(own["steps"].max()),
                )
                for axes, own in zip(panels, parts, strict=True)
            ],
            background.extent,
            int(paths["iteration"].max()),
        )


class Line:
    """The curve of f that the paths of one variable lie on."""

    def __init__(self, paths: pd.DataFrame, subject: Subject) -> None:
        objective = subject.experiment.objective
        low, high = _range(paths, subject)
        self.x: Array = np.linspace(low, high, SAMPLES)
        self.f: Array = values(objective, self.x[None])
        self.f[~(np.abs(self.f) < HIGHEST)] = np.nan
        self.has_values: bool = not np.isnan(self.f).all()
        self.extent: Array = np.array([[low, high], _heights(paths, self.f)])
        known = subject.facts.minimisers
        stars = np.empty(0) if known is None else known[:, 0]
        self.stars: tuple[Array, Array] = stars, values(objective, stars[None])

    def size(self, n: int) -> Size:
        return panel_size(columns_of(n), 0.8)

    def draw(self, axes: Axes) -> None:
        axes.plot(self.x, self.f, color="black", linewidth=1.8)
        axes.plot(*self.stars, linestyle="none", markersize=11, zorder=3.5, **STAR)
        axes.grid()


class Plane:
    """The contours of f that the paths of two variables lie on."""

    def __init__(self, paths: pd.DataFrame, subject: Subject) -> None:
        names, known = list(subject.facts.variables), subject.facts.minimisers
        self.stars: Array = np.empty((2, 0)) if known is None else known.T
        starts = paths.loc[paths["iteration"] == 0, names].to_numpy().T
        self.extent: Array = corners(
            np.concatenate([starts, self.stars], axis=1), _stayed(paths, names)
        )
        self.contours: Contours = Contours.of(subject, self.extent)
        self.has_values: bool = self.contours.has_values

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
    look = DOT | {"linestyle": "-"}
    entries: list[Artist] = [
        *([curve] if subject.facts.dimension == 1 else []),
        Line2D([], [], color=RED, linewidth=0.9, label=iterates, **look),
        Line2D([], [], linestyle="none", markersize=7, label="start", **START),
    ]
    if subject.facts.minimisers is not None and len(subject.facts.minimisers):
        entries.append(Line2D([], [], linestyle="none", markersize=11, label="minimiser", **STAR))
    return entries
