"""Which step sizes converge, and which does so fastest."""

from __future__ import annotations

import math

import numpy as np

from gdlab.methods import GradientDescent, Method
from gdlab.objectives.base import Array, Objective, read_only
from gdlab.objectives.domain import checked_points, stated_names
from gdlab.theory.recurrences import Recurrence, affine, limit, radius, recurrence_of

PLAIN = GradientDescent()


def stability_limits(objective: Objective, method: Method = PLAIN) -> Array:
    """Give the largest stable step size at each known minimiser, shape (m,).

    That of gradient descent is 2/L, where L is the largest eigenvalue of the Hessian there. With a
    constant step size above it the minimiser repels the iteration, below it attracts (B. T. Polyak,
    Introduction to Optimization, 1987, section 1.4). Where the curvature vanishes the limit is
    infinite, and NaN at a kink, where there is no Hessian. Empty if no minimiser or no Hessian is
    known, or if the method is not linear on quadratics.
    """
    recurrence = _known(method)
    curvatures = local_curvatures(objective)
    if recurrence is None or curvatures is None:
        return np.empty(0)
    with np.errstate(all="ignore"):  # a curvature that is hardly one
        limits = limit(recurrence, curvatures).min(axis=1)
    return np.where(np.isnan(curvatures).any(axis=1), np.nan, limits)


def exact_limit(objective: Objective, method: Method = PLAIN) -> float | None:
    """Give the limit where it holds from every start, that is for a convex quadratic; else None.

    For f = (x - c)'H(x - c)/2 the error of gradient descent follows x_k - c = (1 - αH)(x_{k-1} - c)
    which shrinks from every start exactly if 0 < α < 2/L (Polyak, 1987, section 1.4). None as well
    where the limit is beyond the doubles.
    """
    recurrence, curvatures = _known(method), convex_curvatures(objective)
    if recurrence is None or curvatures is None:
        return None
    with np.errstate(all="ignore"):
        least = float(limit(recurrence, curvatures).min())
    return least if math.isfinite(least) else None


def symbols_of(method: Method) -> str | None:
    """How theory writes the limit of a method, L being the largest curvature; None if it does not.

    As in "2/L".
    """
    return getattr(method, "limit", None)


def best_step_size(objective: Objective, method: Method = PLAIN) -> float | None:
    """Give the fastest step size for a convex quadratic of curvatures from μ to L; else None.

    Where α has no part in b, the roots grow with |a|, and the largest |a| is least where those of μ
    and L are as large: for gradient descent and momentum at 2(1 + β)/(μ + L) (Polyak, 1987, section
    1.4 and 3.2), in one dimension without momentum 1/L. Else it is searched for.
    """
    recurrence, curvatures = _known(method), convex_curvatures(objective)
    if recurrence is None or curvatures is None:
        return None
    with np.errstate(all="ignore"):
        (a, slope), (_, with_alpha) = affine(recurrence, curvatures)
        if not with_alpha.any():
            best = float((a[0] + a[-1]) / -(slope[0] + slope[-1]))
        else:
            best = _fastest(recurrence, curvatures, float(limit(recurrence, curvatures).min()))
    return best if math.isfinite(best) else None


def local_curvatures(objective: Objective) -> Array | None:
    """Eigenvalues (m, d) of the Hessian at each known minimiser, NaN where there is none.

    None where no minimiser or no Hessian is known.
    """
    minimisers = getattr(objective, "minimisers", None)
    hessian = getattr(objective, "hessian", None)
    if minimisers is None or hessian is None:
        return None
    names = stated_names(objective)
    dimension = len(names) if names else 1 if np.ndim(minimisers) < 2 else np.shape(minimisers)[1]
    points = checked_points(minimisers, dimension)
    with np.errstate(all="ignore"):
        matrices = np.moveaxis(hessian(read_only(points.T)), -1, 0)
    smooth = np.isfinite(matrices).all(axis=(1, 2))[:, None]
    curvatures = np.linalg.eigvalsh(np.where(smooth[..., None], matrices, 0.0))
    return np.where(smooth, curvatures, np.nan)


def _fastest(recurrence: Recurrence, curvatures: Array, highest: float) -> float:
    """The step size below the highest whose slowest eigenvector is the fastest.

    That radius falls and then rises, so the least of some is between the neighbours of the best.
    """
    low = 0.0
    while highest - low > 1e-15 * highest:
        alpha = np.linspace(low, highest, 65)
        slowest = radius(*recurrence(alpha[:, None], curvatures)).max(axis=1)
        least = int(np.argmin(slowest))
        ends = alpha[[max(least - 1, 0), min(least + 1, 64)]]
        low, highest = ends.tolist()
    return (low + highest) / 2


def _known(method: Method) -> Recurrence | None:
    try:
        return recurrence_of(method)
    except ValueError:
        return None


def convex_curvatures(objective: Objective) -> Array | None:
    """Give the eigenvalues of a convex quadratic, rising; None of anything else."""
    curvature = getattr(objective, "curvature", None)
    if curvature is None:
        return None
    eigenvalues: Array = np.linalg.eigvalsh(curvature)
    return eigenvalues if eigenvalues[0] > 0 else None
