"""After how many iterations lanes converge, by groups of step sizes: whole distributions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Indices, Status
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array
from gdlab.results.tiles import Tile

MOST_PENDING = 2**22
"""Counts that are kept before equal ones are put together."""
COUNT = 2**40
"""More than any count of iterations, or of evaluations."""


@dataclass(frozen=True, eq=False)
class Distributions:
    """What became of m groups of lanes, each lane by a count, as of its iterations.

    n : (m,) lanes of each group. converged : (m,) those of them that have a count.
    groups, counts, lanes : (k,) of which group, the counts that occur there, rising, and how many
        lanes have each.

    A lane without a count, since it did not converge, has infinitely many iterations.
    """

    n: Indices
    converged: Indices
    groups: Indices
    counts: Indices
    lanes: Indices

    @classmethod
    def of(cls, keys: Indices, lanes: Indices, n_groups: int) -> Distributions:
        """From distinct keys, group * COUNT + count, rising, and how many lanes have each.

        A count of 0 stands for none.
        """
        groups, counts = np.divmod(keys, COUNT)
        there = counts > 0
        n = np.bincount(groups, lanes, n_groups).astype(np.int64)
        converged = np.bincount(groups[there], lanes[there], n_groups).astype(np.int64)
        return cls(n, converged, groups[there], counts[there], lanes[there])

    @cached_property
    def _passed(self) -> Indices:
        """Lanes up to each count, over all groups."""
        return self.lanes.cumsum()

    @cached_property
    def _before(self) -> Indices:
        """Lanes with counts in the groups before each, (m,)."""
        return self.converged.cumsum() - self.converged

    def times(self, factor: int) -> Distributions:
        """The same lanes with counts so many times as large."""
        return replace(self, counts=self.counts * factor)

    @property
    def share(self) -> Array:
        """Of the lanes that converged, (m,)."""
        return self.converged / self.n

    @property
    def worst(self) -> Array:
        """The largest count of each group, (m,); infinite where a lane has none."""
        return self._at(self.n - 1)

    def quantile(self, share: float) -> Array:
        """The count that this share of the lanes does not exceed, (m,), between two linearly."""
        place = share * (self.n - 1)
        below = np.floor(place).astype(np.int64)
        low, high = self._at(below), self._at(np.ceil(place).astype(np.int64))
        with np.errstate(invalid="ignore"):
            between = low + (place - below) * (high - low)
        return np.where(low == high, low, np.where(np.isfinite(high), between, np.inf))

    def solved(self, group: int) -> tuple[Indices, Array]:
        """The counts of a group that occur, and the share of its lanes solved within each."""
        own = slice(*np.searchsorted(self.groups, [group, group + 1]))
        return self.counts[own], self.lanes[own].cumsum() / self.n[group]

    def _at(self, place: Indices) -> Array:
        """The count of the lane at this place in each group, by rising counts, (m,)."""
        found = np.full(place.size, np.inf)
        there = place < self.converged
        at = np.searchsorted(self._passed, (self._before + place)[there], side="right")
        found[there] = self.counts[at]
        return found


def distributions(
    experiment: Experiment, tiles: Iterable[Tile], groups: Indices
) -> tuple[Distributions, Distributions | None]:
    """Gather the iterations to the tightest tolerance, and those by theory where tiles have them.

    groups : (n_distinct,), the group of each distinct step size, or -1 for none.
    """
    tightest = int(experiment.tol.argmin())
    measured, predicted, tells = _Keys(experiment, groups), _Keys(experiment, groups), True
    for tile in tiles:
        found = tile.status[:, tightest] == Status.converged
        measured.add(tile.first, np.where(found, tile.steps[:, tightest], 0))
        if tile.predicted is None:
            tells = False
        else:
            predicted.add(tile.first, tile.predicted[:, tightest])
    return measured.distributions(), predicted.distributions() if tells else None


def distributions_of(
    experiment: Experiment,
    parts: Iterable[tuple[int, dict[str, NDArray[Any]]]],
    name: str,
    groups: Indices,
) -> Distributions:
    """Gather, as `distributions`, what lanes that converged have in the column `name`.

    parts : columns of the table with this one and the status; see `gdlab.figures.facets.Columns`.
    """
    tightest, keys = int(experiment.tol.argmin()), _Keys(experiment, groups)
    for first, columns in parts:
        found = columns["status"][:, tightest] == Status.converged
        keys.add(first, np.where(found, columns[name][:, tightest], 0))
    return keys.distributions()


class _Keys:
    """Keys of lanes, of which equal ones are put together from time to time.

    groups : as of `distributions`.
    """

    def __init__(self, experiment: Experiment, groups: Indices) -> None:
        sizes = experiment.step_sizes
        self._of_alpha = groups if sizes.ranks is None else groups[sizes.ranks]
        self._n_starts, self._n_groups = sizes.n_starts, int(groups.max()) + 1
        self._found: list[tuple[Indices, Indices]] = []
        self._pending = 0

    def add(self, first: int, counts: NDArray[Any]) -> None:
        """Take in the lanes from `first` on, with these counts (n,), 0 for none."""
        low, high = first // self._n_starts, -(-(first + counts.size) // self._n_starts)
        bounds = (np.arange(low, high + 1) * self._n_starts).clip(first, first + counts.size)
        groups = np.repeat(self._of_alpha[low:high], np.diff(bounds))
        wanted = groups >= 0
        if not wanted.all():
            groups, counts = groups[wanted], counts[wanted]
        found = np.unique(groups * COUNT + counts, return_counts=True)
        self._found.append(found)
        self._pending += found[0].size
        if self._pending > MOST_PENDING:
            self._found = [self._put_together()]
            self._pending = 0

    def distributions(self) -> Distributions:
        return Distributions.of(*self._put_together(), self._n_groups)

    def _put_together(self) -> tuple[Indices, Indices]:
        """All distinct keys, rising, and how many lanes have each."""
        keys, lanes = map(np.concatenate, zip(*self._found, strict=True))
        order = np.argsort(keys, kind="stable")
        keys, lanes = keys[order], lanes[order]
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        return keys[first], np.add.reduceat(lanes, first)
