"""The end of a sweep: its record, its table, its pictures and its summary."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from gdlab.files import whole_file
from gdlab.results.overview import gathered
from gdlab.settings import experiment_of
from gdlab.store.records import write_record
from gdlab.store.run import Run, open_run
from gdlab.store.tiles import tiles_of_run
from gdlab.summary import best_of, count
from gdlab.sweeps.jobs import outcomes
from gdlab.terminal.columns import show_table
from gdlab.terminal.console import Console

if TYPE_CHECKING:
    from gdlab.figures.facets import Loaded

LONGEST_VALUE = 32
"""Characters of a swept value in the summary."""


def conclude(folder: Path, config: DictConfig) -> bool:
    """Write what a sweep leaves, and print it; say whether every job did well."""
    jobs = outcomes(folder)
    varying = _varying(jobs)
    for job in jobs:
        job["swept"] = {name: job["swept"].get(name) for name in varying}
        if job["run"] is not None:
            job["run"] = os.path.relpath(job["run"], folder)
    write_record(folder / "sweep.json", {"swept": varying, "jobs": jobs})
    done = [job for job in jobs if job["run"] is not None]
    if done:
        from gdlab.sweeps.table import join

        with whole_file(folder / "results.parquet") as path:
            join(folder, path)
        _draw(folder, jobs, config)
    _show(folder, jobs, varying)
    return len(done) == len(jobs)


def _varying(jobs: list[dict[str, Any]]) -> list[str]:
    """Names whose values are not the same in all jobs."""
    names = dict.fromkeys(name for job in jobs for name in job["swept"])
    return [name for name in names if len({repr(job["swept"].get(name)) for job in jobs}) > 1]


def _draw(folder: Path, jobs: list[dict[str, Any]], config: DictConfig) -> None:
    """Draw the figures of a sweep whose likes are drawn of each run."""
    names, formats = list(config.figures.names), list(config.figures.formats)
    if not formats or not names:
        return
    from gdlab.sweeps.facets import Job, compare

    compared = [Job(job["swept"], _loader(folder, job["run"], job.get("name"))) for job in jobs]
    compare(compared, folder / "figures", names, formats)


def _loader(folder: Path, run: str | None, name: str | None) -> Callable[[], Loaded] | None:
    """Say how to load a run of a sweep, once.

    name : what the sweep calls its objective: a run that was found may have been recorded with
        another.
    """
    if run is None:
        return None
    from gdlab.figures.facets import Loaded

    found = open_run((folder / run).resolve())

    def load() -> Loaded:
        return Loaded.of_run(found, name)

    return cache(load)


@dataclass(frozen=True)
class _Row:
    """What the summary says of a run; best is None where nothing converged."""

    n_lanes: int
    n_alpha: int
    share: float
    best: float | None
    median: float
    worst: float

    @classmethod
    def of(cls, run: Run) -> _Row:
        experiment = experiment_of(OmegaConf.create(run.config))
        overview = gathered(experiment, tiles_of_run(run))
        at_best = overview.rows[overview.best]
        return cls(
            experiment.n_lanes,
            len(experiment.step_sizes),
            overview.tally.share(),
            best_of(overview),
            at_best.median,
            at_best.worst,
        )

    def cells(self, *, best: bool) -> list[str]:
        """What the table says of it after what was swept; `best`: with the best step size."""
        alpha = "–" if self.best is None else f"{self.best:.6g}"
        return [
            f"{self.n_lanes:,}",
            f"{self.share:.1%}",
            *([alpha] if best else []),
            count(self.median),
            count(self.worst),
        ]


def _show(folder: Path, jobs: list[dict[str, Any]], varying: list[str]) -> None:
    """Print a row a run, where they are, and what failed."""
    rows = {
        number: _Row.of(open_run((folder / job["run"]).resolve()))
        for number, job in enumerate(jobs)
        if job["run"] is not None
    }
    several = any(row.n_alpha > 1 for row in rows.values())
    console = Console()
    headings = [*varying, "lanes", "converged", *(["best α"] if several else []), "median", "worst"]
    cells = []
    for number, job in enumerate(jobs):
        values = [_cut(str(job["swept"][name])) for name in varying]
        row = rows.get(number)
        cells.append(values + (["failed"] if row is None else row.cells(best=several)))
    styles = [None if number in rows else "red" for number in range(len(jobs))]
    show_table(console, headings, cells, keys=len(varying), styles=styles)
    if several:
        console.print("median and worst: iterations at the best α, over all starting points")
    console.print(f"sweep: {folder}")
    failed = [job for job in jobs if job["run"] is None]
    errors = Console(stderr=True)
    for job in failed:
        errors.print(f"gdlab: failed: {' '.join(job['overrides'])}: {job['message']}", markup=False)


def _cut(value: str) -> str:
    """A long value by its beginning and its end."""
    half = LONGEST_VALUE // 2
    return value if len(value) <= LONGEST_VALUE else f"{value[: half - 1]}…{value[-half:]}"
