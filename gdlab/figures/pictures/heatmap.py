"""Which step sizes converge, how fast, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gdlab.figures import captions, words
from gdlab.figures.axis import CellAxis
from gdlab.figures.cells import colour_bar, draw_cells, draw_dots, font_of, legend_of, scale_of
from gdlab.figures.facets import Facets, Loaded, Shown
from gdlab.figures.limits import draw_limit, limits_entry, limits_of
from gdlab.figures.sheet import note, say_instead, share_labels, sheet
from gdlab.figures.sizes import Size, columns_of, heatmap_layout, panel_size, pixels, size_of
from gdlab.figures.style import STAR, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.layout import Layout, grid_layout, planes_layout
from gdlab.results.raster import Raster
from gdlab.results.tally import Tally

RIGHT, BELOW = 1.25, 0.65
"""Inches of a colour bar."""


@dataclass(frozen=True, eq=False)
class View:
    """What is shown of a run: all its lanes in one panel, or planes of starts in one for each α.

    size : of a panel, in inches.
    """

    subject: Subject
    raster: Raster
    size: Size

    @property
    def layout(self) -> Layout:
        return self.raster.layout

    @property
    def dotted(self) -> bool:
        """Whether starting points are dots at their places, since they make no mesh."""
        return self.layout.planes and self.layout.mesh is None

    @property
    def counted(self) -> bool:
        """Whether cells have room for their counts."""
        most = (self.raster.tally.range or (1, 1))[1]
        return font_of(self.layout.shape, self.size, most) is not None

    @cached_property
    def axes(self) -> tuple[CellAxis, CellAxis]:
        """The cells across and upward."""
        own = self.layout
        if own.mesh is not None:
            x, y = own.mesh.x, own.mesh.y
        elif own.heights is not None:
            x, y = own.alpha, own.heights
        else:
            x, y = own.alpha, np.arange(1.0, len(own.starts) + 1)
        across, up = self.size
        return CellAxis(x, across, own.block[1]), CellAxis(y, up, own.block[0])

    @cached_property
    def limits(self) -> list[tuple[float, float]]:
        """Where on the axis of α descent is lost by theory, and at which step sizes."""
        if self.layout.planes:
            return []
        found = [(self.axes[0].position(alpha), alpha) for alpha in limits_of(self.subject)]
        return [(place, alpha) for place, alpha in found if place is not None]

    @property
    def minimisers(self) -> Array:
        """Those to be marked, (n, 2)."""
        points = self.subject.facts.minimisers
        return points if self.layout.planes and points is not None else np.empty((0, 2))


@styled
def heatmap(shown: Shown) -> Figure | None:
    """Iterations to convergence by step size and starting point, at the tightest tolerance.

    d = 1: α across, x0 upward. d = 2: the plane of starting points, a panel for each of at most
    nine step sizes of a run, or for the best of each of several. d > 2: α across, the number of the
    starting point upward. All panels have one scale of colours. None where there is no grid.
    """
    facets = Facets.one(shown)
    runs = facets.runs()
    drawn = [run for run in runs if isinstance(run, Loaded)]
    views = _views(drawn, facets)
    if not views:
        return None
    alone, subjects = facets.n == 1, [view.subject for view in views]
    size, rasters = views[0].size, [view.raster for view in views]
    norm = scale_of(raster.tally for raster in rasters)
    if alone:
        own = views[0].layout
        headings = [(f"α = {words.number(a)}" if own.planes else "", "") for a in own.alpha]
        headings, n_columns = headings[: len(own.panels)], columns_of(len(own.panels))
        said = _lanes_said(drawn[0], own)
    else:
        headings, n_columns = facets.headings(size), facets.columns
        said = captions.runs(subjects, facets)
        if any(view.layout.planes for view in views):
            said.append("planes of starting points at each run's best α")
    bar_below = size[1] < 1
    figure, panels = sheet(
        n_columns,
        size,
        headings,
        captions.title(subjects, facets),
        [
            *said,
            *captions.criterion(subjects),
            *_blocks_said([view.layout for view in views]),
            *facets.failures(),
        ],
        _legend(views),
        noted=not alone,
        right=RIGHT if norm is not None and not bar_below else 0.25,
        below=BELOW if norm is not None and bar_below else 0.0,
    )
    left = iter(views)
    for i, run in enumerate(runs):
        if isinstance(run, str):
            say_instead(panels[i], run)
            continue
        view = next(left)
        for axes, cells in zip(panels[i:], view.raster.cells, strict=False):
            _draw(axes, view, cells, norm)
        if not alone:
            note(panels[i], ", ".join(_panel_said(view, subjects, facets)))
    share_labels(figure)
    if norm is not None:
        height = min(size[1] * -(-len(panels) // n_columns), 6.0)
        colour_bar(figure, norm, size[0] if bar_below else height, below=bar_below)
    return figure


def _views(drawn: Sequence[Loaded], facets: Facets) -> list[View]:
    if facets.n == 1:
        layouts = [heatmap_layout(run.experiment) for run in drawn]
        return [
            View(run.subject, run.raster(layout), size_of(layout))
            for run, layout in zip(drawn, layouts, strict=True)
        ]
    planes = all(run.experiment.dimension == 2 for run in drawn)
    size = panel_size(facets.columns, 0.95 if planes else 0.74)
    return [View(run.subject, run.raster(_one_panel(run, size)), size) for run in drawn]


def _one_panel(run: Loaded, size: Size) -> Layout:
    """All lanes of a run, or in the plane those of its best step size."""
    experiment = run.experiment
    if experiment.dimension != 2:
        return grid_layout(experiment, pixels(size))
    best = np.flatnonzero(np.sort(experiment.alpha) == run.overview.best)[:1]
    return planes_layout(experiment, best, pixels(size))


def _draw(axes: Axes, view: View, cells: Any, norm: LogNorm | None) -> None:
    layout, subject = view.layout, view.subject
    x, y = view.axes
    if view.dotted:
        draw_dots(axes, cells, layout.sampled, norm)
    else:
        draw_cells(axes, cells, norm, view.size)
        x.mark(axes.xaxis, upright=False)
        y.mark(axes.yaxis, upright=True)
        axes.set(xlim=(0, x.end), ylim=(0, y.end))
        axes.spines[:].set_visible(False)
    if layout.planes:
        axes.set_xlabel(f"starting point {words.start(subject)}")
        axes.set_ylabel(words.start(subject, 1))
        _mark_minimisers(axes, view)
        return
    axes.set_xlabel(f"step size α{x.note}")
    for place, _ in view.limits:
        draw_limit(axes, place)
    on_line = subject.facts.dimension == 1
    start = words.start(subject) if on_line else "number"
    if len(y) == 1:
        # An axis of one cell is too short for its name beside it.
        axes.set_yticks([0.5], [f"{start} = {words.number(y.cells[0])}"])
    else:
        name = f"starting point {start}" if on_line else "starting point, by number"
        axes.set_ylabel(name + y.note)


def _mark_minimisers(axes: Axes, view: View) -> None:
    """Mark the known minimisers that lie in the picture, without widening it."""
    axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
    for text in axes.texts:  # whose boxes would hide them
        text.set_bbox(None)
    for point in view.minimisers:
        place = (
            point if view.dotted else [a.position(v) for a, v in zip(view.axes, point, strict=True)]
        )
        if all(coordinate is not None for coordinate in place):
            axes.plot(*place, linestyle="none", markersize=9, markeredgewidth=0.7, **STAR)


def _legend(views: Sequence[View]) -> list[Artist]:
    """The verdicts with their shares over all panels, the minimisers, and the limits."""
    max_iter = {view.subject.max_iter for view in views}
    entries = legend_of(
        np.sum([view.raster.tally.counts for view in views], axis=0).tolist(),
        max_iter.pop() if len(max_iter) == 1 else None,
        hatched=not all(view.counted or view.dotted for view in views),
    )
    entries += limits_entry([(v.subject, [alpha for _, alpha in v.limits]) for v in views])
    if any(view.minimisers.size for view in views):
        entries.append(Line2D([], [], linestyle="none", markersize=10, label="minimiser", **STAR))
    return entries


def _lanes_said(run: Loaded, layout: Layout) -> list[str]:
    """Which lanes a run has, which of them are drawn, and what became of all."""
    n, alpha = len(layout.panels), run.experiment.alpha
    return [
        *words.grid(alpha, layout.starts, run.subject),
        *([f"{n} of the α drawn"] if layout.planes and n < len(alpha) else []),
        *_sample_said(layout),
        tally_said(run.overview.tally),
    ]


def _panel_said(view: View, subjects: Sequence[Subject], facets: Facets) -> list[str]:
    """What became of the lanes that a panel shows, and under which tolerance."""
    alpha = f"α = {words.number(view.layout.alpha[0], 3)}: " if view.layout.planes else ""
    tally = view.raster.tally
    return [
        f"{alpha}{words.share(tally.converged, tally.n)} converged",
        *_sample_said(view.layout),
        *captions.tolerance(view.subject, subjects, facets),
    ]


def tally_said(tally: Tally) -> str:
    """How many lanes converged, in words."""
    if tally.range is None:
        return "no lane converged"
    low, high = tally.range
    each = f" after {words.plural(low, 'iteration')}" if low == high else ""
    some = "all lanes" if tally.converged == tally.n else words.share(tally.converged, tally.n)
    return f"{some if tally.n > 1 else ''} converged{each}".lstrip()


def _sample_said(layout: Layout) -> list[str]:
    """Say in words that some of the starting points are drawn only, where that is so."""
    n, of = len(layout.sampled), len(layout.starts)
    return [f"{words.shown_of(n, of, 'starting point')} drawn"] if n < of else []


def _blocks_said(layouts: Sequence[Layout]) -> list[str]:
    """Say in words that lanes share pixels, where they do."""
    blocks = {layout.block for layout in layouts} - {(1, 1)}
    if len(blocks) == 1:
        ((up, across),) = blocks
        return [f"each pixel shows the median of {across} × {up} lanes"]
    return ["some pixels show medians of several lanes"] if blocks else []
