"""Where each lane stands in a heatmap: known before any is descended, and without what draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gdlab.core.problem import Indices
from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array

DPI = 150
Size = tuple[float, float]
"""Width and height in inches."""

WIDTH, HEIGHT = 5.75, 4.1
"""Inches of the cells of a whole run, at most."""
NARROWEST = 3.45
"""Inches of the cells at least: with less the heading would be wider than the picture."""
MOST_PLANES = 9
MOST_STARTS = 100_000
"""Dots in a picture; of more starting points a sample is drawn."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Starting points that fill a rectangle.

    x : (n_x,), y : (n_y,), both rising. column, row : (n_x0,) the cell of each starting point.
    """

    x: Array
    y: Array
    column: Indices
    row: Indices

    @classmethod
    def of(cls, x0: Array) -> Mesh | None:
        """Find the mesh that the points x0 (n_x0, 2) make, in any order; None if there is none."""
        (x, column), (y, row) = (np.unique(side, return_inverse=True) for side in x0.T)
        if x.size * y.size != len(x0) or min(x.size, y.size) < 2:
            return None
        there = np.zeros(len(x0), bool)
        there[row * x.size + column] = True
        return cls(x, y, column, row) if there.all() else None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.y.size, self.x.size


@dataclass(frozen=True, eq=False)
class Panel:
    """A matrix of cells, one for each lane from `first` on, and the blocks that share a pixel.

    shape : rows and columns. block : rows and columns of a block.
    upright : whether cells are numbered up the columns, one column after another; else along the
        rows.
    alphas, starts : the number of a lane's cell is alphas[i] * n_x0 + starts[j] for its step size i
        and its starting point j, both counted from the panel's first; None where they are in order.
    sample : rising numbers of the starting points that have a cell; None where all have.
    """

    first: int
    n_lanes: int
    n_x0: int
    shape: tuple[int, int]
    block: tuple[int, int] = (1, 1)
    upright: bool = True
    alphas: Indices | None = None
    starts: Indices | None = None
    sample: Indices | None = None

    def cells(self, first: int, last: int) -> slice | Indices:
        """Numbers of the cells of the panel's lanes `first` to `last` - 1."""
        if self.alphas is None and self.starts is None:
            return slice(first, last)
        i, j = np.divmod(np.arange(first, last), self.n_x0)
        alphas = i if self.alphas is None else self.alphas[i]
        return alphas * self.n_x0 + (j if self.starts is None else self.starts[j])


