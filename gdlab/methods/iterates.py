"""What a method and a criterion see of the lanes under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gdlab.objectives.base import Array, Objective
from gdlab.objectives.inplace import Rows, Writer
from gdlab.objectives.writers import gradient_writer, hessian_writer, value_writer

SMALLEST = float(np.finfo(np.float64).tiny)
"""Scalar products below it have lost digits, or are 0 though no vector is."""


class Iterates:
    """Some lanes at their iterates: where they are, and what f, its gradient and Hessian are.

    x : (d, n), read-only. alpha : (1, n), read-only. memory : (m, n), what the method keeps of each
    lane, to be changed in place; 0 at a lane's start.
    evaluations : (n,), how often the method has asked since the start of each lane, where that
    differs from lane to lane; else None.

    What is asked for some lanes alone is given their columns (m,) as well.
    """

    x: Array
    alpha: Array
    memory: Array
    evaluations: Array | None
    rows: Callable[[Array], Rows]

    def __init__(
        self,
        objective: Objective,
        x: Array,
        alpha: Array,
        memory: Array,
        gradient: Array,
        evaluations: Array | None = None,
    ) -> None:
        self.objective = objective
        self.alpha, self.memory, self.evaluations = alpha, memory, evaluations
        self._write_gradient, self.rows = gradient_writer(objective)
        self._gradient = gradient.view()
        self._gradient.flags.writeable = False
        self._rows_of_gradient = self.rows(gradient)
        self.move_to(x, self.rows(x))

    def move_to(self, x: Array, rows: Rows, *, gradient_is_there: bool = False) -> None:
        """Let x (d, n) be the iterates; its rows come along, since to make them takes time."""
        self.x, self._rows_of_x = x, rows
        self._is_there = gradient_is_there
        self._is_charged = False

    @property
    def gradient(self) -> Array:
        """The gradient at x, (d, n), read-only; however often it is asked for, computed once."""
        if not self._is_charged:
            self._charge(None)
            self._is_charged = True
        return self.slope()

    def gradient_at(
        self, x: Array, columns: NDArray[np.int64] | None = None, out: Array | None = None
    ) -> Array:
        """The gradient at the points x (d, m), in `out` if that is given: (d, m)."""
        self._charge(columns)
        return self.slope_at(x, out)

    def value_at(self, x: Array, columns: NDArray[np.int64] | None = None) -> Array:
        """f at the points x (d, m): (m,)."""
        self._charge(columns)
        return self.value_ahead(x)

    def value_ahead(self, x: Array) -> Array:
        """As `value_at`, for points of which it will show whether they count: see `count`."""
        value = np.empty((1, x.shape[1]))
        self._write_value(self.rows(x), value)
        return value[0]

    def count(self, n: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        """Let these columns (m,) have asked for so many values (m,)."""
        if self.evaluations is not None:
            self.evaluations[columns] += n

    def hessian(self) -> Array:
        """The Hessians at x, (d, d, n), to be changed at will until they are asked for again."""
        self._charge(None)
        d, n = self.x.shape
        self._write_hessian(self._rows_of_x, self._matrices)
        return self._matrices.reshape(d, d, n)

    def slope(self) -> Array:
        """As `gradient`, for who is no method and not to be counted."""
        if not self._is_there:
            self._write_gradient(self._rows_of_x, self._rows_of_gradient)
            self._is_there = True
        return self._gradient

    def slope_at(self, x: Array, out: Array | None = None) -> Array:
        """As `gradient_at`, for who is no method and not to be counted."""
        if out is None:
            out = np.empty_like(x)
        self._write_gradient(self.rows(x), self.rows(out))
        return out

    def _charge(self, columns: NDArray[np.int64] | None) -> None:
        if self.evaluations is not None:
            self.evaluations[slice(None) if columns is None else columns] += 1

    @cached_property
    def _write_value(self) -> Writer:
        return value_writer(self.objective)

    @cached_property
    def _write_hessian(self) -> Writer:
        return hessian_writer(self.objective)

    @cached_property
    def _matrices(self) -> Array:
        d, n = self.x.shape
        return np.empty((d * d, n))


def dot(a: Array, b: Array) -> Array:
    """Scalar products (n,) of columns (d, n), added in the order of the coordinates.

    Written out, since NumPy's own sums do not promise an order, and so no bits.
    """
    total = a[0] * b[0]
    for one, other in zip(a[1:], b[1:], strict=True):
        total += one * other
    return total


def written_dot(a: Sequence[str], b: Sequence[str]) -> str:
    """The same on single numbers, as text."""
    return " + ".join(f"{one} * {other}" for one, other in zip(a, b, strict=True))
