"""Taking lanes to their verdicts, some abreast: what is the same for every kernel.

A block of `WIDTH` columns takes one step after another. A column whose lane has its verdict goes to
the next waiting lane at once; while none waits it is parked, and steps on without meaning. Since
every step has the same `WIDTH` columns, the compiler makes vector instructions of it.

A block is a few arrays of its thread:
state : the rows x (d), α, threshold, measure, and then what the kernel keeps, `WIDTH` numbers each.
late : the same, for lanes that have reached max_iter and wait to be watched for cycles.
tags : (5, WIDTH), see below. counts : see below. orbit : (WATCH + 1, d * WIDTH).
"""

from __future__ import annotations

import math

import numpy as np

from gdlab.cycles import LONGEST_PERIOD, RETURN, WATCH
from gdlab.problem import Status

WIDTH = 64
"""Lanes abreast: a bit each in the machine word by which a step says who may have a verdict."""
DIMENSION, N_ROWS = 1, 4
"""Coordinates of a point, and rows of the state; a kernel has its own numbers."""
ALPHA, THRESHOLD, MEASURE = DIMENSION, DIMENSION + 1, DIMENSION + 2
"""Rows of the state after the coordinates; those that follow are the kernel's."""
PLACE, LEVEL, BORN, PARKED, LATE_PLACE = range(5)
"""Rows of `tags`: as in `gdlab.lanes.Lanes`; the columns that are free; the places of late lanes."""
CLOCK, DUE, TAKEN, COLUMNS, N_PARKED, N_LATE, DONE, LANE_STEPS = range(8)
"""Places in `counts`: the steps of the block so far; the clock before which no lane can reach
max_iter; how many of the lanes at hand are started; the columns that lanes may have, and those of
them that are parked; late lanes; lanes that have their verdict; steps of lanes."""
NEVER = 2**62

CONVERGED, CYCLING, MAX_ITER, DIVERGED = (
    np.int8(status)
    for status in (Status.converged, Status.cycling, Status.max_iter, Status.diverged)
)


def run(
    lanes, first, alpha, x0, defined, pairs,
    tol, max_iter, escape, known, bits,
    state, late, tags, counts, orbit, ticks, last,
    status, steps, period, x,
):  # fmt: skip
    """Follow lanes for at most so many steps of the block; whether that was too few of them.

    lanes : (n,) numbers of the lanes at hand, whose verdicts go to the places from `first` on.
    tol : as the kernel measures them. known : what the criterion knows of the minima.
    last : whether to go on although columns are free and no lane waits. The rest as in `Problem`
    and `Verdicts`.
    """
    clock, due = counts[CLOCK], counts[DUE]
    wanting = False
    while True:
        fill(
            lanes, first, alpha, x0, defined, pairs, tol, clock,
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
    lanes, first, alpha, x0, defined, pairs, tol, clock,
    state, tags, counts, status, steps, x,
):  # fmt: skip
    """Give free columns to waiting lanes."""
    n_x0 = x0.shape[1]
    while counts[N_PARKED] and counts[TAKEN] < lanes.size:
        place, lane = first + counts[TAKEN], lanes[counts[TAKEN]]
        counts[TAKEN] += 1
        i_alpha = lane if pairs else lane // n_x0
        i_x0 = lane if pairs else lane - i_alpha * n_x0
        if not defined[i_x0]:  # the first step leads nowhere
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
            state[i * WIDTH + j] = x0[i, i_x0]
        state[ALPHA * WIDTH + j] = alpha[i_alpha]
        state[THRESHOLD * WIDTH + j] = tol[0]
        for row in range(MEASURE, N_ROWS):
            state[row * WIDTH + j] = 0.0
        tags[PLACE, j], tags[LEVEL, j], tags[BORN, j] = place, 0, clock
        start(state, j)


def judge(j, clock, max_iter, escape, tol, state, late, tags, counts, status, steps, x):
    """Write down the verdicts that the lane in this column has earned; free it with the last."""
    place, level, k = tags[PLACE, j], tags[LEVEL, j], clock - tags[BORN, j]
    escaped = False
    for i in range(DIMENSION):
        escaped |= not abs(state[i * WIDTH + j]) <= escape  # NaN has escaped
    measure = state[MEASURE * WIDTH + j]
    while level < tol.size:
        if not escaped and measure < tol[level]:
            status[level, place] = CONVERGED
        elif escaped:
            status[level, place] = DIVERGED
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
        n_late = counts[N_LATE]
        for row in range(N_ROWS):
            late[row * WIDTH + n_late] = state[row * WIDTH + j]
        tags[LATE_PLACE, n_late] = place
        counts[N_LATE] += 1
    park(j, state, tags, counts)
    counts[DONE] += 1
    counts[LANE_STEPS] += k


def park(j, state, tags, counts):
    """Free a column; it steps on, but no measure is below its threshold."""
    for i in range(DIMENSION):
        state[i * WIDTH + j] = 0.0
    state[ALPHA * WIDTH + j] = 0.0
    state[THRESHOLD * WIDTH + j] = -math.inf
    tags[BORN, j] = NEVER
    tags[PARKED, counts[N_PARKED]] = j
    counts[N_PARKED] += 1


def watch(escape, known, bits, late, tags, counts, orbit, status, period):
    """Follow the late lanes beyond max_iter, and write down those that cycle."""
    for k in range(WATCH + 1):
        if k:
            advance(late, bits, escape, known)
        for column in range(orbit.shape[1]):
            orbit[k, column] = late[column]
    for j in range(counts[N_LATE]):
        p = period_of(orbit, j)
        if p:
            place = tags[LATE_PLACE, j]
            for level in range(status.shape[0]):
                if status[level, place] == MAX_ITER:
                    status[level, place], period[level, place] = CYCLING, p
    counts[N_LATE] = 0


def period_of(orbit, j):
    """The period of one column of an orbit, by the rule of `gdlab.cycles.periods`."""
    extent = 0.0
    for column in range(j, orbit.shape[1], WIDTH):
        low = high = orbit[0, column]
        for k in range(WATCH + 1):
            value = orbit[k, column]
            if not math.isfinite(value):
                return 0
            low, high = min(low, value), max(high, value)
        extent = max(extent, high - low)
    if not 0.0 < extent < math.inf:
        return 0
    for p in range(2, LONGEST_PERIOD + 1):
        if comes_back(orbit, j, p, RETURN * extent):
            return p
    return 0


def comes_back(orbit, j, p, bound):
    """Whether each iterate is back after p more; the last one first, it rules out most periods."""
    for k in range(WATCH - p, -1, -1):
        for column in range(j, orbit.shape[1], WIDTH):
            if not abs(orbit[k + p, column] - orbit[k, column]) <= bound:
                return False
    return True


def lowest_bit(word):
    """The place of the lowest bit that is set."""
    return (word & -word).bit_length() - 1


def start(state, j):
    """Prepare this column for a lane that begins; a kernel has its own."""
    raise NotImplementedError


def advance(state, bits, escape, known):
    """Take one step with all columns; give the bits of those that may have a verdict.

    A kernel has its own. It writes the measures, and -inf for one that has escaped.
    """
    raise NotImplementedError
