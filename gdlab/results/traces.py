"""Lanes followed again, iterate by iterate: traces, convergence curves, paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdlab.core.criteria import distances, norm
from gdlab.core.descent import descend, iterates
from gdlab.core.problem import Indices, Status
from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array, values
from gdlab.results.minima import reached
from gdlab.results.overview import Results, overview_of
from gdlab.results.table import STATUS

Flags = NDArray[np.bool_]

SAME_HEIGHT = 1e-9
"""By which share of their values, or of 1, minima may differ and still be taken for alike."""


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
    lanes : a row a lane of the sample: alpha, status, steps, and value, its last
        f(x_k) - reference.
    reference : f*, or the least finite value seen where f* is not known (0 if there is none).
    known : whether the reference is f*.
    own : whether lanes reach minima of several heights. Then f at the minimum in whose valley a
        lane ends stands for the reference, and a step size has rows for the lanes that converge,
        if these are half of them at least; above the best it has else none.
    n_starts : starting points in the sample. farthest : how far any of them is from the nearest
        minimiser; None where none is known.
    best : the step size that converges from the most starts, and of those the fastest; or None.
    """

    table: pd.DataFrame
    lanes: pd.DataFrame
    reference: float
    known: bool
    own: bool
    n_starts: int
    farthest: float | None
    best: float | None


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
    n_x0 = len(experiment.starts)
    sizes = experiment.step_sizes
    i_alpha = sizes.first[spread(len(sizes), largest_n_alpha)]
    if n_x0 > largest_n_x0:
        i_x0 = np.sort(np.random.default_rng(seed).choice(n_x0, largest_n_x0, replace=False))
    else:
        i_x0 = np.arange(n_x0)
    lanes = (i_alpha[:, None] * n_x0 + i_x0).ravel()
    shape = i_alpha.size, i_x0.size
    verdicts = descend(experiment.problem, lanes)
    status, steps = verdicts.status[-1], verdicts.steps[-1]
    converged, diverged = status == Status.converged, status == Status.diverged
    bounded = ~diverged | overview.all_diverged  # where a least value means something
    best = overview.best if overview.tally.converged else None

    minimum, least = experiment.facts.minimum, overview.least
    known = minimum is not None
    minima = _minima(experiment, verdicts.x[-1], converged, diverged)
    own = minima is not None
    below = np.zeros(lanes.size) if minima is None else minima
    summarised, drawn = np.ones(shape, bool), np.ones(shape[0], bool)
    if own and best is not None:
        mostly = converged.reshape(shape).mean(axis=1) >= 0.5
        summarised[mostly] = converged.reshape(shape)[mostly]
        drawn = mostly | (experiment.alpha[i_alpha] <= best)

    n_steps = min(int(steps.max()), longest)
    quartiles = np.empty((n_steps + 1, 3, i_alpha.size))
    f = np.empty(lanes.size)
    for k, (x, _) in zip(range(n_steps + 1), iterates(experiment.problem, lanes), strict=False):
        going = steps >= k
        f[going] = values(experiment.objective, x)[going]
        f[diverged & (steps <= k)] = np.inf
        least = min(least, _least(f[bounded]))
        f[np.isnan(f)] = np.inf
        with np.errstate(over="ignore"):
            quartiles[k] = _quartiles((f - below).reshape(shape), summarised)
    seen = least if least < np.inf else 0.0
    reference = seen if minimum is None else minimum
    with np.errstate(over="ignore"):
        if not own:
            below[:] = reference
            quartiles -= reference
        value = f - below

    last = np.where(summarised, steps.reshape(shape), 0).max(axis=1)
    parts = []
    for i in np.flatnonzero(drawn):
        lower, median, upper = quartiles[: min(last[i], n_steps) + 1, :, i].T
        part = {"alpha": experiment.alpha[i_alpha[i]], "iteration": np.arange(median.size)}
        parts.append(pd.DataFrame(part | {"lower": lower, "median": median, "upper": upper}))
    ends = {
        "alpha": experiment.alpha[i_alpha].repeat(i_x0.size),
        "status": pd.Categorical.from_codes(status, dtype=STATUS),
        "steps": steps,
        "value": value,
    }
    return Curves(
        pd.concat(parts, ignore_index=True),
        pd.DataFrame(ends),
        reference,
        known,
        own,
        i_x0.size,
        _farthest(experiment, experiment.starts.take(i_x0)),
        best,
    )


def _farthest(experiment: Experiment, x0: Array) -> float | None:
    """How far any of the points x0 (d, n) is from the nearest minimiser, if one is known."""
    minimisers = experiment.facts.minimisers
    if minimisers is None or not len(minimisers):
        return None
    return float(distances(x0, minimisers).min(axis=0).max())


def _minima(experiment: Experiment, x: Array, converged: Flags, diverged: Flags) -> Array | None:
    """f (n,) at the minima in whose valleys lanes end at x (d, n); the least where there is none.

    None where those that converge do so to one height, that is f* or the least value there is.
    """
    if not converged.any() or experiment.facts.curvature is not None:
        return None
    ends = values(experiment.objective, x)
    f = reached(experiment.objective, experiment.facts, x, np.where(diverged, np.inf, ends))
    found = f[converged & np.isfinite(f)]
    if not found.size or np.ptp(found) <= SAME_HEIGHT * max(1.0, abs(found.min())):
        return None
    return np.where(np.isfinite(f), f, found.min())


def _quartiles(f: Array, chosen: Flags) -> Array:
    """Quartiles (3, m) of the chosen of each row of f (m, n), between two values linearly.

    As NumPy's own, but for rows with infinite values, where NumPy's would give NaN.
    """
    ordered = np.sort(np.where(chosen, f, np.nan), axis=1)  # NaN come last
    places = np.array([0.25, 0.5, 0.75]) * (chosen.sum(axis=1, keepdims=True) - 1)
    below, above = (
        np.take_along_axis(ordered, end(places).astype(int), axis=1) for end in (np.floor, np.ceil)
    )
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
                    "alpha": experiment.alpha[lane // len(experiment.starts)],
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
