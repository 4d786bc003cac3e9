"""How fast descent converges in the end."""

from __future__ import annotations

import numpy as np

from gdlab.given import Numbers, positive
from gdlab.methods import Method
from gdlab.objectives.base import Array, Objective
from gdlab.theory.limits import PLAIN, local_curvatures
from gdlab.theory.quadratics import Quadratic
from gdlab.theory.recurrences import radius, recurrence_of


@np.errstate(all="ignore")
def rates(objective: Objective, alpha: Numbers, method: Method = PLAIN) -> Array:
    """By what factor the error shrinks at a step in the end, along each eigenvector.

    alpha : (n,). Gives (n, d), by rising curvature; from 1 on it does not shrink. The rate of the
    whole is the largest: for gradient descent max |1 - αλ| (B. T. Polyak, Introduction to
    Optimization, 1987, section 1.4).

    Raises ValueError if the objective is no quadratic, or the method is not linear on quadratics.
    """
    return _radii(method, alpha, Quadratic.of(objective).curvatures)


def local_rates(objective: Objective, alpha: Numbers, method: Method = PLAIN) -> Array:
    """By what factor the error shrinks at a step in the end, close to each known minimiser.

    alpha : (n,). Gives (m, n), for gradient descent max |1 - αλ| over the eigenvalues of the
    Hessian there; NaN where there is no Hessian.

    Raises ValueError if no minimiser or no Hessian is known, or the method is not linear on
    quadratics.
    """
    curvatures = local_curvatures(objective)
    if curvatures is None or not curvatures.size:
        raise ValueError(
            "rates are known close to minimisers, and the objective has none that is known, or no "
            "`hessian`; state `minimisers`, as in gdlab.Formula('cos(x)', minimisers=[3.14159265])"
        )
    return np.moveaxis(_radii(method, alpha, curvatures).max(axis=2), 0, 1)


def decades(rate: Numbers) -> Array:
    """How steeply the curves of f(x_k) - f* fall in the end, in powers of ten an iteration.

    f - f* is as the square of the error, so that is 2 log10 of the rate.
    """
    with np.errstate(divide="ignore"):
        return 2 * np.log10(np.asarray(rate, dtype=float))


def _radii(method: Method, alpha: Numbers, curvatures: Array) -> Array:
    """The radius at each step size and curvature (…), shape (n, …)."""
    along = positive("alpha", alpha, "step size").reshape(-1, *(1,) * curvatures.ndim)
    with np.errstate(all="ignore"):
        return radius(*recurrence_of(method)(along, curvatures))
