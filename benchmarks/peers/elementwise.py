"""SciPy's elementwise iterative framework, which drives its vectorised root finders, with our step.

The framework is private to SciPy (`scipy._lib`); it compresses the arrays whenever a lane stops.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from benchmarks.peers import CONVERGED, DIVERGED, MAX_ITER, AbsentError, Answer, Lanes, Run, Solve
from benchmarks.peers.masked import largest, norm
from benchmarks.problems import Array, Problem

FRAMEWORK = "scipy._lib._elementwise_iterative_method"
IN_PROGRESS, FAILED = 1, -1


def prepare(problem: Problem) -> Solve:
    """Import the framework from where this SciPy has it."""
    try:
        framework: Any = importlib.import_module(FRAMEWORK)
        result: Any = importlib.import_module("scipy._lib._util")._RichResult
        namespace: Any = importlib.import_module("scipy._lib._array_api").array_namespace
        loop = framework._loop
    except (ImportError, AttributeError) as error:
        raise AbsentError(
            f"this SciPy keeps its elementwise framework elsewhere ({error})"
        ) from error

    def solve(lanes: Lanes) -> Run:
        return lambda: descend(problem, lanes, loop, result, namespace(lanes.alpha))

    return solve


def descend(problem: Problem, lanes: Lanes, loop: Any, result: Any, xp: Any) -> Answer:
    d, n = lanes.x0.shape
    coordinates = [f"x{i}" for i in range(d)]

    def slopes(x: Array) -> Array:
        return np.stack(problem.gradient(*x.T), axis=-1) if d > 1 else problem.gradient(x)[0]

    def point(work: Any) -> Array:
        return np.stack([work[name] for name in coordinates], axis=-1) if d > 1 else work.x0

    def take_step(x: Array, slope: Array, work: Any) -> None:
        alpha = work.alpha
        new = np.stack(
            [
                x_i - alpha * s_i
                for x_i, s_i in zip(np.atleast_2d(x.T), np.atleast_2d(slope.T), strict=True)
            ]
        )
        work.step = norm(new - x.T)
        work.largest = largest(new)
        work.update(zip(coordinates, new, strict=True))

    def stopped(work: Any) -> Array:
        diverged = ~(work.largest <= problem.escape)
        converged = (work.step < problem.tol) & ~diverged
        work.status[converged] = CONVERGED
        work.status[diverged] = FAILED
        return converged | diverged

    work = result(
        nit=0,
        nfev=0,
        alpha=lanes.alpha,
        step=np.full(n, np.inf),
        largest=np.zeros(n),
        status=np.full(n, IN_PROGRESS, np.int32),
        **dict(zip(coordinates, lanes.x0.copy(), strict=True)),
    )
    found = loop(
        work,
        None,
        (n,),
        problem.max_iter,
        slopes,
        [],
        np.float64,
        point,
        take_step,
        stopped,
        lambda work: None,
        lambda result, shape: shape,
        [("status", "status"), ("nit", "nit"), *((name, name) for name in coordinates)],
        xp,
    )
    status = np.full(n, MAX_ITER, np.int8)
    status[found.status == CONVERGED] = CONVERGED
    # the framework gives lanes left over at the end FAILED's code too; those have not escaped
    x = np.stack([found[name] for name in coordinates])
    status[~(largest(x) <= problem.escape)] = DIVERGED
    return Answer(found.nit.astype(np.int32), status, x)
