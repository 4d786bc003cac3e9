"""When a lane has converged: a quantity that must fall strictly below the tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gdlab.objectives.base import Array, Facts, Objective, evaluated

CRITERIA = ("step", "gradient", "distance", "gap")


class Criterion(Protocol):
    """Maps x_{k-1}, x_k and grad f(x_k), each (d, n), to the quantity of each lane, (n,)."""

    def __call__(
        self, before: Array, x: Array, gradient: Array, out: Array | None = None
    ) -> Array: ...


class Step:
    """How far the last step went."""

    def __call__(self, before: Array, x: Array, gradient: Array, out: Array | None = None) -> Array:
        step = np.subtract(x, before, out=None if out is None or len(x) > 1 else out[None])
        return norm(step, out=out)


class Gradient:
    """The gradient's norm."""

    def __call__(self, before: Array, x: Array, gradient: Array, out: Array | None = None) -> Array:
        return norm(gradient, out=out)


@dataclass(frozen=True)
class Distance:
    """How far the nearest of the minimisers (m, d) is."""

    minimisers: Array

    def __call__(self, before: Array, x: Array, gradient: Array, out: Array | None = None) -> Array:
        return distances(x, self.minimisers).min(axis=0, out=out)


@dataclass(frozen=True)
class Gap:
    """f - f*."""

    objective: Objective
    minimum: float

    def __call__(self, before: Array, x: Array, gradient: Array, out: Array | None = None) -> Array:
        return np.subtract(evaluated("f", self.objective, x), self.minimum, out=out)


def criterion(name: str, objective: Objective, facts: Facts) -> Criterion:
    """Give the stopping criterion `name`, one of `CRITERIA`.

    Raises ValueError where it needs a minimum that is not known.
    """
    if name == "step":
        return Step()
    if name == "gradient":
        return Gradient()
    if name == "distance":
        if facts.minimisers is None or not len(facts.minimisers):
            raise ValueError(
                "criterion=distance measures the distance to a known minimiser, and none is known "
                "for this objective: state `minimisers`, or take criterion=step or gradient"
            )
        return Distance(facts.minimisers)
    if name == "gap":
        if facts.minimum is None:
            raise ValueError(
                "criterion=gap measures f - f*, and f* is not known for this objective: "
                "state `minimum`, or take criterion=step or gradient"
            )
        return Gap(objective, facts.minimum)
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
