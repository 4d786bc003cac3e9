"""The end of a sweep: its record, its table, its pictures and its summary."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from omegaconf import DictConfig, OmegaConf

from gdlab.files import whole_file
from gdlab.report.due import REPORT
from gdlab.report.illustrating import look_of
from gdlab.results.findings import Outline, count
from gdlab.results.overview import gathered
from gdlab.settings import experiment_of
from gdlab.store.records import read_record, write_record
from gdlab.store.run import Run, open_run
from gdlab.store.tiles import tiles_of_run
from gdlab.sweeps.jobs import outcomes
from gdlab.terminal.columns import show_table
from gdlab.terminal.console import Console

if TYPE_CHECKING:
    from gdlab.figures.facets import Loaded

OWN_WORDS = ("hydra.mode=", "hydra.sweep.dir=${hydra.run.dir}/")
"""How the words for Hydra begin that gdlab or Hydra itself adds to a sweep's own."""
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
    rows = _outlines(folder, jobs)
    if config.report:
        _report(folder, jobs, varying, rows, config)
    _show(folder, jobs, varying, rows)
    if config.report:
        Console().print(f"report: {folder / REPORT}", markup=False)
    return len(done) == len(jobs)


def draw_again(folder: Path, figures: DictConfig) -> list[str]:
    """Draw the figures of a finished sweep, and write its page again; say which there are.

    figures : their settings.

    Raises StoreError or ConfigError where that cannot be.
    """
    record = read_record(folder / "sweep.json", "a sweep")
    jobs: list[dict[str, Any]] = record["jobs"]
    config = cast(DictConfig, OmegaConf.load(folder / "multirun.yaml"))
    config.figures = figures
    _draw(folder, jobs, config)
    if config.get("report", True):
        _report(folder, jobs, record["swept"], _outlines(folder, jobs), config)
    found = sorted({path.stem for path in (folder / "figures").glob("[!.]*")})
    return [f"the sweep has {', '.join(found) or 'no figures'}"]


def _outlines(folder: Path, jobs: list[dict[str, Any]]) -> dict[int, Outline]:
    """What the runs have come to, by the places of their jobs; without those that failed."""
    return {
        number: _outline(open_run((folder / job["run"]).resolve()))
        for number, job in enumerate(jobs)
        if job["run"] is not None
    }


def _varying(jobs: list[dict[str, Any]]) -> list[str]:
    """Names whose values are not the same in all jobs."""
    names = dict.fromkeys(name for job in jobs for name in job["swept"])
    return [name for name in names if len({repr(job["swept"].get(name)) for job in jobs}) > 1]


def _draw(folder: Path, jobs: list[dict[str, Any]], config: DictConfig) -> None:
    """Draw the figures of a sweep whose likes are drawn of each run."""
    names, formats = list(config.figures.names), list(config.figures.formats)
    if not formats or not names:
        return
    from gdlab.figures.style import settings
    from gdlab.sweeps.facets import Job, compare

    compared = [Job(job["swept"], _loader(folder, job["run"], job.get("name"))) for job in jobs]
    with settings(*look_of(config)):
        compare(compared, folder / "figures", names, formats)


def _report(
    folder: Path,
    jobs: list[dict[str, Any]],
    varying: list[str],
    rows: Mapping[int, Outline],
    config: DictConfig,
) -> None:
    """Write the page that compares the runs and leads to the report of each."""
    from gdlab.report import sweeps
    from gdlab.report.repeating import typed

    given = OmegaConf.to_container(config.hydra.overrides, resolve=False)
    assert isinstance(given, dict)
    machinery = [word for word in given["hydra"] if not word.startswith(OWN_WORDS)]
    members = [
        sweeps.Member(
            job["swept"], typed(job["overrides"]), rows.get(number), job["run"], job["message"]
        )
        for number, job in enumerate(jobs)
    ]
    sweeps.write(folder, varying, members, typed([*given["task"], *machinery]))


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


def _outline(run: Run) -> Outline:
    experiment = experiment_of(OmegaConf.create(run.config))
    return Outline.of(gathered(experiment, tiles_of_run(run)))


def _cells(outline: Outline, *, best: bool) -> list[str]:
    """What the table says of a run after what was swept; `best`: with the best step size."""
    alpha = "–" if outline.best is None else f"{outline.best:.6g}"
    return [
        f"{outline.n_lanes:,}",
        f"{outline.share:.1%}",
        *([alpha] if best else []),
        count(outline.median),
        count(outline.worst),
    ]


def _show(
    folder: Path, jobs: list[dict[str, Any]], varying: list[str], rows: Mapping[int, Outline]
) -> None:
    """Print a row a run, where they are, and what failed."""
    several = any(row.n_alpha > 1 for row in rows.values())
    console = Console()
    headings = [*varying, "lanes", "converged", *(["best α"] if several else []), "median", "worst"]
    cells = []
    for number, job in enumerate(jobs):
        values = [_cut(str(job["swept"][name])) for name in varying]
        row = rows.get(number)
        cells.append(values + (["failed"] if row is None else _cells(row, best=several)))
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
