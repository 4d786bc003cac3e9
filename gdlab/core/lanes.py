"""Lanes under way: one array, a column each."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

import numpy as np

from gdlab.core.problem import Indices, LaneNumbers, Problem
from gdlab.methods import Iterates, evaluations_a_step
from gdlab.objectives.base import Array, read_only

STRIDE, STRIDE_OF_MANY = 8, 2
"""Iterations that are taken before anyone looks at them; fewer where a step may ask many times,
since a lane that has its verdict goes on in vain, and asks most often where f is flat."""


class Lanes:
    """Lanes under way, a column each: moving a lane is moving a column.

    alpha : (n,). threshold : (n,), what the measure has to be below next. x : (d, n), the iterates.
    at : the same and the method's memory, as the method and the criterion see them. place : (n,),
    where a lane's verdict goes. level : (n,), how many tolerances it has met. born : (n,), the
    clock when it started. stride : how many iterations should be taken before the next look.

    Of the iterations that `advance` took last: trail (k, d, n), the iterates, of which the last is
    x; measure (k, n), of the criterion; evaluations (k, n), those of the method since the start,
    where they are counted.
    """

    x: Array
    alpha: Array
    threshold: Array
    place: Indices
    level: Indices
    born: Indices
    trail: Array
    measure: Array

    def __init__(self, problem: Problem, n: int) -> None:
        d, m = problem.dimension, problem.method.memory(problem.dimension)
        self.problem = problem
        self._n_memory = m
        self._counted = evaluations_a_step(problem.method, problem.objective) is None
        self.stride = STRIDE_OF_MANY if self._counted else STRIDE
        self._state = np.empty((2 + 2 * d + m + self._counted, n))
        self._tags = np.empty((3, n), np.int64)
        self._make_trail(n)
        self._name_rows(n)

    def _make_trail(self, n: int) -> None:
        self._trail = np.empty((STRIDE, self.problem.dimension, n))
        self._measure = np.empty((STRIDE, n))
        self._evaluations = np.empty((STRIDE if self._counted else 0, n))

    def _name_rows(self, n: int) -> None:
        """Let the first n columns be the lanes under way."""
        d, state = self.problem.dimension, self._state[:, :n]
        self.n = n
        self.alpha, self.threshold = state[:2]
        self.x, self._gradient = state[2 : 2 + d], state[2 + d : 2 + 2 * d]
        self._kept = state[2 + 2 * d :]
        memory, counts = np.split(self._kept, [self._n_memory])
        self.place, self.level, self.born = self._tags[:, :n]
        self.at: Iterates = Iterates(
            self.problem.objective,
            x=read_only(self.x),
            alpha=read_only(self.alpha[None]),
            gradient=self._gradient,
            memory=memory,
            evaluations=counts[0] if self._counted else None,
        )
        # Making views takes longer than steps of few lanes, so they are made here, once. What the
        # objective, the method and the criterion see they cannot write into.
        self._here = self.at.x, self.at.rows(self.at.x)
        trail, measure = self._trail[:, :, :n], self._measure[:, :n]
        self._views = [
            (new, seen := read_only(new), self.at.rows(seen), own)
            for new, own in zip(trail, measure, strict=True)
        ]

    def start(self, columns: Indices, lanes: LaneNumbers, places: Indices, clock: int) -> None:
        """Put the lanes of these numbers at their starting points into these columns."""
        if not columns.size:
            return  # an objective is never asked about no point at all
        alpha, x0, i_x0 = self.problem.starts(lanes)
        x0 = np.where(self.problem.is_defined(i_x0, x0), x0, np.nan)  # else nowhere a step leads
        for row, values in zip(self.x, x0, strict=True):
            row[columns] = values
        if self.problem.criterion.asks_for_gradient:
            gradient = self.at.slope_at(x0)
            for row, values in zip(self._gradient, gradient, strict=True):
                row[columns] = values
        self._kept[:, columns] = 0.0
        self.alpha[columns] = alpha
        self.threshold[columns] = self.problem.thresholds[0]
        self.place[columns] = places
        self.level[columns] = 0
        self.born[columns] = clock

    def advance(self, steps: int = 1) -> None:
        """Take so many steps, at most `STRIDE`, with every lane."""
        step, criterion, at = self.problem.method.step, self.problem.criterion, self.at
        at.move_to(*self._here, gradient_is_there=criterion.asks_for_gradient)
        for k, (new, seen, rows, measure) in enumerate(self._views[:steps]):
            before = at.x
            step(at, out=new)
            at.move_to(seen, rows)
            criterion(before, at, measure)
            if self._counted:
                self._evaluations[k, : self.n] = at.evaluations
        self.x[:] = at.x
        self.trail, self.measure = self._trail[:steps, :, : self.n], self._measure[:steps, : self.n]

    def passed(self, row: Indices, columns: Indices) -> Iterator[Array]:
        """Coordinates (m,) of the iterates in these rows (m,) of the trail, one after the other."""
        _, d, n = self._trail.shape  # of the whole array, since taking is quickest from a flat one
        first, flat = row * (d * n) + columns, self._trail.reshape(-1)
        for i in range(d):
            yield flat.take(first + i * n)

    def asked(self, row: Indices, columns: Indices) -> Array:
        """Evaluations (m,) up to the iterates in these rows (m,) of the trail."""
        return self._evaluations[row, columns]

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
        made._make_trail(state.shape[1])
        made._name_rows(state.shape[1])
        return made
