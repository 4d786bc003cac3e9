"""Numba: a scalar loop for each lane, the lanes shared out among all threads by `prange`."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from benchmarks.peers import CONVERGED, DIVERGED, MAX_ITER, Answer, Lanes, Run, Solve
from benchmarks.problems import Problem


def prepare(problem: Problem) -> Solve:
    """Compile the loops for this problem."""
    import numba

    gradient = numba.njit(problem.gradient)
    tol, escape, max_iter = problem.tol, problem.escape, problem.max_iter

    def on_a_line(alpha: Any, x0: Any, steps: Any, status: Any, last: Any) -> None:
        for lane in numba.prange(alpha.size):
            a, x = alpha[lane], x0[0, lane]
            k, verdict = 0, MAX_ITER
            while k < max_iter:
                k += 1
                new = x - a * gradient(x)[0]
                step = abs(new - x)
                x = new
                if not abs(x) <= escape:
                    verdict = DIVERGED
                    break
                if step < tol:
                    verdict = CONVERGED
                    break
            steps[lane], status[lane], last[0, lane] = k, verdict, x

    def in_the_plane(alpha: Any, x0: Any, steps: Any, status: Any, last: Any) -> None:
        for lane in numba.prange(alpha.size):
            a, x, y = alpha[lane], x0[0, lane], x0[1, lane]
            k, verdict = 0, MAX_ITER
            while k < max_iter:
                k += 1
                x_slope, y_slope = gradient(x, y)
                x_new, y_new = x - a * x_slope, y - a * y_slope
                dx, dy = x_new - x, y_new - y
                x, y = x_new, y_new
                if not (abs(x) <= escape and abs(y) <= escape):
                    verdict = DIVERGED
                    break
                if sqrt(dx * dx + dy * dy) < tol:
                    verdict = CONVERGED
                    break
            steps[lane], status[lane], last[0, lane], last[1, lane] = k, verdict, x, y

    descend = numba.njit(on_a_line if problem.dimension == 1 else in_the_plane, parallel=True)

    def solve(lanes: Lanes) -> Run:
        def run() -> Answer:
            n = lanes.alpha.size
            answer = Answer(np.empty(n, np.int32), np.empty(n, np.int8), np.empty_like(lanes.x0))
            descend(lanes.alpha, lanes.x0, *answer[:3])
            return answer

        return run

    few = problem.lanes(4)
    solve(Lanes(*few, grid=problem.grid(4)))()
    return solve
