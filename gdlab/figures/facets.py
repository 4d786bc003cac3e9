"""The runs that a picture shows: where the panel of each stands, and what it is called."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from omegaconf import OmegaConf

from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.figures import words
from gdlab.figures.applicable import why_not
from gdlab.figures.sizes import Size, columns_of
from gdlab.figures.subject import Subject
from gdlab.results.layout import Layout
from gdlab.results.overview import Overview, Results, gathered
from gdlab.results.raster import Labels, Mosaic, Raster
from gdlab.results.tiles import Tile, columns_of_frame, tiles_of_frame
from gdlab.results.visits import Histogram
from gdlab.settings import experiment_of
from gdlab.store.run import Run
from gdlab.store.tiles import columns_of_run, histogram_of_run, tiles_of_run

AT_ONCE = 2**16
"""Lanes that are painted together, so that temporaries stay small."""
MOST_PANELS = 16
WIDEST = 4
"""Panels side by side."""


class Columns(Protocol):
    """A way to read columns of a run's table, part by part in the order of its lanes.

    Gives the number of the first lane, and for each name an array (n, n_tol), tolerances as given:
    statuses as codes of `gdlab.core.problem.Status`, a missing minimum as -1, a missing count as 0,
    any other as NaN. Columns that the table does not have are left out. Lanes are those from
    `first` to `last` - 1, by default all.
    """

    def __call__(
        self, names: Sequence[str], first: int = 0, last: int | None = None
    ) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]: ...


Paint: TypeAlias = Callable[[int, Mapping[str, NDArray[Any]]], tuple[Labels, NDArray[np.float32]]]
"""Gives a label and a value to each of some lanes, told the number of the first and their columns
at the tightest tolerance."""


class Tiles(Protocol):
    """A way to read the lanes `first` to `last` - 1 of a run, by default all, again and again."""

    def __call__(self, first: int = 0, last: int | None = None) -> Iterator[Tile]: ...


@dataclass(frozen=True, eq=False)
class Loaded:
    """A finished run: its experiment, its tiles, and what else to call its objective.

    known : its overview, where there is one already; with the raster of its own heatmap, if any.
    columns : of its table, where there is one. visits : where its lanes were, if it is counted.
    """

    experiment: Experiment
    tiles: Tiles
    title: str | None = None
    known: Overview | None = None
    columns: Columns | None = None
    visits: Callable[[], Histogram] | None = None

    @classmethod
    def of(cls, experiment: Experiment, results: Results, title: str | None = None) -> Loaded:
        """A run of which there is the whole table, or an overview."""
        if isinstance(results, Overview):
            return cls(experiment, _no_tiles, title, results)
        return cls(
            experiment,
            partial(tiles_of_frame, experiment, results),
            title,
            columns=partial(columns_of_frame, experiment, results),
        )

    @classmethod
    def of_run(
        cls,
        run: Run,
        title: str | None = None,
        experiment: Experiment | None = None,
        overview: Overview | None = None,
    ) -> Loaded:
        """A run in its folder; `experiment` and `overview` where they are at hand already."""
        experiment = experiment or experiment_of(OmegaConf.create(run.config))
        return cls(
            experiment,
            partial(tiles_of_run, run),
            title or experiment.facts.name or run.record["objective"],
            overview,
            partial(columns_of_run, run),
            partial(histogram_of_run, run, experiment) if "visited" in run.record else None,
        )

    @cached_property
    def subject(self) -> Subject:
        return Subject.of(self.experiment, self.title)

    @cached_property
    def overview(self) -> Overview:
        return self.known or gathered(self.experiment, self.tiles())

    def raster(self, layout: Layout) -> Raster:
        """The cells of the panels of a layout, at the tightest tolerance."""
        if self.known is not None and self.known.raster is not None:
            return self.known.raster
        raster, tightest = Raster(layout), self.experiment.tol.argmin()
        for panel in layout.panels:
            for tile in self.tiles(panel.first, panel.first + panel.n_lanes):
                raster.add(tile.first, tile.status[:, tightest], tile.steps[:, tightest])
        return raster

    def mosaic(self, layout: Layout, names: Sequence[str], paint: Paint, n_labels: int) -> Mosaic:
        """The cells of the panels of a layout, with labels and values that `paint` gives."""
        if self.columns is None:
            raise ValueError("this run is an overview without its table, of which the picture is")
        mosaic, tightest = Mosaic(layout, n_labels), self.experiment.tol.argmin()
        for panel in layout.panels:
            part = self.columns(names, panel.first, panel.first + panel.n_lanes)
            for first, columns in part:
                tight = {name: column[:, tightest] for name, column in columns.items()}
                for low in range(0, len(tight["status"]), AT_ONCE):
                    own = {name: column[low : low + AT_ONCE] for name, column in tight.items()}
                    mosaic.add(first + low, *paint(first + low, own))
        return mosaic


def _no_tiles(first: int = 0, last: int | None = None) -> Iterator[Tile]:
    raise ValueError("this overview has no raster; make it with a layout, Overview(…, layout)")


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
    """The panels of a sweep in rows and columns; those of a run are a sweep of one.

    names : the swept names that tell them apart.
    rows : the facets; the last places of the last row may be None.
    crossed : whether rows are values of the first name and columns those of the second.
    every : all facets there are, of which some may have no place.
    """

    names: tuple[str, ...]
    rows: list[list[Facet | None]]
    crossed: bool
    every: Sequence[Facet]

    @classmethod
    def one(cls, run: Shown) -> Facets:
        """A run by itself; facets are given back."""
        if isinstance(run, Facets):
            return run
        own = loaded(run)
        facet = Facet({}, lambda: own)
        return cls((), [[facet]], False, [facet])

    @classmethod
    def fit_for(cls, name: str, shown: Shown) -> Facets:
        """As `one`; raises ValueError where the picture `name` cannot be drawn of a run by itself.

        The panels of several say so themselves; see `runs`.
        """
        if isinstance(shown, Facets):
            return shown
        own = loaded(shown)
        reason = why_not(name, own.experiment)
        if reason is not None:
            raise ValueError(f"{name}: it cannot be drawn of this run, since {reason}")
        return cls.one(own)

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
            return cls(names, rows, True, found)
        shown: list[Facet | None] = [found[i] for i in spread(len(found), MOST_PANELS)]
        columns = columns_of(len(shown))
        shown += [None] * (-len(shown) % columns)
        wrapped = [shown[i : i + columns] for i in range(0, len(shown), columns)]
        return cls(names, wrapped, False, found)

    @property
    def n(self) -> int:
        return len(self.every)

    @property
    def shown(self) -> list[Facet]:
        return [facet for row in self.rows for facet in row if facet is not None]

    @property
    def columns(self) -> int:
        return len(self.rows[0])

    def runs(self, name: str | None = None) -> list[Loaded | str]:
        """The run of each panel, or what the panel says instead.

        name : of a picture that cannot be drawn of each.
        """
        return [_run_or_why_not(facet.load(), name) for facet in self.shown]

    def headings(self, size: Size) -> list[tuple[str, str]]:
        """What stands above each panel of so many inches, and at its right."""
        if not self.crossed:
            lines = 1 if len(self.names) > 1 else 2
            return [
                (
                    "\n".join(
                        called(name, value, size[0], lines) for name, value in f.swept.items()
                    ),
                    "",
                )
                for f in self.shown
            ]
        down, across = self.names
        found = []
        for i, facet in enumerate(self.shown):
            last = i % self.columns == self.columns - 1
            above = called(across, facet.swept[across], size[0]) if i < self.columns else ""
            found.append((above, called(down, facet.swept[down], size[1] + 0.4) if last else ""))
        return found

    def said(self) -> str:
        """How many runs there are, and by what they differ."""
        some = words.shown_of(len(self.shown), self.n, "run")
        *others, last = [words.plain(short(name)) for name in self.names]
        return f"{some} by {', '.join(others)} and {last}" if others else f"{some} by {last}"

    def failures(self) -> list[str]:
        """How many runs failed of those that one panel shows together."""
        failed = self.shown[0].failed
        return [f"{words.plural(failed, 'run')} failed"] if self.n == 1 and failed else []


Shown: TypeAlias = "Run | Loaded | Facets"
"""What a picture is drawn of: a run, by its folder or loaded, or several side by side."""


def loaded(run: Run | Loaded) -> Loaded:
    """A run as pictures take it."""
    return run if isinstance(run, Loaded) else Loaded.of_run(run)


def _run_or_why_not(run: Loaded | None, name: str | None) -> Loaded | str:
    if run is None:
        return "failed"
    if run.experiment.pairs:
        return "not drawn:\npairs of α and x₀"
    reason = None if name is None else why_not(name, run.experiment)
    return run if reason is None else f"not drawn:\n{reason}"


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
    parts = textwrap.wrap(f"{short(name)} = {said}", fits)
    if len(parts) > lines:
        # As textwrap would, but for a long word, of which that leaves nothing.
        parts = [*parts[: lines - 1], " ".join(parts[lines - 1 :])[: fits - 2].rstrip() + " …"]
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
