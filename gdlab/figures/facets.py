"""The runs of a sweep as panels: which there are, where each stands, and what it is called."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.figures import words
from gdlab.figures.subject import Subject
from gdlab.results.overview import Overview, gathered
from gdlab.results.tiles import Tile, tiles_of_frame

T = TypeVar("T", bound=np.generic)

MOST_PANELS = 16
WIDEST = 4
"""Panels side by side."""


class Tiles(Protocol):
    """A way to read the lanes `first` to `last` - 1 of a run, by default all, again and again."""

    def __call__(self, first: int = 0, last: int | None = None) -> Iterator[Tile]: ...


@dataclass(frozen=True, eq=False)
class Loaded:
    """A finished run: its experiment, its tiles, and what else to call its objective."""

    experiment: Experiment
    tiles: Tiles
    title: str | None = None

    @classmethod
    def of(cls, experiment: Experiment, table: pd.DataFrame, title: str | None = None) -> Loaded:
        """A run of which there is the whole table."""
        return cls(experiment, partial(tiles_of_frame, experiment, table), title)

    @property
    def subject(self) -> Subject:
        subject = Subject.of(self.experiment)
        return subject if self.title is None else replace(subject, name=self.title)

    @cached_property
    def overview(self) -> Overview:
        return gathered(self.experiment, self.tiles())


@dataclass(frozen=True, eq=False)
class Job:
    """A run of a sweep: the value of each swept name, and how to load it; None where it failed."""

    swept: Mapping[str, Any]
    load: Callable[[], Loaded] | None


@dataclass(frozen=True, eq=False)
class Facet:
    """What a panel shows: one run, or several that differ only in α or x0 and are one grid."""

    swept: Mapping[str, Any]
    jobs: Sequence[Job]

    @property
    def failed(self) -> int:
        return sum(job.load is None for job in self.jobs)

    def load(self) -> Loaded | None:
        """Give the run, several as one; None where all failed."""
        parts = [job.load() for job in self.jobs if job.load is not None]
        return stacked(parts) if parts else None


@dataclass(frozen=True, eq=False)
class Facets:
    """Panels in rows and columns.

    names : the swept names that tell them apart.
    rows : the facets; a place of the last row may be None.
    crossed : whether rows are values of the first name and columns those of the second.
    n : the facets there are, of which some may have no place.
    """

    names: tuple[str, ...]
    rows: list[list[Facet | None]]
    crossed: bool
    n: int

    @classmethod
    def of(cls, jobs: Sequence[Job], stack: Sequence[str]) -> Facets:
        """Arrange the jobs; those that differ only in single numbers of `stack` share a panel."""
        found = _grouped(jobs, stack)
        names = tuple(
            name for name in found[0].swept if len({repr(f.swept[name]) for f in found}) > 1
        )
        found = [replace(f, swept={name: f.swept[name] for name in names}) for f in found]
        rows = _crossed(names, found)
        if rows is not None:
            if len(rows[0]) > WIDEST >= len(rows):
                names, rows = names[::-1], [list(column) for column in zip(*rows, strict=True)]
            return cls(names, rows, True, len(found))
        shown: list[Facet | None] = [found[i] for i in spread(len(found), MOST_PANELS)]
        columns = len(shown) if len(shown) <= 3 else int(np.ceil(np.sqrt(len(shown))))
        shown += [None] * (-len(shown) % columns)
        wrapped = [shown[i : i + columns] for i in range(0, len(shown), columns)]
        return cls(names, wrapped, False, len(found))

    @property
    def shown(self) -> list[Facet]:
        return [facet for row in self.rows for facet in row if facet is not None]

    def said(self) -> str:
        """How many runs there are, and by what they differ."""
        some = words.shown_of(len(self.shown), self.n, "run")
        *others, last = [words.plain(short(name)) for name in self.names]
        return f"{some} by {', '.join(others)} and {last}" if others else f"{some} by {last}"


def stacked(parts: Sequence[Loaded]) -> Loaded:
    """Several runs as the one on all their step sizes, or all their starting points."""
    first = parts[0]
    alphas, starts = [part.experiment.alpha for part in parts], [p.experiment.x0 for p in parts]
    if len(parts) == 1:
        return first
    across = all(np.array_equal(starts[0], x0) for x0 in starts)
    if not across:
        # Runs for each α in turn: the starts of a grid vary fastest.
        by_alpha: dict[bytes, list[Loaded]] = {}
        for part in parts:
            by_alpha.setdefault(part.experiment.alpha.tobytes(), []).append(part)
        if len(by_alpha) > 1:
            return stacked([stacked(own) for own in by_alpha.values()])
    one = first.experiment
    experiment = Experiment(
        one.objective,
        np.concatenate(alphas) if across else one.alpha,
        one.x0 if across else np.concatenate(starts),
        tol=one.tol,
        max_iter=one.max_iter,
        criterion=one.criterion,
        escape=one.escape,
        method=one.method,
    )
    tiles = _one_after_another if across or len(one.alpha) == 1 else _side_by_side
    return Loaded(experiment, partial(tiles, parts), first.title)


def _one_after_another(
    parts: Sequence[Loaded], first: int = 0, last: int | None = None
) -> Iterator[Tile]:
    """Tiles of runs whose lanes are numbered on from run to run."""
    begin = 0
    for part in parts:
        n = part.experiment.n_lanes
        low, high = max(first - begin, 0), n if last is None else min(last - begin, n)
        if low < high:
            for tile in part.tiles(low, high):
                yield tile._replace(first=begin + tile.first)
        begin += n


def _side_by_side(
    parts: Sequence[Loaded], first: int = 0, last: int | None = None
) -> Iterator[Tile]:
    """Tiles of runs of one starting point each, whose starts vary fastest."""
    n = len(parts)
    last_alpha = None if last is None else -(-last // n)
    # Runs of as many lanes and tolerances are cut in the same places.
    for together in zip(*(part.tiles(first // n, last_alpha) for part in parts), strict=True):
        tile = Tile(
            together[0].first * n,
            _woven([tile.status for tile in together]),
            _woven([tile.steps for tile in together]),
            _woven([tile.f for tile in together]),
            _woven([tile.at_no_minimum for tile in together]),
        )
        yield tile.between(first, len(parts[0].experiment.alpha) * n if last is None else last)


def _woven(columns: Sequence[NDArray[T]]) -> NDArray[T]:
    """A row of each in turn."""
    return np.stack(columns, axis=1).reshape(-1, columns[0].shape[1])


def short(name: str) -> str:
    """The last part of a dotted name."""
    return name.rpartition(".")[2].lstrip("+")


def called(name: str, value: Any, width: float, lines: int = 2) -> str:
    """Write `name = value` in lines that fit into so many inches."""
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        said = words.number(float(value), 6)
    else:
        said = re.sub(r"\s+", " ", str(value))
    fits = max(int(width / 0.082), 12)
    parts = textwrap.wrap(f"{short(name)} = {said}", fits, max_lines=lines, placeholder=" …")
    return "\n".join(map(words.plain, parts))


def _grouped(jobs: Sequence[Job], stack: Sequence[str]) -> list[Facet]:
    """The jobs that have one panel together, in the order of the first of each."""
    single = [
        name
        for name in stack
        if all(
            isinstance(job.swept.get(name), int | float)
            and not isinstance(job.swept.get(name), bool)
            for job in jobs
        )
    ]
    groups: dict[str, dict[str, Job]] = {}
    rests = {}
    for job in jobs:
        rest = {name: value for name, value in job.swept.items() if name not in single}
        rests[repr(rest)] = rest
        groups.setdefault(repr(rest), {}).setdefault(repr(job.swept), job)
    if len(single) > 1 and not all(_is_grid(list(own.values()), single) for own in groups.values()):
        return _grouped(jobs, single[:1])
    return [Facet(rests[key], list(group.values())) for key, group in groups.items()]


def _is_grid(jobs: Sequence[Job], names: Sequence[str]) -> bool:
    """Whether the jobs that did not fail have every combination of their values."""
    done = [job for job in jobs if job.load is not None]
    sizes = [len({repr(job.swept[name]) for job in done}) for name in names]
    return len(done) == int(np.prod(sizes))


def _crossed(names: Sequence[str], found: Sequence[Facet]) -> list[list[Facet | None]] | None:
    """Rows by the first of two names, columns by the second, at most so many; else None."""
    if len(names) != 2:
        return None
    at = {tuple(repr(f.swept[name]) for name in names): f for f in found}
    down, across = (list(dict.fromkeys(key[i] for key in at)) for i in (0, 1))
    if len(at) != len(found) or len(down) * len(across) != len(found):
        return None
    n_rows, n_columns = len(down), len(across)
    while n_rows * n_columns > MOST_PANELS:
        if n_rows >= n_columns:
            n_rows -= 1
        else:
            n_columns -= 1
    down = [down[i] for i in spread(len(down), n_rows)]
    across = [across[i] for i in spread(len(across), n_columns)]
    return [[at[a, b] for b in across] for a in down]
