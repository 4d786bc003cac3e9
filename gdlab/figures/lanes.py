"""The table as arrays with one entry a lane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results import STATUS

CONVERGED, CYCLING, MAX_ITER, DIVERGED = range(len(STATUS.categories))


@dataclass(frozen=True, eq=False)
class Lanes:
    """What became of every lane at the tightest tolerance.

    alpha : (n_alpha,). x0 : (d, n_x0). steps, status : (n_alpha, n_x0), in the experiment's order;
    the status is a code: converged, cycling, max_iter, diverged.
    """

    alpha: Array
    x0: Array
    steps: NDArray[np.int32]
    status: NDArray[np.int8]

    @classmethod
    def of(cls, results: pd.DataFrame, subject: Subject) -> Lanes:
        """Read a table in lane order (`gdlab.results.table`); a part of one is a ValueError."""
        n_tol = len(subject.tol)
        rows = subject.n_lanes * n_tol
        if len(results) != rows:
            raise ValueError(
                f"the table has {len(results):,} rows, and {subject.n_alpha:,} step sizes × "
                f"{subject.n_x0:,} starting points × {n_tol} tolerances make {rows:,}; "
                "give the whole table, in its own order"
            )
        tight = results.iloc[int(np.argmin(subject.tol)) :: n_tol]
        shape = (subject.n_alpha, subject.n_x0)
        d = subject.facts.dimension
        names = ["x0"] if d == 1 else [f"x0_{i}" for i in range(1, d + 1)]
        codes = tight["status"].cat.set_categories(STATUS.categories).cat.codes.to_numpy(np.int8)
        return cls(
            alpha=tight["alpha"].to_numpy()[:: subject.n_x0],
            x0=np.stack([tight[name].to_numpy()[: subject.n_x0] for name in names]),
            steps=tight["steps"].to_numpy().reshape(shape),
            status=codes.astype(np.int8).reshape(shape),
        )

    def counts(self) -> list[int]:
        """How many lanes have each status."""
        return np.bincount(self.status.ravel(), minlength=4).tolist()

    def best(self) -> int:
        """Which α converges from the most starts, and of those is the fastest by the median."""
        converged = self.status == CONVERGED
        steps = np.where(converged, self.steps, np.inf)
        keys = (self.alpha, steps.max(axis=1), np.median(steps, axis=1), -converged.mean(axis=1))
        return int(np.lexsort(keys)[0])

    def sorted(self) -> Lanes:
        """The same lanes by rising α and, on the line, by rising starting point."""
        alpha = np.argsort(self.alpha, kind="stable")
        line = len(self.x0) == 1
        x0 = np.argsort(self.x0[0], kind="stable") if line else np.arange(self.x0.shape[1])
        if _is_sorted(alpha) and _is_sorted(x0):
            return self
        grid = np.ix_(alpha, x0)
        return Lanes(self.alpha[alpha], self.x0[:, x0], self.steps[grid], self.status[grid])


def _is_sorted(order: NDArray[np.intp]) -> bool:
    return bool((np.diff(order) > 0).all())
