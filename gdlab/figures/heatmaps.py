"""Which step sizes converge, how fast, and from where: of a run, and of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gdlab.figures import compared, words
from gdlab.figures.axis import CellAxis
from gdlab.figures.cells import colour_bar, draw_cells, draw_dots, font_of, legend_of, scale_of
from gdlab.figures.facets import Facets, Loaded
from gdlab.figures.limits import LIMIT, mark_limits, places_of
from gdlab.figures.sheet import share_labels, sheet
from gdlab.figures.sizes import Size, columns_of, heatmap_layout, pixels, size_of
from gdlab.figures.style import STAR, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.layout import Layout, grid_layout, planes_layout
from gdlab.results.overview import Overview, Results, gathered, overview_of
from gdlab.results.raster import Cells, Raster
from gdlab.results.tally import Tally

RIGHT = 1.25
"""Inches of a colour bar."""
SIZES = {1: (4.4, 3.1), 2: (3.3, 2.4), 3: (2.65, 2.0), 4: (2.2, 1.75)}
"""Inches of a run among several, by how many there are side by side."""
SQUARE = {1: (3.6, 3.6), 2: (2.9, 2.9), 3: (2.4, 2.4), 4: (2.1, 2.1)}
"""The same for planes of starting points."""


@styled
def heatmap(results: Results, subject: Subject, also: Sequence[str] = ()) -> Figure:
    """Iterations to convergence by step size and starting point, at the tightest tolerance.

    d = 1: α across, x0 upward. d = 2: the plane of starting points, a panel for each of at most
    nine step sizes. d > 2: α across, the number of the starting point upward.
    results : the whole table of `gdlab.results.table`, or an overview that has a raster of the
        layout of `gdlab.figures.sizes.heatmap_layout`. also : more to say above it.
    """
    experiment = subject.experiment
    if isinstance(results, Overview):
        overview = results
    else:
        overview = overview_of(experiment, results, heatmap_layout(experiment))
    if overview.raster is None:
        raise ValueError("this overview has no raster; make it with a layout, Overview(…, layout)")
    raster, layout = overview.raster, overview.raster.layout
    size, n = size_of(layout), len(layout.panels)
    norm = scale_of([raster.tally])
    bar_below = not layout.planes and len(layout.starts) == 1 and norm is not None
    n_columns = columns_of(n)
    shown = n < len(experiment.alpha) and layout.planes
    figure, grid = sheet(
        (-(-n // n_columns), n_columns),
        size,
        words.title(subject),
        [
            *words.grid(experiment.alpha, layout.starts, subject),
            *([f"{n} of the α drawn"] if shown else []),
            *_sample_said(layout),
            tally_said(overview.tally),
            words.criterion_and_limit(subject),
            *_blocks_said([layout]),
            *also,
        ],
        _legend([subject], [raster], size, named=True),
        above=0.3,
        right=RIGHT if norm is not None and not bar_below else 0.25,
        below=0.65 if bar_below else 0.0,
    )
    for i, axes in enumerate(grid.flat):
        if i >= n:
            axes.remove()
            continue
        draw_panel(axes, raster.cells[i], layout, subject, norm, size, named=True)
        if layout.planes:
            axes.set_title(f"α = {words.number(layout.alpha[i])}")
    share_labels(figure)
    if norm is not None:
        length = size[0] if bar_below else len(grid) * size[1]
        colour_bar(figure, figure.axes, norm, length, below=bar_below)
    return figure


@dataclass(frozen=True, eq=False)
class View:
    """What a panel shows of a run: all its lanes, or in the plane those of the best step size."""

    subject: Subject
    raster: Raster

    @classmethod
    def of(cls, loaded: Loaded, size: Size) -> View:
        experiment = loaded.experiment
        if experiment.dimension == 1:
            layout = grid_layout(experiment, pixels(size))
        else:
            best = np.flatnonzero(np.sort(experiment.alpha) == loaded.overview.best)[:1]
            layout = planes_layout(experiment, best, pixels(size))
        raster = Raster(layout)
        (panel,) = layout.panels
        for tile in loaded.tiles(panel.first, panel.first + panel.n_lanes):
            tightest = experiment.tol.argmin()
            raster.add(tile.first, tile.status[:, tightest], tile.steps[:, tightest])
        return cls(loaded.subject, raster)


@styled
def heatmaps(facets: Facets) -> Figure | None:
    """The heatmaps of several runs, in the plane those of the best α; None without any run.

    All panels have one scale of colours. A single facet gives a heatmap as of a run.
    """
    if facets.n == 1:
        (facet,) = facets.shown
        loaded = facet.load()
        if loaded is None or loaded.experiment.pairs:
            return None
        layout = heatmap_layout(loaded.experiment)
        overview = gathered(loaded.experiment, loaded.tiles(), layout)
        return heatmap(overview, loaded.subject, compared.failures(facet))
    runs = [_run(facet.load()) for facet in facets.shown]
    plane = all(run.experiment.dimension == 2 for run in runs if isinstance(run, Loaded))
    size = compared.size_of(facets, SQUARE if plane else SIZES)
    views = [run if isinstance(run, str) else View.of(run, size) for run in runs]
    drawn = [view for view in views if isinstance(view, View)]
    if not drawn:
        return None
    subjects, rasters = [view.subject for view in drawn], [view.raster for view in drawn]
    norm = scale_of(raster.tally for raster in rasters)
    planes = any(raster.layout.planes for raster in rasters)
    figure, panels = compared.sheet_of(
        facets,
        size,
        subjects,
        [
            *(["planes of starting points at each run's best α"] if planes else []),
            *compared.criterion(subjects),
            *_blocks_said([raster.layout for raster in rasters]),
        ],
        _legend(subjects, rasters, size, named=False),
        right=RIGHT if norm is not None else 0.0,
    )
    for panel, view in zip(panels, views, strict=True):
        if isinstance(view, str):
            panel.say_instead(view)
            continue
        layout, tally = view.raster.layout, view.raster.tally
        draw_panel(panel.axes, view.raster.cells[0], layout, view.subject, norm, size, named=False)
        alpha = f"α = {words.number(layout.alpha[0], 3)}: " if layout.planes else ""
        panel.note(
            f"{alpha}{words.share(tally.converged, tally.n)} converged",
            *_sample_said(layout),
            *compared.tolerance(view.subject, subjects, facets),
        )
    share_labels(figure, always=facets.crossed)
    if norm is not None:
        colour_bar(figure, figure.axes, norm, min(len(facets.rows) * size[1], 5.0))
    return figure


def _run(loaded: Loaded | None) -> Loaded | str:
    """The run of a panel, or what the panel says instead."""
    if loaded is None:
        return "failed"
    if loaded.experiment.pairs:
        return "not drawn:\npairs of α and x₀"
    if loaded.experiment.dimension > 2:
        return f"not drawn:\n{loaded.experiment.dimension} variables"
    return loaded


def draw_panel(
    axes: Axes,
    cells: Cells,
    layout: Layout,
    subject: Subject,
    norm: LogNorm | None,
    size: Size,
    *,
    named: bool,
) -> None:
    """Draw lanes on axes of `size` inches: α by x0, or the plane of starts of one α.

    named : whether limits have their names above the cells.
    """
    if layout.planes and layout.mesh is None:
        draw_dots(axes, cells, layout.sampled, norm)
        _mark_minimisers(axes, subject, None)
    else:
        draw_cells(axes, cells, norm, size)
        x, y = _axes_of(layout, size)
        x.mark(axes.xaxis, upright=False)
        y.mark(axes.yaxis, upright=True)
        axes.set(xlim=(0, x.end), ylim=(0, y.end))
        for side in axes.spines.values():
            side.set_visible(False)
        if layout.planes:
            for text in axes.texts:  # whose boxes would hide the minimisers
                text.set_bbox(None)
            _mark_minimisers(axes, subject, (x, y))
    if layout.planes:
        axes.set_xlabel(f"starting point {words.start(subject)}")
        axes.set_ylabel(words.start(subject, 1))
        return
    axes.set_xlabel(f"step size α{x.note}")
    mark_limits(axes, x, subject, named=named)
    on_line = subject.facts.dimension == 1
    start = words.start(subject) if on_line else "number"
    if len(y) == 1:
        # An axis of one cell is too short for its name beside it.
        axes.set_yticks([0.5], [f"{start} = {words.number(y.cells[0])}"])
    else:
        name = f"starting point {start}" if on_line else "starting point, by number"
        axes.set_ylabel(name + y.note)


def _axes_of(layout: Layout, size: Size) -> tuple[CellAxis, CellAxis]:
    if layout.mesh is not None:
        x, y = layout.mesh.x, layout.mesh.y
    elif layout.heights is not None:
        x, y = layout.alpha, layout.heights
    else:
        x, y = layout.alpha, np.arange(1.0, len(layout.starts) + 1)
    return CellAxis(x, size[0], layout.block[1]), CellAxis(y, size[1], layout.block[0])


def _minimisers(subject: Subject) -> Array:
    points = subject.facts.minimisers
    return np.empty((0, 2)) if points is None else points


def _mark_minimisers(axes: Axes, subject: Subject, cells: tuple[CellAxis, CellAxis] | None) -> None:
    """Mark the known minimisers that lie in the picture, without widening it."""
    ends = axes.get_xlim(), axes.get_ylim()
    for point in _minimisers(subject):
        place = (
            point if cells is None else [c.position(v) for c, v in zip(cells, point, strict=True)]
        )
        if all(coordinate is not None for coordinate in place):
            axes.plot(*place, linestyle="none", markersize=9, markeredgewidth=0.7, **STAR)
    axes.set(xlim=ends[0], ylim=ends[1])


def _legend(
    subjects: Sequence[Subject], rasters: Sequence[Raster], size: Size, *, named: bool
) -> list[Artist]:
    """The verdicts with their shares over all panels, the minimisers, and limits without names."""
    counts = np.sum([raster.tally.counts for raster in rasters], axis=0).tolist()
    max_iter = {subject.max_iter for subject in subjects}
    layouts = [raster.layout for raster in rasters]
    entries = legend_of(
        counts,
        max_iter.pop() if len(max_iter) == 1 else None,
        hatched=not all(_has_counts(raster, size) for raster in rasters),
        dots=all(layout.planes and layout.mesh is None for layout in layouts),
    )
    both = list(zip(subjects, layouts, strict=True))
    lines = [s for s, own in both if not own.planes and places_of(_axes_of(own, size)[0], s)]
    if lines and not named:
        exact = all(subject.exact_limit is not None for subject in lines)
        label = "α = 2/L" if exact else "α = 2/L (local, at a minimiser)"
        entries.append(Line2D([], [], color="black", label=label, **LIMIT))
    if any(layout.planes and _minimisers(subject).size for subject, layout in both):
        entries.append(Line2D([], [], linestyle="none", markersize=10, label="minimiser", **STAR))
    return entries


def _has_counts(raster: Raster, size: Size) -> bool:
    most: Tally = raster.tally
    return font_of(raster.layout.shape, size, (most.range or (1, 1))[1]) is not None


def tally_said(tally: Tally) -> str:
    """How many lanes converged, in words."""
    n, converged = tally.n, tally.converged
    if tally.range is None:
        return "no lane converged" if n > 1 else "not converged"
    low, high = tally.range
    each = f" after {words.plural(low, 'iteration')}" if low == high else ""
    if converged == n:
        return f"{'all lanes ' if n > 1 else ''}converged{each}"
    return f"{words.share(converged, n)} converged{each}"


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
