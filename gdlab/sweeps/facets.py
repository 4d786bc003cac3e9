"""The runs of a sweep as panels of a picture: those that differ in α or x0 alone are one grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gdlab.experiment import Experiment
from gdlab.figures.applicable import DEFAULT_FORMATS, formats_of
from gdlab.figures.drawing import write
from gdlab.figures.facets import Facet, Facets, Loaded
from gdlab.figures.pictures.curves import curves
from gdlab.figures.pictures.heatmap import heatmap
from gdlab.figures.pictures.iterations import iterations
from gdlab.figures.pictures.rates import rates
from gdlab.figures.pictures.runtime import runtime
from gdlab.results.tiles import Tile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COMPARED: dict[str, tuple[str, Callable[[Facets], Figure | None], tuple[str, ...]]] = {
    "heatmap": ("heatmaps", heatmap, ("alpha", "x0")),
    "curves": ("curves", curves, ("alpha",)),
    "iterations": ("iterations", iterations, ("alpha", "x0")),
    "runtime": ("runtime", runtime, ("alpha",)),
    "rates": ("rates", rates, ("alpha", "x0")),
}
"""For each figure of a run the name of that of a sweep, what draws it, and which runs it stacks."""

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Job:
    """A run of a sweep: the value of each swept name, and how to load it; None where it failed."""

    swept: Mapping[str, Any]
    load: Callable[[], Loaded] | None


def compare(
    jobs: Sequence[Job],
    folder: Path,
    names: Sequence[str] = tuple(COMPARED),
    formats: Sequence[str] = DEFAULT_FORMATS,
) -> list[Path]:
    """Draw the runs of a sweep side by side into `folder`; give the paths of the files.

    jobs : in their order. names : figures of a run; those that are not compared are passed over.

    A panel each for at most 16 runs, evenly chosen. A failed run has an empty panel.
    """
    written = []
    for name, (together, draw, stack) in COMPARED.items():
        kinds = formats_of(name, formats)
        if name in names and kinds:
            written += write(draw(facets_of(jobs, stack)), folder, together, kinds)
    return written


def facets_of(jobs: Sequence[Job], stack: Sequence[str]) -> Facets:
    """The panels of a sweep: jobs that differ only in single numbers of `stack` share one."""
    return Facets.of(_grouped(jobs, stack))


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
    return [_facet(rests[key], list(own.values())) for key, own in groups.items()]


def _facet(swept: Mapping[str, Any], jobs: Sequence[Job]) -> Facet:
    def load() -> Loaded | None:
        parts = [job.load() for job in jobs if job.load is not None]
        return stacked(parts) if parts else None

    return Facet(swept, load, sum(job.load is None for job in jobs))


def _is_grid(jobs: Sequence[Job], names: Sequence[str]) -> bool:
    """Whether the jobs that did not fail have every combination of their values."""
    done = [job for job in jobs if job.load is not None]
    sizes = [len({repr(job.swept[name]) for job in done}) for name in names]
    return len(done) == int(np.prod(sizes))


def stacked(parts: Sequence[Loaded]) -> Loaded:
    """Several runs as the one on all their step sizes, or all their starting points."""
    first = parts[0]
    alphas, starts = [part.experiment.alpha for part in parts], [p.experiment.starts for p in parts]
    if len(parts) == 1:
        return first
    across = all(starts[0].equals(own) for own in starts)
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
        one.starts if across else np.concatenate([np.asarray(own) for own in starts]),
        tol=one.tol,
        max_iter=one.max_iter,
        criterion=one.criterion,
        escape=one.escape,
        method=one.method,
    )
    if across or len(one.alpha) == 1:
        columns = partial(_columns_one_after_another, parts)
        return Loaded(experiment, partial(_one_after_another, parts), first.title, columns=columns)
    return Loaded(experiment, partial(_side_by_side, parts), first.title)


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


def _columns_one_after_another(
    parts: Sequence[Loaded], names: Sequence[str]
) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
    """Columns of such runs; see `gdlab.figures.facets.Columns`."""
    begin = 0
    for part in parts:
        if part.columns is None:
            raise ValueError("a run is known by its overview alone, which has no columns")
        for first, columns in part.columns(names):
            yield begin + first, columns
        begin += part.experiment.n_lanes


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
            _woven_if_known([tile.predicted for tile in together]),
        )
        yield tile.between(first, len(parts[0].experiment.alpha) * n if last is None else last)


def _woven(columns: Sequence[NDArray[T]]) -> NDArray[T]:
    """A row of each in turn."""
    return np.stack(columns, axis=1).reshape(-1, columns[0].shape[1])


def _woven_if_known(columns: Sequence[NDArray[T] | None]) -> NDArray[T] | None:
    known = [column for column in columns if column is not None]
    return _woven(known) if len(known) == len(columns) else None
