"""Where each lane stands in a heatmap: known before any is descended, and without what draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gdlab.core.problem import Indices
from gdlab.core.starts import Listed, Product, Starts
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array

Pixels = tuple[int, int]
"""Width and height."""

MOST_STARTS = 100_000
"""Dots in a picture; of more starting points a sample is drawn."""


@dataclass(frozen=True, eq=False)
class Crossed:
    """Numbers of the cells of starting points that are a product, made when they are asked for.

    column : (n_x,), row : (n_y,) where the values of the two axes stand among the rising ones.
    """

    column: Indices
    row: Indices

    def __getitem__(self, starts: Indices) -> Indices:
        i, j = np.divmod(starts, self.row.size)
        cells: Indices = self.column[i] * self.row.size + self.row[j]
        return cells


@dataclass(frozen=True, eq=False)
class Mesh:
    """Starting points that fill a rectangle.

    x : (n_x,), y : (n_y,), both rising. upright, cells : those of a `Panel`.
    """

    x: Array
    y: Array
    upright: bool = True
    cells: Indices | Crossed | None = None

    @classmethod
    def of(cls, starts: Starts) -> Mesh | None:
        """Find the mesh that starting points make, in any order; None if there is none."""
        if isinstance(starts, Product):
            return cls._of_product(starts)
        return cls._of_list(starts.rows) if isinstance(starts, Listed) else None

    @classmethod
    def _of_product(cls, starts: Product) -> Mesh | None:
        (x, column), (y, row) = (np.unique(axis, return_inverse=True) for axis in starts.axes)
        if x.size * y.size != len(starts) or min(x.size, y.size) < 2:
            return None
        in_order = _in_order(column) and _in_order(row)
        return cls(x, y, cells=None if in_order else Crossed(column, row))

    @classmethod
    def _of_list(cls, points: Array) -> Mesh | None:
        (x, column), (y, row) = (np.unique(side, return_inverse=True) for side in points)
        by_rows = row * x.size + column
        if x.size * y.size != by_rows.size or min(x.size, y.size) < 2:
            return None
        there = np.zeros(by_rows.size, bool)
        there[by_rows] = True
        if not there.all():
            return None
        upright = not _in_order(by_rows)
        cells = column * y.size + row if upright else by_rows
        return cls(x, y, upright, None if _in_order(cells) else cells)

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
    starts: Indices | Crossed | None = None
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
    """The panels of a heatmap.

    alpha : the step sizes that are drawn, rising. starts : the starting points in their own order.
    heights : (n_x0,) the same, rising, where they are numbers. planes : whether each step size has
    a panel; else all lanes have one. mesh : which the starting points make where there are planes,
    if they do.
    """

    panels: tuple[Panel, ...]
    alpha: Array
    starts: Starts
    heights: Array | None = None
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
        return self.starts.take(range(len(self.starts)) if sample is None else sample).T


def grid_layout(experiment: Experiment, pixels: Pixels) -> Layout:
    """All lanes in one panel of so many pixels.

    α across, the starting points upward, by number where d > 1. Raises ValueError for pairs, which
    are no grid.
    """
    _require_grid(experiment)
    n_alpha, n_x0 = len(experiment.alpha), len(experiment.starts)
    alphas, starts, heights = _order(experiment.alpha), None, None
    if experiment.dimension == 1:
        order = _order(experiment.x0[:, 0])
        starts, heights = _places(order), experiment.x0[order, 0]
    panel = Panel(
        first=0,
        n_lanes=n_alpha * n_x0,
        n_x0=n_x0,
        shape=(n_x0, n_alpha),
        block=_block_of((n_x0, n_alpha), pixels),
        alphas=_places(alphas),
        starts=starts,
    )
    return Layout((panel,), experiment.alpha[alphas], experiment.starts, heights)


def planes_layout(experiment: Experiment, shown: Indices, pixels: Pixels) -> Layout:
    """Planes of starting points, a panel for each of the step sizes at these places by rising α.

    Panels have so many pixels. Raises ValueError for pairs, which are no grid.
    """
    _require_grid(experiment)
    n_x0, mesh = len(experiment.starts), Mesh.of(experiment.starts)
    chosen = np.argsort(experiment.alpha, kind="stable")[shown]
    sample, upright, cells = None, True, None
    shape, block = (1, n_x0), (1, 1)
    if mesh is not None:
        shape, upright, cells = mesh.shape, mesh.upright, mesh.cells
        block = _block_of(shape, pixels)
    elif n_x0 * chosen.size > MOST_STARTS:
        random = np.random.default_rng(0)
        sample = np.sort(random.choice(n_x0, MOST_STARTS // chosen.size, replace=False))
        shape = (1, sample.size)
    panels = tuple(
        Panel(int(i) * n_x0, n_x0, n_x0, shape, block, upright, None, cells, sample) for i in chosen
    )
    return Layout(panels, experiment.alpha[chosen], experiment.starts, planes=True, mesh=mesh)


def _require_grid(experiment: Experiment) -> None:
    if experiment.pairs:
        raise ValueError("pairs=true: a heatmap is drawn of a grid, and pairs have none")


def _block_of(shape: tuple[int, int], pixels: Pixels) -> tuple[int, int]:
    """Rows and columns of cells that share a pixel."""
    (rows, columns), (width, height) = shape, pixels
    return -(-rows // height), -(-columns // width)


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
