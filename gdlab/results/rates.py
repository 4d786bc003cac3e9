"""By what factor the error shrinks at a step in the end, measured on some lanes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdlab.core.criteria import distances, norm
from gdlab.core.descent import descend, iterates
from gdlab.core.problem import Indices, Status
from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array, Facts
from gdlab.theory.quadratics import EPS

MOST_ALPHA = 60
LONGEST = 2000
"""Iterations that lanes are followed, whatever tolerance they meet before."""
ROUNDED = 1e5
"""A step of fewer roundings of x than that is not measured."""
TINY = 1e-290
"""Nor is one that is nearly beyond the doubles."""
FEW = 6
"""With fewer steps than that the first and the last tell the rate."""
AT_REST = 1e-3
"""How near to a known minimiser, as a share of its size or of 1, a lane comes down to it."""


def most_starts(experiment: Experiment) -> int:
    """Starting points that are followed of each step size: few where a step takes long."""
    return 9 if experiment.dimension <= 3 else 3


@dataclass(frozen=True, eq=False)
class Rates:
    """What was measured of n_alpha step sizes from n_starts starting points each.

    alpha : (n_alpha,), rising. rate : (n_alpha, n_starts), NaN where a lane tells none; 0 where a
    step lands on the minimum. minimum : (n_alpha, n_starts), which known minimiser a lane comes
    down to, -1 for none.
    """

    alpha: Array
    rate: Array
    minimum: Indices

    @property
    def landed(self) -> bool:
        """Whether a lane is at a minimum after a step."""
        return bool((self.rate == 0).any())

    def of(self, minima: Indices) -> Array:
        """Lower quartile, median and upper quartile, (3, n_alpha), of lanes that come down to
        these; NaN where none does.
        """
        own = np.where(np.isin(self.minimum, minima), self.rate, np.nan)
        found = np.full((3, len(own)), np.nan)
        there = ~np.isnan(own).all(axis=1)
        found[:, there] = np.nanquantile(own[there], [0.25, 0.5, 0.75], axis=1)
        return found


def measured_rates(experiment: Experiment, *, linear: bool, seed: int = 0) -> Rates:
    """Follow a seeded sample of the lanes and measure by what factor their steps shrink.

    linear : whether theory tells rates everywhere, also of lanes that diverge; else those tell
    none, and neither does a lane that just moves on.

    The error of x_k is not known where no minimiser is, but steps x_k - x_{k-1} shrink as it does.
    The rate is the slope of ln √(s_k² + s_{k-1}²), s_k being their lengths, by least squares over
    the last half of the iterations before rounding counts: with momentum errors oscillate, but two
    of them together hardly do.
    """
    sizes, n_x0 = experiment.step_sizes, len(experiment.starts)
    ranks = spread(len(sizes), MOST_ALPHA)
    starts, most = np.arange(n_x0), most_starts(experiment)
    if n_x0 > most:
        starts = np.sort(np.random.default_rng(seed).choice(n_x0, most, replace=False))
    lanes = (sizes.first[ranks][:, None] * n_x0 + starts).ravel()
    lengths, usable, last = _followed(experiment, lanes)
    rate, steady = _slopes(lengths, usable)
    if not linear:
        status = descend(experiment.problem, lanes).status[-1]
        rate[(status != Status.converged) & ~((status == Status.max_iter) & steady)] = np.nan
    shape = ranks.size, starts.size
    minimum = _minimum(experiment.facts, last)
    return Rates(sizes.distinct[ranks], rate.reshape(shape), minimum.reshape(shape))


@np.errstate(all="ignore")
def _followed(experiment: Experiment, lanes: Indices) -> tuple[Array, Indices, Array]:
    """Lengths of steps (k, n), how many of each lane can be used (n,), and its last x (d, n)."""
    n_steps = min(experiment.max_iter, LONGEST)
    lengths, usable = np.zeros((n_steps, lanes.size)), np.zeros(lanes.size, np.int64)
    going = np.ones(lanes.size, bool)
    before = last = np.empty((experiment.dimension, lanes.size))
    for k, (x, _) in zip(range(n_steps + 1), iterates(experiment.problem, lanes), strict=False):
        if k:
            lengths[k - 1] = norm(x - before)
            largest = np.abs(x).max(axis=0)
            going &= lengths[k - 1] > np.maximum(ROUNDED * EPS * largest, TINY)
            going &= largest <= experiment.escape
            usable += going
            last[:, going] = x[:, going]
            if not going.any():
                break
        else:
            last = x.copy()
        before = x.copy()
    return lengths[: max(int(usable.max(initial=0)), 1)], usable, last


@np.errstate(all="ignore")
def _slopes(lengths: Array, usable: Indices) -> tuple[Array, NDArray[np.bool_]]:
    """The rate of each lane, (n,), and whether its steps shrink by more than they vary."""
    y = np.log(np.hypot(lengths[1:], lengths[:-1]))  # of the steps k and k + 1, from k = 1
    k = np.arange(1, len(lengths))[:, None]
    inside = (k >= usable // 2) & (k < usable)
    count = inside.sum(axis=0)
    middle = np.where(inside, k, 0).sum(axis=0) / count
    away = np.where(inside, k - middle, 0.0)
    level = np.where(inside, y, 0.0).sum(axis=0) / count
    slope = (away * np.where(inside, y, 0.0)).sum(axis=0) / (away**2).sum(axis=0)
    left = np.where(inside, y - level - slope * away, 0.0)
    steady = -slope * count > np.sqrt((left**2).sum(axis=0) / count)
    rate = np.exp(slope)
    few = usable < FEW
    mean = (lengths[usable - 1, np.arange(usable.size)] / lengths[0]) ** (1 / (usable - 1))
    rate[few] = mean[few]
    rate[usable == 1] = 0.0
    rate[usable == 0] = np.nan
    return rate, steady | few


def _minimum(facts: Facts, x: Array) -> Indices:
    """Which known minimiser the points x (d, n) are at, (n,), -1 for none."""
    found: Indices = np.full(x.shape[1], -1)
    if facts.minimisers is None or not len(facts.minimisers):
        return found
    if facts.curvature is not None and len(facts.minimisers) == 1:
        return np.zeros_like(found)
    away = distances(x, facts.minimisers)
    nearest = away.argmin(axis=0)
    reach = AT_REST * np.maximum(1.0, np.abs(facts.minimisers).max(axis=1))
    at = away[nearest, np.arange(found.size)] <= reach[nearest]
    found[at] = nearest[at]
    return found
