"""Lanes under way: one array, a column a lane."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence

import numpy as np

from gdlab.objectives.base import Array, Objective
from gdlab.problem import NONE, Indices, Problem


class Lanes:
    """Lanes under way, a column each: moving a lane is moving a column.

    alpha : (n,). threshold : (n,), the tolerance to be met next. x, before : (d, n), the iterates
    x_k and x_{k-1}. gradient : (d, n), at x_k. memory : (m, n), what the method keeps.
    place : (n,), where a lane's verdict goes. level : (n,), how many tolerances it has met.
    born : (n,), the clock when it started.
    """

    def __init__(self, problem: Problem, n: int) -> None:
        d, m = problem.dimension, problem.method.memory(problem.dimension)
        self.problem = problem
        self._write_gradient = gradient_writer(problem.objective)
        self._state = np.empty((2 + 4 * d + m, n))
        self._tags = np.empty((3, n), np.int64)
        self._name_rows(n)

    def _name_rows(self, n: int) -> None:
        """Let the first n columns be the lanes under way."""
        d, state = self.problem.dimension, self._state[:, :n]
        self.n = n
        self.alpha, self.threshold = state[:2]
        self.x, self.before, self.gradient, self._step = state[2 : 2 + 4 * d].reshape(4, d, n)
        self.memory = state[2 + 4 * d :]
        self.place, self.level, self.born = self._tags[:, :n]

    def start(self, columns: Indices, lanes: Indices, places: Indices, clock: int) -> None:
        """Put the lanes of these numbers at their starting points into these columns."""
        alpha, x0, defined = self.problem.starts(lanes)
        gradient = np.empty_like(x0)
        self._write_gradient(x0, gradient)
        gradient[:, ~defined] = np.nan
        for row, values in zip((*self.x, *self.gradient), (*x0, *gradient), strict=True):
            row[columns] = values
        self.memory[:, columns] = 0.0
        self.alpha[columns] = alpha
        self.threshold[columns] = self.problem.tol[0]
        self.place[columns] = places
        self.level[columns] = 0
        self.born[columns] = clock

    def advance(self) -> None:
        """Take one step with every lane."""
        self.problem.method.step(self.x, self.gradient, self.alpha, self.memory, out=self._step)
        np.copyto(self.before, self.x)
        np.subtract(self.before, self._step, out=self.x)
        self._write_gradient(self.x, self.gradient)

    def escaped(self) -> Indices:
        """Columns beyond the escape radius or not finite."""
        escape = self.problem.escape
        if max(self.x.max(), -self.x.min()) <= escape:  # false for NaN
            return NONE
        return np.flatnonzero(~(np.abs(self.x).max(axis=0) <= escape))

    def drop(self, columns: Indices) -> None:
        """Move the last lanes into these columns, and shrink."""
        n = self.n - columns.size
        staying = np.ones(columns.size, bool)
        staying[columns[columns >= n] - n] = False
        movers, holes = n + staying.nonzero()[0], columns[columns < n]
        self._state[:, holes] = self._state[:, movers]
        self._tags[:, holes] = self._tags[:, movers]
        self._name_rows(n)

    def take(self, columns: Indices) -> Lanes:
        """Give a copy of these columns, to go on apart."""
        taken = copy.copy(self)
        taken._state = self._state.take(columns, axis=1)  # rows stay contiguous
        taken._tags = self._tags.take(columns, axis=1)
        taken._name_rows(columns.size)
        return taken

    def join(self, others: Sequence[Lanes]) -> Lanes:
        """Give a copy of these lanes and the others side by side."""
        joined = copy.copy(self)
        joined._state = np.concatenate([self._state, *(other._state for other in others)], axis=1)
        joined._tags = np.concatenate([self._tags, *(other._tags for other in others)], axis=1)
        joined._name_rows(joined._tags.shape[1])
        return joined


def gradient_writer(objective: Objective) -> Callable[[Array, Array], object]:
    """Give a function (x, out) that writes the gradient, without a copy where the objective can."""
    if "out" in inspect.signature(objective.grad).parameters:
        return lambda x, out: objective.grad(x, out=out)  # type: ignore[call-arg]

    def write(x: Array, out: Array) -> None:
        out[...] = objective.grad(x)

    return write
