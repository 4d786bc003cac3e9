"""Trying out an objective and a method on a few lanes, so that mistakes are found at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gdlab.core.starts import Starts
from gdlab.given import count, shown
from gdlab.methods import Method
from gdlab.objectives.base import Array, Objective, ObjectiveError, evaluated, read_only

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


def _require_own_value(name: str, function: Callable[[Array], Any], x: Array) -> None:
    """Raise ValueError where what a function gives depends on more than the point itself."""
    try:
        together, again = (evaluated(name, function, x) for _ in range(2))
        alone = [evaluated(name, function, x[:, [i]]) for i in range(x.shape[1])]
    except ObjectiveError:
        return  # at points beside x0 it may have no value
    rounding = SAME**2 * np.abs(together).max(where=np.isfinite(together), initial=0.0)
    for given, why in (
        (again, "gives other values when it is called again"),
        (np.concatenate(alone, axis=-1), "of a point depends on the other points"),
    ):
        if not np.allclose(given, together, rtol=SAME, atol=rounding, equal_nan=True):
            raise ValueError(
                f"objective: {name} {why}: {_shown_value(together)} is {_shown_value(given)} then; "
                "each lane must have a value of its own, always the same (with x of shape (d, n), "
                "sums over the coordinates are sums over axis=0)"
            )


def _shown_value(numbers: Array) -> str:
    return shown([float(number) for number in numbers.ravel()])


def try_method(method: Method, dimension: int) -> None:
    """Take a step with two lanes; raise ValueError unless the method writes all of it."""
    try:
        n_memory = count("memory", method.memory(dimension), least=0, largest=LARGEST_MEMORY)
        x, alpha = read_only(np.ones((dimension, 2))), read_only(np.full((1, 2), 0.5))
        steps = np.array([np.full((dimension, 2), filling) for filling in (1e300, -1e300)])
        with np.errstate(all="ignore"):
            for out in steps:
                method.step(x, x, alpha, np.zeros((n_memory, 2)), out=out)
    except Exception as error:
        name = type(method).__name__
        raise ValueError(
            f"method: {name} fails with {type(error).__name__}: {error}; it is asked for "
            "memory(d), a whole number, and step(x, gradient, alpha, memory, out=…)"
        ) from error
    if not np.array_equal(steps[0], steps[1], equal_nan=True):
        raise ValueError(
            f"method: step of {type(method).__name__} must write the step into all of `out`, as in "
            "out[...] = alpha * gradient, the same each time; what it returns is not used"
        )
