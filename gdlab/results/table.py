"""What the lanes did, as arrays and as pandas tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdlab.core import engines
from gdlab.core.criteria import distances
from gdlab.core.descent import Progress
from gdlab.core.problem import Indices, Status, Verdicts
from gdlab.experiment import Experiment
from gdlab.objectives.base import POINTS_AT_ONCE, Array, Facts, values

if TYPE_CHECKING:
    import pyarrow as pa

STATUS = pd.CategoricalDtype([status.name for status in Status], ordered=True)
NEAR = 1e-3
"""A lane has found a minimiser that it is at most this far from."""


@dataclass(frozen=True, eq=False)
class Descent:
    """What became of every lane at every tolerance.

    alpha : (n_alpha,). x0 : (n_x0, d). tol : (n_tol,), in the order given.
    status : (n_alpha, n_x0, n_tol), codes of `gdlab.core.problem.Status`: 0 converged, 1 cycling,
        2 max_iter, 3 diverged.
    steps : (n_alpha, n_x0, n_tol), steps taken until the verdict.
    period : (n_alpha, n_x0, n_tol), of a cycling lane, else 0.
    x : (n_alpha, n_x0, n_tol, d), the iterate at the verdict.
    lane_steps : steps taken over all lanes.
    """

    alpha: Array
    x0: Array
    tol: Array
    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    period: NDArray[np.int16]
    x: Array
    lane_steps: int

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Where the criterion fell below the tolerance, (n_alpha, n_x0, n_tol)."""
        return self.status == Status.converged

    @property
    def iterations(self) -> Array:
        """Iterations to convergence, (n_alpha, n_x0, n_tol); NaN where a lane did not converge."""
        return np.where(self.converged, self.steps, np.nan)


def descent_of(experiment: Experiment, verdicts: Verdicts) -> Descent:
    """Give the verdicts on all lanes of an experiment by step size and starting point."""
    grid = (len(experiment.alpha), experiment.n_lanes // len(experiment.alpha))
    status, steps, period, x = _by_lane(experiment, verdicts)
    return Descent(
        alpha=experiment.alpha,
        x0=experiment.x0,
        tol=experiment.tol,
        status=status.reshape(*grid, -1),
        steps=steps.reshape(*grid, -1),
        period=period.reshape(*grid, -1),
        x=x.reshape(*grid, *x.shape[1:]),
        lane_steps=verdicts.lane_steps,
    )


def table(experiment: Experiment, descent: Descent) -> pd.DataFrame:
    """One row a lane and tolerance, in lane order, tolerances in the order given.

    Columns: alpha; x0, or x0_1 to x0_d; tol; iterations (Int32, NA unless converged); steps;
    status (an ordered category); period (Int16, NA unless cycling); x, or x_1 to x_d; f; gap
    (f - f*, NaN where f* is not known); minimum (Int16, the index of the known minimiser within
    1e-3 of x, else NA).
    """
    lanes = np.arange(experiment.n_lanes)
    return _rows(experiment, lanes, descent.status, descent.steps, descent.period, descent.x)


def block(
    experiment: Experiment, lanes: Indices, progress: Progress | None = None
) -> tuple[pd.DataFrame, int]:
    """Descend the lanes of these numbers; give their rows of the table, and the lane-steps."""
    compute = engines.descend_of(experiment.engine)
    verdicts = compute(experiment.problem, lanes, progress=progress)
    return _rows(experiment, lanes, *_by_lane(experiment, verdicts)), verdicts.lane_steps


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """A table of results in pandas, with the types that `gdlab.results.table` gives."""
    frame = table.unify_dictionaries().to_pandas()
    return frame.astype({"status": STATUS}) if "status" in frame else frame


def _by_lane(
    experiment: Experiment, verdicts: Verdicts
) -> tuple[NDArray[np.int8], NDArray[np.int32], NDArray[np.int16], Array]:
    """Status, steps, period (n, n_tol) and x (n, n_tol, d), the tolerances in the order given."""
    given = np.argsort(np.argsort(-experiment.tol, kind="stable"))
    x = np.moveaxis(verdicts.x[given], -1, 0)
    return verdicts.status[given].T, verdicts.steps[given].T, verdicts.period[given].T, x


def _rows(
    experiment: Experiment,
    lanes: Indices,
    status: NDArray[np.int8],
    steps: NDArray[np.int32],
    period: NDArray[np.int16],
    x: Array,
) -> pd.DataFrame:
    n_tol = len(experiment.tol)
    alpha, x0, _ = experiment.problem.starts(lanes)
    status, steps, period = status.ravel(), steps.ravel(), period.ravel()
    x = np.ascontiguousarray(x.reshape(-1, experiment.dimension).T)
    f = values(experiment.objective, x)
    minimum = experiment.facts.minimum
    columns = {
        "alpha": np.repeat(alpha, n_tol),
        **dict(zip(_numbered("x0", x), np.repeat(x0, n_tol, axis=1), strict=True)),
        "tol": np.tile(experiment.tol, lanes.size),
        "iterations": pd.arrays.IntegerArray(steps.copy(), status != Status.converged),
        "steps": steps,
        "status": pd.Categorical.from_codes(status, dtype=STATUS),
        "period": pd.arrays.IntegerArray(period, period == 0),
        **dict(zip(_numbered("x", x), x, strict=True)),
        "f": f,
        "gap": np.full_like(f, np.nan) if minimum is None else f - minimum,
        "minimum": _nearest_minimiser(x, experiment.facts),
    }
    return pd.DataFrame(columns, copy=False)


def _numbered(name: str, x: Array) -> list[str]:
    return [name] if len(x) == 1 else [f"{name}_{i}" for i in range(1, len(x) + 1)]


def _nearest_minimiser(x: Array, facts: Facts) -> pd.arrays.IntegerArray:
    index = np.zeros(x.shape[1], np.int16)
    far = np.ones(x.shape[1], bool)
    if facts.minimisers is not None and len(facts.minimisers):
        with np.errstate(all="ignore"):
            for first in range(0, x.shape[1], POINTS_AT_ONCE):
                part = slice(first, first + POINTS_AT_ONCE)
                away = distances(x[:, part], facts.minimisers)
                index[part] = away.argmin(axis=0)
                far[part] = ~(away.min(axis=0) <= NEAR)
    return pd.arrays.IntegerArray(index, far)
