"""What the terminal shows: a progress bar, the verdicts by step size, the trace of one lane."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from gdlab.core.descent import Progress as Report
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.figures.applicable import MOVING, why_not
from gdlab.methods import name_of
from gdlab.results.agreement import Agreement
from gdlab.results.overview import Overview
from gdlab.results.tally import Tally
from gdlab.terminal.columns import show_table
from gdlab.terminal.console import Console
from gdlab.theory import exact_limit, symbols_of

if TYPE_CHECKING:
    import pandas as pd

    from gdlab.store.run import Run

LONGEST_TRACE = 200
"""Rows up to which a trace is printed whole where the output is not a terminal of some height."""
ENDS = 10
"""Rows at each end of a longer one."""
CORES = {"numpy": "NumPy", "numba": "the compiled core"}
PATIENCE = 0.5
"""Seconds before a progress bar appears."""


@contextmanager
def progress_bar(n_lanes: int, *, quiet: bool = False) -> Iterator[Report | None]:
    """Show lanes done, lane-steps a second and the time left, if stderr is a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    bar = Progress(
        TextColumn("descending"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} lanes"),
        TextColumn("{task.fields[speed]:,.0f} M steps/s"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
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


def show_left_out(experiment: Experiment, names: list[str], formats: list[str]) -> None:
    """Say which of the figures that were asked for cannot be drawn, and which not as a film."""
    reasons: dict[str, list[str]] = {}
    for name in names:
        why = why_not(name, experiment)
        if why is not None and experiment.n_lanes > 1:
            reasons.setdefault(why, []).append(name)
    for why, left_out in reasons.items():
        Console().print(f"not drawn: {', '.join(left_out)} ({why})", markup=False)
    drawn = [name for name in names if why_not(name, experiment) is None]
    still = [name for name in drawn if "gif" in formats and name not in MOVING]
    if still:
        moving = ", ".join(MOVING)
        Console().print(
            f"not drawn as gif: {', '.join(still)} (a film is made of {moving} alone)",
            markup=False,
        )


def show_without(signs: str) -> None:
    """Say which signs stand as boxes in the pictures."""
    if signs:
        Console().print(
            f"no font of this machine has {', '.join(signs)}: shown as □ in the pictures",
            markup=False,
        )


def show_remark(remark: str) -> None:
    """Print what there is to say of the engine that was taken, if anything is."""
    if remark:
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
    limit = exact_limit(experiment.objective, experiment.method)
    if limit is not None:
        name, symbols = name_of(experiment.method), symbols_of(experiment.method)
        value = f"{limit:.6g}" if symbols is None else f"{symbols} = {limit:.6g}"
        console.print(
            f"theory ({name}): diverges from α ≥ {value} (at the limit itself it cycles)",
            markup=False,
        )
    if agreement is not None:
        console.print(f"theory: {_agreement_said(experiment, agreement)}")
    console.print(f"results: {path}")


def _agreement_said(experiment: Experiment, agreement: Agreement) -> str:
    """How often lanes converge when theory says."""
    rest = experiment.n_rows - agreement.rows
    if not agreement.rows:
        return "tells no counts, since rounding decides when such tolerances are met"
    lanes = "lanes" if len(experiment.tol) == 1 else "lanes and tolerances"
    told = f"{agreement.rows:,} {lanes}, rounding decides on the other {rest:,}" if rest else lanes
    if agreement.equal == agreement.rows:
        return f"measured = predicted on all {told}"
    share = math.floor(1e5 * agreement.equal / agreement.rows) / 1e3
    said = [f"measured = predicted on {share:.3f} % of {told}"]
    if agreement.largest:
        said.append(f"largest difference {agreement.largest}")
    if agreement.otherwise:
        said.append(f"{agreement.otherwise:,} converge against theory, or do not")
    return ", ".join(said)


def _show_table(console: Console, experiment: Experiment, overview: Overview, engine: str) -> None:
    best = best_of(overview)
    n_alpha, n_distinct = len(experiment.alpha), len(experiment.step_sizes)
    console.print(
        f"{_many(experiment.n_lanes, 'lane')}: {_many(n_alpha, 'step size')} "
        + (f"({n_distinct:,} distinct) " if n_distinct < n_alpha else "")
        + f"{'paired with' if experiment.pairs else '×'} "
        f"{_many(len(experiment.starts), 'starting point')}, "
        f"{experiment.criterion} < {experiment.tol.min():g}"
        + (" (the tightest tolerance)" if len(experiment.tol) > 1 else "")
        + f"; by {CORES[engine]}"
    )
    rows = overview.rows
    show_table(
        console,
        ("α", "converged", "cycling", "max_iter", "diverged", "median", "worst"),
        [(f"{alpha:.6g}", *_cells(tally)) for alpha, tally in rows.items()],
        styles=["bold" if alpha == best else None for alpha in rows],
    )
    if len(rows) < n_distinct:
        console.print(f"{len(rows)} of {n_distinct} step sizes; all are in the results")
    if best is None:
        console.print("no lane converged")
    else:
        own = rows[best]
        console.print(
            f"best α = {best:.6g}: converged from {own.share():.1%} of the starting points, "
            f"median {count(own.median)}, worst {count(own.worst)} iterations"
        )
        _show_tolerances(console, experiment, overview)
    if experiment.facts.minimisers is not None and overview.away:
        console.print(
            f"{_many(overview.away, 'lane')} converged more than 1e-3 away from every known "
            "minimiser"
        )


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


def best_of(overview: Overview) -> float | None:
    """The best step size; None if nothing converges."""
    return overview.best if overview.tally.converged else None


def _many(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _cells(tally: Tally) -> Iterator[str]:
    for status in Status:
        share = tally.share(status)
        yield f"{share:.1%}" if share else "–"
    yield count(tally.median)
    yield count(tally.worst)


def count(iterations: float) -> str:
    """A number of iterations, ∞ where there is none."""
    return f"{iterations:g}".replace("inf", "∞")


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
    place = results["tol"].argmin()
    last = results.iloc[place]
    verdict = {
        "converged": f"converged at iteration {last['steps']}",
        "cycling": f"cycling with period {last['period']} after {last['steps']} iterations",
        "max_iter": f"not converged after {last['steps']} iterations (max_iter)",
        "diverged": f"diverged at iteration {last['steps']}",
    }[str(last["status"])]
    told = results["predicted"].fillna(0).iloc[place] if "predicted" in results else 0
    if told and last["status"] == "converged":
        verdict += " (as predicted)" if told == last["steps"] else f" (predicted: {told})"
    console.print(f"α = {last['alpha']:g}: {verdict}")
