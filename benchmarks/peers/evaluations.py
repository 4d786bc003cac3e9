"""What a method of gdlab's asks for, and nothing else.

As many values of f and gradients are computed as it asked for, in batches of the same sizes.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers import Answer, Lanes, Run, Solve
from benchmarks.peers.gdlab_core import descending
from benchmarks.problems import Problem
from gdlab.objectives.inplace import Rows, Writer

Calls = list[tuple[Writer, int, int]]
"""Who wrote, how many rows and how many columns."""


def prepare(problem: Problem, option: str) -> Solve:
    """Derive f and its gradient."""
    import gdlab

    objective, calls = gdlab.Formula(problem.expr), Calls()
    objective.write_gradient = _noting(objective.write_gradient, calls)
    objective.__dict__["write_value"] = _noting(objective.write_value, calls)
    descend = descending(problem, objective, option)

    def solve(lanes: Lanes) -> Run:
        calls.clear()
        answer = descend(*lanes.grid)
        most = max(n for *_, n in calls)
        points = np.repeat(lanes.grid[1][:1].T, most, axis=1)
        room = np.empty_like(points)

        def run() -> Answer:
            for write, rows, n in calls:
                write(tuple(points[:, :n]), room[:rows, :n])
            return answer

        return run

    return solve


def _noting(write: Writer, calls: Calls) -> Writer:
    def noting(x: Rows, out: Rows) -> None:
        calls.append((write, len(out), x[0].size))
        write(x, out)

    return noting
