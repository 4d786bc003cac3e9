"""Starting points, in memory or made when they are asked for."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdlab.given import LARGEST_COUNT, numbers
from gdlab.objectives.base import Array

Places: TypeAlias = range | NDArray[np.int64]
"""Numbers of things that have an order; those that follow each other are quickest as a range."""

AT_ONCE = 2**18
"""Coordinates of points that are made at once, where all points are gone through.

Random points are made in blocks of so many: another number would change those beyond the first.
"""
FARTHEST = 14.0
"""No normal number of NumPy's is so many deviations from its mean.

Its ziggurat draws the tail beyond r = 3.654 as r - log(1 - u) / r, and 1 - u is at least 2^-53.
"""


def numbers_of(places: Places) -> NDArray[np.int64]:
    """The same numbers as an array (n,)."""
    if isinstance(places, range):
        return np.arange(places.start, places.stop, places.step)
    return places


def split(places: Places, n: int) -> tuple[NDArray[np.int64], Places]:
    """Quotients and remainders by n; divisions are slow, and a range needs few."""
    if not isinstance(places, range) or places.step != 1 or not places:
        several = numbers_of(places)
        quotients = several // n
        return quotients, several - quotients * n
    first, last = places[0] // n, places[-1] // n
    if first == last:
        begin = places[0] - first * n
        return np.full(len(places), first), range(begin, begin + len(places))
    ends = (np.arange(first, last + 2) * n).clip(places.start, places.stop)
    quotients = np.repeat(np.arange(first, last + 1), np.diff(ends))
    return quotients, numbers_of(places) - quotients * n


class Starts(ABC):
    """Starting points in an order, of which any can be had without the others.

    Where an array is wanted, NumPy makes it of them: `np.asarray(starts)` is (n, d).
    """

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """How many points, and of how many coordinates."""

    @abstractmethod
    def take(self, places: Places) -> Array:
        """The points (d, n) at these places."""

    @property
    def recipe(self) -> Mapping[str, Any] | None:
        """What the points are made from, by name; None where they are all there is to be told."""
        return None

    @property
    def dimension(self) -> int:
        return self.shape[1]

    def __len__(self) -> int:
        return self.shape[0]

    def tiles(self) -> Iterator[Array]:
        """Go through all points, some (d, n) at a time."""
        size = max(AT_ONCE // self.dimension, 1)
        for first in range(0, len(self), size):
            yield self.take(range(first, min(first + size, len(self))))

    def equals(self, other: Starts) -> bool:
        """Whether these are the same points in the same order."""
        return self.shape == other.shape and all(map(np.array_equal, self.tiles(), other.tiles()))

    def bounds(self) -> tuple[Array, Array]:
        """The least and the largest of each coordinate, (d,)."""
        ends = [(points.min(axis=1), points.max(axis=1)) for points in self.tiles()]
        lows, highs = zip(*ends, strict=True)
        return np.min(lows, axis=0), np.max(highs, axis=0)

    def first_beyond(self, reach: float) -> Array | None:
        """The first point (d,) with a coordinate larger than this, of either sign; or None."""
        for points in self.tiles():
            beyond = np.abs(points).max(axis=0) > reach
            if beyond.any():
                return points[:, beyond.argmax()]
        return None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("these starting points are no array yet; one is made of copies")
        array, first = np.empty(self.shape), 0
        for points in self.tiles():
            first, begin = first + points.shape[1], first
            array[begin:first] = points.T
        return array if dtype is None else array.astype(dtype, copy=False)


class Listed(Starts):
    """Points one by one.

    points : (n, d).
    """

    def __init__(self, points: Array) -> None:
        self.rows: Array = np.ascontiguousarray(points.T)

    @property
    def shape(self) -> tuple[int, int]:
        d, n = self.rows.shape
        return n, d

    def take(self, places: Places) -> Array:
        if isinstance(places, range):
            return self.rows[:, places.start : places.stop : places.step]
        return self.rows.take(places, axis=1)


class Product(Starts):
    """Each value of one axis with each of the others: the points of a mesh, the last axis fastest.

    axes : for each coordinate its values (n,).

    Raises ValueError for an axis that is no list of finite numbers.
    """

    def __init__(self, axes: Sequence[ArrayLike]) -> None:
        self.axes: tuple[Array, ...] = tuple(numbers("axis", axis) for axis in axes)
        for axis in self.axes:
            if axis.ndim != 1 or not axis.size or not np.isfinite(axis).all():
                raise ValueError("an axis of starting points must be a list of finite numbers")
        if not self.axes or math.prod(self._sizes) > LARGEST_COUNT:
            raise ValueError(f"axes of {self._sizes} values do not make a number of points")

    @property
    def _sizes(self) -> tuple[int, ...]:
        return tuple(axis.size for axis in self.axes)

    @property
    def shape(self) -> tuple[int, int]:
        return math.prod(self._sizes), len(self.axes)

    @property
    def recipe(self) -> Mapping[str, Any]:
        return {"axes": self.axes}

    def take(self, places: Places) -> Array:
        points = np.empty((self.dimension, len(places)))
        for row, axis in zip(points[:0:-1], self.axes[:0:-1], strict=True):
            places, own = split(places, axis.size)
            row[:] = axis[own.start : own.stop] if isinstance(own, range) else axis[own]
        points[0] = self.axes[0][numbers_of(places)]
        return points

    def bounds(self) -> tuple[Array, Array]:
        low, high = zip(*((axis.min(), axis.max()) for axis in self.axes), strict=True)
        return np.array(low), np.array(high)

    def first_beyond(self, reach: float) -> Array | None:
        firsts, stride = [], 1
        for axis in self.axes[::-1]:
            beyond = np.abs(axis) > reach
            if beyond.any():
                firsts.append(int(beyond.argmax()) * stride)
            stride *= axis.size
        return self.take(range(min(firsts), min(firsts) + 1))[:, 0] if firsts else None


class Normal(Starts):
    """Points whose coordinates are normal, the same for the same seed.

    mean : of every coordinate, or one for each.

    They come in blocks that can each be made alone: the first from NumPy's default generator, the
    others from its counter-based one, Philox, with the seed for its key and a counter of its own.
    """

    deviation: float
    seed: int

    def __init__(
        self, num: int, dimension: int, mean: Sequence[float], deviation: float, seed: int
    ) -> None:
        self._shape = num, dimension
        means = tuple(map(float, mean))
        self.mean: tuple[float, ...] = means[:1] if len(set(means)) == 1 else means
        self.deviation, self.seed = deviation, seed

    @property
    def shape(self) -> tuple[int, int]:
        return self._shape

    @property
    def recipe(self) -> Mapping[str, Any]:
        return {"mean": self.mean, "deviation": self.deviation, "seed": self.seed}

    def take(self, places: Places) -> Array:
        points = np.empty((self.dimension, len(places)))
        blocks, own = split(numbers_of(places), self._per_block)
        order = np.argsort(blocks, kind="stable")
        for chosen in np.split(order, np.flatnonzero(np.diff(blocks[order])) + 1):
            if chosen.size:
                points[:, chosen] = self._block(int(blocks[chosen[0]]))[:, numbers_of(own)[chosen]]
        return points

    def first_beyond(self, reach: float) -> Array | None:
        if max(map(abs, self.mean)) + FARTHEST * self.deviation <= reach:
            return None
        return super().first_beyond(reach)

    @property
    def _per_block(self) -> int:
        return max(AT_ONCE // self.dimension, 1)

    def _block(self, number: int) -> Array:
        first = number * self._per_block
        size = min(self._per_block, len(self) - first), self.dimension
        return _normal_block(size, self.mean, self.deviation, self.seed, number)


@lru_cache(maxsize=4)  # since lanes are started a few at a time
def _normal_block(
    size: tuple[int, int], mean: tuple[float, ...], deviation: float, seed: int, number: int
) -> Array:
    """The points (d, n) of one block, of which none depends on how many there are."""
    generator = np.random.default_rng(seed)
    if number:
        # A block draws less than 2^64 times, and so runs into none of the others.
        generator = np.random.Generator(np.random.Philox(key=seed, counter=number << 64))
    return np.ascontiguousarray(generator.normal(mean, deviation, size).T)
