"""What lanes do in the long run, as arrays and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gdlab.core.orbits import Orbits
from gdlab.core.visited import Bins
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array
from gdlab.results.rows import numbered

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Orbit:
    """What became of every lane over a stretch of iterations.

    alpha : (n_alpha,). x0 : (n_x0, d).
    period : (n_alpha, n_x0), with which the last 128 iterates come back: 1 at rest, 2 to 64, 0
        where none is found or the lane has diverged.
    lyapunov : (n_alpha, n_x0), the largest Lyapunov exponent a step; NaN where a lane has diverged.
    x : (n_alpha, n_x0, d), the last iterate.
    diverged : (n_alpha, n_x0), whether a lane has left the escape radius on the way.
    visited : (n_alpha, n_bins), how often lanes of a step size had their first coordinate in each
        bin during the stretch; without bins (n_alpha, 0).
    edges : (n_bins + 1,), of the bins.
    """

    alpha: Array
    x0: Array
    period: NDArray[np.int16]
    lyapunov: Array
    x: Array
    diverged: NDArray[np.bool_]
    visited: NDArray[np.int64]
    edges: Array

    def table(self) -> pd.DataFrame:
        """One row a lane, in lane order.

        Columns: alpha; x0, or x0_1 to x0_d; period (Int16, NA where none is found); lyapunov; x,
        or x_1 to x_d.
        """
        import pandas as pd

        n_starts = self.period.shape[1]
        pairs = n_starts < len(self.x0)
        starts = self.x0 if pairs else np.tile(self.x0, (len(self.alpha), 1))
        x = self.x.reshape(-1, self.x.shape[-1])
        period = self.period.ravel()
        return pd.DataFrame(
            {
                "alpha": np.repeat(self.alpha, n_starts),
                **dict(zip(numbered("x0", starts.T), starts.T, strict=True)),
                "period": pd.arrays.IntegerArray(period.copy(), period == 0),
                "lyapunov": self.lyapunov.ravel(),
                **dict(zip(numbered("x", x.T), x.T, strict=True)),
            }
        )


def orbit_of(experiment: Experiment, found: Orbits, bins: Bins | None) -> Orbit:
    """Give what the lanes did by step size and starting point, each step size with its own row."""
    n_alpha, visited = len(experiment.alpha), found.visited
    grid = n_alpha, experiment.n_lanes // n_alpha
    return Orbit(
        alpha=experiment.alpha,
        x0=experiment.x0,
        period=found.period.reshape(grid),
        lyapunov=found.lyapunov.reshape(grid),
        x=np.ascontiguousarray(found.x.T).reshape(*grid, -1),
        diverged=found.left.reshape(grid),
        visited=np.zeros((n_alpha, 0), int) if visited is None else visited.counts[:, :-1],
        edges=np.empty(0) if bins is None else bins.edges,
    )
