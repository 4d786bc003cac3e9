"""Lanes followed again, iterate by iterate: traces, convergence curves, paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gdlab.core.criteria import norm
from gdlab.core.descent import descend, iterates
from gdlab.core.problem import Indices, Status
from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array, values
from gdlab.results.overview import Results, overview_of
from gdlab.results.table import STATUS


def trace(experiment: Experiment, lane: int = 0) -> pd.DataFrame:
    """Every iterate of one lane up to its verdict at the tightest tolerance.

    Columns: iteration (0 at x0), the variables, f, step (the norm of x_k - x_{k-1}, NaN at x0)
    and gradient (the norm of grad f(x_k)).
    """
    number = np.array([lane])
    n_steps = int(descend(experiment.problem, number).steps.max())
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
    results: Results,
    *,
    largest_n_alpha: int = 24,
    largest_n_x0: int = 64,
    longest: int = 10_000,
    seed: int = 0,
) -> Curves:
    """Follow a seeded sample of the lanes again and summarise f(x_k) by step size.

    results : the experiment's own table, or an overview of it, which tell the least value seen.
    longest : iterations followed at most.
    """
    overview = overview_of(experiment, results)
    n_x0 = len(experiment.x0)
    sizes = experiment.step_sizes
    i_alpha = sizes.first[spread(len(sizes), largest_n_alpha)]
    i_x0 = np.arange(n_x0)
    if n_x0 > largest_n_x0:
        chosen = np.random.default_rng(seed).choice(n_x0, largest_n_x0, replace=False)
        i_x0 = np.sort(chosen)
    lanes = (i_alpha[:, None] * n_x0 + i_x0).ravel()
    verdicts = descend(experiment.problem, lanes)
    steps, diverged = verdicts.steps[-1], verdicts.status[-1] == Status.diverged
    bounded = ~diverged | overview.all_diverged  # where a least value means something

    n_steps = min(int(steps.max()), longest)
    quartiles = np.empty((n_steps + 1, 3, i_alpha.size))
    least = overview.least
    f = np.empty(lanes.size)
    for k, (x, _) in zip(range(n_steps + 1), iterates(experiment.problem, lanes), strict=False):
        going = steps >= k
        f[going] = values(experiment.objective, x)[going]
        f[diverged & (steps <= k)] = np.inf
        least = min(least, _least(f[bounded]))
        f[np.isnan(f)] = np.inf
        quartiles[k] = _quartiles(f.reshape(i_alpha.size, i_x0.size))
    known = experiment.facts.minimum is not None
    if experiment.facts.minimum is not None:
        reference = experiment.facts.minimum
    else:
        reference = least if least < np.inf else 0.0
    with np.errstate(over="ignore"):
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


def _quartiles(f: Array) -> Array:
    """Quartiles (3, m) of each row of f (m, n), between two values linearly.

    As NumPy's own, but for rows with infinite values, where NumPy's would give NaN.
    """
    places = np.array([0.25, 0.5, 0.75]) * (f.shape[1] - 1)
    ordered = np.sort(f, axis=1)
    below, above = ordered[:, np.floor(places).astype(int)], ordered[:, np.ceil(places).astype(int)]
    with np.errstate(invalid="ignore"):
        between = below + places % 1 * (above - below)
    return np.where((below == above) | np.isnan(between), above, between).T


def _least(f: Array) -> float:
    """The least finite value, or infinity: a lane that falls to -inf gives no reference."""
    return float(f.min(where=np.isfinite(f), initial=np.inf))


def paths(experiment: Experiment, lanes: Sequence[int], longest: int = 200) -> pd.DataFrame:
    """Iterates of these lanes up to their verdicts, at most `longest` steps of each.

    Columns: lane, alpha, iteration, the variables, f; and, of the verdict at the tightest
    tolerance, the same in every row of a lane, status, steps and period (Int16, NA unless cycling).
    """
    chosen: Indices = np.asarray(lanes, np.int64)
    verdicts = descend(experiment.problem, chosen)
    status, steps, period = verdicts.status[-1], verdicts.steps[-1], verdicts.period[-1]
    last = np.minimum(steps, longest)
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
                    "status": pd.Categorical.from_codes(
                        np.full(last[i] + 1, status[i]), dtype=STATUS
                    ),
                    "steps": steps[i],
                    "period": pd.array([period[i] or pd.NA] * (last[i] + 1), "Int16"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
