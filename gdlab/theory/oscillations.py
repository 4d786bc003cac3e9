"""Where a method looks back two steps, measures rise and fall, and are searched window by window.

The powers of the matrix that takes a step tell the error at any step from those at 0 and 1, and
twice as many steps from as many. A measure in a window is at least the sum of each term's least
there, so most windows are left out unseen; the first that cannot be is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gdlab.core.problem import Counts, Indices
from gdlab.objectives.base import Array

WINDOW = 16
"""Steps whose terms have a common bound."""
SHORTEST, LONGEST = 2**7, 2**12
"""Steps of which the terms are held at once, at first and at most."""
ENTRIES = 2**20
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

    def first_below(self, most: int, i_alpha: Indices, i_x0: Indices) -> tuple[Counts, Indices]:
        """Give the first step at which the measures of lanes are below, (n_tol, n), 0 if none is.

        most : the last step. i_alpha, i_x0 : (n,), of which step size and which start they are.

        Gives besides which of them may have had larger errors than `room` on the way.
        """
        found = np.zeros((self.thresholds.size, i_alpha.size), np.int32)
        farthest = np.zeros(i_alpha.size)
        with np.errstate(all="ignore"):
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
        self.a, self.b = measures.a[:, own], measures.b[:, own]
        self.sizes, self.moves, self.most = measures.sizes[:, i_x0], measures.moves, most
        self.squares = np.square(measures.weights[:, None] * self.sizes)
        self.thresholds, self.reach = measures.thresholds, measures.reach

    def run(self, found: Counts, farthest: Array) -> None:
        """Write into `found` (n_tol, n) and `farthest` (n,)."""
        thresholds, order = self.thresholds, np.argsort(-self.thresholds)
        met = np.zeros(self.i_alpha.size, np.int64)  # thresholds
        lanes, k, length = np.arange(self.i_alpha.size), 0, SHORTEST
        ends = np.ones((2, *self.a.shape))  # e_{k-1} and e_k
        while lanes.size and k < self.most:
            length = min(length, self.most - k)
            errors = _continued(self.a, self.b, ends, length)
            stretch = _Stretch(np.diff(errors, axis=2) if self.moves else errors[..., 1:])
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
            self.a, self.b = self.a[:, left], self.b[:, left]
            ends = np.moveaxis(errors[:, left, -2:], 2, 0)
            length = min(2 * length, LONGEST, max(ENTRIES // max(self.a.size, 1), SHORTEST))


def _total(factors: Array, sizes: Array) -> Array:
    """The sum over the first axis of products, where 0 times what overflows is 0."""
    return sum(np.fmin(own, HUGE) * size for own, size in zip(factors, sizes, strict=True))


class _Stretch:
    """Terms of the measures (d, m, length) of m step sizes at steps that follow each other."""

    def __init__(self, roots: Array) -> None:
        d, m, self.length = roots.shape
        self.n_windows = -(-self.length // WINDOW)
        terms = np.full((d, m, self.n_windows * WINDOW), HUGE)
        np.fmin(np.square(roots), HUGE, out=terms[..., : self.length])
        self.windows = terms.reshape(d, m, self.n_windows, WINDOW)
        self.least = self.windows.min(axis=3)

    def first_below(
        self, i_alpha: Indices, squares: Array, wanted: Array, since: Indices
    ) -> Indices:
        """The first step from `since` on at which measures are below; their number if none is.

        i_alpha, wanted, since : (n,). squares : (d, n), by which the terms are multiplied.
        """
        found, at_once = np.empty_like(since), max(ENTRIES // max(self.n_windows, WINDOW), 1)
        for first in range(0, since.size, at_once):
            own = slice(first, first + at_once)
            found[own] = self._first(i_alpha[own], squares[:, own], wanted[own], since[own])
        return found

    def _first(self, i_alpha: Indices, squares: Array, wanted: Array, since: Indices) -> Indices:
        bound = np.zeros((since.size, self.n_windows))
        for least, square in zip(self.least, squares, strict=True):
            bound += least[i_alpha] * square[:, None]
        worth = bound < wanted[:, None] * (1 + ROUNDING)
        worth &= np.arange(self.n_windows) >= (since // WINDOW)[:, None]
        found, lanes = np.full_like(since, self.length), np.arange(since.size)
        while lanes.size:
            every = np.arange(lanes.size)
            window = worth.argmax(axis=1)
            there = worth[every, window]
            lanes, worth, window = lanes[there], worth[there], window[there]
            whole = np.zeros((lanes.size, WINDOW))
            for terms, square in zip(self.windows, squares, strict=True):
                whole += terms[i_alpha[lanes], window] * square[lanes, None]
            steps = window[:, None] * WINDOW + np.arange(WINDOW)
            below = (whole < wanted[lanes, None]) & (steps >= since[lanes, None])
            hit = below.any(axis=1)
            found[lanes[hit]] = steps[hit, 0] + below[hit].argmax(axis=1)
            worth[np.arange(lanes.size), window] = False
            lanes, worth = lanes[~hit], worth[~hit]
        return found


def _continued(a: Array, b: Array, ends: Array, length: int) -> Array:
    """Give e_k to e_{k + length} (d, m, length + 1) from e_{k-1} and e_k, for a and b (d, m).

    With v_n = a v_{n-1} + b v_{n-2} from v_0 = 1 and v_{-1} = 0, any solution goes on as
    e_{k+n} = v_n e_k + b v_{n-1} e_{k-1}, and so does v itself, which doubles it.
    """
    v = np.empty((*a.shape, length + 2))  # from v_{-1} on
    v[..., 0], v[..., 1] = 0.0, 1.0
    n = 0  # v_n is the last that is known
    while n < length:
        if n == 0:
            v[..., 2], n = a, 1
            continue
        more = min(n, length - n)
        v[..., n + 2 : n + 2 + more] = (
            v[..., n + 1, None] * v[..., 2 : 2 + more]
            + (b * v[..., n])[..., None] * v[..., 1 : 1 + more]
        )
        n += more
    before, now = ends[..., None]
    return v[..., 1:] * now + b[..., None] * v[..., :-1] * before
