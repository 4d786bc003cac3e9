"""Which step sizes and starting points of a formula are worth seeing, where nobody says."""

from __future__ import annotations

import numpy as np

from gdlab.core.problem import Status
from gdlab.core.starts import Product
from gdlab.experiment import Experiment
from gdlab.methods import BarzilaiBorwein, Method
from gdlab.objectives.base import Array
from gdlab.objectives.formula import Formula
from gdlab.store.shares import descend
from gdlab.theory import stability_limits

Ends = tuple[float, float]

STARTS = {1: 101, 2: 61}
"""Starting points along each coordinate, by the number of these."""
STEP_SIZES = {1: 100, 2: 16}
RASTER = {1: 2001, 2: 201}
"""Points along each coordinate of a domain in which minima are looked for."""
MOST_MINIMA = 64
APART = 1e-3
"""By how much two minima differ."""
BEYOND = 1.2
"""The largest step size, in those from which on the last of the minimisers repels."""
FAR_APART = 20
"""How many times as large as another a limit is where the step sizes begin at that one's share."""
LOGARITHMIC = 200
"""How many times the first step size is the last where they are spaced logarithmically."""
UNKNOWN = (1e-3, 1.0)
"""Step sizes where no limit is known."""


def starts_of(objective: Formula, ends: Ends | None = None) -> Array | Product:
    """Starting points on a line or a plane: between the ends, or around the minima.

    Raises ValueError for an objective of more variables.
    """
    d, num = objective.dimension, STARTS.get(objective.dimension)
    if num is None:
        raise ValueError(
            f"the formula has {d} variables ({', '.join(objective.variables)}), and the explorer "
            "draws one or two"
        )
    sides = [ends] * d if ends else _around(minima(objective), objective.domain)
    axes = [_tidy(np.linspace(low, high, num)) for low, high in sides]
    return axes[0] if d == 1 else Product(axes)


def step_sizes_of(objective: Formula, method: Method, ends: Ends | None = None) -> Array:
    """Step sizes between the ends, or up to beyond 2/L at the minima."""
    num = STEP_SIZES[objective.dimension]
    if ends is not None:
        return _between(*ends, num)
    limits = stability_limits(objective, method)
    limits = limits if limits.size else _limits(objective, minima(objective))
    limits = limits[np.isfinite(limits) & (limits > 0)]
    if not limits.size:
        return _between(*UNKNOWN, num)
    high = _short(BEYOND * limits.max())
    if limits.max() > FAR_APART * limits.min():
        return _between(_short(limits.min() / FAR_APART), high, num)
    return _tidy(np.linspace(high / num, high, num))


def minima(objective: Formula) -> Array:
    """The known minimisers (m, d), or those that are found from a raster over the domain."""
    if objective.minimisers is not None and len(objective.minimisers):
        return objective.minimisers
    points = _lowest_of_raster(objective)
    if not len(points):
        return points
    found = descend(
        Experiment(objective, 1e-3, points, tol=1e-9, method=BarzilaiBorwein(), engine="numpy")
    )
    x = found.x[0, :, 0][found.status[0, :, 0] == Status.converged]
    low, high = np.array(objective.domain).T
    x = x[((low <= x) & (x <= high)).all(axis=1)]
    places = np.unique(np.round(x / APART), axis=0, return_index=True)[1]
    return x[np.sort(places)]


def _lowest_of_raster(objective: Formula) -> Array:
    """Points (m, d) of a raster that are lower than all beside them."""
    n = RASTER[objective.dimension]
    axes = [np.linspace(low, high, n) for low, high in objective.domain]
    points = np.stack(np.meshgrid(*axes, indexing="ij"))
    f = objective(points)
    least = np.isfinite(f)
    for axis in range(f.ndim):
        for shift in (-1, 1):
            least &= f < np.roll(f, shift, axis)
        edge = np.moveaxis(least, axis, 0)
        edge[0], edge[-1] = False, False
    order = np.argsort(f[least], kind="stable")[:MOST_MINIMA]
    return points[:, least][:, order].T


def _limits(objective: Formula, points: Array) -> Array:
    """2/L at each of these points (m, d); NaN where f is not curved upwards, or has a kink."""
    matrices = np.moveaxis(objective.hessian(points.T), -1, 0)
    is_smooth = np.atleast_1d(np.isfinite(matrices).all(axis=(1, 2)))
    curvatures = np.linalg.eigvalsh(np.where(is_smooth[:, None, None], matrices, 0.0))
    with np.errstate(divide="ignore"):
        return np.where(is_smooth & (curvatures[:, 0] > 0), 2 / curvatures[:, -1], np.nan)


def _around(minima: Array, domain: tuple[Ends, ...]) -> list[Ends]:
    """The ends of each coordinate: as far beyond the minima as half of their extent, or as 0 is."""
    if not len(minima):
        return list(domain)
    low, high = minima.min(axis=0), minima.max(axis=0)
    reach = float(np.maximum(0.5 * (high - low), 0.5 * np.abs(low + high)).max())
    if len(minima) == 1:
        reach = max(reach, 2.0)
    return [(_short(a - reach), _short(b + reach)) for a, b in zip(low, high, strict=True)]


def _between(low: float, high: float, num: int) -> Array:
    """Step sizes, spaced logarithmically where the last is many times the first."""
    return _tidy((np.geomspace if high > LOGARITHMIC * low else np.linspace)(low, high, num))


def _short(value: float) -> float:
    """To two digits."""
    return float(f"{value:.2g}")


def _tidy(values: Array) -> Array:
    """Without the dust of their arithmetic."""
    return np.array([float(f"{value:.12g}") for value in values])
