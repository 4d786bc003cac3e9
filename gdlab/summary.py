"""What the terminal shows: a progress bar, the verdicts by step size, the trace of one lane."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from gdlab.core.descent import Progress as Report
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.figures.applicable import MOVING, why_not
from gdlab.results import findings
from gdlab.results.agreement import Agreement
from gdlab.results.findings import best_of, count
from gdlab.results.overview import Overview
from gdlab.results.tally import Tally
from gdlab.terminal.columns import show_table
from gdlab.terminal.console import Console

if TYPE_CHECKING:
    import pandas as pd

    from gdlab.store.run import Run

LONGEST_TRACE = 200
"""Rows up to which a trace is printed whole where the output is not a terminal of some height."""
ENDS = 10
"""Rows at each end of a longer one."""
CORES = {"numpy": "NumPy", "numba": "the compiled core"}
LANES_DONE = "{task.completed:,.0f} of {task.total:,.0f} lanes"
PATIENCE = 0.5
"""Seconds before a progress bar appears."""


@contextmanager
def progress_bar(n_lanes: int, *, quiet: bool = False) -> Iterator[Report | None]:
    """Show lanes done, lane-steps a second and the time left, if stderr is a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_interactive:  # a dumb terminal cannot go back in its line
        yield None
        return
    bar = Progress(*_columns(n_lanes, console.width), console=console, transient=True)
    task = bar.add_task("", total=n_lanes, speed=0.0)
    began = time.perf_counter()

    def report(done: int, lane_steps: int) -> None:
        elapsed = time.perf_counter() - began
        if elapsed > PATIENCE:
            bar.start()
            bar.update(task, completed=done, speed=lane_steps / elapsed / 1e6)

    try:
        yield report
    finally:
        bar.stop()


def _columns(n_lanes: int, room: int) -> list[ProgressColumn]:
    """What a progress bar shows: as much as there is room for, so that no number is cut."""
    every: list[tuple[int, int, ProgressColumn]] = [  # how little it matters, and its width
        (3, 10, TextColumn("descending")),
        (4, 10, BarColumn()),
        (0, len(f"{n_lanes:,} of {n_lanes:,} lanes"), TextColumn(LANES_DONE)),
        (2, 14, TextColumn("{task.fields[speed]:,.0f} M steps/s")),
        (1, 7, TimeRemainingColumn()),
    ]
    taken = set()
    for least, width in sorted((least, width) for least, width, _ in every):
        room -= width + 1
        if room < -1:  # there is no gap after the last
            break
        taken.add(least)
    shown = [column for least, _, column in every if least in taken]
    return shown or [TextColumn("{task.percentage:.0f}%")]


def show_origin(run: Run, *, found: bool) -> None:
    """Say that a run was there already, or a part of it."""
    parts, computed = len(run.record["parts"]), run.record["parts_computed"]
    when = datetime.fromisoformat(run.record["started"]).astimezone()
    said = ""
    if found:
        said = f"found: computed on {when:%Y-%m-%d at %H:%M} (force=true computes it anew)"
    elif computed < parts:
        said = f"continued: {parts - computed} of {parts} parts were there"
    if said:
        Console().print(said)


def left_out(experiment: Experiment, names: list[str], formats: list[str]) -> list[str]:
    """Say which of the figures that were asked for cannot be drawn, and which not as a film."""
    reasons: dict[str, list[str]] = {}
    for name in names:
        why = why_not(name, experiment)
        if why is not None and experiment.n_lanes > 1:
            reasons.setdefault(why, []).append(name)
    said = [f"not drawn: {', '.join(missing)} ({why})" for why, missing in reasons.items()]
    drawn = [name for name in names if why_not(name, experiment) is None]
    still = [name for name in drawn if "gif" in formats and name not in MOVING]
    if still:
        moving = ", ".join(MOVING)
        said.append(f"not drawn as gif: {', '.join(still)} (a film is made of {moving} alone)")
    return said


