"""The end of a sweep: its record, its table, its pictures and its summary."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig
from rich.console import Console
from rich.table import Table

from gdlab.files import whole_file, write_text
from gdlab.store import FORMAT, open_run
from gdlab.sweep import outcomes

if TYPE_CHECKING:
    pass


def conclude(folder: Path, config: DictConfig) -> bool:
    """Write what a sweep leaves, and print it; say whether every job did well."""
    jobs = outcomes(folder)
    varying = _varying(jobs)
    for job in jobs:
        job["swept"] = {name: job["swept"].get(name) for name in varying}
        if job["run"] is not None:
            job["run"] = os.path.relpath(job["run"], folder)
    record = {"format": FORMAT, "swept": varying, "jobs": jobs}
    write_text(folder / "sweep.json", json.dumps(record, indent=2) + "\n")
    done = [job for job in jobs if job["run"] is not None]
    if done:
        from gdlab.reading import load

        results = load(folder)
        with whole_file(folder / "results.parquet") as path:
            results.to_parquet(path, index=False)
    _show(folder, jobs, varying)
    return len(done) == len(jobs)


def _varying(jobs: list[dict[str, Any]]) -> list[str]:
    """Names whose values are not the same in all jobs."""
    names = dict.fromkeys(name for job in jobs for name in job["swept"])
    return [name for name in names if len({repr(job["swept"].get(name)) for job in jobs}) > 1]


def _show(folder: Path, jobs: list[dict[str, Any]], varying: list[str]) -> None:
    from gdlab.summary import best_alpha, by_alpha, count

    console = Console(highlight=False, soft_wrap=True)
    table = Table()
    for heading in (*varying, "lanes", "converged", "best α", "median", "worst"):
        table.add_column(heading, justify="right")
    for job in jobs:
        values = [str(job["swept"][name]) for name in varying]
        if job["run"] is None:
            table.add_row(*values, "failed", style="red")
            continue
        run = open_run((folder / job["run"]).resolve())
        verdicts = by_alpha(run.table())
        best = best_alpha(verdicts)
        cells = ["–", "∞", "∞"]
        if best is not None:
            cells = [f"{best:.6g}", *map(count, verdicts.loc[best, ["median", "worst"]])]
        share = run.record["counts"]["converged"] / run.record["lanes"]
        table.add_row(*values, f"{run.record['lanes']:,}", f"{share:.1%}", *cells)
    console.print(table)
    console.print(f"sweep: {folder}")
    for job in jobs:
        if job["run"] is None:
            Console(stderr=True, highlight=False, soft_wrap=True).print(
                f"gdlab: failed: {' '.join(job['overrides'])}: {job['message']}", markup=False
            )
