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
from numpy.typing import NDArray

from gdlab.figures import sheets, words
from gdlab.figures.axis import CellAxis
from gdlab.figures.cells import LOOKS, Cells, annotate, block_of, paint, scale_over
from gdlab.figures.facets import Facet, Facets, Job, Loaded
from gdlab.figures.heatmaps import LIMIT, draw_limit, heatmap, limits
from gdlab.figures.lanes import CONVERGED, Lanes
from gdlab.figures.legends import block_said, colour_bar, legend_of
from gdlab.figures.planes import Mesh, add_stars, draw_plane, star
from gdlab.figures.sheets import Label, Panel
from gdlab.figures.style import styled
from gdlab.figures.subject import Subject

SIZES = {1: (4.4, 3.1), 2: (3.3, 2.4), 3: (2.65, 2.0), 4: (2.2, 1.75)}
"""Inches of a panel by how many there are side by side."""
SQUARE = {1: (3.6, 3.6), 2: (2.9, 2.9), 3: (2.4, 2.4), 4: (2.1, 2.1)}
"""The same for planes of starting points."""
NARROWEST_CELL = 0.34, 0.22
"""Inches of a cell in which its count can be read."""


@dataclass(frozen=True, eq=False)
class View:
    """What a panel shows of a run: all its lanes, or in the plane those of one step size."""

    subject: Subject
    lanes: Lanes
    best: int | None

    @classmethod
    def of(cls, loaded: Loaded) -> View:
        subject = loaded.subject
        lanes = Lanes.of(loaded.results, subject).sorted()
        return cls(subject, lanes, lanes.best() if len(lanes.x0) == 2 else None)

    @property
    def rows(self) -> slice | NDArray[np.intp]:
        return slice(None) if self.best is None else np.array([self.best])

    @property
    def status(self) -> NDArray[np.int8]:
        return self.lanes.status[self.rows]

    @property
    def converged(self) -> NDArray[np.int32]:
        """Iterations of those that did."""
        return self.lanes.steps[self.rows][self.status == CONVERGED]


@styled
def compared_heatmaps(jobs: Sequence[Job]) -> Figure | None:
    """Iterations over α and x0, or over the plane of starts at the best α; None without any run.

    All panels have one scale of colours. Runs that differ only in α or x0 make one panel.
    """
    facets = Facets.of(jobs, ("alpha", "x0"))
    if facets.n == 1:
        return _single(facets.shown[0])
    views = [_view(facet) for facet in facets.shown]
    drawn = [view for view in views if isinstance(view, View)]
    if not drawn:
        return None
    size = _size_of(facets, drawn)
    norm = scale_over([view.converged for view in drawn])
    subjects = [view.subject for view in drawn]
    heading, said = sheets.title(subjects, facets)
    blocks = {_block(view, size) for view in drawn} - {(1, 1)}
    if any(view.best is not None for view in drawn):
        said.append("planes of starting points at each run's best α")
    said += sheets.criterion(subjects)
    said += block_said(blocks.pop()) if len(blocks) == 1 else []
    said += ["some pixels show medians of several lanes"] if blocks else []
    figure, grid = sheets.sheet(
        facets, size, heading, said, _legend(drawn, size), bar=norm is not None
    )
    panels, axes_of = [], iter(grid.flat)
    for view in views:
        axes = next(axes_of)
        if isinstance(view, str):
            panels.append(Panel(instead=view))
            continue
        own = _in_plane if view.best is not None else _on_line
        across, up = own(axes, view, norm, size)
        note = [_share(view), *sheets.tolerance(view.subject, subjects, facets)]
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
    return heatmap(loaded.results, loaded.subject, failed)


def _view(facet: Facet) -> View | str:
    """The run of a panel, or what the panel says instead."""
    loaded = facet.load()
    if loaded is None:
        return "failed"
    if loaded.experiment.pairs:
        return "not drawn:\npairs of α and x₀"
    if loaded.experiment.dimension > 2:
        return f"not drawn:\n{loaded.experiment.dimension} variables"
    return View.of(loaded)


