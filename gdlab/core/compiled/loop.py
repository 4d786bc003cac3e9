"""Taking lanes to their verdicts, some abreast: what is the same for every kernel.

This text, and not the module, is what a kernel consists of: the module `kernels` adds `start` and
`advance` for its formula, and Numba compiles the whole.

A block of `WIDTH` columns takes one step after another. A column whose lane has its verdict goes to
the next waiting lane at once; while none waits it is parked, and steps on without meaning. Since
every step has the same `WIDTH` columns, the compiler makes vector instructions of it.

A block is a few arrays of its thread:
state : rows of `WIDTH` numbers in one flat array, first the coordinates of x_k.
late : the same for lanes that have reached max_iter, to be watched for cycles.
tags : (5, WIDTH). counts : (8,). orbit : (WATCH + 1, DIMENSION * WIDTH), of the late lanes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gdlab.core.cycles import LONGEST_PERIOD, RETURN, WATCH
from gdlab.core.problem import Indices, Status
from gdlab.objectives.base import Array

WIDTH = 48
"""Lanes abreast: a bit each in the machine word by which a step says who may have a verdict."""
DIMENSION, N_ROWS = 1, 4
"""Coordinates of a point, and rows of the state; a kernel has its own numbers."""
ALPHA, THRESHOLD, MEASURE = DIMENSION, DIMENSION + 1, DIMENSION + 2
"""Rows of the state after the coordinates; those that follow are the kernel's."""
PLACE, LEVEL, BORN, PARKED, LATE_PLACE = range(5)
"""Rows of tags: as those of `Lanes`; the columns that are free; the places of late lanes."""
CLOCK, DUE, TAKEN, COLUMNS, N_PARKED, N_LATE, DONE, LANE_STEPS = range(8)
"""Places in counts: the steps of the block so far; the clock before which no lane can reach
max_iter; how many of the lanes at hand are started; the columns that lanes may have, and those of
them that are parked; late lanes; lanes that have their verdict; steps of lanes."""
NEVER = 2**62

CONVERGED, CYCLING = np.int8(Status.converged), np.int8(Status.cycling)
MAX_ITER, DIVERGED = np.int8(Status.max_iter), np.int8(Status.diverged)


def run(
    alpha: Array, x0: Array, defined: NDArray[np.bool_], first: int,
    tol: Array, max_iter: int, escape: float, known: Array, bits: Indices,
    state: Array, late: Array, tags: Indices, counts: Indices, orbit: Array,
    ticks: int, last: bool,
    status: NDArray[np.int8], steps: NDArray[np.int32], period: NDArray[np.int16], x: Array,
) -> bool:  # fmt: skip
    """Follow lanes for at most `ticks` steps of the block; whether that was too few of them.

    alpha (n,), x0 (d, n), defined (n,) : of the lanes at hand, whose verdicts go to the places from
    `first` on. tol : as the kernel measures. known : what the criterion knows of the minima.
    bits : (WIDTH,) the powers of two. last : whether to go on to the end although columns are free
    and no lane waits. The rest as in `Problem` and `Verdicts`.
    """
    clock, due = counts[CLOCK], counts[DUE]
    wanting = False
    while True:
        fill(
            alpha, x0, defined, first, tol, clock,
            state, tags, counts, status, steps, x,
        )  # fmt: skip
        n_parked = counts[N_PARKED]
        if n_parked and not last:
            break
        if n_parked == counts[COLUMNS]:
            if counts[N_LATE]:
                watch(escape, known, bits, late, tags, counts, orbit, status, period)
            break
        if ticks <= 0:
            wanting = True
            break
        hits = 0
        while hits == 0 and ticks > 0:
            hits = advance(state, bits, escape, known)
            clock += 1
            ticks -= 1
            if clock == due:
                due = clock + max_iter
                for j in range(WIDTH):
                    if tags[BORN, j] + max_iter == clock:
                        hits |= bits[j]
                    else:
                        due = min(due, tags[BORN, j] + max_iter)
        while hits:
            j = lowest_bit(hits)
            hits &= hits - 1
            judge(j, clock, max_iter, escape, tol, state, late, tags, counts, status, steps, x)
            if counts[N_LATE] == WIDTH:
                watch(escape, known, bits, late, tags, counts, orbit, status, period)
    counts[CLOCK], counts[DUE] = clock, due
    return wanting


