"""Where lanes are in the long run: a histogram of their first coordinates, by step size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Indices, LaneNumbers, Problem
from gdlab.objectives.base import Array


@dataclass(frozen=True, eq=False)
class Bins:
    """Where the first coordinate is counted: `number` bins of equal width from low to high.

    rows : (n_alpha,), the row of the histogram in which lanes of each step size are counted.
    """

    low: float
    high: float
    number: int
    rows: Indices

    @property
    def edges(self) -> Array:
        """Where they begin and end, (number + 1,)."""
        return np.linspace(self.low, self.high, self.number + 1)

    def of(self, x: Array) -> NDArray[np.int64]:
        """The bin of each number, or `number` where it is in none."""
        place = np.floor((x - self.low) * (self.number / (self.high - self.low)))
        np.copyto(place, self.number, where=~((place >= 0) & (place < self.number)))
        return place.astype(np.int64)


@dataclass(eq=False)
class Visited:
    """How often lanes were where: a histogram, of which only some rows are here.

    rows : (m,), their numbers, rising. counts : (m, n_bins + 1), last those in no bin.
    """

    rows: Indices
    counts: NDArray[np.int64]

    @classmethod
    def blank(cls, problem: Problem, lanes: LaneNumbers, bins: Bins) -> Visited:
        """The rows in which these lanes are counted."""
        rows = np.unique(bins.rows[problem.step_size_of(np.asarray(lanes))])
        return cls(rows, np.zeros((rows.size, bins.number + 1), np.int64))

    def add(self, part: Visited) -> None:
        """Add counts of rows all of which are here."""
        self.counts[np.searchsorted(self.rows, part.rows)] += part.counts
