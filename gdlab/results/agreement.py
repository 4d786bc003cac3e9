"""How often lanes converge when theory says."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Counts, Indices, Status
from gdlab.core.starts import numbers_of, split
from gdlab.experiment import Experiment


@dataclass(frozen=True)
class Agreement:
    """Rows of which theory tells the iterations, or that they do not converge.

    Where rounding decides, nothing is told and nothing counted.

    rows : how many. equal : those that did as told. largest : by how many iterations the others
    differ at most, of those that converge as told. otherwise : those that converge and were told
    not to, or the other way round.
    """

    rows: int
    equal: int
    largest: int
    otherwise: int

    @classmethod
    def of(
        cls,
        experiment: Experiment,
        first_lane: int,
        status: NDArray[np.int8],
        steps: NDArray[np.int32],
        predicted: Counts,
    ) -> Agreement:
        """Compare whole lanes that follow each other, in arrays (n, n_tol).

        predicted : 0 where it is missing. The experiment is one of which theory tells something.
        """
        rows, measured = predicted.size, steps * (status == Status.converged)
        differing = np.flatnonzero(measured != predicted)
        lanes, tol = np.divmod(differing, predicted.shape[1])
        if not experiment.told.all():
            told = experiment.told[_alphas(experiment, first_lane, len(status))]
            rows, differing = int(told.sum()), differing[told[lanes, tol]]
            lanes, tol = np.divmod(differing, predicted.shape[1])
        if differing.size:
            by_rounding = measured.flat[differing] == _leniently(
                experiment, first_lane + lanes, tol
            )
            rows, differing = rows - int(by_rounding.sum()), differing[~by_rounding]
        one, other = measured.flat[differing], predicted.flat[differing]
        both = (one > 0) & (other > 0)
        largest = int(np.abs(one - other)[both].max(initial=0))
        return cls(rows, rows - differing.size, largest, int((~both).sum()))

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.rows + other.rows,
            self.equal + other.equal,
            max(self.largest, other.largest),
            self.otherwise + other.otherwise,
        )


def _leniently(experiment: Experiment, lanes: Indices, tol: Indices) -> Counts:
    """What theory tells of rows (n,) whose start may lie on an eigenvector to the last bit.

    Rounding decides whether it does, and so what becomes of it where the errors besides grow.
    """
    assert experiment.prediction is not None
    lenient = replace(experiment.prediction, lenient=True)
    told = lenient.of_lanes(experiment.alpha, experiment.starts, lanes, pairs=experiment.pairs)
    counts: Counts = told[tol, np.arange(lanes.size)]
    return counts


def _alphas(experiment: Experiment, first: int, n: int) -> Indices:
    """Which step sizes the lanes `first` to `first` + n - 1 have."""
    lanes = range(first, first + n)
    return numbers_of(lanes) if experiment.pairs else split(lanes, len(experiment.starts))[0]
