"""The runs of a sweep as panels: which there are, where each stands, and what it is called."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gdlab.experiment import Experiment
from gdlab.figures import words
from gdlab.figures.subject import Subject
from gdlab.following import spread

MOST_PANELS = 16
WIDEST = 4
"""Panels side by side."""


@dataclass(frozen=True, eq=False)
class Loaded:
    """A finished run: its experiment, its whole table, and a name for an objective without one."""

    experiment: Experiment
    results: pd.DataFrame
    title: str | None = None

    @property
    def subject(self) -> Subject:
        return Subject.of(self.experiment, self.title)


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
    n_alpha = 1 if across else len(alphas[0])
    tables = pd.concat([part.results for part in parts], ignore_index=True)
    order = np.arange(len(tables)).reshape(len(parts), n_alpha, -1).swapaxes(0, 1).ravel()
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
    return Loaded(experiment, tables.iloc[order].reset_index(drop=True), first.title)


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
