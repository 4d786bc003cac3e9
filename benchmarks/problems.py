"""The problems that all peers solve: the same lanes, the same tolerance, the same limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Gradient = Callable[..., tuple[Any, ...]]
"""Coordinates in, slopes out: floats, arrays or traced values alike."""


@dataclass(frozen=True)
class Problem:
    """An objective, the grid of its lanes, and when a lane stops.

    expr : the formula as gdlab takes it. gradient : the same by hand, with the operations in the
    order in which gdlab does them, so that equal bits can be asked for. step_sizes, starts : make
    α (n_alpha,) and x0 (n_x0, d) of a grid of about n lanes.
    """

    name: str
    title: str
    expr: str
    gradient: Gradient
    step_sizes: Callable[[int], Array]
    starts: Callable[[int], Array]
    max_iter: int
    tol: float = 1e-7
    escape: float = 1e8

    @property
    def dimension(self) -> int:
        return self.starts(4).shape[1]

    def grid(self, n: int) -> tuple[Array, Array]:
        """α (n_alpha,) and x0 (n_x0, d) of about n lanes."""
        return self.step_sizes(n), self.starts(n)

    def n_lanes(self, n: int) -> int:
        """How many lanes a grid of about n lanes has."""
        alpha, x0 = self.grid(n)
        return len(alpha) * len(x0)

    def lanes(self, n: int, chosen: NDArray[np.int64] | None = None) -> tuple[Array, Array]:
        """α (m,) and x0 (d, m) of the chosen lanes of that grid, by default of all."""
        alpha, x0 = self.grid(n)
        if chosen is None:
            chosen = np.arange(len(alpha) * len(x0))
        i_alpha, i_x0 = np.divmod(chosen, len(x0))
        return alpha[i_alpha], np.ascontiguousarray(x0[i_x0].T)


def drawn(n_lanes: int, n: int) -> NDArray[np.int64]:
    """The numbers of n lanes spread evenly over so many, or of all if there are no more."""
    return np.linspace(0, n_lanes - 1, min(n, n_lanes)).astype(np.int64)


def quadratic_slope(x: Any) -> tuple[Any, ...]:
    return (2 * x + 4,)


def himmelblau_slopes(x: Any, y: Any) -> tuple[Any, ...]:
    xx, yy = x * x, y * y
    return (
        4 * x * (y + xx - 11) + 2 * x + 2 * yy - 14,
        4 * y * (x + yy - 7) + 2 * y + 2 * xx - 22,
    )


def well_slope(x: Any) -> tuple[Any, ...]:
    return (4 * x * (x * x) - 4 * x,)


def linear_step_sizes(n: int) -> Array:
    return np.linspace(0.005, 0.995, isqrt(n))


def log_step_sizes(n: int) -> Array:
    return np.geomspace(1e-3, 0.99, isqrt(n))


def line(n: int) -> Array:
    return np.linspace(-10, 10, isqrt(n))[:, None]


def small_step_sizes(n: int) -> Array:
    return np.linspace(0.02, 0.3, isqrt(n))


def full_step(n: int) -> Array:
    return np.ones(1)


def long_line(n: int) -> Array:
    return np.linspace(-10, 10, n)[:, None]


PLANE_STEP_SIZES = (0.005, 0.01, 0.015, 0.02)


def few_step_sizes(n: int) -> Array:
    return np.array(PLANE_STEP_SIZES)


def smaller_step_sizes(n: int) -> Array:
    return np.array([0.001, 0.004, 0.007, 0.01])


def plane(n: int) -> Array:
    along = np.linspace(-6, 6, isqrt(n // len(PLANE_STEP_SIZES)))
    x, y = np.meshgrid(along, along, indexing="ij")
    return np.column_stack([x.ravel(), y.ravel()])


_QUADRATIC = "x**2 + 4*x + 4"
_HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"

PROBLEMS = {
    problem.name: problem
    for problem in (
        Problem(
            "linear",
            "shifted quadratic, α linearly spaced",
            _QUADRATIC,
            quadratic_slope,
            linear_step_sizes,
            line,
            max_iter=1000,
        ),
        Problem(
            "log",
            "shifted quadratic, α logarithmically spaced",
            _QUADRATIC,
            quadratic_slope,
            log_step_sizes,
            line,
            max_iter=20_000,
        ),
        Problem(
            "himmelblau",
            "Himmelblau's function over the plane",
            _HIMMELBLAU,
            himmelblau_slopes,
            few_step_sizes,
            plane,
            max_iter=1000,
        ),
    )
}

METHOD_PROBLEMS = {
    problem.name: problem
    for problem in (
        Problem(
            "line",
            "shifted quadratic, small α",
            _QUADRATIC,
            quadratic_slope,
            small_step_sizes,
            line,
            max_iter=1000,
            tol=1e-9,
        ),
        Problem(
            "plane",
            "Himmelblau's function, small α",
            _HIMMELBLAU,
            himmelblau_slopes,
            smaller_step_sizes,
            plane,
            max_iter=1000,
            tol=1e-9,
        ),
        Problem(
            "well",
            "double well, α = 1",
            "x**4 - 2*x**2 + 1",
            well_slope,
            full_step,
            long_line,
            max_iter=1000,
            tol=1e-9,
        ),
    )
}
"""On which methods are compared: with step sizes that suit all of them, and with that of Newton."""
