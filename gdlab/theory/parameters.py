"""The best parameters of each method for quadratics of which the curvatures' ends are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from gdlab.given import did_you_mean, finite, shown


@dataclass(frozen=True)
class Parameters:
    """A step size, the share β of the last move where a method has one, and the rate they give.

    rate : by what factor the error shrinks at a step in the end, over all quadratics with
    curvatures from μ to L.
    """

    alpha: float
    beta: float | None
    rate: float


def best_parameters(method: str, kappa: float, largest: float = 1.0) -> Parameters:
    """Give the parameters of the best rate for the curvatures from μ to L = κμ.

    method : "gradient_descent", "momentum", "nesterov" (constant β) or "newton". kappa : κ = L/μ,
    the condition number. largest : L.

    B. T. Polyak, Introduction to Optimization, 1987, sections 1.4 and 3.2; for Nesterov's method
    L. Lessard, B. Recht and A. Packard, Analysis and design of optimization algorithms via integral
    quadratic constraints, 2016, table 1.

    Raises ValueError for another method, κ < 1, or L that is not positive.

    Examples
    --------
    >>> best_parameters("momentum", kappa=100)
    Parameters(alpha=3.305785123966942, beta=0.6694214876033059, rate=0.8181818181818182)
    """
    if method not in BEST:
        raise ValueError(
            f"method={shown(method)} has no best parameters here{did_you_mean(str(method), BEST)}; "
            f"choose one of {', '.join(BEST)}"
        )
    if not finite("kappa", kappa) >= 1:
        raise ValueError(
            f"kappa={shown(kappa)} is less than 1; it is the largest curvature over the least, "
            "L/μ, and 1 where they are equal"
        )
    if not finite("largest", largest) > 0:
        raise ValueError(f"largest={shown(largest)} is not a curvature L; it must be positive")
    best = BEST[method](float(kappa))
    alpha = best.alpha if method == "newton" else best.alpha / largest
    return Parameters(alpha, best.beta, best.rate)


def _gradient_descent(kappa: float) -> Parameters:
    return Parameters(2 * kappa / (kappa + 1), None, (kappa - 1) / (kappa + 1))


def _momentum(kappa: float) -> Parameters:
    root = math.sqrt(kappa)
    rate = (root - 1) / (root + 1)
    return Parameters((2 * root / (root + 1)) ** 2, rate**2, rate)


def _nesterov(kappa: float) -> Parameters:
    root = math.sqrt(3 * kappa + 1)
    return Parameters(4 * kappa / (3 * kappa + 1), (root - 2) / (root + 2), 1 - 2 / root)


def _newton(kappa: float) -> Parameters:
    return Parameters(1.0, None, 0.0)


BEST: dict[str, Callable[[float], Parameters]] = {
    "gradient_descent": _gradient_descent,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "newton": _newton,
}
"""Of quadratics with L = 1, but for Newton's method, to which curvatures are all alike."""
