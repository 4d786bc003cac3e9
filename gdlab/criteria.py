"""When a lane has converged: a quantity that must fall strictly below the tolerance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gdlab.objectives.base import Array, Facts, Objective

CRITERIA = ("step", "gradient", "distance", "gap")

Criterion = Callable[[Array, Array, Array, Array | None], Array]
"""Maps x_{k-1}, x_k and grad f(x_k), each (d, n), to the quantity of each lane, (n,).

The last argument is an array for the result, or None.
"""


def criterion(name: str, objective: Objective, facts: Facts) -> Criterion:
    """Give the stopping criterion `name`, one of `CRITERIA`.

    Raises ValueError where it needs a minimum that is not known.
    """
    if name == "step":
        return lambda before, x, gradient, out: norm(x - before, out=out)
    if name == "gradient":
        return lambda before, x, gradient, out: norm(gradient, out=out)
    if name == "distance":
        if facts.minimisers is None or not len(facts.minimisers):
            raise ValueError(
                "criterion=distance measures the distance to a known minimiser, and none is known "
                "for this objective: state `minimisers`, or take criterion=step or gradient"
            )
        minimisers = facts.minimisers
        return lambda before, x, gradient, out: distances(x, minimisers).min(axis=0, out=out)
    if name == "gap":
        if facts.minimum is None:
            raise ValueError(
                "criterion=gap measures f - f*, and f* is not known for this objective: "
                "state `minimum`, or take criterion=step or gradient"
            )
        minimum = facts.minimum
        return lambda before, x, gradient, out: np.subtract(objective(x), minimum, out=out)
    raise ValueError(f"criterion={name!r} is not known; choose one of {', '.join(CRITERIA)}")


def norm(x: Array, *, out: Array | None = None) -> Array:
    """Euclidean norms (n,) of the columns of x (d, n), coordinates added in their order.

    Written out, since NumPy's own sums and norms do not promise an order of addition.
    """
    if len(x) == 1:
        return np.abs(x[0], out=out)
    square = np.multiply(x[0], x[0], out=out)
    for coordinate in x[1:]:
        square += coordinate * coordinate
    return np.sqrt(square, out=square)


def distances(x: Array, points: Array) -> Array:
    """Euclidean distances (m, n) of the columns of x (d, n) from the points (m, d)."""
    return np.stack([norm(x - point[:, None]) for point in points])