def without(signs: str) -> str:
    """Say which signs stand as boxes in the pictures; nothing if none do."""
    return f"no font of this machine has {', '.join(signs)}: shown as □ in the pictures" * bool(
        signs
    )


def show_remarks(remarks: Iterable[str]) -> None:
    """Print what there is to say besides, line by line."""
    for remark in filter(None, remarks):
        Console().print(remark, markup=False)


def show(experiment: Experiment, overview: Overview, path: Path, engine: str = "numpy") -> None:
    """Print what the lanes of a run did, which engine has computed it, and where it is."""
    console = Console()
    _show_table(console, experiment, overview, engine)
    _show_end(console, experiment, path, overview.agreement)


def show_lane(
    experiment: Experiment, trace: pd.DataFrame, results: pd.DataFrame, path: Path
) -> None:
    """Print every iterate of a run of a single lane, its verdict, and where it is.

    trace : of `gdlab.results.traces.trace`. results : the table of the run.
    """
    console = Console()
    _show_trace(console, trace, results)
    _show_end(console, experiment, path)


def _show_end(
    console: Console, experiment: Experiment, path: Path, agreement: Agreement | None = None
) -> None:
    for said in (findings.limit(experiment), findings.agreement(experiment, agreement)):
        if said is not None:
            console.print(said, markup=False)
    console.print(f"results: {path}")


def _show_table(console: Console, experiment: Experiment, overview: Overview, engine: str) -> None:
    best, n_distinct = best_of(overview), len(experiment.step_sizes)
    console.print(f"{findings.lanes(experiment)}; by {CORES[engine]}")
    rows = overview.rows
    show_table(
        console,
        ("α", "converged", "cycling", "max_iter", "diverged", "median", "worst"),
        [(f"{alpha:.6g}", *_cells(tally)) for alpha, tally in rows.items()],
        styles=["bold" if alpha == best else None for alpha in rows],
    )
    if len(rows) < n_distinct:
        console.print(f"{len(rows)} of {n_distinct} step sizes; all are in the results")
    console.print(findings.best(overview))
    if best is not None:
        _show_tolerances(console, experiment, overview)
    away = findings.away(overview)
    if away is not None:
        console.print(away)


def _show_tolerances(console: Console, experiment: Experiment, overview: Overview) -> None:
    """Iterations at the best step size, tolerance by tolerance, where there are several."""
    if len(experiment.tol) == 1:
        return
    console.print(f"at α = {overview.best:.6g}", style="italic")
    rows = [
        (f"{tol:g}", f"{own.share():.1%}", count(own.median), count(own.worst))
        for tol, own in zip(experiment.tol, overview.at_best, strict=True)
    ]
    show_table(console, ("tolerance", "converged", "median", "worst"), rows)


def _cells(tally: Tally) -> Iterator[str]:
    for status in Status:
        share = tally.share(status)
        yield f"{share:.1%}" if share else "–"
    yield count(tally.median)
    yield count(tally.worst)


def _show_trace(console: Console, trace: pd.DataFrame, results: pd.DataFrame) -> None:
    *variables, f, step, _ = trace.columns[1:]
    rows = trace.to_dict("records")
    room = console.height - 8 if console.is_terminal else LONGEST_TRACE
    ends = len(rows) if len(rows) <= room else max(min(room // 2, ENDS), 3)
    shown = [
        (
            str(row["iteration"]),
            *(repr(row[name]) for name in variables),
            f"{row[f]:.6g}",
            "" if np.isnan(row[step]) else f"{row[step]:.6g}",
        )
        for i, row in enumerate(rows)
        if not ends <= i < len(rows) - ends
    ]
    if len(shown) < len(rows):
        shown.insert(ends, ("…",))
    show_table(console, ("iteration", *variables, f, step), shown, lines=False)
    console.print(findings.verdict(results))
