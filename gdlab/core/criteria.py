"""When a lane has converged: a quantity that must fall strictly below the tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from gdlab.methods import Iterates
from gdlab.objectives.base import Array, Facts, Objective, evaluated

CRITERIA = ("step", "gradient", "distance", "gap")


class Criterion(Protocol):
    """Maps x_{k-1} (d, n) and the lanes at x_k to a measure of each lane, (n,).

    What the measure has to be below, for a tolerance, `thresholds` tells: that of a norm of several
    coordinates is its square, since roots take as long as all else.

    asks_for_gradient : whether it needs the gradient at every x_k.
    """

    @property
    def asks_for_gradient(self) -> bool: ...

    def __call__(self, before: Array, at: Iterates, out: Array) -> None: ...


class Step:
    """How far the last step went."""

    asks_for_gradient = False

    def __call__(self, before: Array, at: Iterates, out: Array) -> None:
        x, measure = at.x, np.subtract(at.x[0], before[0], out=out)
        if len(x) == 1:
            np.abs(measure, out=measure)
            return
        measure *= measure
        for new, old in zip(x[1:], before[1:], strict=True):
            way = new - old
            way *= way
            measure += way


class Gradient:
    """The gradient's norm."""

    asks_for_gradient = True

    def __call__(self, before: Array, at: Iterates, out: Array) -> None:
        _measured(at.slope(), out)


@dataclass(frozen=True)
class Distance:
    """How far the nearest of the minimisers (m, d) is."""

    minimisers: Array
    asks_for_gradient: ClassVar[bool] = False

    def __call__(self, before: Array, at: Iterates, out: Array) -> None:
        away = np.stack([_measured(at.x - point[:, None]) for point in self.minimisers])
        away.min(axis=0, out=out)


@dataclass(frozen=True)
class Gap:
    """f - f*."""

    objective: Objective
    minimum: float
    asks_for_gradient: ClassVar[bool] = False

    def __call__(self, before: Array, at: Iterates, out: Array) -> None:
        np.subtract(evaluated("f", self.objective, at.x), self.minimum, out=out)


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


def thresholds(criterion: Criterion, tol: Array, dimension: int) -> Array:
    """What a criterion's measure has to be below, for these tolerances.

    Where the measure is the square s of a norm, that is the least s with sqrt(s) >= tol. The
    rounded root never falls as s grows, so s is below it exactly where sqrt(s) is below tol.
    """
    if isinstance(criterion, Gap) or dimension == 1:
        return np.array(tol)
    with np.errstate(over="ignore", under="ignore"):
        least = tol * tol
        for _ in range(4):
            below = np.nextafter(least, 0.0)
            least = np.where((np.sqrt(below) >= tol) & (least > 0), below, least)
        for _ in range(4):
            least = np.where(np.sqrt(least) < tol, np.nextafter(least, np.inf), least)
    return least


def norm(x: Array) -> Array:
    """Euclidean norms (n,) of the columns of x (d, n)."""
    measure = _measured(x)
    return measure if len(x) == 1 else np.sqrt(measure, out=measure)


def _measured(x: Array, out: Array | None = None) -> Array:
    """The size of one coordinate, or the sum of the squares of several, added in their order.

    Written out, since NumPy's own sums and norms do not promise an order of addition.
    """
    if len(x) == 1:
        return np.abs(x[0], out=out)
    square = np.multiply(x[0], x[0], out=out)
    for coordinate in x[1:]:
        square += coordinate * coordinate
    return square


def distances(x: Array, points: Array) -> Array:
    """Euclidean distances (m, n) of the columns of x (d, n) from the points (m, d)."""
    return np.stack([norm(x - point[:, None]) for point in points])
