"""Plain Python: lane after lane, float after float."""

from __future__ import annotations

from math import sqrt

import numpy as np

from benchmarks.peers import CONVERGED, DIVERGED, Answer, Lanes, Run, Solve
from benchmarks.problems import Problem


def prepare(problem: Problem) -> Solve:
    """Nothing to make ready."""
    descend = on_a_line if problem.dimension == 1 else in_the_plane

    def solve(lanes: Lanes) -> Run:
        return lambda: descend(problem, lanes)

    return solve


def on_a_line(problem: Problem, lanes: Lanes) -> Answer:
    gradient, tol, escape = problem.gradient, problem.tol, problem.escape
    answer = Answer.blank(lanes.x0, problem.max_iter)
    for lane, (alpha, x) in enumerate(zip(lanes.alpha.tolist(), lanes.x0[0].tolist(), strict=True)):
        for k in range(1, problem.max_iter + 1):
            before = x
            (slope,) = gradient(x)
            x -= alpha * slope
            if not abs(x) <= escape:
                answer.steps[lane], answer.status[lane] = k, DIVERGED
                break
            if abs(x - before) < tol:
                answer.steps[lane], answer.status[lane] = k, CONVERGED
                break
        answer.x[0, lane] = x
    return answer


def in_the_plane(problem: Problem, lanes: Lanes) -> Answer:
    gradient, tol, escape = problem.gradient, problem.tol, problem.escape
    answer = Answer.blank(lanes.x0, problem.max_iter)
    starts = np.column_stack([lanes.alpha, *lanes.x0]).tolist()
    for lane, (alpha, x, y) in enumerate(starts):
        for k in range(1, problem.max_iter + 1):
            x_before, y_before = x, y
            x_slope, y_slope = gradient(x, y)
            x -= alpha * x_slope
            y -= alpha * y_slope
            if not (abs(x) <= escape and abs(y) <= escape):
                answer.steps[lane], answer.status[lane] = k, DIVERGED
                break
            dx, dy = x - x_before, y - y_before
            if sqrt(dx * dx + dy * dy) < tol:
                answer.steps[lane], answer.status[lane] = k, CONVERGED
                break
        answer.x[:, lane] = x, y
    return answer
