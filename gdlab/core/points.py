"""Starting points as a user gives them, checked."""

from __future__ import annotations

import numpy as np

from gdlab.core.starts import Listed, Starts
from gdlab.given import Numbers, numbers
from gdlab.objectives.base import Array, Objective, default_variables
from gdlab.objectives.domain import stated_names


def starts_of(given: Numbers | Starts, objective: Objective, escape: float) -> Starts:
    """Give the starting points, which have the objective's dimension and lie within the escape.

    Raises ValueError if they do not.
    """
    starts = given if isinstance(given, Starts) else Listed(_points(given, objective))
    names = stated_names(objective) or default_variables(starts.dimension)
    if starts.dimension != len(names):
        raise _wrong_points(f"has points of {starts.dimension} coordinates", names)
    outside = starts.first_beyond(escape)
    if outside is not None:
        raise ValueError(
            f"x0={outside.tolist()} lies outside escape={escape:g}, where a lane counts as "
            "diverged; start nearer, or raise tolerance.escape"
        )
    return starts


def _points(given: Numbers, objective: Objective) -> Array:
    values = numbers("x0", given)
    names = stated_names(objective)
    if names is None:
        names = default_variables(values.shape[1] if values.ndim == 2 else 1)
    if not values.size:
        raise ValueError("x0=[] is empty; give at least one starting point")
    if values.ndim <= 1 and len(names) == 1:
        values = values.reshape(-1, 1)
    if values.ndim != 2:
        raise _wrong_points(_described(values), names)
    if not np.isfinite(values).all():
        raise ValueError("x0 has a value that is not finite; every starting point must be finite")
    return values


def _wrong_points(given: str, names: tuple[str, ...]) -> ValueError:
    d = len(names)
    return ValueError(
        f"x0 {given}, and the objective has {d} variable{'s' * (d > 1)} ({', '.join(names)}); "
        f"{_advice(d)}"
    )


def _described(values: Array) -> str:
    if values.ndim == 0:
        return f"is one number ({values:g})"
    if values.ndim == 1:
        return f"is a flat list of {len(values)} numbers, that is points on a line"
    return f"has the shape {values.shape}"


def _advice(d: int) -> str:
    if d == 1:
        return "give numbers, as in x0='[-3,0.5]', or choose x0_grid=line"
    point = ",".join(str(i) for i in range(1, d + 1))
    return (
        f"give points, as in x0='[[{point}]]', or choose x0_grid={'plane' if d == 2 else 'random'}"
    )
