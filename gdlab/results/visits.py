"""Where the lanes of a run were over a stretch of iterations, as a histogram by step size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gdlab.core.visited import Visited
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array
from gdlab.results.rows import for_pandas

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("alpha_low", "alpha_high", "x_low", "x_high", "visits")


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often lanes had their first coordinate in each bin, by step size.

    alpha : (m, 2), the least and the largest step size of each row, rising; often they are the
    same. edges : (n + 1,), of the bins. counts : (m, n). outside : (m,), in no bin.
    """

    alpha: Array
    edges: Array
    counts: NDArray[np.int64]
    outside: NDArray[np.int64]

    @classmethod
    def of(cls, experiment: Experiment, found: Iterable[Visited]) -> Histogram:
        """Add up what the tiles of an experiment say.

        Raises ValueError where it counts nothing.
        """
        if experiment.bins is None:
            raise ValueError("no visits are counted; take orbit=stretch, with orbit.bins")
        alpha, edges = _rows(experiment), experiment.bins.edges
        whole = Visited(np.arange(len(alpha)), np.zeros((len(alpha), edges.size), np.int64))
        for visited in found:
            whole.add(visited)
        return cls(alpha, edges, whole.counts[:, :-1], whole.counts[:, -1])


def _rows(experiment: Experiment) -> Array:
    """The least and the largest step size of each row of the histogram, (m, 2)."""
    assert experiment.bins is not None
    rows, first = np.unique(experiment.bins.rows[experiment.step_sizes.first], return_index=True)
    distinct = experiment.step_sizes.distinct
    last = np.append(first[1:], len(distinct)) - 1
    assert np.array_equal(rows, np.arange(rows.size))
    return np.stack([distinct[first], distinct[last]], axis=1)


def to_arrow(experiment: Experiment, visited: Visited) -> pa.Table:
    """One row for each step size, or group of like ones, and bin that has any visits.

    Columns: alpha_low, alpha_high, x_low, x_high; visits (int64). Those in no bin have no x.
    """
    import pyarrow as pa

    assert experiment.bins is not None
    alpha = _rows(experiment)[visited.rows]
    edges = experiment.bins.edges
    low, high = np.append(edges[:-1], np.nan), np.append(edges[1:], np.nan)
    row, column = np.nonzero(visited.counts)
    arrays = [
        pa.array(alpha[row, 0]),
        pa.array(alpha[row, 1]),
        pa.array(low[column], from_pandas=True),
        pa.array(high[column], from_pandas=True),
        pa.array(visited.counts[row, column]),
    ]
    return pa.table(dict(zip(COLUMNS, arrays, strict=True))).replace_schema_metadata(
        for_pandas(COLUMNS)
    )


def from_arrow(experiment: Experiment, part: pa.Table) -> Visited:
    """What `to_arrow` was made of."""
    assert experiment.bins is not None
    alpha, x, visits = (part[name].to_numpy() for name in ("alpha_low", "x_low", "visits"))
    lows, edges = _rows(experiment)[:, 0], experiment.bins.edges
    rows, place = np.unique(np.searchsorted(lows, alpha), return_inverse=True)
    column = np.where(np.isnan(x), edges.size - 1, np.searchsorted(edges[:-1], x))
    visited = Visited(rows, np.zeros((rows.size, edges.size), np.int64))
    visited.counts[place, column] = visits
    return visited
