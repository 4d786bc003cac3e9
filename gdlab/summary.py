"""What the terminal shows: a progress bar, the verdicts by step size, the trace of one lane."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gdlab.descent import Progress as Report
from gdlab.drawable import applicable
from gdlab.experiment import Experiment
from gdlab.theory import exact_limit

if TYPE_CHECKING:
    import pandas as pd

    from gdlab.store import Run

LONGEST_TABLE = 12
LONGEST_TRACE = 200
"""Rows up to which a trace is printed whole where the output is not a terminal of some height."""
ENDS = 10
"""Rows at each end of a longer one."""
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


def by_alpha(results: pd.DataFrame) -> pd.DataFrame:
    """Verdicts by step size at the tightest tolerance.

    Index: alpha. Columns: the share of each status; median and worst, the iterations over all
    starts, a lane that did not converge counting as infinitely many.
    """
    import pandas as pd

    results = results[results["tol"] == results["tol"].min()]
    status, alpha = results["status"], results["alpha"]
    shares = pd.crosstab(alpha, status, normalize="index", dropna=False)
    iterations = results["iterations"].astype("Float64").fillna(np.inf).astype("float64")
    counts = iterations.groupby(alpha).agg(median="median", worst="max")
    return shares.join(counts)


def best_alpha(summary: pd.DataFrame) -> float | None:
    """The step size that converges from the most starts, and of those the fastest by the median.

    None if nothing converges.
    """
    rising = [False, True, True]
    ranked = summary.sort_values(["converged", "median", "worst"], ascending=rising, kind="stable")
    return float(ranked.index[0]) if ranked["converged"].iloc[0] else None


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
        Console(highlight=False, soft_wrap=True).print(said)


def show_left_out(experiment: Experiment, names: list[str]) -> None:
    """Say which of the figures that were asked for cannot be drawn."""
    left_out = [name for name in names if name not in applicable(experiment)]
    if not left_out or experiment.n_lanes == 1:
        return
    why = "pairs have no grid" if experiment.pairs else f"{experiment.dimension} variables"
    Console(highlight=False, soft_wrap=True).print(f"not drawn: {', '.join(left_out)} ({why})")


def show(
    experiment: Experiment, results: pd.DataFrame, trace: pd.DataFrame | None, path: Path
) -> None:
    """Print what a run found, and where it is."""
    console = Console(highlight=False, soft_wrap=True)
    if trace is not None:
        _show_trace(console, trace, results)
    else:
        _show_table(console, experiment, results)
    limit = exact_limit(experiment.objective)
    if limit is not None:
        console.print(f"theory: diverges from α ≥ 2/L = {limit:.6g} (at 2/L itself it cycles)")
    console.print(f"results: {path}")


def _show_table(console: Console, experiment: Experiment, results: pd.DataFrame) -> None:
    summary = by_alpha(results)
    best = best_alpha(summary)
    tol = experiment.tol.min()
    console.print(
        f"{_many(experiment.n_lanes, 'lane')}: {_many(len(experiment.alpha), 'step size')} "
        f"{'paired with' if experiment.pairs else '×'} "
        f"{_many(len(experiment.x0), 'starting point')}, {experiment.criterion} < {tol:g}"
        + (" (the tightest tolerance)" if len(experiment.tol) > 1 else "")
    )
    table = Table()
    for heading in ("α", "converged", "cycling", "max_iter", "diverged", "median", "worst"):
        table.add_column(heading, justify="right")
    shown = _rows_to_show(summary, best)
    for alpha, row in zip(
        summary.index[shown], summary.iloc[shown].to_dict("records"), strict=True
    ):
        style = "bold" if alpha == best else None
        table.add_row(f"{alpha:.6g}", *_cells(row), style=style)
    console.print(table)
    if len(shown) < len(summary):
        console.print(f"{len(shown)} of {len(summary)} step sizes; all are in the results")
    if best is None:
        console.print("no lane converged")
    else:
        share, median, worst = summary.loc[best, ["converged", "median", "worst"]]
        console.print(
            f"best α = {best:.6g}: converged from {share:.1%} of the starting points, "
            f"median {count(median)}, worst {count(worst)} iterations"
        )
    _show_tolerances(console, experiment, results, best)
    away = (results["status"] == "converged") & results["minimum"].isna()
    away &= results["tol"] == tol
    if experiment.facts.minimisers is not None and away.any():
        console.print(
            f"{_many(int(away.sum()), 'lane')} converged more than 1e-3 away from every known "
            "minimiser"
        )


def _show_tolerances(
    console: Console, experiment: Experiment, results: pd.DataFrame, best: float | None
) -> None:
    """Iterations at the best step size, tolerance by tolerance, where there are several."""
    if len(experiment.tol) == 1 or best is None:
        return
    table = Table(title=f"at α = {best:.6g}", title_justify="left")
    for heading in ("tolerance", "converged", "median", "worst"):
        table.add_column(heading, justify="right")
    at_best = results[results["alpha"] == best]
    for tol in experiment.tol:
        of_tol = by_alpha(at_best[at_best["tol"] == tol]).iloc[0]
        cells = f"{of_tol['converged']:.1%}", count(of_tol["median"]), count(of_tol["worst"])
        table.add_row(f"{tol:g}", *cells)
    console.print(table)


def _many(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _cells(row: dict[Any, Any]) -> Iterator[str]:
    for status in ("converged", "cycling", "max_iter", "diverged"):
        yield f"{row.get(status, 0.0):.1%}" if row.get(status, 0.0) else "–"
    yield count(row["median"])
    yield count(row["worst"])


def count(iterations: Any) -> str:
    """A number of iterations, ∞ where there is none."""
    return f"{iterations:g}".replace("inf", "∞")


def _rows_to_show(summary: pd.DataFrame, best: float | None) -> list[int]:
    from gdlab.following import spread

    shown = set(spread(len(summary), LONGEST_TABLE).tolist())
    if best is not None:
        shown.add(int(np.flatnonzero(summary.index == best)[0]))
    return sorted(shown)


def _show_trace(console: Console, trace: pd.DataFrame, results: pd.DataFrame) -> None:
    *variables, f, step, _ = trace.columns[1:]
    table = Table(box=None, pad_edge=False)
    for heading in ("iteration", *variables, f, step):
        table.add_column(heading, justify="right", no_wrap=True)
    rows = trace.to_dict("records")
    room = console.height - 8 if console.is_terminal else LONGEST_TRACE
    ends = len(rows) if len(rows) <= room else max(min(room // 2, ENDS), 3)
    for i, row in enumerate(rows):
        if ends <= i < len(rows) - ends:
            if i == ends:
                table.add_row("…")
            continue
        table.add_row(
            str(row["iteration"]),
            *(repr(row[name]) for name in variables),
            f"{row[f]:.6g}",
            "" if np.isnan(row[step]) else f"{row[step]:.6g}",
        )
    console.print(table)
    last = results.iloc[results["tol"].argmin()]
    verdict = {
        "converged": f"converged at iteration {last['steps']}",
        "cycling": f"cycling with period {last['period']} after {last['steps']} iterations",
        "max_iter": f"not converged after {last['steps']} iterations (max_iter)",
        "diverged": f"diverged at iteration {last['steps']}",
    }[str(last["status"])]
    console.print(f"α = {last['alpha']:g}: {verdict}")
