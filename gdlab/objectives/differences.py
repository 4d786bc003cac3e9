"""Central differences: in the place of a gradient, and to see whether a gradient is one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gdlab.objectives.base import (
    POINTS_AT_ONCE,
    Array,
    Objective,
    ObjectiveError,
    evaluated,
)

STEP = float(np.finfo(np.float64).eps ** (1 / 3))
"""Of a coordinate, or of 1 where that is larger: here truncation and rounding err alike."""
STEPS = np.logspace(-2, -9, 8)
"""Of a coordinate's scale. Functions that vary fast need short steps, those of rounded values long
ones; differences count where two lengths of step that follow each other have the same."""
SAME = 0.05
"""Share of a slope by which its differences are the same, and that rounding may make of it."""
SLACK = 1e-4
"""Relative difference that is still a gradient's: users may have taken differences themselves."""
ROUNDING = 64
"""How many units in the last place a value of f may be off."""
MOST_COORDINATES = 8
"""That are looked at, drawn by chance where there are more."""


class Differences:
    """The gradient of f by central differences: 2d values of f for each point.

    They are good to about ten digits where f is smooth, and so is what a descent stands on.
    """

    def __init__(self, f: Callable[[Array], Array]) -> None:
        self.f = f

    def __call__(self, x: Array) -> Array:
        """Gradients (d, n) at the points x of shape (d, n)."""
        gradient = np.empty(x.shape)
        at_once = max(POINTS_AT_ONCE // (2 * len(x)), 1)
        for first in range(0, x.shape[1], at_once):
            part = x[:, first : first + at_once]
            steps = STEP * np.maximum(np.abs(part), 1.0)
            ahead, behind = part + steps, part - steps
            slope = np.asarray(self.f(_moved(part, np.concatenate([ahead, behind]))), np.float64)
            plus, minus = slope.reshape(2, *part.shape)
            gradient[:, first : first + at_once] = (plus - minus) / (ahead - behind)
        return gradient


def _moved(x: Array, values: Array) -> Array:
    """The points x (d, n), of which one coordinate at a time has another value.

    values : (kd, n), k for each coordinate, in their order again and again. Gives (d, kdn).
    """
    (d, n), rows = x.shape, len(values)
    points = np.repeat(x[:, None], rows, axis=1)
    points[np.arange(rows) % d, np.arange(rows)] = values
    return points.reshape(d, rows * n)


def require_gradient(objective: Objective, x: Array, seed: int = 0) -> None:
    """Raise ValueError where the gradient of `objective` is not that of its values.

    x : (d, n), points near which that is looked at. Kinks, places where f is not finite, and what
    differences cannot tell for rounding, are no reason for doubt.
    """
    random = np.random.default_rng(seed)
    scale = np.abs(x).max(axis=1)
    scale[scale == 0] = 1.0
    x = x + scale[:, None] * random.uniform(-0.05, 0.05, x.shape)
    coordinates = np.sort(random.permutation(len(x))[:MOST_COORDINATES])
    for point in x.T:
        with np.errstate(all="ignore"):
            try:
                gradient = evaluated("grad", objective.grad, point[:, None])[:, 0]
                doubt = _doubt(objective, point, gradient, coordinates, scale)
            except ObjectiveError:
                continue  # at points beside x0 it may have no value
        if doubt is not None:
            i, difference = doubt
            along = f" along coordinate {i + 1}" if len(x) > 1 else ""
            raise ValueError(
                f"objective: grad is not the gradient of f: at x = {_shown(point)} it is "
                f"{gradient[i]:.6g}{along}, and central differences of f are {difference:.6g}; "
                "check_gradient=false descends by it nevertheless"
            )


def _doubt(
    objective: Objective, x: Array, gradient: Array, coordinates: NDArray[np.int64], scale: Array
) -> tuple[int, float] | None:
    """The first coordinate along which no differences fit the gradient, and the best of them."""
    steps = np.multiply.outer(scale[coordinates], STEPS)  # (k, s)
    which = np.arange(len(coordinates))
    points = np.broadcast_to(x[:, None, None, None], (len(x), *steps.shape, 2)).copy()
    points[coordinates, which] += steps[..., None] * [1, -1]
    values = evaluated("f", objective, points.reshape(len(x), -1)).reshape(points.shape[1:])
    slope = (np.diff(values) / np.diff(points[coordinates, which]))[..., 0]
    single = (values == values.astype(np.float32)).all(axis=-1)
    unit = np.where(single, np.finfo(np.float32).eps, np.finfo(np.float64).eps)
    noise = ROUNDING * unit * np.abs(values).max(axis=-1) / steps
    given = gradient[coordinates, None]

    spread, noise, found = np.abs(np.diff(slope)), noise[:, 1:], slope[:, 1:]
    size = np.maximum(np.abs(slope[:, :-1]), np.abs(found))
    largest = np.maximum(size, np.abs(given))
    telling = np.isfinite(spread + noise + given)
    telling &= (spread <= np.maximum(SAME * size, noise)) & (noise <= SAME * largest)
    fits = np.abs(given - found) <= SLACK * largest + 4 * spread + noise
    refuted = telling.any(axis=1) & ~(telling & fits).any(axis=1)
    if not refuted.any():
        return None
    i = int(refuted.argmax())
    best = np.where(telling[i], spread[i] + noise[i], np.inf).argmin()
    return int(coordinates[i]), float(found[i, best])


def _shown(point: Array) -> str:
    numbers = [f"{coordinate:.6g}" for coordinate in point[:4]]
    return ", ".join(numbers) + (", ..." if len(point) > 4 else "")
