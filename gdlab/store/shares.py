"""All lanes in memory, descended or followed, shared out among processes."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np

from gdlab.core import engines
from gdlab.core.orbits import Orbits, Stretch, follow
from gdlab.core.problem import Problem, Verdicts
from gdlab.core.visited import Bins
from gdlab.experiment import Experiment
from gdlab.parallel.plan import Parallel
from gdlab.parallel.processes import finished
from gdlab.results.orbit import Orbit, orbit_of
from gdlab.results.table import Descent, descent_of

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


def orbit(experiment: Experiment, stretch: Stretch, n_jobs: int | None = None) -> Orbit:
    """Follow every lane of the experiment in the long run; `n_jobs` is that of `gdlab.orbit`."""
    problem = experiment.problem
    bins = experiment.bins_of(stretch, np.arange(len(experiment.alpha)))
    advance = engines.advance_of(experiment.asked_engine, problem, stretch)
    if advance is not None:  # on all cores by itself
        return orbit_of(
            experiment, follow(problem, stretch, range(problem.n_lanes), bins, advance), bins
        )
    processes = 1 if n_jobs is None else Parallel("processes", n_jobs).most
    n_shares = min(processes, -(-problem.n_lanes // LEAST_SHARE))
    ends = np.linspace(0, problem.n_lanes, n_shares + 1).astype(int).tolist()
    shares = [range(first, last) for first, last in pairwise(ends)]
    found = Orbits.blank(problem, range(problem.n_lanes), bins)
    task = partial(_orbits, problem, stretch, bins)
    for share, part in finished(task, shares, n_shares):
        found.put(slice(share.start, share.stop), part)
    return orbit_of(experiment, found, bins)


def _orbits(
    problem: Problem, stretch: Stretch, bins: Bins | None, share: range
) -> tuple[range, Orbits]:
    return share, follow(problem, stretch, share, bins)


def _follow(compute: engines.Descend, problem: Problem, share: range) -> tuple[range, Verdicts]:
    return share, compute(problem, np.arange(share.start, share.stop, share.step))
