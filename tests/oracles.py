"""Gradient descent once more, one lane at a time, in plain Python floats.

It shares nothing with `gdlab` but the objective's own f and grad, and follows the definition of
the iteration word by word, so that what the batched core says can be held against it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

import gdlab
from gdlab.core.engines import descend_of
from gdlab.core.problem import Status, Verdicts

Point = list[float]

WATCHED = 128
LONGEST_PERIOD = 64
RETURN = 1e-9


@dataclass
class Verdict:
    status: str
    steps: int
    period: int
    x: Point
    evaluations: int | None = None


class Stepper(Protocol):
    """Leads one lane from a point to the next.

    asked : how often it has asked for f or a derivative.
    """

    asked: int

    def __call__(self, x: Point) -> Point: ...


@dataclass
class Landscape:
    """An objective on plain floats, and what is known of it.

    curvature : the Hessian of a quadratic.
    """

    f: Callable[[Point], float]
    grad: Callable[[Point], Point]
    minimisers: Sequence[Point] = ()
    minimum: float = math.nan
    hessian: Callable[[Point], list[Point]] = lambda x: []
    curvature: list[Point] | None = None

    @classmethod
    def of(cls, objective: Any) -> Landscape:
        """The objective's own f, grad and Hessian, on one lane of shape (d, 1)."""

        def column(x: Point) -> Any:
            return np.array(x).reshape(-1, 1)

        def f(x: Point) -> float:
            with np.errstate(all="ignore"):
                return float(objective(column(x))[0])

        def grad(x: Point) -> Point:
            with np.errstate(all="ignore"):
                return [float(value) for value in objective.grad(column(x))[:, 0]]

        def hessian(x: Point) -> list[Point]:
            with np.errstate(all="ignore"):
                return np.asarray(objective.hessian(column(x))[:, :, 0], dtype=float).tolist()

        known = getattr(objective, "minimisers", None)
        least = getattr(objective, "minimum", None)
        curvature = getattr(objective, "curvature", None)
        return cls(
            f,
            grad,
            [] if known is None else [list(map(float, point)) for point in known],
            math.nan if least is None else least,
            hessian,
            None if curvature is None else curvature.tolist(),
        )


def euclid(v: Point) -> float:
    if len(v) == 1:
        return abs(v[0])
    total = v[0] * v[0]
    for coordinate in v[1:]:
        total += coordinate * coordinate
    return math.sqrt(total) if not math.isnan(total) else math.nan


def difference(a: Point, b: Point) -> Point:
    return [u - v for u, v in zip(a, b, strict=True)]


def largest(v: Point) -> float:
    """The maximum norm."""
    return max(abs(coordinate) for coordinate in v)


def descend_one(
    land: Landscape,
    alpha: float,
    x0: Sequence[float],
    *,
    tol: float,
    max_iter: int,
    criterion: str = "step",
    escape: float = 1e8,
    stepper: Callable[[Landscape, float], Stepper] | None = None,
) -> Verdict:
    """Follow one lane with one tolerance to its verdict.

    stepper : makes what takes the steps, else gradient descent, which counts no evaluations.
    """

    def descent(x: Point) -> Point:
        return [x_i - alpha * slope for x_i, slope in zip(x, land.grad(x), strict=True)]

    own = None if stepper is None else stepper(land, alpha)
    step = own or descent

    def verdict(status: str, steps: int, x: Point) -> Verdict:
        return Verdict(status, steps, 0, x, None if own is None else own.asked)

    def measure(before: Point, x: Point) -> float:
        if criterion == "step":
            return euclid(difference(x, before))
        if criterion == "gradient":
            return euclid(land.grad(x))
        if criterion == "distance":
            return min(euclid(difference(x, point)) for point in land.minimisers)
        assert criterion == "gap"
        return land.f(x) - land.minimum

    x = list(map(float, x0))
    for k in range(1, max_iter + 1):
        before, x = x, step(x)
        if any(not math.isfinite(coordinate) for coordinate in x) or largest(x) > escape:
            return verdict("diverged", k, x)
        if measure(before, x) < tol:
            return verdict("converged", k, x)
    given_up = verdict("max_iter", max_iter, x)
    orbit = [x]
    for _ in range(WATCHED):
        orbit.append(step(orbit[-1]))
    given_up.period = period_of(orbit)
    if given_up.period:
        given_up.status = "cycling"
    return given_up


def period_of(orbit: list[Point]) -> int:
    """The smallest p in 2..64 with which every iterate comes back, or 0."""
    if any(not math.isfinite(coordinate) for x in orbit for coordinate in x):
        return 0
    extent = max(max(coordinate) - min(coordinate) for coordinate in zip(*orbit, strict=True))
    if extent == 0 or not math.isfinite(extent):
        return 0
    for p in range(2, LONGEST_PERIOD + 1):
        if all(
            largest(difference(orbit[j + p], orbit[j])) <= RETURN * extent
            for j in range(len(orbit) - p)
        ):
            return p
    return 0


def verdicts_of(experiment: gdlab.Experiment, *, pool: int = 0) -> Verdicts:
    """What the experiment's core says, tolerances back in the order given."""
    found = descend_of(experiment.engine)(experiment.problem, pool=pool)
    order = [int(np.flatnonzero(experiment.problem.tol == tol)[0]) for tol in experiment.tol]
    asked = None if found.evaluations is None else found.evaluations[order]
    return Verdicts(
        found.status[order], found.steps[order], found.period[order], found.x[order], asked
    )


def verdict_at(verdicts: Verdicts, level: int, lane: int) -> Verdict:
    return Verdict(
        Status(verdicts.status[level, lane]).name,
        int(verdicts.steps[level, lane]),
        int(verdicts.period[level, lane]),
        verdicts.x[level, :, lane].tolist(),
        None if verdicts.evaluations is None else int(verdicts.evaluations[level, lane]),
    )


def bits(array: Any) -> bytes:
    """The bytes of an array of floats, with one NaN for all of them."""
    array = np.array(array, dtype=float)
    array[np.isnan(array)] = np.nan
    return array.tobytes()


def agree(found: Verdict, expected: Verdict) -> bool:
    """Whether two verdicts are the same in every field, the iterate bit by bit.

    Evaluations are compared where both have counted them.
    """
    counts = {found.evaluations, expected.evaluations} - {None}
    return len(counts) < 2 and (found.status, found.steps, found.period, bits(found.x)) == (
        expected.status,
        expected.steps,
        expected.period,
        bits(expected.x),
    )


def verdicts_agree(a: Verdicts, b: Verdicts) -> bool:
    return (
        np.array_equal(a.status, b.status)
        and np.array_equal(a.steps, b.steps)
        and np.array_equal(a.period, b.period)
        and bits(a.x) == bits(b.x)
    )
