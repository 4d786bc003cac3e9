"""The batched core: every lane from its start to its verdict, in one pool of lanes.

A lane is one (α, x0) pair, numbered `lane = i_alpha * n_x0 + i_x0`. The pool holds a fixed number
of lanes and takes a few steps with all of them at once; then it is judged which lanes got their
verdict on the way, and at which step. They are written to the results, and their columns in the
pool go to the lanes that wait; when none waits, the pool's last columns move into the holes. So the
pool is always dense, no mask is carried along, and keeping the books costs little: a lane goes on
for a few steps in vain, and all the rest is done once for several steps.

Each lane is computed by operations on its own column alone, so its result has the same bits in
any company.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from gdlab.core.cycles import WATCHED_AT_ONCE, watch
from gdlab.core.lanes import Lanes
from gdlab.core.problem import NONE, Indices, LaneNumbers, Problem, Status, Verdicts
from gdlab.objectives.base import Array

COORDINATES = 2**17
FEWEST, MOST = 2**13, 2**15
"""Coordinates of the lanes in the pool, and how many lanes there are at least and at most.

Only the speed depends on them: a call of NumPy pays for many numbers, and the cache holds few.
"""
REPORT = 32
"""Strides between two reports of progress."""

Progress = Callable[[int, int], None]
"""Told how many lanes have their verdict, and how many lane-steps were taken so far."""


def descend(
    problem: Problem,
    lanes: LaneNumbers | None = None,
    *,
    pool: int = 0,
    progress: Progress | None = None,
) -> Verdicts:
    """Follow the lanes of these numbers, by default all of `problem`, to their verdicts.

    `pool` is how many lanes move at once, by default a number that suits the dimension; only the
    speed depends on it.
    """
    if lanes is None:
        lanes = range(problem.n_lanes)
    pool = pool or min(max(COORDINATES // problem.dimension, FEWEST), MOST)
    with np.errstate(all="ignore"):  # a lane that overflows is a result, not an accident
        return _descend(problem, lanes, pool, progress or (lambda done, lane_steps: None))


def _descend(problem: Problem, chosen: LaneNumbers, pool: int, progress: Progress) -> Verdicts:
    n_lanes = len(chosen)
    verdicts = Verdicts.blank(problem, n_lanes)
    lanes = Lanes(problem, min(pool, n_lanes))
    first = np.arange(lanes.n)
    lanes.start(first, chosen[: lanes.n], first, clock=0)
    waiting = lanes.n  # the place of the next lane to start
    late: list[Lanes] = []  # lanes that have reached max_iter, to be watched for cycles
    clock = oldest = strides = 0

    while lanes.n:
        limit = oldest + problem.max_iter  # the clock at which the oldest lanes are given up
        steps = min(lanes.stride, limit - clock)
        lanes.advance(steps)
        free = judge(lanes, clock, verdicts)
        clock += steps
        if clock == limit:
            at_limit = lanes.born == oldest
            at_limit[free] = False
            expired = at_limit.nonzero()[0]
            late.append(lanes.take(expired))
            last = np.full_like(expired, steps - 1)
            stop(lanes, expired, Status.max_iter, last, clock - steps, verdicts)
            free = np.concatenate([free, expired])

        if free.size:
            next_ones = np.arange(waiting, min(waiting + free.size, n_lanes))
            numbers = chosen[waiting : waiting + next_ones.size]
            lanes.start(free[: next_ones.size], numbers, next_ones, clock)
            lanes.drop(free[next_ones.size :])
            waiting += next_ones.size
        if clock == limit:
            oldest = int(lanes.born.min(initial=clock))
            if sum(part.n for part in late) >= WATCHED_AT_ONCE:
                watch(late, verdicts)
        strides += 1
        if strides % REPORT == 0:
            progress(waiting - lanes.n, verdicts.lane_steps)
    watch(late, verdicts)
    progress(n_lanes, verdicts.lane_steps)
    return verdicts


def judge(lanes: Lanes, clock: int, verdicts: Verdicts) -> Indices:
    """Record what the lanes met in the steps since this clock; give the columns that are done."""
    gone, since = escaped(lanes.trail, lanes.problem.escape)
    if gone.size:  # from the escape on, no tolerance is met
        after = np.arange(len(lanes.trail))[:, None] >= since
        lanes.measure[:, gone] = np.where(after, np.inf, lanes.measure[:, gone])
    least = np.fmin.reduce(lanes.measure, axis=0)
    met = (least < lanes.threshold).nonzero()[0]
    done = meet_tolerances(lanes, met, least.take(met), clock, verdicts) if met.size else met
    if not gone.size:
        return done
    lost = ~np.isin(gone, done)
    stop(lanes, gone[lost], Status.diverged, since[lost], clock, verdicts)
    return np.concatenate([done, gone[lost]])


def escaped(trail: Array, escape: float) -> tuple[Indices, Indices]:
    """Columns of the trail (k, d, n) that leave the escape radius, and the rows where they do."""
    if max(trail.max(), -trail.min()) <= escape:  # false for NaN
        return NONE, NONE
    farthest = np.maximum(trail.max(axis=(0, 1)), -trail.min(axis=(0, 1)))
    columns = (~(farthest <= escape)).nonzero()[0]
    beyond = ~(np.abs(trail[:, :, columns]).max(axis=1) <= escape)
    return columns, beyond.argmax(axis=0)


def meet_tolerances(
    lanes: Lanes, met: Indices, least: Array, clock: int, verdicts: Verdicts
) -> Indices:
    """Record each tolerance that these columns meet first; give those that have met the last.

    least : (m,), the least measure of each on the way.
    """
    least_of, before = lanes.problem.thresholds, lanes.level.take(met)
    n_tol = least_of.size
    after = n_tol - np.searchsorted(least_of[::-1], least, side="right")
    for level in range(n_tol):
        at = met[(before <= level) & (level < after)]
        if at.size:
            row = first(lanes.measure.take(at, axis=1) < least_of[level])
            record(lanes, level, at, row, clock, verdicts)
    lanes.level[met] = after
    lanes.threshold[met] = least_of.take(np.minimum(after, n_tol - 1))
    return met[after == n_tol]


def first(true: NDArray[np.bool_]) -> Indices:
    """The first row (n,) that is true in each column; there is one.

    As `argmax` tells, which takes ten times as long where columns are many and rows few.
    """
    n_rows = len(true)
    rows_left = np.arange(n_rows, 0, -1, dtype=np.uint8)[:, None]
    return n_rows - (true * rows_left).max(axis=0).astype(np.int64)


def stop(
    lanes: Lanes, columns: Indices, status: Status, row: Indices, clock: int, verdicts: Verdicts
) -> None:
    """Record a verdict other than `converged` at each tolerance that these columns have not met."""
    for level in range(lanes.problem.tol.size):
        at = (lanes.level[columns] <= level).nonzero()[0]
        record(lanes, level, columns[at], row[at], clock, verdicts)
        verdicts.status[level, lanes.place[columns[at]]] = status


def record(
    lanes: Lanes, level: int, columns: Indices, row: Indices, clock: int, verdicts: Verdicts
) -> None:
    """Record the iterates in these rows of the trail (m,), the first of them at clock + 1."""
    place = lanes.place.take(columns)
    steps = row + (clock + 1) - lanes.born.take(columns)
    verdicts.steps[level][place] = steps
    for coordinate, values in zip(verdicts.x[level], lanes.passed(row, columns), strict=True):
        coordinate[place] = values
    if verdicts.evaluations is not None:
        verdicts.evaluations[level][place] = lanes.asked(row, columns)
    if level == lanes.problem.tol.size - 1:
        verdicts.lane_steps += int(steps.sum())


def iterates(problem: Problem, lanes: Indices) -> Iterator[tuple[Array, Array]]:
    """Follow these lanes without end: x_k and grad f(x_k), each (d, n), for k = 0, 1, 2, …

    The arrays are overwritten by the next iteration.
    """
    columns = Lanes(problem, lanes.size)
    x, (_, x0, _) = columns.x, problem.starts(lanes)
    with np.errstate(all="ignore"):
        columns.start(np.arange(lanes.size), lanes, lanes, clock=0)
        gradient = columns.at.slope()
    yield x0, gradient
    while True:
        with np.errstate(all="ignore"):
            columns.advance()
            gradient = columns.at.slope()
        yield x, gradient
