"""Grids of step sizes and of starting points.

Any importable function that returns an array can make a grid. The ones here are for what NumPy
does not have; where there can be more points than memory, they give `Starts`, of which NumPy makes
an array where one is wanted. A grid function with a parameter named `objective` or `method` is
given the objective or the method.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gdlab.core.starts import Normal, Product, Starts
from gdlab.given import count, finite, shown
from gdlab.methods import GradientDescent, Method
from gdlab.objectives.base import Array, Objective, default_variables
from gdlab.objectives.domain import stated_domain, stated_names
from gdlab.theory import stability_limits

LARGEST_SEED = 2**128 - 1
FROM_NUMPY = (np.linspace, np.geomspace, np.logspace)
"""Grids of NumPy's of which this module knows what `start`, `stop` and `num` mean."""


def line(
    num: int, start: float | None = None, stop: float | None = None, *, objective: Objective
) -> Array:
    """`num` evenly spaced starting points (num,) from `start` to `stop`, both included.

    Either end is by default that of the objective's domain.
    """
    num = count("num", num)
    if dimension_of(objective, 1) != 1:
        raise ValueError(
            "a line of starting points needs an objective of one variable, and this one has "
            f"{_names(objective)}; try x0_grid=plane or x0_grid=random"
        )
    low, high = stated_domain(objective, 1)[0]
    low = low if start is None else finite("start", start)
    return _between(low, high if stop is None else finite("stop", stop), num)


def plane(
    num: int | Sequence[int],
    start: float | Sequence[float] | None = None,
    stop: float | Sequence[float] | None = None,
    *,
    objective: Objective,
) -> Product:
    """A mesh of num * num starting points, the second coordinate running fastest.

    It is held as its axes. num, start, stop : one value for both coordinates, or one for each;
        `start` and `stop` are by default the objective's domain.
    """
    if dimension_of(objective, 2) != 2:
        raise ValueError(
            "a plane of starting points needs an objective of two variables, and this one has "
            f"{_names(objective)}; try x0_grid=line or x0_grid=random"
        )
    domain = np.array(stated_domain(objective, 2))
    lows = domain[:, 0] if start is None else [finite("start", low) for low in _two(start)]
    highs = domain[:, 1] if stop is None else [finite("stop", high) for high in _two(stop)]
    nums = [count("num", n) for n in _two(num)]
    return Product([_between(*ends) for ends in zip(lows, highs, nums, strict=True)])


def zero(*, objective: Objective) -> Array:
    """The starting point (1, d) whose coordinates are all zero."""
    return np.zeros((1, dimension_of(objective, 1)))


def normal(
    num: int,
    mean: float | Sequence[float] = 0.0,
    deviation: float = 1.0,
    seed: int = 0,
    *,
    objective: Objective,
) -> Normal:
    """`num` starting points from a normal distribution, the same for the same seed.

    They are made when they are asked for. mean : of every coordinate, or one for each.
    deviation : the standard deviation.
    """
    num, seed = count("num", num), count("seed", seed, least=0, largest=LARGEST_SEED)
    if not finite("deviation", deviation) > 0:
        raise ValueError(f"deviation={deviation} is not positive")
    dimension = dimension_of(objective, np.size(mean))
    means = (
        mean if isinstance(mean, Sequence | np.ndarray) and not isinstance(mean, str) else [mean]
    )
    if len(means) not in (1, dimension):
        raise ValueError(f"mean={mean} does not have {dimension} coordinates")
    centre = [finite("mean", coordinate) for coordinate in means]
    return Normal(num, dimension, centre, float(deviation), seed)


def uniform(
    num: int,
    start: float | Sequence[float] | None = None,
    stop: float | Sequence[float] | None = None,
    seed: int = 0,
    *,
    objective: Objective,
) -> Array:
    """`num` evenly distributed random starting points (num, d), the same for the same seed.

    start, stop : one value for all coordinates, or one for each; by default the objective's domain.
    """
    num, seed = count("num", num), count("seed", seed, least=0, largest=LARGEST_SEED)
    dimension = dimension_of(objective, 1)
    domain = np.array(stated_domain(objective, dimension)).T
    low, high = (
        end if given is None else _corner(name, given, dimension)
        for name, given, end in zip(("start", "stop"), (start, stop), domain, strict=True)
    )
    for ends in zip(low, high, strict=True):
        _between(*ends, 2)
    return low + (high - low) * np.random.default_rng(seed).random((num, dimension))


