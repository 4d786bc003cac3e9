"""The batched core: every lane from its start to its verdict, in one pool of lanes.

A lane is one (α, x0) pair, numbered `lane = i_alpha * n_x0 + i_x0`. The pool holds a fixed number
of lanes and takes one step with all of them at once. A lane that gets its verdict
is written to the results and its column in the pool goes to the next waiting lane; when none
waits, the pool's last column moves into the hole. So the pool is always dense: no step is spent
on a lane that has stopped, and no mask is carried along.

Each lane is computed by operations on its own column alone, so its result has the same bits in
any company.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gdlab.cycles import WATCHED_AT_ONCE, watch
from gdlab.lanes import Lanes
from gdlab.objectives.base import Array
from gdlab.problem import Indices, Problem, Status, Verdicts

POOL = 49152
SMALLEST_POOL = 4096
"""Lanes in the pool for d = 1, and at least; only the speed depends on them."""
REPORT = 256
"""Pool steps between two reports of progress."""

Progress = Callable[[int, int], None]
"""Told how many lanes have their verdict, and how many lane-steps were taken so far."""


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
            if expired.size:
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
