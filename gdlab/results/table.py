"""What the lanes did, as arrays and as pandas tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdlab.core.problem import Status, Verdicts
from gdlab.experiment import Experiment
from gdlab.methods import evaluations_a_step
from gdlab.objectives.base import Array, values
from gdlab.results.rows import STATUSES, Rows, in_given_order

if TYPE_CHECKING:
    import pyarrow as pa

STATUS = pd.CategoricalDtype(STATUSES, ordered=True)
TYPES: dict[str, pd.CategoricalDtype | str] = {
    "status": STATUS,
    "evaluations": "Int64",
    "predicted": "Int32",
}
"""Types of columns that are lost where tables are joined of which not all have them."""


@dataclass(frozen=True, eq=False)
class Descent:
    """What became of every lane at every tolerance.

    alpha : (n_alpha,). x0 : (n_x0, d). tol : (n_tol,), in the order given.
    status : (n_alpha, n_x0, n_tol), codes of `gdlab.core.problem.Status`: 0 converged, 1 cycling,
        2 max_iter, 3 diverged.
    steps : (n_alpha, n_x0, n_tol), steps taken until the verdict.
    period : (n_alpha, n_x0, n_tol), of a cycling lane, else 0.
    x : (n_alpha, n_x0, n_tol, d), the iterate at the verdict.
    evaluations : (n_alpha, n_x0, n_tol), how often the method has asked for f, a gradient or a
        Hessian until then.
    lane_steps : steps taken over all lanes.
    """

    alpha: Array
    x0: Array
    tol: Array
    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    period: NDArray[np.int16]
    x: Array
    evaluations: NDArray[np.int64]
    lane_steps: int

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Where the criterion fell below the tolerance, (n_alpha, n_x0, n_tol)."""
        return self.status == Status.converged

    @property
    def iterations(self) -> Array:
        """Iterations to convergence, (n_alpha, n_x0, n_tol); NaN where a lane did not converge."""
        return np.where(self.converged, self.steps, np.nan)

    def _repr_html_(self) -> str:
        """What a notebook shows: how many lanes there are, and what became of them."""
        from gdlab.results.findings import count, many
        from gdlab.results.tally import Tally
        from gdlab.terminal.notebook import grid

        n_alpha, n_x0, n_tol = self.status.shape
        pairs = n_x0 < len(self.x0)
        lanes = f"{many(n_alpha, 'step size')} × {many(n_x0, 'starting point')}"
        told = f"{many(n_alpha * n_x0, 'lane')}: {many(n_alpha, 'pair') if pairs else lanes}"
        tallies = [
            Tally.of(self.status[..., own].ravel(), self.steps[..., own].ravel())
            for own in range(n_tol)
        ]
        rows = [
            (
                *(f"{tol:g}", *(f"{own.counts[status]:,}" for status in Status)),
                *(count(own.median), count(own.worst)),
            )
            for tol, own in zip(self.tol, tallies, strict=True)
        ]
        variables = many(self.x.shape[-1], "variable")
        headings = ("tolerance", *STATUSES, "median", "worst")
        return grid(f"{told}, {variables}", headings, rows)


def descent_of(experiment: Experiment, verdicts: Verdicts) -> Descent:
    """Give the verdicts on all lanes of an experiment by step size and starting point."""
    n_alpha = len(experiment.alpha)
    grid = n_alpha, experiment.n_lanes // n_alpha, len(experiment.tol)
    found = in_given_order(experiment, verdicts)
    evaluations = found.steps.astype(np.int64) if found.evaluations is None else found.evaluations
    return Descent(
        alpha=experiment.alpha,
        x0=experiment.x0,
        tol=experiment.tol,
        status=found.status.reshape(grid),
        steps=found.steps.reshape(grid),
        period=found.period.reshape(grid),
        x=np.ascontiguousarray(found.x.T).reshape(*grid, -1),
        evaluations=evaluations.reshape(grid),
        lane_steps=verdicts.lane_steps,
    )


def table(experiment: Experiment, descent: Descent) -> pd.DataFrame:
    """One row a lane and tolerance, in lane order, tolerances in the order given.

    Columns: alpha; x0, or x0_1 to x0_d; tol; iterations (Int32, NA unless converged); steps;
    status (an ordered category); period (Int16, NA unless cycling); x, or x_1 to x_d; f; gap
    (f - f*, NaN where f* is not known); minimum (Int16, the index of the known minimiser within
    1e-3 of x, else NA); and of a method that asks for other than one gradient a step evaluations
    (Int64, NA where runs are joined whose methods do), how often it has asked for f, a gradient or
    a Hessian. Where theory is exact, on quadratics, also predicted (Int32): the iterations that it
    tells, NA where it tells none.
    """
    once = evaluations_a_step(experiment.method, experiment.objective) == 1
    x = np.ascontiguousarray(descent.x.reshape(-1, experiment.dimension).T)
    return Rows(
        experiment,
        range(experiment.n_lanes),
        status=descent.status.ravel(),
        steps=descent.steps.ravel(),
        period=descent.period.ravel(),
        x=x,
        evaluations=None if once else descent.evaluations.ravel(),
        f=values(experiment.objective, x),
    ).to_pandas()


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """A table of results in pandas, with the types that `gdlab.results.table.table` gives."""
    frame = table.unify_dictionaries().to_pandas()
    return frame.astype({name: own for name, own in TYPES.items() if name in frame})
