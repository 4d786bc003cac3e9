"""`scipy.optimize.newton` on f′ with f″, all starting points in one array; α = 1, one variable.

It goes on with every point until the last one has converged, and says of none how long it took.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers import CONVERGED, MAX_ITER, Answer, Lanes, Run, Solve
from benchmarks.problems import Array, Problem


def prepare(problem: Problem) -> Solve:
    """Let SymPy derive f″, which gdlab has from there too."""
    from scipy.optimize import newton

    import gdlab

    objective = gdlab.Formula(problem.expr)

    def slope(x: Array) -> Array:
        return np.asarray(problem.gradient(x)[0])

    def curvature(x: Array) -> Array:
        return objective.hessian(x[None])[0, 0]

    def solve(lanes: Lanes) -> Run:
        start = lanes.x0[0]

        def run() -> Answer:
            root, converged, _ = newton(
                slope,
                start,
                fprime=curvature,
                tol=problem.tol,
                maxiter=problem.max_iter,
                full_output=True,
                disp=False,
            )
            status = np.where(converged, CONVERGED, MAX_ITER).astype(np.int8)
            return Answer(np.zeros(start.size, np.int32), status, root[None])

        return run

    return solve