def fill(
    alpha: Array, x0: Array, defined: NDArray[np.bool_], first: int, tol: Array, clock: int,
    state: Array, tags: Indices, counts: Indices,
    status: NDArray[np.int8], steps: NDArray[np.int32], x: Array,
) -> None:  # fmt: skip
    """Give free columns to waiting lanes, and park what is left of them."""
    while counts[N_PARKED] and counts[TAKEN] < alpha.size:
        lane = counts[TAKEN]
        place = first + lane
        counts[TAKEN] += 1
        if not defined[lane]:  # the first step leads nowhere
            for level in range(tol.size):
                status[level, place], steps[level, place] = DIVERGED, 1
                for i in range(DIMENSION):
                    x[level, i, place] = math.nan
            counts[DONE] += 1
            counts[LANE_STEPS] += 1
            continue
        counts[N_PARKED] -= 1
        j = tags[PARKED, counts[N_PARKED]]
        for i in range(DIMENSION):
            state[i * WIDTH + j] = x0[i, lane]
        state[ALPHA * WIDTH + j] = alpha[lane]
        state[THRESHOLD * WIDTH + j] = tol[0]
        for row in range(MEASURE, N_ROWS):
            state[row * WIDTH + j] = 0.0
        tags[PLACE, j], tags[LEVEL, j], tags[BORN, j] = place, 0, clock
        start(state, j)
    for n in range(counts[N_PARKED]):
        j = tags[PARKED, n]
        for row in range(N_ROWS):
            state[row * WIDTH + j] = 0.0
        state[THRESHOLD * WIDTH + j] = -math.inf  # below which no measure is
        tags[BORN, j] = NEVER


def judge(
    j: int, clock: int, max_iter: int, escape: float, tol: Array,
    state: Array, late: Array, tags: Indices, counts: Indices,
    status: NDArray[np.int8], steps: NDArray[np.int32], x: Array,
) -> None:  # fmt: skip
    """Write down the verdicts that the lane in this column has earned; free it with the last."""
    place, level, k = tags[PLACE, j], tags[LEVEL, j], clock - tags[BORN, j]
    escaped = False
    for i in range(DIMENSION):
        escaped |= not abs(state[i * WIDTH + j]) <= escape  # NaN has escaped
    measure = state[MEASURE * WIDTH + j]
    while level < tol.size:
        if escaped:
            status[level, place] = DIVERGED
        elif measure < tol[level]:
            status[level, place] = CONVERGED
        elif k == max_iter:
            status[level, place] = MAX_ITER
        else:
            tags[LEVEL, j] = level
            state[THRESHOLD * WIDTH + j] = tol[level]
            return
        steps[level, place] = k
        for i in range(DIMENSION):
            x[level, i, place] = state[i * WIDTH + j]
        level += 1
    if status[tol.size - 1, place] == MAX_ITER:
        for row in range(N_ROWS):
            late[row * WIDTH + counts[N_LATE]] = state[row * WIDTH + j]
        tags[LATE_PLACE, counts[N_LATE]] = place
        counts[N_LATE] += 1
    tags[PARKED, counts[N_PARKED]] = j
    counts[N_PARKED] += 1
    counts[DONE] += 1
    counts[LANE_STEPS] += k


def watch(
    escape: float, known: Array, bits: Indices,
    late: Array, tags: Indices, counts: Indices, orbit: Array,
    status: NDArray[np.int8], period: NDArray[np.int16],
) -> None:  # fmt: skip
    """Follow the late lanes beyond max_iter, and write down those that cycle."""
    for k in range(WATCH + 1):
        if k:
            advance(late, bits, escape, known)
        for column in range(DIMENSION * WIDTH):
            orbit[k, column] = late[column]
    for j in range(counts[N_LATE]):
        p = period_of(orbit, j)
        if p:
            place = tags[LATE_PLACE, j]
            for level in range(status.shape[0]):
                if status[level, place] == MAX_ITER:
                    status[level, place], period[level, place] = CYCLING, p
    counts[N_LATE] = 0


def period_of(orbit: Array, j: int) -> int:
    """The period of one column of an orbit, by the rule of `gdlab.core.cycles.periods`."""
    extent = 0.0
    for column in range(j, DIMENSION * WIDTH, WIDTH):
        low = high = orbit[0, column]
        for k in range(WATCH + 1):
            value = orbit[k, column]
            if not abs(value) < math.inf:
                return 0
            if value < low:
                low = value
            if value > high:
                high = value
        if high - low > extent:
            extent = high - low
    if extent == 0.0 or extent == math.inf:
        return 0
    for p in range(2, LONGEST_PERIOD + 1):
        if comes_back(orbit, j, p, RETURN * extent):
            return p
    return 0


def comes_back(orbit: Array, j: int, p: int, bound: float) -> bool:
    """Whether each iterate is back after p more; the last one first, it rules out most periods."""
    for k in range(WATCH - p, -1, -1):
        for column in range(j, DIMENSION * WIDTH, WIDTH):
            if not abs(orbit[k + p, column] - orbit[k, column]) <= bound:
                return False
    return True


def lowest_bit(word: int) -> int:
    """The place of the lowest bit that is set; a kernel has an instruction for it."""
    return (word & -word).bit_length() - 1


def start(state: Array, j: int) -> None:
    """Prepare what the kernel keeps for the lane that begins in this column."""
    raise NotImplementedError


def advance(state: Array, bits: Indices, escape: float, known: Array) -> int:
    """Take one step with all columns; give the bits of those that may have a verdict.

    It writes the measures, and -inf for that of a lane that has escaped.
    """
    raise NotImplementedError
