"""What the core is given, and what it gives back: plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdlab.core.criteria import Criterion, thresholds
from gdlab.methods import Method
from gdlab.objectives.base import Array, Objective

Indices = NDArray[np.int64]
NONE: Indices = np.empty(0, np.int64)
LaneNumbers: TypeAlias = range | Indices
"""LaneNumbers of lanes; those that follow each other are told quickest as a range."""


def numbers_of(lanes: LaneNumbers) -> Indices:
    """The numbers of lanes as an array (n,)."""
    if isinstance(lanes, range):
        return np.arange(lanes.start, lanes.stop, lanes.step)
    return lanes


class Status(IntEnum):
    """The verdict on a lane."""

    converged = 0
    cycling = 1
    max_iter = 2
    diverged = 3


@dataclass(frozen=True)
class Problem:
    """What the core descends: arrays and functions, already checked.

    alpha : (n_alpha,). x0 : (d, n_x0). defined : (n_x0,), where f itself is finite at x0; from
    elsewhere the first step leads nowhere. tol : (n_tol,), falling. pairs : whether each α goes
    with the x0 of the same place, instead of with all of them.
    """

    objective: Objective
    method: Method
    alpha: Array
    x0: Array
    defined: NDArray[np.bool_]
    tol: Array
    max_iter: int
    criterion: Criterion
    escape: float
    pairs: bool = False

    @property
    def dimension(self) -> int:
        return self.x0.shape[0]

    @property
    def n_lanes(self) -> int:
        return self.alpha.size * (1 if self.pairs else self.x0.shape[1])

    @cached_property
    def thresholds(self) -> Array:
        """What the measure of the criterion has to be below, (n_tol,), falling."""
        return thresholds(self.criterion, self.tol, self.dimension)

    def index(self, lanes: LaneNumbers) -> tuple[Indices, Indices]:
        """Places in `alpha` and in `x0` of the lanes of these numbers."""
        numbers, n_x0 = numbers_of(lanes), self.x0.shape[1]
        if self.pairs:
            return numbers, numbers
        if isinstance(lanes, range) and lanes and lanes.step == 1:  # divisions are slow
            first, last = lanes[0] // n_x0, lanes[-1] // n_x0
            ends = (np.arange(first, last + 2) * n_x0).clip(lanes.start, lanes.stop)
            i_alpha = np.repeat(np.arange(first, last + 1), np.diff(ends))
        else:
            i_alpha = numbers // n_x0
        return i_alpha, numbers - i_alpha * n_x0

    def starts(self, lanes: LaneNumbers) -> tuple[Array, Array, NDArray[np.bool_]]:
        """α (n,), x0 (d, n) and `defined` (n,) of the lanes of these numbers (n,)."""
        i_alpha, i_x0 = self.index(lanes)
        return self.alpha[i_alpha], self.x0.take(i_x0, axis=1), self.defined[i_x0]


@dataclass
class Verdicts:
    """What became of every lane at every tolerance, lanes last.

    status, steps, period : (n_tol, n_lanes); period is 0 unless the lane is cycling.
    x : (n_tol, d, n_lanes), the iterate at the verdict.
    lane_steps : steps taken, over all lanes.
    """

    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    period: NDArray[np.int16]
    x: Array
    lane_steps: int = 0

    @classmethod
    def blank(cls, problem: Problem, n_lanes: int) -> Verdicts:
        shape = (problem.tol.size, n_lanes)
        return cls(
            status=np.full(shape, Status.converged, np.int8),
            steps=np.zeros(shape, np.int32),
            period=np.zeros(shape, np.int16),
            x=np.empty((shape[0], problem.dimension, shape[1])),
        )

    def put(self, lanes: range, part: Verdicts) -> None:
        """Put the verdicts on some of the lanes in their places."""
        own = slice(lanes.start, lanes.stop, lanes.step)
        self.status[:, own], self.steps[:, own] = part.status, part.steps
        self.period[:, own], self.x[..., own] = part.period, part.x
        self.lane_steps += part.lane_steps
