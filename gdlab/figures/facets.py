"""The runs that a picture compares: where the panel of each stands, and what it is called."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Protocol

import pandas as pd

from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.figures import words
from gdlab.figures.sizes import columns_of
from gdlab.figures.subject import Subject
from gdlab.results.overview import Overview, gathered
from gdlab.results.tiles import Tile, tiles_of_frame

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
class Facet:
    """What a panel shows: the value of each swept name, and how to load the run; None if it failed.

    failed : how many runs failed of those that the panel shows as one.
    """

    swept: Mapping[str, Any]
    load: Callable[[], Loaded | None]
    failed: int = 0


@dataclass(frozen=True, eq=False)
class Facets:
    """Panels in rows and columns.

    names : the swept names that tell them apart.
    rows : the facets; the last places of the last row may be None.
    crossed : whether rows are values of the first name and columns those of the second.
    n : the facets there are, of which some may have no place.
    """

    names: tuple[str, ...]
    rows: list[list[Facet | None]]
    crossed: bool
    n: int

    @classmethod
    def of(cls, found: Sequence[Facet]) -> Facets:
        """Arrange facets: two names down and across, else one after another; at most 16."""
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
        columns = columns_of(len(shown))
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
