"""The runs of a sweep by their iterations to convergence, a panel a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gdlab.figures import sheets, words
from gdlab.figures.axis import CellAxis
from gdlab.figures.cells import annotate, paint, scale_of
from gdlab.figures.facets import Facet, Facets, Job, Loaded
from gdlab.figures.heatmaps import LIMIT, draw_limit, heatmap, limits
from gdlab.figures.legends import block_said, colour_bar, legend_of
from gdlab.figures.planes import add_stars, draw_plane, sample_said, star
from gdlab.figures.sheets import Label, Panel
from gdlab.figures.style import styled
from gdlab.figures.subject import Subject
from gdlab.results.layout import Layout, Size, grid_layout, heatmap_layout, planes_layout
from gdlab.results.overview import gathered
from gdlab.results.raster import Raster
from gdlab.results.tally import Outcome

SIZES = {1: (4.4, 3.1), 2: (3.3, 2.4), 3: (2.65, 2.0), 4: (2.2, 1.75)}
"""Inches of a panel by how many there are side by side."""
SQUARE = {1: (3.6, 3.6), 2: (2.9, 2.9), 3: (2.4, 2.4), 4: (2.1, 2.1)}
"""The same for planes of starting points."""
NARROWEST_CELL = 0.34, 0.22
"""Inches of a cell in which its count can be read."""


@dataclass(frozen=True, eq=False)
class View:
    """What a panel shows of a run: all its lanes, or in the plane those of the best step size."""

    subject: Subject
    raster: Raster

    @classmethod
    def of(cls, loaded: Loaded, size: Size) -> View:
        experiment = loaded.experiment
        if experiment.dimension == 1:
            layout = grid_layout(experiment, size)
        else:
            best = np.flatnonzero(np.sort(experiment.alpha) == loaded.overview.best)[:1]
            layout = planes_layout(experiment, best, size)
        raster = Raster(layout)
        (panel,) = layout.panels
        for tile in loaded.tiles(panel.first, panel.first + panel.n_lanes):
            tightest = experiment.tol.argmin()
            raster.add(tile.first, tile.status[:, tightest], tile.steps[:, tightest])
        return cls(loaded.subject, raster)

    @property
    def layout(self) -> Layout:
        return self.raster.layout

    @property
    def outcome(self) -> Outcome:
        """Of the lanes that are shown."""
        return self.raster.outcome


@styled
def compared_heatmaps(jobs: Sequence[Job]) -> Figure | None:
    """Iterations over α and x0, or over the plane of starts at the best α; None without any run.

    All panels have one scale of colours. Runs that differ only in α or x0 make one panel.
    """
    facets = Facets.of(jobs, ("alpha", "x0"))
    if facets.n == 1:
        return _single(facets.shown[0])
    runs = [_run(facet) for facet in facets.shown]
    size = _size_of(facets, [run for run in runs if isinstance(run, Loaded)])
    views = [run if isinstance(run, str) else View.of(run, size) for run in runs]
    drawn = [view for view in views if isinstance(view, View)]
    if not drawn:
        return None
    norm = scale_of(view.outcome for view in drawn)
    subjects = [view.subject for view in drawn]
    heading, said = sheets.title(subjects, facets)
    blocks = {view.layout.block for view in drawn} - {(1, 1)}
    if any(view.layout.planes for view in drawn):
        said.append("planes of starting points at each run's best α")
    said += sheets.criterion(subjects)
    said += block_said(blocks.pop()) if len(blocks) == 1 else []
    said += ["some pixels show medians of several lanes"] if blocks else []
    figure, grid = sheets.sheet(facets, size, heading, said, _legend(drawn), bar=norm is not None)
    panels, axes_of = [], iter(grid.flat)
    for view in views:
        axes = next(axes_of)
        if isinstance(view, str):
            panels.append(Panel(instead=view))
            continue
        own = _in_plane if view.layout.planes else _on_line
        across, up = own(axes, view, norm)
        note = [
            _share(view),
            *sample_said(view.layout),
            *sheets.tolerance(view.subject, subjects, facets),
        ]
        panels.append(Panel(", ".join(note), across, up))
    sheets.finish(facets, grid, panels, size)
    if norm is not None:
        colour_bar(figure, figure.axes, norm, min(len(facets.rows) * size[1], 5.0))
    return figure


def _single(facet: Facet) -> Figure | None:
    loaded = facet.load()
    if loaded is None or loaded.experiment.pairs:
        return None
    failed = [f"{words.plural(facet.failed, 'run')} failed"] if facet.failed else []
    layout = heatmap_layout(loaded.experiment)
    overview = gathered(loaded.experiment, loaded.tiles(), layout)
    return heatmap(overview, loaded.subject, failed)


def _run(facet: Facet) -> Loaded | str:
    """The run of a panel, or what the panel says instead."""
    loaded = facet.load()
    if loaded is None:
        return "failed"
    if loaded.experiment.pairs:
        return "not drawn:\npairs of α and x₀"
    if loaded.experiment.dimension > 2:
        return f"not drawn:\n{loaded.experiment.dimension} variables"
    return loaded


def _size_of(facets: Facets, drawn: Sequence[Loaded]) -> Size:
    sizes = SQUARE if all(run.experiment.dimension == 2 for run in drawn) else SIZES
    return sizes.get(len(facets.rows[0]), sizes[4])


def _share(view: View) -> str:
    share = words.share(view.outcome.converged, view.outcome.n)
    alpha = f"α = {words.number(view.layout.alpha[0], 3)}: " if view.layout.planes else ""
    return f"{alpha}{share} converged"


def _is_few(layout: Layout) -> bool:
    """Whether cells have room for their counts."""
    (rows, columns), size = layout.shape, layout.size
    return size[0] / columns >= NARROWEST_CELL[0] and size[1] / rows >= NARROWEST_CELL[1]


def _on_line(axes: Axes, view: View, norm: LogNorm | None) -> tuple[Label, Label]:
    layout, subject = view.layout, view.subject
    (cells,) = view.raster.cells
    if _is_few(layout):
        annotate(axes, cells, norm)
    else:
        paint(axes, cells, norm, layout)
    x0 = layout.x0[:, 0]
    across, up = CellAxis(layout.alpha, layout.size[0]), CellAxis(x0, layout.size[1])
    across.mark(axes.xaxis, upright=False)
    up.mark(axes.yaxis, upright=True)
    for alpha, name in limits(subject):
        place = across.position(alpha)
        if place is not None:
            draw_limit(axes, place, name)
    _without_frame(axes)
    return (
        Label(layout.alpha.tobytes(), f"step size α{across.note}"),
        Label(x0.tobytes(), f"starting point {words.start(subject)}{up.note}"),
    )


def _in_plane(axes: Axes, view: View, norm: LogNorm | None) -> tuple[Label, Label]:
    layout, subject = view.layout, view.subject
    (cells,) = view.raster.cells
    few = layout.mesh is not None and _is_few(layout)
    draw_plane(axes, cells, layout, norm, few=few)
    add_stars(axes, subject, layout.mesh)
    if layout.mesh is not None:
        _without_frame(axes)
    starts = layout.x0.tobytes()
    return (
        Label(starts, f"starting point {words.start(subject)}"),
        Label(starts, words.start(subject, 1)),
    )


def _without_frame(axes: Axes) -> None:
    for side in axes.spines.values():
        side.set_visible(False)


def _legend(drawn: Sequence[View]) -> list[Artist]:
    """The verdicts with their shares over all panels, the limit, the minimisers."""
    counts = np.sum([view.outcome.counts for view in drawn], axis=0)
    limits_of = {view.subject.max_iter for view in drawn}
    max_iter = limits_of.pop() if len(limits_of) == 1 else None
    dots = all(view.layout.planes and view.layout.mesh is None for view in drawn)
    entries = legend_of(counts.tolist(), max_iter, dots=dots)
    marked = [
        subject.exact_limit is not None
        for subject, layout in ((v.subject, v.layout) for v in drawn if not v.layout.planes)
        if any(CellAxis(layout.alpha, 1).position(a) is not None for a, _ in limits(subject))
    ]
    if marked:
        label = "α = 2/L" if all(marked) else "α = 2/L (local, at a minimiser)"
        entries.append(Line2D([], [], color="black", label=label, **LIMIT))
    planes = [view.subject for view in drawn if view.layout.planes]
    if any(s.facts.minimisers is not None and len(s.facts.minimisers) for s in planes):
        entries.append(star())
    return entries
