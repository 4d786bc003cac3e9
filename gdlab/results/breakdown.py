"""What became of the lanes of each step size, and at which minimum they ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Indices, Status
from gdlab.core.stepsizes import StepSizes, spread
from gdlab.experiment import Experiment
from gdlab.results.tally import NOTHING, Tally

MOST = 200
"""Step sizes that are told one by one, besides the best."""


class Ends(NamedTuple):
    """Lanes that follow each other at one tolerance.

    first : number of the first. status, steps : (n,). minimum : (n,), the index of the known
    minimiser where it ended, -1 where it ended at none.
    """

    first: int
    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    minimum: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Breakdown:
    """A run by step size and by minimum, at its tightest tolerance.

    rows : tallies by rising step size: of all, or of `MOST` that are evenly spread, and the best.
    n_step_sizes : how many distinct ones there are.
    minima : (m,) how many lanes converged to within 1e-3 of each known minimiser.
    """

    rows: dict[float, Tally]
    n_step_sizes: int
    minima: Indices

    @classmethod
    def of(cls, experiment: Experiment, ends: Iterable[Ends], best: float | None) -> Breakdown:
        """Gather it from the lanes in any order; `best` is told among any number of others."""
        sizes, known = experiment.step_sizes, experiment.facts.minimisers
        told = np.zeros(len(sizes), bool)
        told[spread(len(sizes), MOST)] = True
        if best is not None:
            told[np.searchsorted(sizes.distinct, best)] = True
        tallies: dict[int, Tally] = dict.fromkeys(np.flatnonzero(told).tolist(), NOTHING)
        minima: Indices = np.zeros(0 if known is None else len(known), np.int64)
        for own in ends:
            for rank, tally in _by_rank(sizes, told, own):
                tallies[rank] += tally
            settled = own.minimum[(own.status == Status.converged) & (own.minimum >= 0)]
            minima += np.bincount(settled, minlength=minima.size)
        rows = {float(sizes.distinct[rank]): tally for rank, tally in tallies.items()}
        return cls(rows, len(sizes), minima)


def _by_rank(sizes: StepSizes, told: NDArray[np.bool_], ends: Ends) -> Iterable[tuple[int, Tally]]:
    """Tallies of the step sizes to be told by their places among the distinct ones."""
    n, each = ends.status.size, sizes.n_starts
    begin, end = ends.first // each, -(-(ends.first + n) // each)
    ranks = sizes.ranks_of(begin, end)
    bounds = (np.arange(begin, end + 1) * each - ends.first).clip(0, n)
    own = told[ranks]
    lengths = np.diff(bounds)
    lanes = np.flatnonzero(np.repeat(own, lengths))
    of_lanes = np.repeat(ranks[own], lengths[own])
    order = np.argsort(of_lanes, kind="stable")
    for some in np.split(order, np.flatnonzero(np.diff(of_lanes[order])) + 1):
        if some.size:
            there = lanes[some]
            yield int(of_lanes[some[0]]), Tally.of(ends.status[there], ends.steps[there])
