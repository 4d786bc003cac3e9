"""How slowly gradient descent converges at worst, where f is convex."""

from __future__ import annotations

import numpy as np

from gdlab.methods import GradientDescent, Method
from gdlab.objectives.base import Array, Objective
from gdlab.objectives.domain import checked_smoothness
from gdlab.theory.limits import convex_curvatures


def smoothness(objective: Objective) -> float | None:
    """Give L of a convex f, by which its gradient changes at most for a unit; None if not known.

    Of a convex quadratic that is the largest curvature; other objectives may state it.
    """
    stated = checked_smoothness(getattr(objective, "smoothness", None))
    curvatures = convex_curvatures(objective)
    return stated if curvatures is None else float(curvatures[-1])


def bounded_step_sizes(objective: Objective, method: Method, alpha: Array) -> Array:
    """Give those of the step sizes (n,) for which `gap_bound` holds: up to 1/L."""
    known = smoothness(objective)
    if known is None or not isinstance(method, GradientDescent):
        return np.empty(0)
    return alpha[alpha <= 1 / known]


def gap_bound(k: Array, alpha: float, distance: float) -> Array:
    """Give ‖x0 - x*‖²/(2αk), which f(x_k) - f* does not exceed for α ≤ 1/L.

    k : (n,). distance : ‖x0 - x*‖.

    Y. Nesterov, Introductory Lectures on Convex Optimization, 2004, section 2.1.5; in this form
    A. Beck and M. Teboulle, A fast iterative shrinkage-thresholding algorithm, 2009, theorem 3.1.
    """
    with np.errstate(divide="ignore", over="ignore"):
        return distance**2 / (2 * alpha * np.asarray(k, float))
