"""What the lanes did, as arrays and as pandas tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdlab.criteria import distances, norm
from gdlab.descent import Indices, Progress, Status, Verdicts, iterates
from gdlab.descent import descend as descend_problem
from gdlab.experiment import Experiment
from gdlab.objectives.base import POINTS_AT_ONCE, Array, Facts, values

STATUS = pd.CategoricalDtype([status.name for status in Status], ordered=True)
NEAR = 1e-3
"""A lane has found a minimiser that it is at most this far from."""


@dataclass(frozen=True, eq=False)
class Descent:
    """What became of every lane at every tolerance.

    alpha : (n_alpha,). x0 : (n_x0, d). tol : (n_tol,), in the order given.
    status : (n_alpha, n_x0, n_tol), codes of `gdlab.descent.Status`: 0 converged, 1 cycling,
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


def descend(experiment: Experiment, progress: Progress | None = None) -> Descent:
    """Descend every lane of the experiment."""
    verdicts = descend_problem(experiment.problem, progress=progress)
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
    verdicts = descend_problem(experiment.problem, lanes, progress=progress)
    return _rows(experiment, lanes, *_by_lane(experiment, verdicts)), verdicts.lane_steps


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
    i_alpha, i_x0 = (np.repeat(index, n_tol) for index in experiment.problem.index(lanes))
    status, steps, period = status.ravel(), steps.ravel(), period.ravel()
    x = np.ascontiguousarray(x.reshape(-1, experiment.dimension).T)
    f = values(experiment.objective, x)
    minimum = experiment.facts.minimum
    columns = {
        "alpha": experiment.alpha[i_alpha],
        **dict(zip(_numbered("x0", x), experiment.x0[i_x0].T, strict=True)),
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


def trace(experiment: Experiment, lane: int = 0) -> pd.DataFrame:
    """Every iterate of one lane up to its verdict at the tightest tolerance.

    Columns: iteration (0 at x0), the variables, f, step (the norm of x_k - x_{k-1}, NaN at x0)
    and gradient (the norm of grad f(x_k)).
    """
    number = np.array([lane])
    n_steps = int(descend_problem(experiment.problem, number).steps.max())
    x = np.empty((experiment.dimension, n_steps + 1))
    gradient = np.empty_like(x)
    for k, (x_k, gradient_k) in zip(
        range(n_steps + 1), iterates(experiment.problem, number), strict=False
    ):
        x[:, k], gradient[:, k] = x_k[:, 0], gradient_k[:, 0]
    with np.errstate(all="ignore"):
        step = np.concatenate([[np.nan], norm(np.diff(x))])
        size = norm(gradient)
    return pd.DataFrame(
        {
            "iteration": np.arange(n_steps + 1),
            **dict(zip(experiment.facts.variables, x, strict=True)),
            "f": values(experiment.objective, x),
            "step": step,
            "gradient": size,
        }
    )


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


@dataclass(frozen=True, eq=False)
class Curves:
    """How f(x_k) falls with k, by step size, over a sample of the starting points.

    table : columns alpha, iteration, lower, median, upper: quartiles of f(x_k) - reference over
        the starts. A lane that has stopped keeps its last value; one that has diverged counts as
        infinite.
    reference : f*, or the least finite value seen where f* is not known (0 if there is none).
    known : whether the reference is f*.
    n_starts : starting points in the sample.
    """

    table: pd.DataFrame
    reference: float
    known: bool
    n_starts: int


def convergence_curves(
    experiment: Experiment,
    results: pd.DataFrame,
    *,
    largest_n_alpha: int = 24,
    largest_n_x0: int = 64,
    longest: int = 10_000,
    seed: int = 0,
) -> Curves:
    """Follow a seeded sample of the lanes again and summarise f(x_k) by step size.

    results : the experiment's own table, which tells when each lane stops.
    longest : iterations followed at most.
    """
    n_x0, n_tol = len(experiment.x0), len(experiment.tol)
    i_alpha = spread(len(experiment.alpha), largest_n_alpha)
    i_x0 = np.arange(n_x0)
    if n_x0 > largest_n_x0:
        chosen = np.random.default_rng(seed).choice(n_x0, largest_n_x0, replace=False)
        i_x0 = np.sort(chosen)
    lanes = (i_alpha[:, None] * n_x0 + i_x0).ravel()
    rows = lanes * n_tol + int(np.argmin(experiment.tol))
    steps = results["steps"].to_numpy()[rows]
    diverged = (results["status"].to_numpy() == Status.diverged.name)[rows]

    n_steps = min(int(steps.max()), longest)
    quartiles = np.empty((n_steps + 1, 3, i_alpha.size))
    least = _least(results["f"].to_numpy())
    f = np.empty(lanes.size)
    for k, (x, _) in zip(range(n_steps + 1), iterates(experiment.problem, lanes), strict=False):
        going = steps >= k
        f[going] = values(experiment.objective, x)[going]
        f[diverged & (steps <= k)] = np.inf
        least = min(least, _least(f))
        f[np.isnan(f)] = np.inf
        quartiles[k] = np.quantile(
            f.reshape(i_alpha.size, i_x0.size), [0.25, 0.5, 0.75], axis=1, method="nearest"
        )
    known = experiment.facts.minimum is not None
    if experiment.facts.minimum is not None:
        reference = experiment.facts.minimum
    else:
        reference = least if least < np.inf else 0.0
    quartiles -= reference

    last = np.minimum(steps.reshape(i_alpha.size, -1).max(axis=1), n_steps)
    parts = []
    for i, alpha in enumerate(experiment.alpha[i_alpha]):
        lower, median, upper = quartiles[: last[i] + 1, :, i].T
        iteration = np.arange(last[i] + 1)
        parts.append(
            pd.DataFrame(
                {
                    "alpha": alpha,
                    "iteration": iteration,
                    "lower": lower,
                    "median": median,
                    "upper": upper,
                }
            )
        )
    return Curves(pd.concat(parts, ignore_index=True), reference, known, i_x0.size)


def _least(f: Array) -> float:
    """The least finite value, or infinity: a lane that falls to -inf gives no reference."""
    return float(f.min(where=np.isfinite(f), initial=np.inf))


def paths(
    experiment: Experiment, results: pd.DataFrame, lanes: Sequence[int], longest: int = 200
) -> pd.DataFrame:
    """Iterates of these lanes up to their verdicts, at most `longest` steps of each.

    Columns: lane, alpha, iteration, the variables, f; and, of the verdict at the tightest
    tolerance, the same in every row of a lane, status, steps and period (Int16, NA unless cycling).
    """
    chosen: Indices = np.asarray(lanes, np.int64)
    n_tol = len(experiment.tol)
    rows = chosen * n_tol + int(np.argmin(experiment.tol))
    last = np.minimum(results["steps"].to_numpy()[rows], longest)
    n_steps = int(last.max())
    x = np.empty((n_steps + 1, experiment.dimension, chosen.size))
    for k, (x_k, _) in zip(range(n_steps + 1), iterates(experiment.problem, chosen), strict=False):
        x[k] = x_k
    parts = []
    for i, lane in enumerate(chosen):
        points = x[: last[i] + 1, :, i].T
        parts.append(
            pd.DataFrame(
                {
                    "lane": lane,
                    "alpha": experiment.alpha[lane // len(experiment.x0)],
                    "iteration": np.arange(last[i] + 1),
                    **dict(zip(experiment.facts.variables, points, strict=True)),
                    "f": values(experiment.objective, points),
                    "status": pd.Categorical([results["status"].iloc[rows[i]]], dtype=STATUS)[
                        np.zeros(last[i] + 1, int)
                    ],
                    "steps": results["steps"].iloc[rows[i]],
                    "period": pd.array([results["period"].iloc[rows[i]]] * (last[i] + 1), "Int16"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def spread(n: int, largest: int) -> Indices:
    """At most `largest` of the indices 0 to n - 1, evenly spread, both ends included."""
    return np.unique(np.linspace(0, n - 1, min(n, largest)).round().astype(np.int64))
