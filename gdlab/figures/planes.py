"""The plane of starting points, a panel for each step size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gdlab.core.problem import Status
from gdlab.figures import words
from gdlab.figures.axis import CellAxis
from gdlab.figures.cells import ANNOTATED, LOOKS, annotate, colours_of, paint, scale_of
from gdlab.figures.legends import block_said, colour_bar, legend_of, outcome_said
from gdlab.figures.page import label_outside, page
from gdlab.figures.style import STAR
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.layout import Layout, Mesh, Size, columns_of
from gdlab.results.raster import Cells, Raster
from gdlab.results.tally import Outcome

MOST_DOTS = 2000
"""Dots that are drawn as shapes; more are drawn as pixels."""


def draw_planes(
    raster: Raster, outcome: Outcome, subject: Subject, also: Sequence[str] = ()
) -> Figure:
    """Iterations over the plane of starts: cells where the starts form a mesh, else dots.

    outcome : of all lanes, of which those of some step sizes may be drawn.
    """
    layout = raster.layout
    n, size, mesh = layout.alpha.size, layout.size, layout.mesh
    columns = columns_of(n)
    n_rows = -(-n // columns)
    norm = scale_of([raster.outcome])
    few = mesh is not None and n == 1 and max(mesh.shape) <= ANNOTATED
    counts = raster.outcome.counts.tolist()
    width = columns * (size[0] + 0.2) + (1.75 if norm is not None else 0.8)
    drawn = [f"{n} of the α drawn"] if n < len(subject.experiment.alpha) else []
    figure = page(
        max(width, 5.6),
        n_rows * (size[1] + 0.4) + 0.45,
        words.title(subject),
        [
            *words.grid(subject.experiment.alpha, layout.x0, subject),
            *drawn,
            *sample_said(layout),
            outcome_said(outcome),
            words.criterion_and_limit(subject),
            *block_said(layout.block),
            *also,
        ],
        [
            *legend_of(counts, subject.max_iter, hatched=not few, dots=mesh is None),
            *([star()] if _minimisers(subject).size else []),
        ],
        body_width=width,
    )
    panels = figure.subplots(n_rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes, alpha, cells in zip(panels.flat, layout.alpha, raster.cells, strict=False):
        draw_plane(axes, cells, layout, norm, few=few)
        add_stars(axes, subject, mesh)
        axes.set_title(f"α = {words.number(alpha)}")
    label_outside(panels, n, f"starting point {words.start(subject)}", words.start(subject, 1))
    if norm is not None:
        colour_bar(figure, figure.axes, norm, n_rows * size[1])
    return figure


def draw_plane(
    axes: Axes, cells: Cells, layout: Layout, norm: LogNorm | None, *, few: bool
) -> None:
    """Draw the cells of one step size: with their counts where they are few, painted, or dots."""
    if layout.mesh is None:
        _dots(axes, cells, layout.sampled, norm)
        return
    if few:
        annotate(axes, cells, norm)
    else:
        paint(axes, cells, norm, layout)
    across, up = _axes_of(layout.mesh, layout.size)
    across.mark(axes.xaxis, upright=False)
    up.mark(axes.yaxis, upright=True)


def _axes_of(mesh: Mesh, size: Size = (1, 1)) -> tuple[CellAxis, CellAxis]:
    return CellAxis(mesh.x, size[0]), CellAxis(mesh.y, size[1])


def _dots(axes: Axes, cells: Cells, x0: Array, norm: LogNorm | None) -> None:
    x, y = x0.T
    area = float(np.clip(6000 / x.size, 5, 45))
    (status,), (iterations,), pixels = cells.status, cells.iterations, x.size > MOST_DOTS
    converged = status == Status.converged
    colours = colours_of(iterations[converged], norm) / 255
    edge = {"linewidths": 0.4, "edgecolors": "#404040", "s": area, "rasterized": pixels}
    axes.scatter(x[converged], y[converged], c=colours, **edge)
    for code, look in LOOKS.items():
        where = status == code
        axes.scatter(x[where], y[where], c=look.colour, marker=look.marker, **edge)


def sample_said(layout: Layout) -> list[str]:
    """Say in words that some of the starting points are drawn only, where that is so."""
    n, of = len(layout.sampled), len(layout.x0)
    return [f"{words.shown_of(n, of, 'starting point')} drawn"] if n < of else []


def _minimisers(subject: Subject) -> Array:
    points = subject.facts.minimisers
    return np.empty((0, 2)) if points is None else points


def add_stars(axes: Axes, subject: Subject, mesh: Mesh | None) -> None:
    """Mark the known minimisers that lie in the picture, without widening it."""
    limits = axes.get_xlim(), axes.get_ylim()
    for x, y in _minimisers(subject):
        place: list[float | None] = [x, y]
        if mesh is not None:
            place = [axis.position(v) for axis, v in zip(_axes_of(mesh), (x, y), strict=True)]
        if None not in place:
            axes.plot(*place, linestyle="none", markersize=9, markeredgewidth=0.7, **STAR)  # type: ignore[arg-type]
    axes.set(xlim=limits[0], ylim=limits[1])


def star() -> Line2D:
    """The entry of a legend."""
    return Line2D([], [], linestyle="none", markersize=10, label="minimiser", **STAR)
