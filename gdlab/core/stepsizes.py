"""The distinct step sizes of an experiment, by rising value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Indices
from gdlab.objectives.base import Array


@dataclass(frozen=True, eq=False)
class StepSizes:
    """Step sizes that may come in any order and more than once.

    distinct : (m,) rising.
    n_starts : starting points of each α in the order given.
    ranks : (n_alpha,) where in `distinct` each α stands; None where they are given rising.
    times : (m,) how often each is given; None where each is given once.
    """

    distinct: Array
    n_starts: int
    ranks: Indices | None = None
    times: Indices | None = None

    @classmethod
    def of(cls, alpha: Array, n_starts: int) -> StepSizes:
        if (alpha[1:] > alpha[:-1]).all():
            return cls(alpha, n_starts)
        distinct, ranks, times = np.unique(alpha, return_inverse=True, return_counts=True)
        return cls(distinct, n_starts, ranks, times if times.max() > 1 else None)

    def __len__(self) -> int:
        return self.distinct.size

    @property
    def first(self) -> Indices:
        """At which place among the α each is given first, (m,)."""
        if self.ranks is None:
            return np.arange(len(self))
        return np.unique(self.ranks, return_index=True)[1]

    def ranks_of(self, first: int, last: int) -> Indices:
        """Where in `distinct` the α of the places `first` to `last` - 1 stand."""
        return np.arange(first, last) if self.ranks is None else self.ranks[first:last]

    def single(self, ranks: Indices) -> NDArray[np.bool_]:
        """Which of these are given once."""
        return np.ones(ranks.size, bool) if self.times is None else self.times[ranks] == 1

    def n_lanes(self, rank: int) -> int:
        """Lanes of a step size."""
        return self.n_starts * (1 if self.times is None else int(self.times[rank]))


def spread(n: int, largest: int) -> Indices:
    """At most `largest` of the indices 0 to n - 1, evenly spread, both ends included."""
    return np.unique(np.linspace(0, n - 1, min(n, largest)).round().astype(np.int64))
