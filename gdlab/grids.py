"""Grids of step sizes and of starting points.

Any importable function that returns an array can make a grid. The ones here are for what NumPy
does not have. A grid function with a parameter named `objective` is given the objective.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gdlab.objectives.base import DEFAULT_DOMAIN, Array, Objective, default_variables
from gdlab.theory import stability_limits


def line(
    num: int, start: float | None = None, stop: float | None = None, *, objective: Objective
) -> Array:
    """`num` evenly spaced starting points (num,) from `start` to `stop`, both included.

    Either end is by default that of the objective's domain.
    """
    _one_at_least(num)
    if dimension_of(objective, 1) != 1:
        raise ValueError(
            "a line of starting points needs an objective of one variable, and this one has "
            f"{_names(objective)}; try x0_grid=plane or x0_grid=random"
        )
    low, high = _domain(objective, 1)[0]
    return np.linspace(low if start is None else start, high if stop is None else stop, num)


def plane(
    num: int | Sequence[int],
    start: float | Sequence[float] | None = None,
    stop: float | Sequence[float] | None = None,
    *,
    objective: Objective,
) -> Array:
    """A mesh of starting points (num * num, 2), the second coordinate running fastest.

    num, start, stop : one value for both coordinates, or one for each; `start` and `stop` are by
        default the objective's domain.
    """
    if dimension_of(objective, 2) != 2:
        raise ValueError(
            "a plane of starting points needs an objective of two variables, and this one has "
            f"{_names(objective)}; try x0_grid=line or x0_grid=random"
        )
    domain = np.array(_domain(objective, 2))
    try:
        lows = np.broadcast_to(domain[:, 0] if start is None else start, 2).astype(float)
        highs = np.broadcast_to(domain[:, 1] if stop is None else stop, 2).astype(float)
        nums = np.broadcast_to(num, 2)
    except ValueError:
        raise ValueError("num, start and stop take one value, or two (one a coordinate)") from None
    for n in nums:
        _one_at_least(n)
    axes = [np.linspace(*ends) for ends in zip(lows, highs, nums.tolist(), strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)


def normal(
    num: int,
    mean: float | Sequence[float] = 0.0,
    deviation: float = 1.0,
    seed: int = 0,
    *,
    objective: Objective,
) -> Array:
    """`num` starting points (num, d) from a normal distribution, the same for the same seed.

    mean : of every coordinate, or one for each. deviation : the standard deviation.
    """
    _one_at_least(num)
    if not deviation > 0:
        raise ValueError(f"deviation={deviation} is not positive")
    dimension = dimension_of(objective, np.size(mean))
    try:
        centre = np.broadcast_to(np.asarray(mean, dtype=float), (dimension,))
    except ValueError:
        raise ValueError(f"mean={mean} does not have {dimension} coordinates") from None
    return np.random.default_rng(seed).normal(centre, deviation, size=(num, dimension))


def relative(num: int, start: float = 0.125, stop: float = 1.125, *, objective: Objective) -> Array:
    """Step sizes (num,) evenly spaced from `start` to `stop`, as shares of the limit 2/L.

    Beyond 2/L, L being the largest curvature at a minimiser, descent cannot settle there; of
    several known minimisers the one with the largest limit counts, so that at `stop` > 1 it can
    settle at none.
    """
    _one_at_least(num)
    limits = stability_limits(objective)
    if not limits.size or not np.isfinite(limits).any():
        raise ValueError(
            "step sizes relative to 2/L need a known minimiser with positive curvature, and none "
            "is known for this objective; try alpha_grid=log"
        )
    return np.linspace(start, stop, num) * limits[np.isfinite(limits)].max()


def dimension_of(objective: Objective, otherwise: int) -> int:
    """Give the number of variables, or `otherwise` where the objective does not say."""
    variables = getattr(objective, "variables", None)
    return len(variables) if variables else otherwise


def _domain(objective: Objective, dimension: int) -> Sequence[tuple[float, float]]:
    return getattr(objective, "domain", None) or (DEFAULT_DOMAIN,) * dimension


def _names(objective: Objective) -> str:
    return ", ".join(getattr(objective, "variables", None) or default_variables(1))


def _one_at_least(num: object) -> None:
    if isinstance(num, bool) or not isinstance(num, int | np.integer) or num < 1:
        raise ValueError(f"num={num} is not a whole number of at least 1")
