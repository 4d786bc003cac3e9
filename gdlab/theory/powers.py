"""Where a method looks back one step only, measures are sums of powers: convex, and soon searched.

Along each eigenvector the error is multiplied by its own factor at every step, so a measure is
m(j) = Σ_i exp(level_i + slope_i j), j = 0, 1, …, and a term alone falls below a threshold at a j
that a division tells. The largest of these j bounds the whole from below; that at which each term
is below its share of the threshold bounds it from above; what is between is halved.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import NONE, Counts, Indices
from gdlab.objectives.base import Array

NOTHING = -1e30
"""The logarithm of 0; a finite number, so that it can be multiplied by 0."""
TIE = 1e-9
"""How near to a whole j the logarithms cannot tell on which side of it a term falls below."""


class Powers:
    """Measures of lanes, m(j) = Σ_i (weight_i size_i)² factor_i^2j, from j = 0 at the first step.

    weights, factors : (d, m), not negative, of each step size. sizes : (d, l), not negative, of
    each start. thresholds : (n_tol,). room : for errors, before a lane has left.
    """

    weights: Array
    factors: Array
    sizes: Array
    levels: Array
    slopes: Array
    starts: Array
    at_once = 2**13
    """Lanes whose temporaries stay in the cache."""

    def __init__(
        self, weights: Array, factors: Array, sizes: Array, thresholds: Array, room: float
    ) -> None:
        self.weights, self.factors, self.sizes = weights, factors, sizes
        self.thresholds = thresholds
        self.levels, self.slopes, self.starts = (
            np.maximum(2 * np.log(own), NOTHING) for own in (weights, factors, sizes)
        )
        falls = self.slopes < 0
        self.inverse: Array = np.divide(
            1.0, self.slopes, out=np.full_like(factors, -np.inf), where=falls
        )
        goes_on = ~falls & (self.levels > NOTHING)
        self.goes_on: NDArray[np.bool_] = np.any(goes_on, axis=0)
        self.far: NDArray[np.bool_] = sizes.sum(axis=0) > room

    def first_below(self, most: int, i_alpha: Indices, i_x0: Indices) -> tuple[Counts, Indices]:
        """Give the first step at which the measures of lanes are below, (n_tol, n), 0 if none is.

        most : the last step. i_alpha, i_x0 : (n,), of which step size and which start they are.

        Gives besides which of them may have had larger errors than `room` on the way.
        """
        found = np.empty((self.thresholds.size, i_alpha.size), np.int32)
        lanes = _Lanes(self, i_alpha, i_x0)
        for own, threshold in zip(found, self.thresholds, strict=True):
            j = lanes.first_below(threshold, most)
            own[:] = (j + 1) * (j < most)
        return found, lanes.escaping()


class _Lanes:
    """A few lanes, small enough for the cache."""

    def __init__(self, powers: Powers, i_alpha: Indices, i_x0: Indices) -> None:
        self.powers, self.i_alpha, self.i_x0 = powers, i_alpha, i_x0
        self.inverse = [own.take(i_alpha) for own in powers.inverse]
        self.levels = [
            own.take(i_alpha) + start.take(i_x0)
            for own, start in zip(powers.levels, powers.starts, strict=True)
        ]
        used = slice(int(i_alpha.min()), int(i_alpha.max()) + 1)
        self.goes_on = powers.goes_on.take(i_alpha) if powers.goes_on[used].any() else None

    def first_below(self, threshold: float, most: int) -> Array:
        """The first j (n,) below the threshold, `most` if none before it is."""
        wanted, d = np.log(threshold), len(self.levels)
        last = self._alone(wanted, most)
        low = np.maximum(np.floor(last) + 1, 0.0)
        found = low
        if d > 1:
            share = self._alone(wanted - np.log(d) - TIE, most)  # surely below, when rounded
            high = np.maximum(np.floor(share) + 1, 0.0)
            found = self._searched(wanted, low, high, most)
        near = np.flatnonzero(np.abs(last - np.rint(last)) < TIE)
        near = near[(last[near] > -0.5) & (last[near] < most)]
        if near.size:
            j = np.rint(last[near])
            below = self._exactly(near, j) < threshold
            found[near] = np.where(below, j, np.maximum(found[near], j + 1))
        return np.minimum(found, most)

    def escaping(self) -> Indices:
        """Lanes whose errors may have been larger than the room: those that grow, or are so."""
        powers, escaping = self.powers, self.goes_on
        if powers.far.any():
            far = powers.far.take(self.i_x0)
            escaping = far if escaping is None else far | escaping
        return NONE if escaping is None else np.flatnonzero(escaping)

    def _alone(self, wanted: float, most: int) -> Array:
        """The j (n,) at which the last of the terms, each by itself, comes down to this level.

        A term that does not fall is below it from the start, or never.
        """
        latest = (wanted - self.levels[0]) * self.inverse[0]
        for level, inverse in zip(self.levels[1:], self.inverse[1:], strict=True):
            one = wanted - level
            one *= inverse
            np.maximum(latest, one, out=latest)
        return np.fmin(latest, most, out=latest)

    def _searched(self, wanted: float, low: Array, high: Array, most: int) -> Array:
        """The first j between these, both included, at which the whole is below; else `most`."""
        found = np.full_like(low, most)
        lanes = np.flatnonzero(low < most)
        low, high = low[lanes], np.minimum(high[lanes], most - 1)
        if self.goes_on is not None:
            turning = np.flatnonzero(self.goes_on[lanes])
            high[turning] = self._least(lanes[turning], low[turning], most - 1)
        high = np.maximum(high, low)
        below = self._at(lanes, high) < wanted
        lanes, low, high = lanes[below], low[below], high[below]
        while lanes.size:
            done = low >= high
            found[lanes[done]] = high[done]
            lanes, low, high = lanes[~done], low[~done], high[~done]
            middle = np.floor((low + high) / 2)
            below = self._at(lanes, middle) < wanted
            high = np.where(below, middle, high)
            low = np.where(below, low, middle + 1)
        return found

    def _least(self, lanes: Indices, low: Array, high: float) -> Array:
        """The j from `low` to `high` at which the whole is least: it falls, and then rises."""
        top = np.full_like(low, high)
        for _ in range(int(high).bit_length() + 1):
            middle = np.floor((low + top) / 2)
            rises = self._at(lanes, middle + 1) >= self._at(lanes, middle)
            top = np.where(rises, middle, top)
            low = np.where(rises | (low >= top), low, middle + 1)
        return top

    def _at(self, lanes: Indices, j: Array) -> Array:
        """The logarithm of the whole at these j, lane by lane (n,)."""
        alphas = self.i_alpha[lanes]
        total = np.zeros(lanes.size)
        for level, slope in zip(self.levels, self.powers.slopes, strict=True):
            total += np.exp(level[lanes] + slope[alphas] * j)
        return np.log(total)

    def _exactly(self, lanes: Indices, j: Array) -> Array:
        """The whole at these j without logarithms, so that powers of 2 stay exact."""
        i_alpha, i_x0, powers = self.i_alpha[lanes], self.i_x0[lanes], self.powers
        size = powers.weights[:, i_alpha] * powers.sizes[:, i_x0]
        return np.square(size * powers.factors[:, i_alpha] ** j).sum(axis=0)