def _size_of(facets: Facets, drawn: Sequence[View]) -> tuple[float, float]:
    sizes = SQUARE if all(view.best is not None for view in drawn) else SIZES
    return sizes.get(len(facets.rows[0]), sizes[4])


def _share(view: View) -> str:
    share = words.share(view.converged.size, view.status.size)
    alpha = "" if view.best is None else f"α = {words.number(view.lanes.alpha[view.best], 3)}: "
    return f"{alpha}{share} converged"


def _block(view: View, size: tuple[float, float]) -> tuple[int, int]:
    if view.best is None:
        n_alpha, n_x0 = view.lanes.status.shape
        return block_of((n_x0, n_alpha), size)
    mesh = Mesh.of(view.lanes.x0, size)
    return (1, 1) if mesh is None else block_of(mesh.lanes.shape, size)


def _is_few(shape: tuple[int, ...], size: tuple[float, float]) -> bool:
    """Whether cells have room for their counts."""
    rows, columns = shape
    return size[0] / columns >= NARROWEST_CELL[0] and size[1] / rows >= NARROWEST_CELL[1]


def _on_line(
    axes: Axes, view: View, norm: LogNorm | None, size: tuple[float, float]
) -> tuple[Label, Label]:
    lanes, subject = view.lanes, view.subject
    cells = Cells.of(lanes.steps.T, lanes.status.T)
    if _is_few(cells.shape, size):
        annotate(axes, cells, norm)
    else:
        paint(axes, cells, norm, _block(view, size))
    across, up = CellAxis(lanes.alpha, size[0]), CellAxis(lanes.x0[0], size[1])
    across.mark(axes.xaxis, upright=False)
    up.mark(axes.yaxis, upright=True)
    for alpha, name in limits(subject):
        place = across.position(alpha)
        if place is not None:
            draw_limit(axes, place, name)
    _without_frame(axes)
    return (
        Label(lanes.alpha.tobytes(), f"step size α{across.note}"),
        Label(lanes.x0.tobytes(), f"starting point {words.start(subject)}{up.note}"),
    )


def _in_plane(
    axes: Axes, view: View, norm: LogNorm | None, size: tuple[float, float]
) -> tuple[Label, Label]:
    lanes, subject, best = view.lanes, view.subject, view.best
    assert best is not None
    mesh = Mesh.of(lanes.x0, size)
    few = mesh is not None and _is_few(mesh.lanes.shape, size)
    draw_plane(axes, lanes, best, mesh, norm, None if few else _block(view, size))
    add_stars(axes, subject, mesh)
    if mesh is not None:
        _without_frame(axes)
    return (
        Label(lanes.x0.tobytes(), f"starting point {words.start(subject)}"),
        Label(lanes.x0.tobytes(), words.start(subject, 1)),
    )


def _without_frame(axes: Axes) -> None:
    for side in axes.spines.values():
        side.set_visible(False)


def _legend(drawn: Sequence[View], size: tuple[float, float]) -> list[Artist]:
    """The verdicts with their shares over all panels, the limit, the minimisers."""
    n = len(LOOKS) + 1
    counts = np.sum([np.bincount(view.status.ravel(), minlength=n) for view in drawn], axis=0)
    limits_of = {view.subject.max_iter for view in drawn}
    max_iter = limits_of.pop() if len(limits_of) == 1 else None
    dots = all(view.best is not None and Mesh.of(view.lanes.x0, size) is None for view in drawn)
    entries = legend_of(counts.tolist(), max_iter, dots=dots)
    marked = [
        subject.exact_limit is not None
        for subject, lanes in ((v.subject, v.lanes) for v in drawn if v.best is None)
        if any(CellAxis(lanes.alpha, 1).position(a) is not None for a, _ in limits(subject))
    ]
    if marked:
        label = "α = 2/L" if all(marked) else "α = 2/L (local, at a minimiser)"
        entries.append(Line2D([], [], color="black", label=label, **LIMIT))
    planes = [view.subject for view in drawn if view.best is not None]
    if any(s.facts.minimisers is not None and len(s.facts.minimisers) for s in planes):
        entries.append(star())
    return entries
