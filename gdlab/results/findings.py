"""What the lanes of a run did, in sentences: for the terminal and for the report."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdlab.experiment import Experiment
from gdlab.methods import name_of
from gdlab.results.agreement import Agreement
from gdlab.results.overview import Overview
from gdlab.theory import exact_limit, symbols_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Outline:
    """A run in a line; best is None where nothing converged.

    share : of its lanes that converged. median, worst : iterations at the best step size.
    """

    n_lanes: int
    n_alpha: int
    share: float
    best: float | None
    median: float
    worst: float

    @classmethod
    def of(cls, overview: Overview) -> Outline:
        at_best = overview.rows[overview.best]
        return cls(
            overview.n_lanes,
            len(overview.experiment.step_sizes),
            overview.tally.share(),
            best_of(overview),
            at_best.median,
            at_best.worst,
        )


def lanes(experiment: Experiment) -> str:
    """How many lanes there are, of what, and when one of them has converged."""
    n_alpha, n_distinct = len(experiment.alpha), len(experiment.step_sizes)
    return (
        f"{many(experiment.n_lanes, 'lane')}: {many(n_alpha, 'step size')} "
        + (f"({n_distinct:,} distinct) " if n_distinct < n_alpha else "")
        + f"{'paired with' if experiment.pairs else '×'} "
        f"{many(len(experiment.starts), 'starting point')}, "
        f"{experiment.criterion} < {experiment.tol.min():g}"
        + (" (the tightest tolerance)" if len(experiment.tol) > 1 else "")
    )


def best(overview: Overview) -> str:
    """Which step size was the best, and how good."""
    alpha = best_of(overview)
    if alpha is None:
        return "no lane converged"
    own = overview.rows[alpha]
    return (
        f"best α = {alpha:.6g}: converged from {own.share():.1%} of the starting points, "
        f"median {count(own.median)}, worst {count(own.worst)} iterations"
    )


def best_of(overview: Overview) -> float | None:
    """The best step size; None if nothing converges."""
    return overview.best if overview.tally.converged else None


def away(overview: Overview) -> str | None:
    """How many lanes converged to no known minimiser, if any did."""
    if overview.experiment.facts.minimisers is None or not overview.away:
        return None
    return f"{many(overview.away, 'lane')} converged more than 1e-3 away from every known minimiser"


def limit(experiment: Experiment) -> str | None:
    """From which step size on theory lets every lane diverge, where it tells."""
    found = exact_limit(experiment.objective, experiment.method)
    if found is None:
        return None
    name, symbols = name_of(experiment.method), symbols_of(experiment.method)
    value = f"{found:.6g}" if symbols is None else f"{symbols} = {found:.6g}"
    return f"theory ({name}): diverges from α ≥ {value} (at the limit itself it cycles)"


def agreement(experiment: Experiment, found: Agreement | None) -> str | None:
    """How often lanes converge when theory says, where it tells."""
    return None if found is None else f"theory: {_agreement(experiment, found)}"


def _agreement(experiment: Experiment, found: Agreement) -> str:
    rest = experiment.n_rows - found.rows
    if not found.rows:
        return "tells no counts, since rounding decides when such tolerances are met"
    lanes = "lanes" if len(experiment.tol) == 1 else "lanes and tolerances"
    told = f"{found.rows:,} {lanes}, rounding decides on the other {rest:,}" if rest else lanes
    if found.equal == found.rows:
        return f"measured = predicted on all {told}"
    share = math.floor(1e5 * found.equal / found.rows) / 1e3
    said = [f"measured = predicted on {share:.3f} % of {told}"]
    if found.largest:
        said.append(f"largest difference {found.largest}")
    if found.otherwise:
        said.append(f"{found.otherwise:,} converge against theory, or do not")
    return ", ".join(said)


def verdict(results: pd.DataFrame) -> str:
    """What became of a single lane at its tightest tolerance.

    results : the table of its run.
    """
    place = results["tol"].argmin()
    last = results.iloc[place]
    said = {
        "converged": f"converged at iteration {last['steps']}",
        "cycling": f"cycling with period {last['period']} after {last['steps']} iterations",
        "max_iter": f"not converged after {last['steps']} iterations (max_iter)",
        "diverged": f"diverged at iteration {last['steps']}",
    }[str(last["status"])]
    told = results["predicted"].fillna(0).iloc[place] if "predicted" in results else 0
    if told and last["status"] == "converged":
        said += " (as predicted)" if told == last["steps"] else f" (predicted: {told})"
    return f"α = {last['alpha']:g}: {said}"


def many(n: int, noun: str) -> str:
    """A count with its noun."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def count(iterations: float) -> str:
    """A number of iterations to the last digit, or the middle of two; ∞ where there is none."""
    return f"{iterations:.1f}".removesuffix(".0").replace("inf", "∞")
