"""Which minimum a descent has come down to, where an objective has several."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdlab.core.criteria import distances
from gdlab.objectives.base import Array, Facts, Objective, values

BETWEEN = np.linspace(0, 1, 17)[1:-1]
"""Where f is looked at on the way from one point to another."""
MOST_VALLEYS = 100
ROUNDING = 64 * float(np.finfo(float).eps)


def reached(objective: Objective, facts: Facts, x: Array, f: Array) -> Array:
    """f (n,) at the minimum of the valley in which each of the points x (d, n), of values f, lies.

    A point lies in the valley of the nearest known minimiser if f does not rise above it on the
    straight way there; else in that of the lowest of these points to which there is such a way.
    """
    least = f.copy()
    left = np.flatnonzero(np.isfinite(f))
    if facts.minimisers is not None and len(facts.minimisers) and left.size:
        nearest = facts.minimisers[distances(x[:, left], facts.minimisers).argmin(axis=0)].T
        at, within = values(objective, nearest), _falls(objective, x[:, left], f[left], nearest)
        within &= at <= f[left] * (1 + ROUNDING * np.sign(f[left]))
        least[left[within]] = at[within]
        left = left[~within]
    for _ in range(MOST_VALLEYS):
        if not left.size:
            break
        lowest = left[f[left].argmin()]
        within = _falls(objective, x[:, left], f[left], x[:, lowest, None]) | (left == lowest)
        least[left[within]] = f[lowest]
        left = left[~within]
    return least


def _falls(objective: Objective, x: Array, f: Array, to: Array) -> NDArray[np.bool_]:
    """Whether f does not rise above its values (n,) at x (d, n) on the straight way `to` others."""
    way = x[:, None, :] + BETWEEN[:, None] * (to - x)[:, None, :]
    highest = values(objective, way.reshape(len(x), -1)).reshape(BETWEEN.size, -1).max(axis=0)
    falls: NDArray[np.bool_] = highest <= f + ROUNDING * np.abs(f)
    return falls
