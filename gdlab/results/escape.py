"""When lanes that diverge pass the escape radius, between whole iterations."""

from __future__ import annotations

import numpy as np

from gdlab.core.problem import Counts
from gdlab.experiment import Experiment
from gdlab.methods import GradientDescent
from gdlab.objectives.base import POINTS_AT_ONCE, Array, evaluated

EVEN = 1e-6
"""Degrees nearer to 1 are taken for 1: what rounding makes of them would be divided by itself."""


def escape_times(experiment: Experiment, alpha: Array, x: Array, steps: Counts) -> Array:
    """The number of steps, as a real number, after which lanes are at the escape radius R.

    alpha, steps : (n,). x : (d, n), the iterate after so many steps, the first beyond R. Gives
    (n,), at most 1 less than `steps`; NaN where it is not known: with other methods than gradient
    descent, and where the step from R is not finite, or leads no farther away.

    Far away a step is x to A |x|^p, with p the degree of f less 1 (p = 1: of a quadratic). With
    l = ln |x| a step is l to p l + ln A, which has one continuation between whole steps, for
    which l + ln A / (p - 1) grows by the factor p^s in s steps. A lane at x after k steps was at R
    after

        k - ln(1 + q (ln |x| - ln R) / D) / ln(1 + q),   q = p - 1,

    where D is the growth of ln |x| in a step from R, and q = 0 leaves the fraction itself. Where
    a lane comes to R precisely, after k steps or after k - 1, that is k or k - 1, so that it is
    continuous across them. p and D are found by steps from R and 2R in the direction of x. Lengths
    are those of the largest coordinate, as for the verdict. For z² + c, with p = 2 and A = 1, it is
    the renormalised count of H.-O. Peitgen and D. Saupe (The Science of Fractal Images, 1988) and
    L. Vepstas (Renormalizing the Mandelbrot Escape, 1997), k - log2(ln |z| / ln R).
    """
    times = np.full(steps.shape, np.nan)
    if type(experiment.method) is GradientDescent:
        with np.errstate(all="ignore"):  # far away there is much that is not finite
            for first in range(0, times.size, POINTS_AT_ONCE):
                own = slice(first, first + POINTS_AT_ONCE)
                times[own] = steps[own] - _since(experiment, alpha[own], x[:, own])
    return times


def _since(experiment: Experiment, alpha: Array, x: Array) -> Array:
    """How many steps ago lanes were at the escape radius, from 0 to 1, NaN where unknown."""
    radius = experiment.escape
    beyond = np.log(_length(x) / radius)
    at = x * (radius / _length(x))
    once, twice = (
        np.log(_length(y - alpha * evaluated("grad", experiment.objective.grad, y)))
        for y in (at, 2 * at)
    )
    growth = once - np.log(radius)
    excess = (twice - once) / np.log(2) - 1
    share = beyond / growth
    curved = np.log1p(excess * share) / np.log1p(excess)
    since = np.where(np.abs(excess) < EVEN, share, curved)
    return np.where((growth > 0) & (beyond >= 0), since.clip(0, 1), np.nan)


def _length(x: Array) -> Array:
    length: Array = np.abs(x).max(axis=0)
    return length
