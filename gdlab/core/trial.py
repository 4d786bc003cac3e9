"""Trying out an objective and a method on a few lanes, so that mistakes are found at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdlab.core.starts import Starts
from gdlab.given import count, shown
from gdlab.methods import Iterates, Method, evaluations_a_step
from gdlab.objectives.base import Array, Objective, ObjectiveError, evaluated, read_only
from gdlab.objectives.differences import require_gradient

LARGEST_MEMORY = 10_000
SAME = 1e-6
"""Relative difference up to which two values are the same but for rounding."""


def try_objective(objective: Objective, starts: Starts) -> None:
    """Evaluate the objective at a few points; raise ValueError for what is wrong with it.

    Their number is not that of the coordinates, or a function that mistakes the one for the other
    would pass; and they differ, or a function of all lanes together would.
    """
    n = 3 if starts.dimension == 2 else 2
    x = starts.take(np.arange(n) * (len(starts) - 1) // (n - 1))
    for name, function in (("f", objective), ("grad", objective.grad)):
        with np.errstate(all="ignore"):
            try:
                evaluated(name, function, x)
            except ObjectiveError as error:
                raise ValueError(f"objective: at x0 {error}") from error
            _require_own_value(
                name, function, x * np.linspace(1, 1.01, n) + np.linspace(0, 0.01, n)
            )
    if getattr(objective, "check_gradient", True):
        require_gradient(objective, x)


def _require_own_value(name: str, function: Callable[[Array], Any], x: Array) -> None:
    """Raise ValueError where what a function gives depends on more than the point itself."""
    try:
        together, again = (evaluated(name, function, x) for _ in range(2))
        alone = [evaluated(name, function, x[:, [i]]) for i in range(x.shape[1])]
    except ObjectiveError:
        return  # at points beside x0 it may have no value
    for given, why in (
        (again, "gives other values when it is called again"),
        (np.concatenate(alone, axis=-1), "of a point depends on the other points"),
    ):
        if not _are_alike(given, together):
            raise ValueError(
                f"objective: {name} {why}: {_shown_value(together)} is {_shown_value(given)} then; "
                "each lane must have a value of its own, always the same (with x of shape (d, n), "
                "sums over the coordinates are sums over axis=0)"
            )


def _are_alike(given: Array, values: Array) -> bool:
    """Whether these differ by rounding alone."""
    rounding = SAME**2 * np.abs(values).max(where=np.isfinite(values), initial=0.0)
    return np.allclose(given, values, rtol=SAME, atol=rounding, equal_nan=True)


def _shown_value(numbers: Array) -> str:
    return shown([float(number) for number in numbers.ravel()])


def try_method(method: Method, objective: Objective, starts: Starts) -> None:
    """Take a step with two lanes; raise ValueError for what is wrong with it."""
    require = getattr(method, "require", None)
    if require is not None:
        require(objective, starts.dimension)
    name = type(method).__name__
    x = starts.take(np.array([0, len(starts) - 1])) * [1.0, 1.01]
    try:
        stated = evaluations_a_step(method, objective)
        together, again = (_stepped(method, objective, x, filling) for filling in (1e300, -1e300))
        alone = [_stepped(method, objective, x[:, [i]], 1e300) for i in range(x.shape[1])]
    except ObjectiveError:
        return  # beside x0 it may have no value
    except Exception as error:
        raise ValueError(
            f"method: {name} fails with {type(error).__name__}: {error}; it is asked for "
            "memory(d), a whole number, and step(at, out), see gdlab.methods.Method"
        ) from error
    if not np.array_equal(together.x, again.x, equal_nan=True):
        raise ValueError(
            f"method: step of {name} must write the next iterates into all of `out`, as in "
            "out[...] = at.x - at.alpha * at.gradient, the same each time; what it returns is not "
            "used"
        )
    if not _are_alike(np.hstack([one.x for one in alone]), together.x):
        raise ValueError(
            f"method: where step of {name} leads a lane depends on the other lanes; sums over the "
            "coordinates are sums over axis=0, and each lane must go its own way"
        )
    asked = int(together.evaluations.max())
    if stated is not None and asked != stated:
        raise ValueError(
            f"method: step of {name} asks the objective {asked} times, and {stated} is what it "
            f"says; give it `def evaluations(self, objective): return {asked}`, or None where that "
            "differs from step to step"
        )


class _Stepped(NamedTuple):
    x: Array
    evaluations: Array


def _stepped(method: Method, objective: Objective, x: Array, filling: float) -> _Stepped:
    """The iterates after a first step, and how often the objective was asked for each."""
    n_memory = count("memory", method.memory(len(x)), least=0, largest=LARGEST_MEMORY)
    out, n = np.full_like(x, filling), x.shape[1]
    evaluations = np.zeros(n)
    at = Iterates(
        objective,
        x=read_only(x),
        alpha=read_only(np.full((1, n), 0.5)),
        memory=np.zeros((n_memory, n)),
        gradient=np.empty_like(x),
        evaluations=evaluations,
    )
    with np.errstate(all="ignore"):
        method.step(at, out=out)
    return _Stepped(out, evaluations)
