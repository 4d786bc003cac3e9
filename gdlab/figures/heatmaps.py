"""Which step sizes converge, how fast, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gdlab.figures import words
from gdlab.figures.axis import CellAxis
from gdlab.figures.cells import ANNOTATED, annotate, paint, scale_of
from gdlab.figures.legends import block_said, colour_bar, legend_of, outcome_said
from gdlab.figures.page import page
from gdlab.figures.planes import draw_planes
from gdlab.figures.style import styled
from gdlab.figures.subject import Subject
from gdlab.results.layout import Layout, heatmap_layout
from gdlab.results.overview import Overview, Results, overview_of
from gdlab.results.raster import Raster

MOST_LINES = 4
AROUND, ABOVE = 2.15, 0.95
"""Inches of labels and colour bar beside the cells, and of labels below and above them."""
NARROWEST = 5.6
LIMIT: dict[str, Any] = {"linewidth": 1.3, "linestyle": (0, (4, 2))}
CHARACTER_ABOVE = 0.07
"""Inches that a character takes in the name of a limit."""


@styled
def heatmap(results: Results, subject: Subject, also: Sequence[str] = ()) -> Figure:
    """Iterations to convergence by step size and starting point, at the tightest tolerance.

    d = 1: α across, x0 upward. d = 2: the plane of starting points, a panel for each of at most
    nine step sizes. d > 2: α across, the number of the starting point upward.
    results : the whole table of `gdlab.results.table`, or an overview that has a raster of the
        layout of `gdlab.results.layout.heatmap_layout`. also : more to say above it.
    """
    experiment = subject.experiment
    if isinstance(results, Overview):
        overview = results
    else:
        overview = overview_of(experiment, results, heatmap_layout(experiment))
    if overview.raster is None:
        raise ValueError("this overview has no raster; make it with a layout, Overview(…, layout)")
    if overview.raster.layout.planes:
        return draw_planes(overview.raster, overview.outcome, subject, also)
    return _alpha_by_start(overview.raster, subject, also)


def _alpha_by_start(raster: Raster, subject: Subject, also: Sequence[str]) -> Figure:
    layout, size = raster.layout, raster.layout.size
    few = max(layout.shape) <= ANNOTATED
    norm = scale_of([raster.outcome])
    bar_below = len(layout.x0) == 1
    figure = page(
        max(size[0] + (1.2 if norm is None or bar_below else AROUND), NARROWEST),
        size[1] + ABOVE + (0.65 if bar_below and norm is not None else 0),
        words.title(subject),
        [
            *words.grid(layout.alpha, layout.x0, subject),
            outcome_said(raster.outcome),
            words.criterion_and_limit(subject),
            *block_said(layout.block),
            *also,
        ],
        legend_of(raster.outcome.counts.tolist(), subject.max_iter, hatched=not few),
    )
    axes = figure.add_subplot()
    (cells,) = raster.cells
    if few:
        annotate(axes, cells, norm)
    else:
        paint(axes, cells, norm, layout)
    _label(axes, layout, subject)
    if norm is not None:
        colour_bar(figure, [axes], norm, size[0] if bar_below else size[1], below=bar_below)
    return figure


def _label(axes: Axes, layout: Layout, subject: Subject) -> None:
    across = CellAxis(layout.alpha, layout.size[0])
    across.mark(axes.xaxis, upright=False)
    axes.set_xlabel(f"step size α{across.note}")
    _mark_limits(axes, across, subject)

    on_line = subject.facts.dimension == 1
    numbers = np.arange(1.0, len(layout.x0) + 1)
    up = CellAxis(layout.x0[:, 0] if on_line else numbers, layout.size[1])
    up.mark(axes.yaxis, upright=True)
    start = words.start(subject) if on_line else "number"
    if len(up) == 1:
        # An axis of one cell is too short for its name beside it.
        axes.set_yticks([0.5], [f"{start} = {words.number(up.cells[0])}"])
        axes.set_ylabel("")
    else:
        axes.set_ylabel(
            (f"starting point {start}" if on_line else "starting point, by number") + up.note
        )
    for side in axes.spines.values():
        side.set_visible(False)


def _mark_limits(axes: Axes, across: CellAxis, subject: Subject) -> None:
    """Draw the step size 2/L, or the local one of each minimiser, where it lies on the axis."""
    places = [
        (place, text) for a, text in limits(subject) if (place := across.position(a)) is not None
    ]
    ends = [-np.inf] * 3
    for place, text in places:
        draw_limit(axes, place, text)
        if len(places) > MOST_LINES:
            continue
        half = 0.5 * CHARACTER_ABOVE * len(text) * len(across) / across.length
        centre = float(np.clip(place, half, max(half, len(across) - half)))
        row = next((i for i, end in enumerate(ends) if centre - half > end), len(ends) - 1)
        ends[row] = centre + half
        axes.annotate(
            text,
            (place, 1),
            xycoords=("data", "axes fraction"),
            xytext=((centre - place) * across.length / len(across) * 72, 4 + 13 * row),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=9,
        )
    if len(places) > MOST_LINES:
        axes.set_title(f"dashed: local limits 2/L of {len(places)} minimisers", size=9)


def draw_limit(axes: Axes, place: float, name: str) -> None:
    """Draw a dashed line that is seen on every colour."""
    axes.axvline(place, color="white", linewidth=2.6, label="_under")
    axes.axvline(place, color="black", label=name, **LIMIT)


def limits(subject: Subject) -> list[tuple[float, str]]:
    """Step sizes to mark, rising, and what to call them."""
    if subject.exact_limit is not None:
        return [(subject.exact_limit, f"α = 2/L = {words.number(subject.exact_limit)}")]
    said = []
    finite = np.unique([float(f"{limit:.6g}") for limit in subject.limits if np.isfinite(limit)])
    points = subject.facts.minimisers
    for limit in finite.tolist():
        own = [] if points is None else points[np.isclose(subject.limits, limit, rtol=1e-5)]
        at = (
            f" at {words.sign(subject)}* = {words.point(own[0])}"
            if len(own) == 1 and len(subject.limits) > 1
            else ""
        )
        said.append((limit, f"local 2/L = {words.number(limit, 3)}{at}"))
    return said
