"""Logistic regression by many lanes at once, beside one lane after another, and bare products.

The table is scikit-learn's of breast cancer, 569 rows of 30 columns and an intercept. The bare
products are the two that a gradient cannot do without, margins Xw and slopes X'p, for as many
lanes and steps, by NumPy as it comes; a single lane is descended in the plainest NumPy there is.
"""

from __future__ import annotations

import importlib.util
from math import isqrt

import numpy as np

from benchmarks.bounds import Limit, at_most
from benchmarks.rounds import Ratio, Way

LANES = 10_000
TOL, STEPS = 1e-2, 50
"""All lanes converge, after 45 steps in the mean."""
ALONE = 40
"""Lanes that are descended one after another; a step of a lane costs the same for more."""
RATIOS = (
    Ratio("alone", "together", Limit(5)),
    Ratio("together", "products", at_most(2)),
)


def ways() -> dict[str, Way]:
    """All ways; none without scikit-learn, which has the table."""
    if importlib.util.find_spec("sklearn") is None:
        return {}
    import gdlab
    from gdlab.objectives.datasets import breast_cancer

    f = breast_cancer(standardise=True, ridge=0.01)
    alpha = np.linspace(0.05, 0.95, isqrt(LANES)) * 2 / f.smoothness
    starts = np.random.default_rng(0).normal(0, 0.1, (isqrt(LANES), len(f.variables)))
    signed, ridge = f._signed, f._penalty

    def together() -> int:
        found = gdlab.descend(f, alpha, starts, tol=TOL)
        return int(found.steps.sum(dtype=np.int64))

    def alone() -> int:
        taken = 0
        for lane in np.linspace(0, LANES - 1, ALONE).astype(int):
            step, w = alpha[lane // len(starts)], starts[lane % len(starts)]
            while True:
                odds = 1 / (1 + np.exp(signed @ w))
                new = w - step * (ridge * w - signed.T @ odds / len(signed))
                taken += 1
                if np.linalg.norm(new - w) < TOL:
                    break
                w = new
        return taken

    points = np.ascontiguousarray(np.tile(starts, (len(alpha), 1)).T)

    def products() -> int:
        for _ in range(STEPS):
            signed.T @ (signed @ points)
        return LANES * STEPS

    return {
        "alone": Way("a lane after another, NumPy", alone),
        "together": Way("gdlab", together),
        "products": Way("the bare products", products),
    }
