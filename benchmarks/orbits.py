"""What it costs to follow lanes in the long run, beside plain descents of as many steps.

The lanes are those of the double well beyond its stable step sizes: they stay in it, and none
settles, so that both ways take every step. One process or thread each.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt

import numpy as np

from benchmarks.bounds import at_most
from benchmarks.rounds import Ratio, Way

STEPS = 2000
WELL = "x**4/4 - x**2/2"
RATIOS = (
    Ratio("orbit", "descent", at_most(2)),
    Ratio("orbit-compiled", "descent-compiled", at_most(2)),
)
"""Lyapunov exponents; what counting visits costs besides is shown, and bounded by nothing."""


def ways(n: int) -> dict[str, Way]:
    """All ways, on about n lanes; compiled ones where Numba is."""
    import gdlab

    f = gdlab.Formula(WELL)
    alpha = np.linspace(1.05, 1.95, isqrt(n))
    x0 = np.linspace(-1.2, 1.2, isqrt(n))

    def descent(engine: str) -> Callable[[], int]:
        def run() -> int:
            found = gdlab.descend(f, alpha, x0, tol=1e-12, max_iter=STEPS, engine=engine, n_jobs=1)
            return int(found.steps.sum(dtype=np.int64))

        return run

    def orbit(engine: str, bins: int) -> Callable[[], int]:
        def run() -> int:
            gdlab.orbit(
                *(f, alpha, x0),
                burn_in=STEPS // 2,
                length=STEPS // 2,
                bins=bins,
                domain=(-2, 2),
                engine=engine,
            )
            return alpha.size * x0.size * STEPS

        return run

    found: dict[str, Way] = {}
    for key, engine, said in (("", "numpy", "one process"), ("-compiled", "numba", "compiled")):
        try:
            gdlab.descend(f, alpha[:2], x0[:2], engine=engine)
        except (ImportError, ValueError):
            continue
        found |= {
            f"descent{key}": Way(f"descent, {said}", descent(engine), worked=True),
            f"orbit{key}": Way(f"orbit, {said}", orbit(engine, 0), worked=True),
            f"visits{key}": Way(f"orbit with 400 bins, {said}", orbit(engine, 400), worked=True),
        }
    return found
