"""The plane of starting points, a panel for each step size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from gdlab.figures import words
from gdlab.figures.axis import CellAxis
from gdlab.figures.cells import (
    ANNOTATED,
    LOOKS,
    Cells,
    annotate,
    block_of,
    colours_of,
    paint,
    scale_of,
)
from gdlab.figures.lanes import CONVERGED, Lanes
from gdlab.figures.legends import block_said, colour_bar, legend_of, outcome
from gdlab.figures.page import label_outside, page
from gdlab.figures.style import STAR
from gdlab.figures.subject import Subject
from gdlab.following import spread
from gdlab.objectives.base import Array

MOST_PANELS = 9
MOST_DOTS = 2000
"""Dots that are drawn as shapes; more are drawn as pixels."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Starting points that fill a rectangle: lanes (n_y, n_x) numbers the start of each cell."""

    across: CellAxis
    up: CellAxis
    lanes: NDArray[np.intp]

    @classmethod
    def of(cls, x0: Array, size: tuple[float, float]) -> Mesh | None:
        """Find the mesh that the points x0 (2, n) make, in any order; None if there is none."""
        (x, column), (y, row) = (np.unique(side, return_inverse=True) for side in x0)
        if x.size * y.size != x0.shape[1] or min(x.size, y.size) < 2:
            return None
        lanes = np.full((y.size, x.size), -1)
        lanes[row, column] = np.arange(x0.shape[1])
        return None if (lanes < 0).any() else cls(CellAxis(x, size[0]), CellAxis(y, size[1]), lanes)


def draw_planes(lanes: Lanes, subject: Subject, also: Sequence[str] = ()) -> Figure:
    """Iterations over the plane of starts: cells where the starts form a mesh, else dots.

    lanes : by rising α.
    """
    shown = spread(lanes.alpha.size, MOST_PANELS)
    columns = shown.size if shown.size <= 3 else int(np.ceil(np.sqrt(shown.size)))
    n_rows = -(-shown.size // columns)
    size = panel_size(lanes.x0, columns)
    mesh = Mesh.of(lanes.x0, size)
    block = (1, 1) if mesh is None else block_of(mesh.lanes.shape, size)
    norm = scale_of(lanes, shown)
    few = mesh is not None and shown.size == 1 and max(mesh.lanes.shape) <= ANNOTATED
    counts = np.bincount(lanes.status[shown].ravel(), minlength=len(LOOKS) + 1).tolist()
    width = columns * (size[0] + 0.2) + (1.75 if norm is not None else 0.8)
    drawn = f"{shown.size} of the α drawn" if shown.size < lanes.alpha.size else ""
    figure = page(
        max(width, 5.6),
        n_rows * (size[1] + 0.4) + 0.45,
        words.title(subject),
        [
            *words.grid(lanes.alpha, lanes.x0, subject),
            *([drawn] if drawn else []),
            outcome(lanes),
            words.criterion_and_limit(subject),
            *block_said(block),
            *also,
        ],
        [
            *legend_of(counts, subject.max_iter, hatched=not few, dots=mesh is None),
            *([star()] if _minimisers(subject).size else []),
        ],
        body_width=width,
    )
    panels = figure.subplots(n_rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes, i in zip(panels.flat, shown, strict=False):
        draw_plane(axes, lanes, int(i), mesh, norm, block if not few else None)
        add_stars(axes, subject, mesh)
        axes.set_title(f"α = {words.number(lanes.alpha[i])}")
    label_outside(
        panels, shown.size, f"starting point {words.start(subject)}", words.start(subject, 1)
    )
    if norm is not None:
        colour_bar(figure, figure.axes, norm, n_rows * size[1])
    return figure


def draw_plane(
    axes: Axes,
    lanes: Lanes,
    i: int,
    mesh: Mesh | None,
    norm: LogNorm | None,
    block: tuple[int, int] | None,
) -> None:
    """Draw one step size: cells with their counts, painted where there is a block, or dots."""
    if mesh is None:
        _dots(axes, lanes, i, norm)
        return
    cells = Cells.of(lanes.steps[i][mesh.lanes], lanes.status[i][mesh.lanes])
    if block is None:
        annotate(axes, cells, norm)
    else:
        paint(axes, cells, norm, block)
    mesh.across.mark(axes.xaxis, upright=False)
    mesh.up.mark(axes.yaxis, upright=True)


def _dots(axes: Axes, lanes: Lanes, i: int, norm: LogNorm | None) -> None:
    x, y = lanes.x0
    area = float(np.clip(6000 / x.size, 5, 45))
    status, pixels = lanes.status[i], x.size > MOST_DOTS
    converged = status == CONVERGED
    colours = colours_of(lanes.steps[i][converged].astype(np.float32), norm) / 255
    edge = {"linewidths": 0.4, "edgecolors": "#404040", "s": area, "rasterized": pixels}
    axes.scatter(x[converged], y[converged], c=colours, **edge)
    for code, look in LOOKS.items():
        where = status == code
        axes.scatter(x[where], y[where], c=look.colour, marker=look.marker, **edge)


def panel_size(x0: Array, columns: int) -> tuple[float, float]:
    """Inches of a panel, of the shape of the plane where its sides are of a like length."""
    width = {1: 4.4, 2: 3.1}.get(columns, 2.35)
    extent = np.ptp(x0, axis=1)
    ratio = extent[1] / extent[0] if _is_even(x0) else 0.85
    return width, float(width * np.clip(ratio, 0.6, 1.15))


def _is_even(x0: Array) -> bool:
    wide, tall = np.ptp(x0, axis=1)
    return bool(0 < wide <= 3 * tall <= 9 * wide)


def _minimisers(subject: Subject) -> Array:
    points = subject.facts.minimisers
    return np.empty((0, 2)) if points is None else points


def add_stars(axes: Axes, subject: Subject, mesh: Mesh | None) -> None:
    """Mark the known minimisers that lie in the picture, without widening it."""
    limits = axes.get_xlim(), axes.get_ylim()
    for x, y in _minimisers(subject):
        place = (x, y) if mesh is None else (mesh.across.position(x), mesh.up.position(y))
        if place[0] is not None and place[1] is not None:
            axes.plot(*place, linestyle="none", markersize=9, markeredgewidth=0.7, **STAR)
    axes.set(xlim=limits[0], ylim=limits[1])


def star() -> Line2D:
    """The entry of a legend."""
    return Line2D([], [], linestyle="none", markersize=10, label="minimiser", **STAR)
