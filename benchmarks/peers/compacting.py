"""NumPy on the whole grid at once, its arrays compacted as lanes stop.

Boolean indexing costs more than a step, so lanes that have stopped are carried along until they are
a tenth of the arrays; dropping them at every step is slower.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers import CONVERGED, DIVERGED, Answer, Lanes, Run, Solve
from benchmarks.peers.masked import largest, norm
from benchmarks.problems import Problem

IDLE = 0.1
"""Share of the arrays that may hold lanes that have stopped."""


def prepare(problem: Problem) -> Solve:
    """Nothing to make ready."""

    def solve(lanes: Lanes) -> Run:
        return lambda: descend(problem, lanes)

    return solve


@np.errstate(all="ignore")  # a lane that has escaped overflows before it is dropped
def descend(problem: Problem, lanes: Lanes) -> Answer:
    answer = Answer.blank(lanes.x0, problem.max_iter)
    alpha, x = lanes.alpha, lanes.x0
    lane = np.arange(alpha.size)
    going = np.ones(alpha.size, bool)
    n_idle = 0
    for k in range(1, problem.max_iter + 1):
        new = x - alpha * np.stack(problem.gradient(*x))
        diverged = ~(largest(new) <= problem.escape)
        stopped = ((norm(new - x) < problem.tol) | diverged) & going
        x = new
        at = stopped.nonzero()[0]
        if not at.size:
            continue
        answer.steps[lane[at]] = k
        answer.status[lane[at]] = np.where(diverged[at], DIVERGED, CONVERGED)
        answer.x[:, lane[at]] = x[:, at]
        going[at] = False
        n_idle += at.size
        if n_idle == going.size:
            return answer
        if n_idle > IDLE * going.size:
            alpha, x, lane = alpha[going], x[:, going], lane[going]
            going = np.ones(alpha.size, bool)
            n_idle = 0
    answer.x[:, lane[going]] = x[:, going]
    return answer
