"""A method on a quadratic: the error along an eigenvector, e_k = a e_{k-1} + b e_{k-2}."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gdlab.methods import Method
from gdlab.objectives.base import Array

Recurrence = Callable[[Array, Array], tuple[Array, Array]]
"""From α and the curvature λ, which broadcast, to a and b."""


def recurrence_of(method: Method) -> Recurrence:
    """Give a method's own recurrence.

    Raises ValueError where it has none.
    """
    own: Recurrence | None = getattr(method, "recurrence", None)
    if own is None:
        raise ValueError(
            f"method: {type(method).__name__} has no recurrence(alpha, curvature) on quadratics, "
            "from which its theory follows; gdlab.GradientDescent has one"
        )
    own(np.ones(1), np.ones(1))  # one that depends on its parameters may refuse
    return own


def radius(a: Array, b: Array) -> Array:
    """The larger root of z² = a z + b in absolute value: by what factor errors shrink in the end.

    It is the spectral radius of the matrix [[a, b], [1, 0]] that takes (e_{k-1}, e_{k-2}) to
    (e_k, e_{k-1}).
    """
    quarter = a * a / 4 + b
    root = np.sqrt(np.abs(quarter))
    return np.where(quarter >= 0, np.abs(a) / 2 + root, np.sqrt(np.abs(b)))


def affine(recurrence: Recurrence, curvature: Array) -> tuple[tuple[Array, Array], ...]:
    """Values of a and of b at α = 0, and how both grow with α: a step takes the gradient times α.

    curvature : positive.
    """
    # 1 - αλ is not rounded for this α, so that the slopes of gradient descent are to the last bit.
    unit = np.maximum(2.0 ** -np.floor(np.log2(curvature)), 1.0)
    at_0, at_unit = recurrence(np.zeros_like(curvature), curvature), recurrence(unit, curvature)
    return tuple((u, (v - u) / unit) for u, v in zip(at_0, at_unit, strict=True))


def limit(recurrence: Recurrence, curvature: Array) -> Array:
    """Give the step size from which on errors along these curvatures do not shrink any more.

    Both roots lie inside the unit circle exactly if |b| < 1 and |a| < 1 - b (E. I. Jury, 1964);
    of these conditions the limit is where the first is broken. Infinite where the curvature is not
    positive, since no step size is too large there.
    """
    positive = curvature > 0
    (a, da), (b, db) = affine(recurrence, np.where(positive, curvature, 1.0))
    falling = [(1 + a - b, da - db), (1 + b, db), (1 - b, -db)]
    ends = [
        np.divide(value, -slope, out=np.full_like(a, np.inf), where=slope < 0)
        for value, slope in falling
    ]
    return np.where(positive, np.minimum.reduce(ends), np.inf)
