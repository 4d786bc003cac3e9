"""Performance profiles: how often a solver is within some factor of the best of all."""

from __future__ import annotations

import numpy as np

from gdlab.objectives.base import Array


def ratios(costs: Array) -> Array:
    """How many times the cost of the best solver of its problem each cost is.

    costs : (n_problems, n_solvers), infinite where a solver does not solve a problem. Infinite as
    well are ratios of a problem that none solves.

    E. D. Dolan and J. J. Moré, Benchmarking optimization software with performance profiles,
    Mathematical Programming 91, 2002, pages 201 to 213.
    """
    best = costs.min(axis=1, keepdims=True)
    return np.divide(costs, best, out=np.full_like(costs, np.inf), where=np.isfinite(costs))


def profile(own: Array) -> tuple[Array, Array]:
    """The profile of a solver, by its ratios (n_problems,): ρ(τ) is the share of them up to τ.

    Gives the τ at which it rises, and ρ there.
    """
    solved = np.sort(own[np.isfinite(own)])
    tau, times = np.unique(solved, return_counts=True)
    return tau, times.cumsum() / own.size
