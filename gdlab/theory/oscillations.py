"""Where a method looks back two steps, measures rise and fall, and are searched window by window.

The roots of the recurrence tell the error at any step (`gdlab.theory.solutions`). A measure is at
least the sum of what each term was at least so far, which only falls, so that the first step at
which it can be below is found by halving; in most cases it is below there. Else windows are looked
at one by one, of which those are left out whose terms are together too large.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gdlab.core.problem import Counts, Indices
from gdlab.objectives.base import Array
from gdlab.theory.solutions import BLOCK, Solutions

WINDOW = 16
"""Steps whose terms have a common bound."""
SHORTEST, LONGEST = BLOCK - 1, 2**12
"""Steps of which the terms are held at once, at first and at most."""
ENTRIES = 2**18
"""Numbers held at once."""
HUGE = 1e300
"""What stands for all that overflows."""
ROUNDING = 1e-9
"""By which share a bound may be too large."""


@dataclass(frozen=True, eq=False)
class Oscillations:
    """Measures of lanes: the sum over d eigenvectors of (weight_i size_i u_i(k))².

    u(k) is the error e_k = a e_{k-1} + b e_{k-2} from e_0 = e_{-1} = 1, or its move e_k - e_{k-1}.

    a, b : (d, m) of each step size. weights : (d,). sizes : (d, l), not negative, of each start.
    moves : whether of the moves. thresholds : (n_tol,). room, reach : for the sum of the absolute
    errors, before a lane may have left, and until it surely has.
    """

    a: Array
    b: Array
    weights: Array
    sizes: Array
    moves: bool
    thresholds: Array
    room: float
    reach: float

    at_once = 2**15

    def first_below(self, most: int, i_alpha: Indices, i_x0: Indices) -> tuple[Counts, Indices]:
        """Give the first step at which the measures of lanes are below, (n_tol, n), 0 if none is.

        most : the last step. i_alpha, i_x0 : (n,), of which step size and which start they are.

        Gives besides which of them may have had larger errors than `room` on the way.
        """
        found = np.zeros((self.thresholds.size, i_alpha.size), np.int32)
        farthest = np.zeros(i_alpha.size)
        for part in _parts(i_alpha, max(ENTRIES // (len(self.a) * SHORTEST), 1)):
            search = _Search(self, i_alpha[part], i_x0[part], most)
            search.run(found[:, part], farthest[part])
        return found, np.flatnonzero(farthest > self.room)


def _parts(i_alpha: Indices, n_alpha: int) -> Iterator[slice]:
    """Cut lanes into parts of so many changes of the step size at most."""
    changes, first = np.cumsum(np.diff(i_alpha, prepend=i_alpha[:1]) != 0), 0
    while first < i_alpha.size:
        last = int(np.searchsorted(changes, changes[first] + n_alpha))
        yield slice(first, last)
        first = last


class _Search:
    """Lanes of a few step sizes, followed stretch by stretch until each has met all thresholds."""

    def __init__(self, measures: Oscillations, i_alpha: Indices, i_x0: Indices, most: int) -> None:
        own, self.i_alpha = np.unique(i_alpha, return_inverse=True)
        self.solutions = Solutions(measures.a[:, own], measures.b[:, own])
        self.sizes, self.moves, self.most = measures.sizes[:, i_x0], measures.moves, most
        self.squares = np.square(measures.weights[:, None] * self.sizes)
        self.thresholds, self.reach = measures.thresholds, measures.reach

    def run(self, found: Counts, farthest: Array) -> None:
        """Write into `found` (n_tol, n) and `farthest` (n,)."""
        thresholds, order = self.thresholds, np.argsort(-self.thresholds)
        met = np.zeros(self.i_alpha.size, np.int64)  # thresholds
        lanes, k, length = np.arange(self.i_alpha.size), 0, SHORTEST
        while lanes.size and k < self.most:
            length = min(length, self.most - k)
            errors, moves = self._from(k, length)
            stretch = _Stretch(moves if self.moves else errors)
            i_alpha, sizes = self.i_alpha[lanes], self.sizes[:, lanes]
            along = _total(np.abs(errors).max(axis=2)[:, i_alpha], sizes)
            farthest[lanes] = np.maximum(farthest[lanes], along)
            place, since = np.arange(lanes.size), np.zeros(lanes.size, np.int64)
            while place.size:
                own = lanes[place]
                wanted = thresholds[order[met[own]]]
                at = stretch.first_below(i_alpha[place], self.squares[:, own], wanted, since)
                there = at < length
                place, since, own = place[there], at[there], own[there]
                found[order[met[own]], own] = k + 1 + since
                met[own] += 1
                more = met[own] < thresholds.size
                place, since = place[more], since[more]
            k += length
            near = _total(np.abs(errors[:, i_alpha, -1]), sizes) <= self.reach
            lanes = lanes[near & (met[lanes] < thresholds.size)]
            # Step sizes whose lanes are all done are followed no further.
            left, self.i_alpha[lanes] = np.unique(self.i_alpha[lanes], return_inverse=True)
            self.solutions = self.solutions.of(left)
            size = max(self.solutions.a.size, 1)
            length = min(2 * length, LONGEST, max(ENTRIES // size, SHORTEST))

    def _from(self, k: int, length: int) -> tuple[Array, Array]:
        """The errors e_{k+1} to e_{k + length} from e_0 = e_{-1} = 1, and the moves to them."""
        a, b = self.solutions.a[..., None], self.solutions.b[..., None]
        v = self.solutions.from_(k, length + 1)
        return v[..., 1:] + b * v[..., :-1], (a + b - 1) * v[..., :-1]


def _total(factors: Array, sizes: Array) -> Array:
    """The sum over the first axis of products, where 0 times what overflows is 0."""
    return sum(np.fmin(own, HUGE) * size for own, size in zip(factors, sizes, strict=True))


class _Stretch:
    """Terms of the measures (d, m, length) of m step sizes at steps that follow each other."""

    def __init__(self, roots: Array) -> None:
        d, m, self.length = roots.shape
        self.n_windows = -(-self.length // WINDOW)
        self.room = self.n_windows * WINDOW
        terms = np.full((d, m, self.room), HUGE)
        np.fmin(np.square(roots), HUGE, out=terms[..., : self.length])
        self.least_yet = np.minimum.accumulate(terms, axis=2).reshape(d, -1)
        self.terms = terms.reshape(d, -1)

    @cached_property
    def least(self) -> Array:
        """The least terms in each window, (d, m n_windows)."""
        return self.terms.reshape(len(self.terms), -1, WINDOW).min(axis=2)

    def first_below(
        self, i_alpha: Indices, squares: Array, wanted: Array, since: Indices
    ) -> Indices:
        """The first step from `since` on at which measures are below; their number if none is.

        i_alpha, wanted, since : (n,). squares : (d, n), by which the terms are multiplied.
        """
        step = self._earliest(i_alpha * self.room, squares, wanted * (1 + ROUNDING), since)
        lanes = np.flatnonzero(step < self.length)
        at = i_alpha[lanes] * self.room + step[lanes]
        lanes = lanes[_sum(self.terms, at, squares[:, lanes]) >= wanted[lanes]]
        if lanes.size:  # one term is small where another is not
            step[lanes] = self._scanned(
                i_alpha[lanes], squares[:, lanes], wanted[lanes], step[lanes]
            )
        return step

    def _earliest(self, first: Indices, squares: Array, wanted: Array, since: Indices) -> Indices:
        """The first step from `since` on up to which the least terms add up to less, (n,)."""
        low, high = since.copy(), np.full_like(since, self.length)
        for _ in range(self.length.bit_length()):
            middle = (low + high) // 2
            inside = np.minimum(middle, self.length - 1)
            below = _sum(self.least_yet, first + inside, squares) < wanted
            high = np.where(below, middle, high)
            low = np.where(below, low, np.minimum(middle + 1, high))
        return high

    def _scanned(self, i_alpha: Indices, squares: Array, wanted: Array, since: Indices) -> Indices:
        """As `first_below`, window by window, of which those are left out that have none below."""
        found, window = np.full_like(since, self.length), since // WINDOW
        lanes = np.arange(since.size)
        while True:
            lanes = lanes[window[lanes] < self.n_windows]
            if not lanes.size:
                return found
            at = i_alpha[lanes] * self.n_windows + window[lanes]
            bound = _sum(self.least, at, squares[:, lanes])
            worth = bound < wanted[lanes] * (1 + ROUNDING)
            near, at = lanes[worth], at[worth]
            whole = np.zeros((near.size, WINDOW))
            for terms, square in zip(self.terms, squares, strict=True):
                whole += terms.reshape(-1, WINDOW).take(at, axis=0) * square[near, None]
            steps = window[near, None] * WINDOW + np.arange(WINDOW)
            below = (whole < wanted[near, None]) & (steps >= since[near, None])
            hit = below.any(axis=1)
            found[near[hit]] = steps[hit, 0] + below[hit].argmax(axis=1)
            window[near[hit]] = self.n_windows
            window[lanes] += 1


def _sum(terms: Array, places: Indices, squares: Array) -> Array:
    """The sum over the first axis of the terms at these places (n,), times squares (d, n)."""
    return sum(own.take(places) * square for own, square in zip(terms, squares, strict=True))
