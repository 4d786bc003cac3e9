"""Which lanes a page has, and what the table says of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Indices
from gdlab.core.starts import Product
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array
from gdlab.results.layout import Mesh

if TYPE_CHECKING:
    from gdlab.results.table import Descent

Columns: TypeAlias = Callable[[Sequence[str]], Iterator[tuple[int, Mapping[str, NDArray[Any]]]]]
"""Gives columns of a table by name, part by part: see `gdlab.explorer.section.section`."""

MOST_COORDINATES = 2**17
"""Of last iterates in a page; of more lanes those of evenly chosen grid lines are taken."""
MOST_DOTS = 4096
"""Starting points that are no mesh."""


def columns_of(descent: Descent) -> Columns:
    """The columns of lanes that are in memory, in one part."""
    n_tol, d = descent.tol.size, descent.x.shape[-1]
    every: dict[str, NDArray[Any]] = {"status": descent.status, "steps": descent.steps}
    every |= {"x" if d == 1 else f"x_{i + 1}": descent.x[..., i] for i in range(d)}

    def columns(names: Sequence[str]) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        yield 0, {name: every[name].reshape(-1, n_tol) for name in names}

    return columns


@dataclass(frozen=True, eq=False)
class Shown:
    """The lanes that a page has: every step size with every start.

    alpha : (n_alpha,), rising. starts : of each coordinate the rising values whose combinations the
    starts are, or, where is_grid is false, those of each start, (n,).
    lanes : (n_alpha, n) numbers of the lanes; the last coordinate runs fastest.
    """

    alpha: Array
    starts: tuple[Array, ...]
    is_grid: bool
    lanes: Indices

    @classmethod
    def of(cls, experiment: Experiment) -> Shown:
        """Choose grid lines of an experiment of one or two variables that has no pairs."""
        alpha, alphas = np.unique(experiment.alpha, return_index=True)
        grid = _grid(experiment)
        sizes = (len(experiment.starts),) if grid is None else tuple(map(len, grid.axes))
        room = MOST_COORDINATES // experiment.dimension
        chosen, *places = _evenly((alpha.size, *sizes), room)
        if grid is None:
            numbers = _some(sizes[0], min(places[0].size, MOST_DOTS))
            starts = tuple(experiment.starts.take(numbers))
        else:
            numbers = grid.starts[np.ix_(*places)].ravel()
            starts = tuple(axis[own] for axis, own in zip(grid.axes, places, strict=True))
        lanes = alphas[chosen][:, None] * len(experiment.starts) + numbers
        return cls(alpha[chosen], starts, grid is not None, lanes)

    def gathered(self, columns: Columns, names: Sequence[str], level: int) -> list[NDArray[Any]]:
        """What columns hold for these lanes, (n_lanes,), at the tolerance of this place."""
        flat = self.lanes.ravel()
        order = np.argsort(flat, kind="stable")
        rising = flat[order]
        found: dict[str, NDArray[Any]] = {}
        for first, part in columns(names):
            low, high = np.searchsorted(rising, (first, first + len(part[names[0]])))
            own = rising[low:high] - first
            for name in names:
                values = part[name][own, level]
                found.setdefault(name, np.empty(flat.shape, values.dtype))
                found[name][order[low:high]] = values
        return [found[name] for name in names]


@dataclass(frozen=True, eq=False)
class _Grid:
    """Starts that are every combination of the values of some axes.

    starts : the number of the start at each combination, an axis a coordinate.
    """

    axes: tuple[Array, ...]
    starts: Indices


def _grid(experiment: Experiment) -> _Grid | None:
    starts = experiment.starts
    if experiment.dimension == 1:
        values, first = np.unique(experiment.x0[:, 0], return_index=True)
        return _Grid((values,), first)
    if isinstance(starts, Product):
        (x, i), (y, j) = (np.unique(axis, return_index=True) for axis in starts.axes)
        return _Grid((x, y), i[:, None] * starts.axes[1].size + j)
    mesh = Mesh.of(starts)
    if mesh is None:
        return None
    points = experiment.x0
    order = np.lexsort((points[:, 1], points[:, 0]))
    return _Grid((mesh.x, mesh.y), order.reshape(mesh.x.size, mesh.y.size))


def _evenly(sizes: tuple[int, ...], room: int) -> list[Indices]:
    """Places on axes of these sizes: so many that their combinations have room, evenly chosen."""
    low, high = 1, max(sizes)
    while low < high:  # the largest number of places an axis
        middle = (low + high + 1) // 2
        if math.prod(min(size, middle) for size in sizes) <= room:
            low = middle
        else:
            high = middle - 1
    return [_some(size, low) for size in sizes]


def _some(size: int, most: int) -> Indices:
    return np.linspace(0, size - 1, min(size, most)).round().astype(np.int64)
