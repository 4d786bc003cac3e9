"""What is known about gradient descent without running it."""

from __future__ import annotations

import math

import numpy as np

from gdlab.objectives.base import Array, Objective, read_only
from gdlab.objectives.domain import checked_points, stated_names


def stability_limits(objective: Objective) -> Array:
    """Give the step size 2/L at each known minimiser, shape (m,).

    L is the largest eigenvalue of the Hessian there. With a constant step size above 2/L the
    minimiser repels the iteration, below it attracts (B. T. Polyak, Introduction to Optimization,
    1987, section 1.4). Where the curvature vanishes the limit is infinite, and NaN at a kink, where
    there is no Hessian. Empty if no minimiser or no Hessian is known.
    """
    minimisers = getattr(objective, "minimisers", None)
    hessian = getattr(objective, "hessian", None)
    if minimisers is None or hessian is None:
        return np.empty(0)
    names = stated_names(objective)
    dimension = len(names) if names else 1 if np.ndim(minimisers) < 2 else np.shape(minimisers)[1]
    points = checked_points(minimisers, dimension)
    with np.errstate(all="ignore"):
        matrices = np.moveaxis(hessian(read_only(points.T)), -1, 0)
    smooth = np.isfinite(matrices).all(axis=(1, 2))
    largest = np.linalg.eigvalsh(np.where(smooth[:, None, None], matrices, 0.0))[:, -1]
    with np.errstate(over="ignore"):  # a curvature that is hardly one
        limits = np.where(largest > 0, 2 / np.where(largest > 0, largest, 1), np.inf)
    return np.where(smooth, limits, np.nan)


def exact_limit(objective: Objective) -> float | None:
    """Give 2/L where it holds from every start, that is for a convex quadratic; else None.

    For f = (x - c)'H(x - c)/2 the error follows x_k - c = (1 - αH)(x_{k-1} - c), which shrinks
    from every start exactly if 0 < α < 2/L (Polyak, 1987, section 1.4). None as well where 2/L is
    beyond the doubles.
    """
    curvature = getattr(objective, "curvature", None)
    if curvature is None:
        return None
    eigenvalues = np.linalg.eigvalsh(curvature)
    limit = 2 / float(eigenvalues[-1]) if eigenvalues[0] > 0 else math.inf
    return limit if math.isfinite(limit) else None


def best_step_size(objective: Objective) -> float | None:
    """Give 2/(μ + L), the fastest for a convex quadratic of curvatures from μ to L; else None.

    It makes the larger of |1 - αμ| and |1 - αL| least (Polyak, 1987, section 1.4); in one dimension
    it is 1/L.
    """
    curvature = getattr(objective, "curvature", None)
    if curvature is None:
        return None
    eigenvalues = np.linalg.eigvalsh(curvature)
    return 2 / float(eigenvalues[0] + eigenvalues[-1]) if eigenvalues[0] > 0 else None
