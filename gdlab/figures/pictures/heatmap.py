"""Which step sizes converge, how fast, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from gdlab.figures import captions, words
from gdlab.figures.cells import (
    colour_bar,
    draw_cells,
    draw_dots,
    font_of,
    legend_of,
    scale_of,
    verdict_colours,
)
from gdlab.figures.facets import Facets, Loaded, Shown
from gdlab.figures.frame import Frame, blocks_said, lanes_said, marks, sample_said
from gdlab.figures.sheet import note, say_instead, share_labels, sheet
from gdlab.figures.sizes import Size, columns_of, heatmap_layout, panel_size, pixels, size_of
from gdlab.figures.style import styled
from gdlab.figures.subject import Subject
from gdlab.results.layout import Layout, grid_layout, planes_layout
from gdlab.results.raster import Cells, Raster

RIGHT, BELOW = 1.25, 0.65
"""Inches of a colour bar."""


@dataclass(frozen=True, eq=False)
class View:
    """What is shown of a run, and where."""

    frame: Frame
    raster: Raster

    @property
    def subject(self) -> Subject:
        return self.frame.subject

    @property
    def layout(self) -> Layout:
        return self.frame.layout

    @property
    def counted(self) -> bool:
        """Whether cells have room for their counts."""
        most = (self.raster.tally.range or (1, 1))[1]
        return font_of(self.layout.shape, self.frame.size, most) is not None


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
    size, rasters = views[0].frame.size, [view.raster for view in views]
    norm = scale_of(raster.tally for raster in rasters)
    if alone:
        own = views[0].layout
        headings = [(f"α = {words.number(a)}" if own.planes else "", "") for a in own.alpha]
        headings, n_columns = headings[: len(own.panels)], columns_of(len(own.panels))
        said = lanes_said(drawn[0], own)
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
            *blocks_said([view.layout for view in views]),
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
            View(Frame(run.subject, layout, size_of(layout)), run.raster(layout))
            for run, layout in zip(drawn, layouts, strict=True)
        ]
    planes = all(run.experiment.dimension == 2 for run in drawn)
    size = panel_size(facets.columns, 0.95 if planes else 0.74)
    layouts = [_one_panel(run, size) for run in drawn]
    return [
        View(Frame(run.subject, layout, size), run.raster(layout))
        for run, layout in zip(drawn, layouts, strict=True)
    ]


def _one_panel(run: Loaded, size: Size) -> Layout:
    """All lanes of a run, or in the plane those of its best step size."""
    experiment = run.experiment
    if experiment.dimension != 2:
        return grid_layout(experiment, pixels(size))
    best = np.flatnonzero(np.sort(experiment.alpha) == run.overview.best)[:1]
    return planes_layout(experiment, best, pixels(size))


def _draw(axes: Axes, view: View, cells: Cells, norm: LogNorm | None) -> None:
    if view.frame.dotted:
        draw_dots(axes, verdict_colours(cells, norm), view.layout.sampled)
    else:
        draw_cells(axes, cells, norm, view.frame.size)
    view.frame.furnish(axes)


def _legend(views: Sequence[View]) -> list[Artist]:
    """The verdicts with their shares over all panels, the minimisers, and the limits."""
    max_iter = {view.subject.max_iter for view in views}
    entries = legend_of(
        np.sum([view.raster.tally.counts for view in views], axis=0).tolist(),
        max_iter.pop() if len(max_iter) == 1 else None,
        hatched=not all(view.counted or view.frame.dotted for view in views),
    )
    return [*entries, *marks([view.frame for view in views])]


def _panel_said(view: View, subjects: Sequence[Subject], facets: Facets) -> list[str]:
    """What became of the lanes that a panel shows, and under which tolerance."""
    alpha = f"α = {words.number(view.layout.alpha[0], 3)}: " if view.layout.planes else ""
    tally = view.raster.tally
    return [
        f"{alpha}{words.share(tally.converged, tally.n)} converged",
        *sample_said(view.layout),
        *captions.tolerance(view.subject, subjects, facets),
    ]
