"""gdlab itself, through the function that its users call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.machine import cores
from benchmarks.peers import AbsentError, Answer, Lanes, Run, Solve
from benchmarks.problems import Problem

METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "momentum": ("Momentum", {"beta": 0.9}),
    "Nesterov": ("Nesterov", {"beta": 0.9}),
    "schedule": ("Nesterov", {}),
    "Newton": ("Newton", {}),
    "Adam": ("Adam", {}),
    "Armijo": ("Armijo", {}),
}
"""Names of classes of `gdlab.methods`, and what they are given."""
FOUR = [1e-4, 1e-5, 1e-6, 1e-7]
WAYS: dict[str, dict[str, Any]] = {
    "one process": {"engine": "numpy"},
    "all processes": {"engine": "numpy", "n_jobs": cores()},
    "four tolerances": {"engine": "numpy", "tol": FOUR},
    "compiled, one thread": {"engine": "numba", "n_jobs": 1},
    "compiled, all threads": {"engine": "numba"},
    "compiled, four tolerances": {"engine": "numba", "tol": FOUR},
}


def prepare(problem: Problem, option: str) -> Solve:
    """Derive the gradient; where the engine compiles, compile.

    option : as `descending` takes it.
    """
    import gdlab

    descend = descending(problem, gdlab.Formula(problem.expr), option)

    def solve(lanes: Lanes) -> Run:
        return lambda: descend(*lanes.grid)

    try:
        descend(*problem.grid(16))
    except (TypeError, ValueError, ImportError) as error:
        raise AbsentError(f"this gdlab cannot: {error}") from error
    return solve


def descending(problem: Problem, objective: Any, option: str) -> Callable[[Any, Any], Answer]:
    """Give what descends a grid. option : one of `WAYS`, and perhaps "; " and one of `METHODS`."""
    import gdlab

    way, _, name = option.partition("; ")
    settings: dict[str, Any] = {
        "tol": problem.tol,
        "max_iter": problem.max_iter,
        "escape": problem.escape,
    }
    settings |= WAYS[way]
    if name:
        method, parameters = METHODS[name]
        settings["method"] = getattr(gdlab.methods, method)(**parameters)

    def descend(alpha: Any, x0: Any) -> Answer:
        found = gdlab.descend(objective, alpha, x0, **settings)
        level = int(np.argmin(found.tol))
        return Answer(
            found.steps[..., level].ravel(),
            found.status[..., level].ravel(),
            found.x[..., level, :].reshape(-1, problem.dimension).T,
            found.period[..., level].ravel(),
        )

    return descend
