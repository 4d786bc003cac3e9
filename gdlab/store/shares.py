"""A descent of all lanes in memory, its lanes shared out among processes."""

from __future__ import annotations

from functools import partial

import numpy as np

from gdlab.core import engines
from gdlab.core.problem import Problem, Verdicts
from gdlab.experiment import Experiment
from gdlab.results.table import Descent, descent_of
from gdlab.store.parallel import Parallel, finished

LEAST_SHARE, LARGE_SHARE = 2**12, 2**20
"""Lanes that are worth a process, and those from which on a process gets two shares.

Each share ends with its slowest lanes, while the pool empties.
"""


def descend(experiment: Experiment, n_jobs: int | None = None) -> Descent:
    """Descend every lane of the experiment; `n_jobs` is that of `gdlab.descend`."""
    return descent_of(experiment, _verdicts(experiment, n_jobs))


def _verdicts(experiment: Experiment, n_jobs: int | None) -> Verdicts:
    problem, compute = experiment.problem, engines.descend_of(experiment.engine)
    if experiment.engine == "numba":
        return compute(problem, threads=0 if n_jobs is None else Parallel("processes", n_jobs).most)
    processes = 1 if n_jobs is None else Parallel("processes", n_jobs).most
    several = 2 if problem.n_lanes >= processes * LARGE_SHARE else 1  # evens out unequal cores
    n_shares = min(several * processes, -(-problem.n_lanes // LEAST_SHARE))
    if processes == 1 or n_shares == 1:
        return compute(problem)
    # Every share has lanes of every step size, so that all take about as long.
    shares = [range(i, problem.n_lanes, n_shares) for i in range(n_shares)]
    verdicts = Verdicts.blank(problem, problem.n_lanes)
    for share, found in finished(partial(_follow, compute, problem), shares, processes):
        verdicts.put(share, found)
    return verdicts


def _follow(compute: engines.Descend, problem: Problem, share: range) -> tuple[range, Verdicts]:
    return share, compute(problem, np.arange(share.start, share.stop, share.step))
