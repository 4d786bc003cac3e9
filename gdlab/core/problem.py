"""What the core is given, and what it gives back: plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdlab.core.criteria import Criterion, thresholds
from gdlab.core.starts import Places, Starts, numbers_of, split
from gdlab.methods import Method, evaluations_a_step
from gdlab.objectives.base import Array, Objective, values

Indices = NDArray[np.int64]
NONE: Indices = np.empty(0, np.int64)
Counts = NDArray[np.int32]
"""Of iterations."""
LaneNumbers: TypeAlias = range | Indices
"""Numbers of lanes; those that follow each other are told quickest as a range."""

DEFAULT_TOL = 1e-6
DEFAULT_MAX_ITER = 1000
DEFAULT_ESCAPE = 1e8
LARGEST_MAX_ITER = 2**31 - 1


class Status(IntEnum):
    """The verdict on a lane."""

    converged = 0
    cycling = 1
    max_iter = 2
    diverged = 3


@dataclass(frozen=True)
class Problem:
    """What the core descends: arrays and functions, already checked.

    alpha : (n_alpha,). x0 : n_x0 starting points. defined : (n_x0,), where f itself is finite at
    x0; None where f is to be asked for it. tol : (n_tol,), falling. pairs : whether each α goes
    with the x0 of the same place, instead of with all of them.
    """

    objective: Objective
    method: Method
    alpha: Array
    x0: Starts
    defined: NDArray[np.bool_] | None
    tol: Array
    max_iter: int
    criterion: Criterion
    escape: float
    pairs: bool = False

    @property
    def dimension(self) -> int:
        return self.x0.dimension

    @property
    def n_lanes(self) -> int:
        return self.alpha.size * (1 if self.pairs else len(self.x0))

    @cached_property
    def thresholds(self) -> Array:
        """What the measure of the criterion has to be below, (n_tol,), falling."""
        return thresholds(self.criterion, self.tol, self.dimension)

    def starts(self, lanes: LaneNumbers) -> tuple[Array, Array, Places]:
        """α (n,), x0 (d, n) and the places of x0 of the lanes of these numbers."""
        if self.pairs:
            return self.alpha[numbers_of(lanes)], self.x0.take(lanes), lanes
        i_alpha, i_x0 = split(lanes, len(self.x0))
        if len(self.x0) < len(lanes):  # each is made once
            x0 = self.x0.take(range(len(self.x0))).take(numbers_of(i_x0), axis=1)
        else:
            x0 = self.x0.take(i_x0)
        return self.alpha[i_alpha], x0, i_x0

    def step_size_of(self, lanes: LaneNumbers) -> Indices:
        """Which α the lanes of these numbers have, (n,)."""
        return numbers_of(lanes) if self.pairs else split(lanes, len(self.x0))[0]

    def is_defined(self, places: Places, x0: Array) -> NDArray[np.bool_]:
        """Where f itself is finite at x0 (d, n), the starting points at these places.

        From elsewhere the first step leads nowhere.
        """
        if self.defined is None:
            return np.isfinite(values(self.objective, x0))
        return self.defined[numbers_of(places)]


@dataclass
class Verdicts:
    """What became of every lane at every tolerance, lanes last.

    status, steps, period : (n_tol, n_lanes); period is 0 unless the lane is cycling.
    x : (n_tol, d, n_lanes), the iterate at the verdict.
    evaluations : (n_tol, n_lanes), of the method, where they differ from lane to lane, else None.
    lane_steps : steps taken, over all lanes.
    """

    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    period: NDArray[np.int16]
    x: Array
    evaluations: NDArray[np.int64] | None = None
    lane_steps: int = 0

    @classmethod
    def blank(cls, problem: Problem, n_lanes: int) -> Verdicts:
        shape = (problem.tol.size, n_lanes)
        counted = evaluations_a_step(problem.method, problem.objective) is None
        return cls(
            status=np.full(shape, Status.converged, np.int8),
            steps=np.zeros(shape, np.int32),
            period=np.zeros(shape, np.int16),
            x=np.empty((shape[0], problem.dimension, shape[1])),
            evaluations=np.zeros(shape, np.int64) if counted else None,
        )

    def put(self, lanes: range, part: Verdicts) -> None:
        """Put the verdicts on some of the lanes in their places."""
        own = slice(lanes.start, lanes.stop, lanes.step)
        self.status[:, own], self.steps[:, own] = part.status, part.steps
        self.period[:, own], self.x[..., own] = part.period, part.x
        if self.evaluations is not None and part.evaluations is not None:
            self.evaluations[:, own] = part.evaluations
        self.lane_steps += part.lane_steps
