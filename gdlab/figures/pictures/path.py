"""Where the iterates go: along the curve of f, or in the plane over its contours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from gdlab.core.problem import Indices
from gdlab.figures.facets import Loaded, loaded
from gdlab.figures.scene import DOT, JOINED, RED, Scene
from gdlab.figures.sheet import note
from gdlab.figures.style import START, styled
from gdlab.objectives.base import Array
from gdlab.store.run import Run

APART = 0.012
"""Share of the frame by which dots must differ to be told apart."""
LINE: dict[str, Any] = {
    "color": RED,
    "linewidth": 1.0,
    "zorder": 3,
    "path_effects": [withStroke(linewidth=2.2, foreground="white", alpha=0.6)],
}
FIRST: dict[str, Any] = {"linestyle": "none", "markersize": 6.5, **START}


@styled
def path(run: Run | Loaded, lanes: Sequence[int] | None = None) -> Figure:
    """The iterates of some lanes of a run, a panel for each of at most six step sizes.

    d = 1: on the curve of f. d = 2: on its contours. More variables are a ValueError.
    lanes : their numbers; by default some that show how step sizes differ.
    """
    scene = Scene.of(loaded(run), lanes)
    for panel in scene.panels:
        note(panel.axes, panel.verdict)
        for points in panel.lanes:
            draw_path(panel.axes, Way.of(points, scene.extent))
    return scene.figure


@dataclass(frozen=True, eq=False)
class Way:
    """What is drawn of a path.

    points : its iterates, (2, n). joined : how many of the first a line joins. dotted : the rising
    numbers of those that have a dot; of those on top of each other it is the first.
    """

    points: Array
    joined: int
    dotted: Indices

    @classmethod
    def of(cls, points: Array, extent: Array) -> Way:
        """That of these iterates (2, n); extent (2, 2) are the ends of the axes."""
        low, high = extent[:, :1], extent[:, 1:]
        with np.errstate(over="ignore"):  # those far away are all in one place
            places = np.floor(points / (APART * (high - low)))
        dotted = np.sort(np.unique(places, axis=1, return_index=True)[1])
        beyond = np.logical_not(np.maximum(low - points, points - high).max(axis=0) <= 0)  # NaN too
        gone = int(beyond.argmax()) if beyond[-1] else JOINED
        return cls(points, min(gone, JOINED) + 1, dotted)

    def line(self, k: int | None = None) -> Array:
        """The iterates that a line joins, up to iteration k."""
        return self.points[:, : self.joined if k is None else min(k + 1, self.joined)]

    def dots(self, k: int | None = None) -> Array:
        """The iterates that have a dot, up to iteration k."""
        seen = None if k is None else int(np.searchsorted(self.dotted, k, side="right"))
        return self.points[:, self.dotted[:seen]]


def draw_path(axes: Axes, way: Way) -> None:
    """Draw iterates as dots that a line joins."""
    axes.plot(*way.line(), **LINE)
    axes.plot(*way.dots(), zorder=4, **DOT)
    axes.plot(*way.points[:, :1], zorder=5, **FIRST)