@dataclass(frozen=True, eq=False)
class Layout:
    """The panels of a heatmap, of `size` inches each.

    alpha : the step sizes that are drawn, rising. x0 : (n_x0, d) the starting points, rising where
    they are numbers. planes : whether each step size has a panel; else all lanes have one.
    mesh : which the starting points make where there are planes, if they do.
    """

    size: Size
    panels: tuple[Panel, ...]
    alpha: Array
    x0: Array
    planes: bool = False
    mesh: Mesh | None = None

    @property
    def block(self) -> tuple[int, int]:
        """Rows and columns of lanes that share a pixel."""
        return self.panels[0].block

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells in a panel."""
        return self.panels[0].shape

    @cached_property
    def sampled(self) -> Array:
        """The starting points that are drawn, (n, d)."""
        sample = self.panels[0].sample
        return self.x0 if sample is None else self.x0[sample]


def heatmap_layout(experiment: Experiment) -> Layout:
    """The layout of an experiment's heatmap.

    Raises ValueError for pairs, which are no grid.
    """
    n_alpha, n_x0 = len(experiment.alpha), len(experiment.x0)
    if experiment.pairs:
        raise ValueError("pairs=true: a heatmap is drawn of a grid, and pairs have none")
    if experiment.dimension == 2:
        shown = spread(n_alpha, MOST_PLANES)
        return planes_layout(experiment, shown, panel_size(experiment.x0, columns_of(shown.size)))
    return grid_layout(experiment, grid_size(n_alpha, n_x0))


def grid_layout(experiment: Experiment, size: Size) -> Layout:
    """All lanes in one panel: α across, the starting points upward, by number where d > 1."""
    n_alpha, n_x0 = len(experiment.alpha), len(experiment.x0)
    alphas = _order(experiment.alpha)
    starts = _order(experiment.x0[:, 0]) if experiment.dimension == 1 else slice(None)
    panel = Panel(
        first=0,
        n_lanes=n_alpha * n_x0,
        n_x0=n_x0,
        shape=(n_x0, n_alpha),
        block=_block_of((n_x0, n_alpha), size),
        alphas=_places(alphas),
        starts=_places(starts),
    )
    return Layout(size, (panel,), experiment.alpha[alphas], experiment.x0[starts])


def planes_layout(experiment: Experiment, shown: Indices, size: Size) -> Layout:
    """Planes of starting points, a panel for each of the step sizes at these places by rising α."""
    x0, n_x0 = experiment.x0, len(experiment.x0)
    chosen = np.argsort(experiment.alpha, kind="stable")[shown]
    mesh, starts, sample, upright = Mesh.of(x0), None, None, True
    shape, block = (1, n_x0), (1, 1)
    if mesh is not None:
        n_rows, n_columns = shape = mesh.shape
        block = _block_of(shape, size)
        by_rows = mesh.row * n_columns + mesh.column
        upright = not _in_order(by_rows)
        starts = mesh.column * n_rows + mesh.row if upright else by_rows
        starts = None if _in_order(starts) else starts
    elif n_x0 * chosen.size > MOST_STARTS:
        random = np.random.default_rng(0)
        sample = np.sort(random.choice(n_x0, MOST_STARTS // chosen.size, replace=False))
        shape = (1, sample.size)
    panels = tuple(
        Panel(int(i) * n_x0, n_x0, n_x0, shape, block, upright, None, starts, sample)
        for i in chosen
    )
    return Layout(size, panels, experiment.alpha[chosen], x0, planes=True, mesh=mesh)


def grid_size(n_alpha: int, n_x0: int) -> Size:
    """Inches of the cells of a grid, room for their counts where they are few."""
    return (
        min(max(0.72 * n_alpha, NARROWEST), WIDTH),
        0.6 if n_x0 == 1 else min(max(0.5 * n_x0, 1.5), HEIGHT),
    )


def columns_of(n_planes: int) -> int:
    """How many planes stand side by side."""
    return n_planes if n_planes <= 3 else int(np.ceil(np.sqrt(n_planes)))


def panel_size(x0: Array, columns: int) -> Size:
    """Inches of a plane of starting points, of its shape where its sides are of a like length."""
    width = {1: 4.4, 2: 3.1}.get(columns, 2.35)
    wide, tall = np.ptp(x0, axis=0)
    ratio = tall / wide if 0 < wide <= 3 * tall <= 9 * wide else 0.85
    return width, float(width * np.clip(ratio, 0.6, 1.15))


def _block_of(shape: tuple[int, int], size: Size) -> tuple[int, int]:
    """Rows and columns of cells that share a pixel on axes of this size."""
    rows, columns = shape
    return -(-rows // int(size[1] * DPI)), -(-columns // int(size[0] * DPI))


def _order(values: Array) -> Indices | slice:
    """What sorts these values, equal ones in the order in which they stand."""
    rising = (values[1:] >= values[:-1]).all()
    return slice(None) if rising else np.argsort(values, kind="stable")


def _places(order: Indices | slice) -> Indices | None:
    """Where each stands in this order; None where that is its own place."""
    if isinstance(order, slice):
        return None
    places = np.empty_like(order)
    places[order] = np.arange(order.size)
    return places


def _in_order(numbers: Indices) -> bool:
    return bool((np.diff(numbers) > 0).all())
