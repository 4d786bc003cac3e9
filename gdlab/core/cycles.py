"""Telling a cycle from a descent that is merely slow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gdlab.core.lanes import STRIDE, Lanes
from gdlab.core.problem import Status, Verdicts
from gdlab.methods import Iterates
from gdlab.objectives.base import Array

WATCH = 128
"""Iterations beyond max_iter over which a lane is watched."""
LONGEST_PERIOD = 64
RETURN = 1e-9
"""A cycle comes back to within this share of its own extent."""
WATCHED_AT_ONCE = 8192
"""Coordinates of lanes; their orbits are in memory together."""


def watch(late: list[Lanes], verdicts: Verdicts) -> None:
    """Follow these lanes beyond max_iter, record those that cycle, and empty the list."""
    if not late:
        return
    lanes = late[0].join(late[1:])
    late.clear()
    lanes.problem = replace(lanes.problem, criterion=Unmeasured())
    at_once = max(WATCHED_AT_ONCE // lanes.problem.dimension, 1)
    for first in range(0, lanes.n, at_once):
        part = lanes.take(np.arange(first, min(first + at_once, lanes.n)))
        orbit = followed(part, part.x[None], LONGEST_PERIOD)
        left = may_return(orbit).nonzero()[0]
        if not left.size:
            continue
        part = part.take(left)
        period = periods(followed(part, orbit.take(left, axis=2), WATCH))
        for level in range(lanes.problem.tol.size):
            cycling = (period > 0) & (part.level <= level)
            verdicts.status[level, part.place[cycling]] = Status.cycling
            verdicts.period[level, part.place[cycling]] = period[cycling]


class Unmeasured:
    """Stands in for the criterion while lanes are watched, since no tolerance is met any more."""

    asks_for_gradient = False

    def __call__(self, before: Array, at: Iterates, out: Array) -> None:
        """Leave everything as it is."""


def followed(lanes: Lanes, orbit: Array, length: int) -> Array:
    """Go on with the orbit (k, d, n) of these lanes, up to so many iterations in all."""
    longer = np.empty((length + 1, *lanes.x.shape))
    longer[: len(orbit)] = orbit
    for k in range(len(orbit), length + 1, STRIDE):
        lanes.advance(min(STRIDE, length + 1 - k))
        longer[k : k + len(lanes.trail)] = lanes.trail
    return longer


def may_return(orbit: Array) -> NDArray[np.bool_]:
    """Whether an orbit (k, d, n) followed over `LONGEST_PERIOD` iterations may yet have a period.

    With one, some of x_2, x_3, … is back at x_0, so x_0 is not beyond all of them, as it is in a
    descent that goes on slowly, straight or alternating. What is left of the orbit could only come
    back again and again, and so add next to nothing to its extent.
    """
    low, high = orbit[2:].min(axis=0), orbit[2:].max(axis=0)
    bound = 2 * RETURN * (orbit.max(axis=0) - orbit.min(axis=0)).max(axis=0)
    return ((low - bound <= orbit[0]) & (orbit[0] <= high + bound)).all(axis=0)


def periods(orbit: Array) -> NDArray[np.int16]:
    """Smallest period from 2 to `LONGEST_PERIOD` of each orbit, or 0.

    orbit : (k, d, n), k iterates of n lanes. A lane has period p if every x_{j+p} is back at x_j
    to within `RETURN` times the orbit's extent, the largest distance between two of its iterates;
    distances in the maximum norm. An orbit that stands still has no period.
    """
    extent = (orbit.max(axis=0) - orbit.min(axis=0)).max(axis=0)
    bound = RETURN * extent
    period = np.zeros(extent.size, np.int16)
    undecided = (np.isfinite(extent) & (extent > 0)).nonzero()[0]
    ends, own_bound = orbit[-1 - LONGEST_PERIOD :].take(undecided, axis=2), bound[undecided]
    for p in range(2, LONGEST_PERIOD + 1):
        # the last return alone rules out nearly every candidate
        last = np.abs(ends[-1] - ends[-1 - p]).max(axis=0)
        at = undecided[last <= own_bound]
        if at.size:
            own = orbit.take(at, axis=2)
            returns = own[p:] - own[:-p]
            back = np.abs(returns, out=returns).max(axis=(0, 1)) <= bound[at]
            period[at[back]] = p
            left = period[undecided] == 0
            undecided, own_bound = undecided[left], own_bound[left]
            ends = ends.compress(left, axis=2)
    return period
