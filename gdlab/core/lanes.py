"""Lanes under way: one array, a column each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gdlab.core.problem import Indices, LaneNumbers, Problem
from gdlab.objectives.base import Array, Objective, evaluated, read_only

STRIDE = 8
"""Iterations that are taken before anyone looks at them."""


class Lanes:
    """Lanes under way, a column each: moving a lane is moving a column.

    alpha : (n,). threshold : (n,), what the measure has to be below next. x : (d, n), the iterates.
    gradient : (d, n), at x. memory : (m, n), what the method keeps. place : (n,), where a lane's
    verdict goes. level : (n,), how many tolerances it has met. born : (n,), the clock when it
    started.

    Of the iterations that `advance` took last: trail (k, d, n), the iterates, of which the last is
    x; measure (k, n), of the criterion.
    """

    def __init__(self, problem: Problem, n: int) -> None:
        d, m = problem.dimension, problem.method.memory(problem.dimension)
        self.problem = problem
        self._write_gradient, self._rows = gradient_writer(problem.objective)
        self._state = np.empty((2 + 2 * d + m, n))
        self._tags = np.empty((3, n), np.int64)
        self._trail = np.empty((STRIDE, d, n))
        self._measure = np.empty((STRIDE, n))
        self._name_rows(n)

    def _name_rows(self, n: int) -> None:
        """Let the first n columns be the lanes under way."""
        d, state = self.problem.dimension, self._state[:, :n]
        self.n = n
        self.alpha, self.threshold = state[:2]
        self.x, self.gradient = state[2 : 2 + d], state[2 + d : 2 + 2 * d]
        self.memory = state[2 + 2 * d :]
        self.place, self.level, self.born = self._tags[:, :n]
        # Making views takes longer than steps of few lanes, so they are made here, once. What the
        # objective, the method and the criterion see they cannot write into.
        trail, measure = self._trail[:, :, :n], self._measure[:, :n]
        self._views = [
            (new, seen := read_only(new), self._rows(seen), own)
            for new, own in zip(trail, measure, strict=True)
        ]
        self._seen = read_only(self.x), read_only(self.gradient), read_only(self.alpha[None])
        self._rows_of_gradient = self._rows(self.gradient)

    def start(self, columns: Indices, lanes: LaneNumbers, places: Indices, clock: int) -> None:
        """Put the lanes of these numbers at their starting points into these columns."""
        if not columns.size:
            return  # an objective is never asked about no point at all
        alpha, x0, i_x0 = self.problem.starts(lanes)
        gradient = np.empty_like(x0)
        self._write_gradient(self._rows(read_only(x0)), self._rows(gradient))
        gradient[:, ~self.problem.is_defined(i_x0, x0)] = np.nan
        for row, values in zip((*self.x, *self.gradient), (*x0, *gradient), strict=True):
            row[columns] = values
        self.memory[:, columns] = 0.0
        self.alpha[columns] = alpha
        self.threshold[columns] = self.problem.thresholds[0]
        self.place[columns] = places
        self.level[columns] = 0
        self.born[columns] = clock

    def advance(self, steps: int = 1) -> None:
        """Take so many steps, at most `STRIDE`, with every lane."""
        step, criterion = self.problem.method.step, self.problem.criterion
        x, gradient, alpha = self._seen
        for new, seen, rows, measure in self._views[:steps]:
            step(x, gradient, alpha, self.memory, out=new)
            np.subtract(x, new, out=new)
            self._write_gradient(rows, self._rows_of_gradient)
            criterion(x, seen, gradient, measure)
            x = seen
        self.x[:] = x
        self.trail, self.measure = self._trail[:steps, :, : self.n], self._measure[:steps, : self.n]

    def passed(self, row: Indices, columns: Indices) -> Iterator[Array]:
        """Coordinates (m,) of the iterates in these rows (m,) of the trail, one after the other."""
        _, d, n = self._trail.shape  # of the whole array, since taking is quickest from a flat one
        first, flat = row * (d * n) + columns, self._trail.reshape(-1)
        for i in range(d):
            yield flat.take(first + i * n)

    def drop(self, columns: Indices) -> None:
        """Move the last lanes into these columns, and shrink."""
        if not columns.size:
            return  # making the views anew takes as long as a step
        n = self.n - columns.size
        staying = np.ones(columns.size, bool)
        staying[columns[columns >= n] - n] = False
        movers, holes = n + staying.nonzero()[0], columns[columns < n]
        self._state[:, holes] = self._state[:, movers]
        self._tags[:, holes] = self._tags[:, movers]
        self._name_rows(n)

    def take(self, columns: Indices) -> Lanes:
        """Give a copy of these columns, to go on apart."""
        return self._of(self._state.take(columns, axis=1), self._tags.take(columns, axis=1))

    def join(self, others: Sequence[Lanes]) -> Lanes:
        """Give a copy of these lanes and the others side by side."""
        every = (self, *others)
        return self._of(
            np.concatenate([lanes._state[:, : lanes.n] for lanes in every], axis=1),
            np.concatenate([lanes._tags[:, : lanes.n] for lanes in every], axis=1),
        )

    def _of(self, state: Array, tags: Indices) -> Lanes:
        made = copy.copy(self)
        made._state, made._tags = state, tags
        made._trail = np.empty((STRIDE, *made.x.shape[:-1], state.shape[1]))
        made._measure = np.empty((STRIDE, state.shape[1]))
        made._name_rows(state.shape[1])
        return made


def gradient_writer(
    objective: Objective,
) -> tuple[Callable[[Any, Any], None], Callable[[Array], Any]]:
    """Give a function (x, out) that writes the gradient, and how it is to see an array (d, n).

    An objective's own `write_gradient` takes the rows, one for each coordinate.
    """
    own: Callable[[Any, Any], None] | None = getattr(objective, "write_gradient", None)
    if own is not None:
        return own, tuple

    def write(x: Array, out: Array) -> None:
        out[...] = evaluated("grad", objective.grad, x)

    return write, lambda array: array
