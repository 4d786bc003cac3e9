"""What became of some lanes, in so few numbers that any number of lanes can be told by them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Indices, Status

FAR_APART = 4
"""How many times as large as their number may whole numbers be to be counted without sorting."""


@dataclass(frozen=True, eq=False)
class Tally:
    """How many lanes have each status, and after how many iterations they converged.

    counts : (4,) lanes by status.
    iterations, lanes : (m,) the counts of iterations that occur, rising, and how many of the
        converged lanes needed each.

    A lane that did not converge counts as infinitely many iterations. Tallies of different lanes
    add up.
    """

    counts: Indices
    iterations: Indices
    lanes: Indices

    @classmethod
    def of(cls, status: NDArray[np.int8], steps: NDArray[np.int32]) -> Tally:
        """Count lanes by their status (n,) and their steps (n,)."""
        counts = np.bincount(status, minlength=len(Status))
        return cls(counts, *_tally(steps[status == Status.converged]))

    def __add__(self, other: Tally) -> Tally:
        counts = self.counts + other.counts
        iterations = np.concatenate([self.iterations, other.iterations])
        if not iterations.size:
            return Tally(counts, self.iterations, self.lanes)
        order = np.argsort(iterations, kind="stable")
        iterations, lanes = iterations[order], np.concatenate([self.lanes, other.lanes])[order]
        first = np.flatnonzero(np.diff(iterations, prepend=-1))
        return Tally(counts, iterations[first], np.add.reduceat(lanes, first))

    @property
    def n(self) -> int:
        return int(self.counts.sum())

    @property
    def converged(self) -> int:
        return int(self.counts[Status.converged])

    def share(self, status: Status = Status.converged) -> float:
        return float(self.counts[status] / self.n)

    @property
    def median(self) -> float:
        """Of the iterations over all lanes."""
        return (self._at((self.n - 1) // 2) + self._at(self.n // 2)) / 2

    @property
    def worst(self) -> float:
        return self._at(self.n - 1)

    @property
    def range(self) -> tuple[int, int] | None:
        """The fewest and the most iterations of lanes that converged, if any did."""
        ends = self.iterations[[0, -1]].tolist() if self.iterations.size else None
        return ends and tuple(ends)

    def quantile(self, share: float) -> float:
        """The iterations after which this share of the lanes has converged, to the nearest lane."""
        return self._at(round(share * (self.n - 1)))

    def _at(self, place: int) -> float:
        """Iterations of the lane at this place, by rising iterations."""
        if place >= self.converged:
            return float("inf")
        return float(self.iterations[np.searchsorted(self.lanes.cumsum(), place, side="right")])


NOTHING = Tally(*np.zeros((1, len(Status)), np.int64), *np.zeros((2, 0), np.int64))
"""The tally of no lane."""


def _tally(values: NDArray[np.int32]) -> tuple[Indices, Indices]:
    """The whole numbers that occur, rising, and how often."""
    if values.size and values.max() < FAR_APART * values.size:
        counts = np.bincount(values)
        there = np.flatnonzero(counts)
        return there, counts[there]
    found, times = np.unique(values, return_counts=True)
    return found.astype(np.int64), times
