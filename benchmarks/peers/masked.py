"""NumPy on the whole grid at once, under a mask of the lanes that still go on."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import CONVERGED, DIVERGED, Answer, Lanes, Run, Solve
from benchmarks.problems import Array, Problem


def prepare(problem: Problem) -> Solve:
    """Nothing to make ready."""

    def solve(lanes: Lanes) -> Run:
        return lambda: descend(problem, lanes)

    return solve


def descend(problem: Problem, lanes: Lanes) -> Answer:
    steps, status, *_ = Answer.blank(lanes.x0, problem.max_iter)
    x, alpha = lanes.x0, lanes.alpha
    going = np.ones(alpha.size, bool)
    for k in range(1, problem.max_iter + 1):
        slopes = problem.gradient(*x)
        new = np.stack(
            [
                np.where(going, x_i - alpha * slope, x_i)
                for x_i, slope in zip(x, slopes, strict=True)
            ]
        )
        diverged = going & ~(largest(new) <= problem.escape)
        converged = going & (norm(new - x) < problem.tol) & ~diverged
        x = new
        for stopped, verdict in ((diverged, DIVERGED), (converged, CONVERGED)):
            if stopped.any():
                steps[stopped], status[stopped] = k, verdict
                going &= ~stopped
        if not going.any():
            break
    return Answer(steps, status, x)


def norm(x: Array) -> Array:
    """Euclidean norms (n,) of the columns, the squares added in their order."""
    if len(x) == 1:
        return np.abs(x[0])
    return np.sqrt(x[0] * x[0] + x[1] * x[1])


def largest(x: Array) -> Array:
    """Maximum norms (n,) of the columns."""
    return np.abs(x[0]) if len(x) == 1 else np.abs(x).max(axis=0)
