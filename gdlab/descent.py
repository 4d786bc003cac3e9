"""The batched core: every lane from its start to its verdict, in one pool of lanes.

A lane is one (α, x0) pair, numbered `lane = i_alpha * n_x0 + i_x0`. The pool holds as many lanes
as a processor's cache and takes one step with all of them at once. A lane that gets its verdict
is written to the results and its column in the pool goes to the next waiting lane; when none
waits, the pool's last column moves into the hole. So the pool is always dense: no step is spent
on a lane that has stopped, and no mask is carried along.

Each lane is computed by operations on its own column alone, so its result has the same bits in
any company.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from gdlab.criteria import Criterion
from gdlab.methods import Method
from gdlab.objectives.base import Array, Objective

Indices = NDArray[np.int64]
NONE: Indices = np.empty(0, np.int64)

POOL = 49152
SMALLEST_POOL = 4096
"""Lanes in the pool for d = 1, and at least; only the speed depends on them."""

WATCH = 128
"""Iterations beyond max_iter over which a lane is watched for a cycle."""
LONGEST_PERIOD = 64
RETURN = 1e-9
"""A cycle comes back to within this share of its own extent."""
WATCHED_AT_ONCE = 1024

REPORT = 256
"""Pool steps between two reports of progress."""

Progress = Callable[[int, int], None]
"""Told how many lanes have their verdict, and how many lane-steps were taken so far."""


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

    def index(self, lanes: Indices) -> tuple[Indices, Indices]:
        """Places in `alpha` and in `x0` of the lanes of these numbers."""
        if self.pairs:
            return lanes, lanes
        i_alpha = lanes // self.x0.shape[1]
        return i_alpha, lanes - i_alpha * self.x0.shape[1]

    def starts(self, lanes: Indices) -> tuple[Array, Array, NDArray[np.bool_]]:
        """α (n,), x0 (d, n) and `defined` (n,) of the lanes of these numbers (n,)."""
        i_alpha, i_x0 = self.index(lanes)
        return self.alpha[i_alpha], self.x0[:, i_x0], self.defined[i_x0]


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

    def record(self, level: int, place: Indices, steps: Indices, x: Array) -> None:
        """Write down when and where these lanes got the verdict of this level."""
        self.steps[level, place] = steps
        for row, values in zip(self.x[level], x, strict=True):
            row[place] = values


class Lanes:
    """Lanes under way, a column each: moving a lane is moving a column.

    alpha : (n,). threshold : (n,), the tolerance to be met next. x, before : (d, n), the iterates
    x_k and x_{k-1}. gradient : (d, n), at x_k. memory : (m, n), what the method keeps.
    place : (n,), where a lane's verdict goes. level : (n,), how many tolerances it has met.
    born : (n,), the clock when it started.
    """

    def __init__(self, problem: Problem, n: int) -> None:
        d, m = problem.dimension, problem.method.memory(problem.dimension)
        self.problem = problem
        self._write_gradient = gradient_writer(problem.objective)
        self._state = np.empty((2 + 4 * d + m, n))
        self._tags = np.empty((3, n), np.int64)
        self._name_rows(n)

    def _name_rows(self, n: int) -> None:
        """Let the first n columns be the lanes under way."""
        d, state = self.problem.dimension, self._state[:, :n]
        self.n = n
        self.alpha, self.threshold = state[:2]
        self.x, self.before, self.gradient, self._step = state[2 : 2 + 4 * d].reshape(4, d, n)
        self.memory = state[2 + 4 * d :]
        self.place, self.level, self.born = self._tags[:, :n]

    def start(self, columns: Indices, lanes: Indices, places: Indices, clock: int) -> None:
        """Put the lanes of these numbers at their starting points into these columns."""
        alpha, x0, defined = self.problem.starts(lanes)
        gradient = np.empty_like(x0)
        self._write_gradient(x0, gradient)
        gradient[:, ~defined] = np.nan
        for row, values in zip((*self.x, *self.gradient), (*x0, *gradient), strict=True):
            row[columns] = values
        self.memory[:, columns] = 0.0
        self.alpha[columns] = alpha
        self.threshold[columns] = self.problem.tol[0]
        self.place[columns] = places
        self.level[columns] = 0
        self.born[columns] = clock

    def advance(self) -> None:
        """Take one step with every lane."""
        self.problem.method.step(self.x, self.gradient, self.alpha, self.memory, out=self._step)
        np.copyto(self.before, self.x)
        np.subtract(self.before, self._step, out=self.x)
        self._write_gradient(self.x, self.gradient)

    def escaped(self) -> Indices:
        """Columns beyond the escape radius or not finite."""
        escape = self.problem.escape
        if max(self.x.max(), -self.x.min()) <= escape:  # false for NaN
            return NONE
        return np.flatnonzero(~(np.abs(self.x).max(axis=0) <= escape))

    def drop(self, columns: Indices) -> None:
        """Move the last lanes into these columns, and shrink."""
        n = self.n - columns.size
        staying = np.ones(columns.size, bool)
        staying[columns[columns >= n] - n] = False
        movers, holes = n + staying.nonzero()[0], columns[columns < n]
        self._state[:, holes] = self._state[:, movers]
        self._tags[:, holes] = self._tags[:, movers]
        self._name_rows(n)

    def take(self, columns: Indices) -> Lanes:
        """Give a copy of these columns, to go on apart."""
        taken = copy.copy(self)
        taken._state, taken._tags = self._state[:, columns], self._tags[:, columns]
        taken._name_rows(columns.size)
        return taken

    def join(self, others: Sequence[Lanes]) -> Lanes:
        """Give a copy of these lanes and the others side by side."""
        joined = copy.copy(self)
        joined._state = np.concatenate([self._state, *(other._state for other in others)], axis=1)
        joined._tags = np.concatenate([self._tags, *(other._tags for other in others)], axis=1)
        joined._name_rows(joined._tags.shape[1])
        return joined


def descend(
    problem: Problem,
    lanes: Indices | None = None,
    *,
    pool: int = 0,
    progress: Progress | None = None,
) -> Verdicts:
    """Follow the lanes of these numbers (n,), by default all of `problem`, to their verdicts.

    `pool` is how many lanes move at once, by default a number that suits the dimension; only the
    speed depends on it.
    """
    if lanes is None:
        lanes = np.arange(problem.n_lanes)
    pool = pool or max(POOL // problem.dimension, SMALLEST_POOL)
    with np.errstate(all="ignore"):  # a lane that overflows is a result, not an accident
        return _descend(problem, lanes, pool, progress or (lambda done, lane_steps: None))


def _descend(problem: Problem, chosen: Indices, pool: int, progress: Progress) -> Verdicts:
    n_lanes, max_iter = chosen.size, problem.max_iter
    verdicts = Verdicts.blank(problem, n_lanes)
    lanes = Lanes(problem, min(pool, n_lanes))
    first = np.arange(lanes.n)
    lanes.start(first, chosen[first], first, clock=0)
    waiting = lanes.n  # the place of the next lane to start
    late: list[Lanes] = []  # lanes that have reached max_iter, to be watched for cycles
    clock = oldest = 0

    while lanes.n:
        lanes.advance()
        clock += 1
        verdicts.lane_steps += lanes.n
        measure = problem.criterion(lanes.before, lanes.x, lanes.gradient)
        diverged = lanes.escaped()
        measure[diverged] = np.inf
        free = meet_tolerances(lanes, measure, clock, verdicts)
        if diverged.size:
            stop(lanes, diverged, Status.diverged, clock, verdicts)
            free = np.concatenate([free, diverged])
        if clock - oldest == max_iter:
            at_limit = lanes.born == oldest
            at_limit[free] = False
            expired = at_limit.nonzero()[0]
            stop(lanes, expired, Status.max_iter, clock, verdicts)
            late.append(lanes.take(expired))
            free = np.concatenate([free, expired])
            if sum(part.n for part in late) >= WATCHED_AT_ONCE:
                watch(late, verdicts)

        n_new = min(free.size, n_lanes - waiting)
        if n_new:
            next_ones = np.arange(waiting, waiting + n_new)
            lanes.start(free[:n_new], chosen[next_ones], next_ones, clock)
            waiting += n_new
        if n_new < free.size:
            lanes.drop(free[n_new:])
        if clock - oldest == max_iter and lanes.n:
            oldest = int(lanes.born.min())
        if clock % REPORT == 0:
            progress(waiting - lanes.n, verdicts.lane_steps)
    watch(late, verdicts)
    progress(n_lanes, verdicts.lane_steps)
    return verdicts


def meet_tolerances(lanes: Lanes, measure: Array, clock: int, verdicts: Verdicts) -> Indices:
    """Record each tolerance that is met at this clock; give the columns that have met the last."""
    tol = lanes.problem.tol
    met = (measure < lanes.threshold).nonzero()[0]
    if not met.size:
        return met
    before = lanes.level[met]
    after = tol.size - np.searchsorted(tol[::-1], measure[met], side="right")
    for level in range(tol.size):
        at = met[(before <= level) & (level < after)] if tol.size > 1 else met
        verdicts.record(level, lanes.place[at], clock - lanes.born[at], lanes.x[:, at])
    lanes.level[met] = after
    lanes.threshold[met] = tol[np.minimum(after, tol.size - 1)]
    return met[after == tol.size]


def stop(lanes: Lanes, columns: Indices, status: Status, clock: int, verdicts: Verdicts) -> None:
    """Record a verdict other than `converged` at each tolerance that these columns have not met."""
    for level in range(lanes.problem.tol.size):
        at = columns[lanes.level[columns] <= level]
        verdicts.record(level, lanes.place[at], clock - lanes.born[at], lanes.x[:, at])
        verdicts.status[level, lanes.place[at]] = status


def watch(late: list[Lanes], verdicts: Verdicts) -> None:
    """Follow these lanes beyond max_iter, record those that cycle, and empty the list."""
    if not late:
        return
    lanes = late[0].join(late[1:])
    late.clear()
    for first in range(0, lanes.n, WATCHED_AT_ONCE):
        part = lanes.take(np.arange(first, min(first + WATCHED_AT_ONCE, lanes.n)))
        orbit = np.empty((WATCH + 1, *part.x.shape))
        orbit[0] = part.x
        for k in range(WATCH):
            part.advance()
            orbit[k + 1] = part.x
        period = periods(orbit)
        for level in range(lanes.problem.tol.size):
            cycling = (period > 0) & (part.level <= level)
            verdicts.status[level, part.place[cycling]] = Status.cycling
            verdicts.period[level, part.place[cycling]] = period[cycling]


def periods(orbit: Array) -> NDArray[np.int16]:
    """Smallest period from 2 to `LONGEST_PERIOD` of each orbit, or 0.

    orbit : (k, d, n), k iterates of n lanes. A lane has period p if every x_{j+p} is back at x_j
    to within `RETURN` times the orbit's extent, the largest distance between two of its iterates;
    distances in the maximum norm. An orbit that stands still has no period.
    """
    extent = (orbit.max(axis=0) - orbit.min(axis=0)).max(axis=0)
    bound = RETURN * extent
    period = np.zeros(extent.size, np.int16)
    undecided = np.isfinite(extent) & (extent > 0)
    for p in range(2, LONGEST_PERIOD + 1):
        # the last return alone rules out nearly every candidate
        at = np.flatnonzero(undecided & (np.abs(orbit[-1] - orbit[-1 - p]).max(axis=0) <= bound))
        if at.size:
            back = np.abs(orbit[p:, :, at] - orbit[:-p, :, at]).max(axis=(0, 1)) <= bound[at]
            period[at[back]] = p
            undecided[at[back]] = False
    return period


def iterates(problem: Problem, lanes: Indices) -> Iterator[tuple[Array, Array]]:
    """Follow these lanes without end: x_k and grad f(x_k), each (d, n), for k = 0, 1, 2, …

    The arrays are overwritten by the next iteration.
    """
    columns = Lanes(problem, lanes.size)
    columns.start(np.arange(lanes.size), lanes, lanes, clock=0)
    while True:
        yield columns.x, columns.gradient
        with np.errstate(all="ignore"):
            columns.advance()


def gradient_writer(objective: Objective) -> Callable[[Array, Array], object]:
    """Give a function (x, out) that writes the gradient, without a copy where the objective can."""
    if "out" in inspect.signature(objective.grad).parameters:
        return lambda x, out: objective.grad(x, out=out)  # type: ignore[call-arg]

    def write(x: Array, out: Array) -> None:
        out[...] = objective.grad(x)

    return write