def over_domain(
    num: int | Sequence[int],
    start: float | Sequence[float] | None = None,
    stop: float | Sequence[float] | None = None,
    seed: int = 0,
    *,
    objective: Objective,
) -> Array | Starts:
    """Starting points all over the objective's domain, whatever its number d of variables.

    A `line` of `num` points, a `plane` of num * num, or, for d > 2, `num` random ones (`uniform`).
    """
    dimension = dimension_of(objective, 1)
    if dimension == 1:
        return line(num, start, stop, objective=objective)  # type: ignore[arg-type]
    if dimension == 2:
        return plane(num, start, stop, objective=objective)
    return uniform(num, start, stop, seed, objective=objective)  # type: ignore[arg-type]


def relative(
    num: int,
    start: float = 0.125,
    stop: float = 1.125,
    *,
    objective: Objective,
    method: Method | None = None,
) -> Array:
    """Step sizes (num,) evenly spaced from `start` to `stop`, as shares of the method's limit.

    That of gradient descent is 2/L, and so it is for methods of which theory knows none. Beyond it,
    L being the largest curvature at a minimiser, descent cannot settle there; of several known
    minimisers the one with the largest limit counts, so that at `stop` > 1 it can settle at none.
    For gradient descent on a convex objective that states its `smoothness`, that is L: below 2/L f
    then falls from every start.
    """
    num, start, stop = count("num", num), finite("start", start), finite("stop", stop)
    smoothness = getattr(objective, "smoothness", None)
    limits = np.empty(0) if method is None else stability_limits(objective, method)
    if smoothness is not None and isinstance(method, GradientDescent | None):
        limits = np.array([2 / smoothness])
    if not limits.size:
        limits = stability_limits(objective)
    if not limits.size or not np.isfinite(limits).any():
        raise ValueError(
            "step sizes relative to 2/L need a known minimiser with positive curvature, and none "
            "is known for this objective; try alpha_grid=log"
        )
    return _between(start, stop, num) * limits[np.isfinite(limits)].max()


def for_numpy(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of one of `FROM_NUMPY` that have to be changed for it: 1e3 is a whole number here.

    Raises ValueError for what it would refuse in words of its own.
    """
    for name in ("start", "stop"):
        for end in _each(arguments.get(name, [])):  # a point has one for each coordinate
            finite(name, end)
    ends = (_each(arguments.get(name, [])) for name in ("start", "stop"))
    for start, stop in zip(*ends, strict=False):
        _between(start, stop, 2)
    return {"num": count("num", arguments["num"])} if "num" in arguments else {}


def announced(function: Callable[..., Any], arguments: Mapping[str, Any]) -> int | None:
    """How many values a grid will have, told without making it; None where that cannot be.

    Of one over a domain, whose dimension is not known yet, those that it has at the least.
    """
    counts = _counts(function, arguments)
    return None if counts is None else math.prod(counts)


def held(function: Callable[..., Any], arguments: Mapping[str, Any]) -> int | None:
    """How many places a grid takes in memory, told without making it; None where that cannot be."""
    counts = _counts(function, arguments)
    if counts is None:
        return None
    return 0 if function is normal else sum(counts)


def _counts(function: Callable[..., Any], arguments: Mapping[str, Any]) -> list[int] | None:
    """How many values each axis of a grid has."""
    if function is zero:
        return [1]
    if function not in (*FROM_NUMPY, line, plane, normal, uniform, over_domain, relative):
        return None
    num = arguments.get("num")
    try:
        return [count("num", n) for n in (_two(num) if function is plane else [num])]
    except ValueError:
        return None


def dimension_of(objective: Objective, otherwise: int) -> int:
    """Give the number of variables, or `otherwise` where the objective does not say."""
    variables = stated_names(objective)
    return len(variables) if variables else otherwise


def _between(start: float, stop: float, num: int) -> Array:
    """Evenly spaced numbers; raise ValueError where the way between the ends has no length."""
    if not math.isfinite(float(stop) - float(start)):
        raise ValueError(
            f"start={start:g} and stop={stop:g} are further apart than the largest number; "
            "take them nearer to each other"
        )
    return np.linspace(start, stop, num)


def _corner(name: str, given: float | Sequence[float], dimension: int) -> Array:
    """A point (d,) from one value for all coordinates, or one for each."""
    values = [finite(name, value) for value in _each(given)]
    if len(values) not in (1, dimension):
        raise ValueError(f"{name}={shown(given)} does not have {dimension} coordinates")
    return np.broadcast_to(np.array(values, dtype=float), dimension)


def _names(objective: Objective) -> str:
    return ", ".join(stated_names(objective) or default_variables(1))


def _two(given: Any) -> list[Any]:
    """One value for both coordinates, or one for each."""
    values = _each(given)
    if len(values) not in (1, 2):
        raise ValueError("num, start and stop take one value, or two (one a coordinate)")
    return values if len(values) == 2 else 2 * values


def _each(given: Any) -> list[Any]:
    several = isinstance(given, Sequence | np.ndarray) and not isinstance(given, str)
    return list(given) if several else [given]
