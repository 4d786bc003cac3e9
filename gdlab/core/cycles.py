"""Telling a cycle from a descent that is merely slow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdlab.core.lanes import STRIDE, Lanes
from gdlab.core.problem import Status, Verdicts
from gdlab.objectives.base import Array

WATCH = 128
"""Iterations beyond max_iter over which a lane is watched."""
LONGEST_PERIOD = 64
RETURN = 1e-9
"""A cycle comes back to within this share of its own extent."""
WATCHED_AT_ONCE = 4096
"""Coordinates of lanes; their orbits are in memory together."""


def watch(late: list[Lanes], verdicts: Verdicts) -> None:
    """Follow these lanes beyond max_iter, record those that cycle, and empty the list."""
    if not late:
        return
    lanes = late[0].join(late[1:])
    late.clear()
    at_once = max(WATCHED_AT_ONCE // lanes.problem.dimension, 1)
    for first in range(0, lanes.n, at_once):
        part = lanes.take(np.arange(first, min(first + at_once, lanes.n)))
        orbit = np.empty((WATCH + 1, *part.x.shape))
        orbit[0] = part.x
        for k in range(0, WATCH, STRIDE):
            part.advance(min(STRIDE, WATCH - k))
            orbit[k + 1 : k + 1 + len(part.trail)] = part.trail
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
