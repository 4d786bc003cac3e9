"""What pictures show, in sentences, for those who do not see them: their findings first of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.methods import name_of
from gdlab.report.numbers import capital, coordinates, joined, number, share
from gdlab.results.breakdown import Breakdown
from gdlab.results.findings import best_of, count, many
from gdlab.results.overview import Overview
from gdlab.results.tally import Tally
from gdlab.theory import best_step_size, exact_limit, symbols_of

VERBS = {
    Status.cycling: "cycle",
    Status.max_iter: "do not converge in time",
    Status.diverged: "diverge",
}
MOST_STRETCHES = 4
"""Of step sizes that are told one by one."""
MOST_MINIMA = 4
NOWHERE = "at none that is known"


@dataclass(frozen=True)
class Found:
    """What was found of a run, of which sentences are made.

    lane : what became of the only one, where there is one.
    """

    experiment: Experiment
    overview: Overview
    breakdown: Breakdown
    lane: str | None = None

    @cached_property
    def title(self) -> str:
        """Which lanes there are."""
        e = self.experiment
        if e.n_lanes == 1:
            start = coordinates(e.starts.take(range(1))[:, 0])
            return f"{name_of(e.method)}, α = {number(float(e.alpha[0]))}, x₀ = {start}"
        alphas, starts = many(len(e.alpha), "step size"), many(len(e.starts), "starting point")
        return f"{name_of(e.method)}, {alphas} {'paired with' if e.pairs else '×'} {starts}"

    @cached_property
    def verdicts(self) -> str:
        """At which step sizes lanes converge."""
        rows = list(self.breakdown.rows.items())
        stretches = [list(own) for _, own in groupby(rows, key=lambda row: _kind(row[1]))]
        if len(stretches) <= MOST_STRETCHES:
            said = "; ".join(_stretch(own, len(rows)) for own in stretches)
        else:
            kinds = [_kind(tally) for _, tally in rows]
            told = [
                f"{words} at {kinds.count(kind)}"
                for kind, words in ((2, "all lanes converge"), (1, "some"), (0, "none"))
                if kind in kinds
            ]
            said = f"{joined(told)} of {len(rows)} step sizes"
        if len(rows) < self.breakdown.n_step_sizes:
            said = f"{len(rows)} of {self.breakdown.n_step_sizes:,} step sizes looked at: {said}"
        return " ".join(filter(None, [f"{capital(said)}.", self.failing]))

    @cached_property
    def failing(self) -> str:
        """What becomes of the lanes that do not converge, if there are any."""
        tally = self.overview.tally
        counts = {verb: int(tally.counts[status]) for status, verb in VERBS.items()}
        for verb, n in counts.items():
            if n == tally.n:
                return f"All {n:,} lanes {verb}."
        parts = [f"{share(n, tally.n)} {verb}" for verb, n in counts.items() if n]
        return f"Of all {tally.n:,} lanes {joined(parts)}." if parts else ""

    @cached_property
    def solved(self) -> str:
        """Which share of the lanes converges, and after how many iterations."""
        tally, ends = self.overview.tally, self.overview.tally.range
        if ends is None:
            return "No lane converges."
        first, last = (_iterations(n) for n in ends)
        within = (
            f"after {first}"
            if first == last
            else f"the first after {ends[0]:,}, the last after {last}"
        )
        half = f", half of all within {count(tally.median)}" if tally.median < float("inf") else ""
        return f"{share(tally.converged, tally.n)} of all lanes converge, {within}{half}."

    @cached_property
    def fastest(self) -> str:
        """Which step size is the best, and in how many iterations."""
        alpha = best_of(self.overview)
        if alpha is None:
            return ""
        own = self.breakdown.rows[alpha]
        said = f"Fastest at α = {number(alpha)}: " if self.breakdown.n_step_sizes > 1 else ""
        if own.converged == own.n and len(own.iterations) == 1:
            return f"{said}{_iterations(own.worst)} from every starting point."
        if own.worst < float("inf"):
            return f"{said}{_iterations(own.median)} in the median, at most {count(own.worst)}."
        median = f", {_iterations(own.median)} in the median" if own.median < float("inf") else ""
        return f"{said}{share(own.converged, own.n)} of its lanes converge{median}."

    @cached_property
    def slowest(self) -> str:
        """Which step size takes longest, of those from which most lanes converge."""
        medians = {
            alpha: own.median
            for alpha, own in self.breakdown.rows.items()
            if own.median < float("inf")
        }
        if len(medians) < 2:
            return ""
        alpha = max(medians, key=medians.__getitem__)
        return (
            f"Of those that mostly converge the slowest is α = {number(alpha)}, "
            f"{_iterations(medians[alpha])} in the median."
        )

    @cached_property
    def minima(self) -> str:
        """At which minima lanes end."""
        known, converged = self.experiment.facts.minimisers, self.overview.tally.converged
        if not converged:
            return "No lane converges."
        if known is None or not len(known):
            return "No minimiser is known beforehand."
        ends = self.breakdown.minima
        places = sorted(range(len(known)), key=lambda place: -ends[place])
        told = [
            f"{share(int(ends[place]), converged)} at {coordinates(known[place])}"
            for place in places[:MOST_MINIMA]
            if ends[place]
        ]
        rest = converged - int(sum(ends[place] for place in places[:MOST_MINIMA]))
        others = int(ends.sum()) - (converged - rest)
        if others:
            told.append(f"{share(others, converged)} at other known minimisers")
        if rest - others:
            told.append(f"{share(rest - others, converged)} {NOWHERE}")
        if len(told) == 1:
            where = told[0].removeprefix("100% ").replace(NOWHERE, "at no known minimiser")
            all_that = "It ends" if self.lane else "All lanes that converge end"
            return f"{all_that} {where}."
        return f"Of the lanes that converge {joined(told, 'end')}."

    @cached_property
    def theory(self) -> str:
        """The largest stable step size, and the fastest, where theory knows them."""
        e = self.experiment
        limit, best = exact_limit(e.objective, e.method), best_step_size(e.objective, e.method)
        if limit is None:
            return ""
        symbols = symbols_of(e.method)
        said = f"Theory's limit is α = {f'{symbols} = ' if symbols else ''}{number(limit)}"
        return f"{said}, its fastest {number(best)}." if best is not None else f"{said}."


SHOWN: dict[str, tuple[str, Callable[[Found], Sequence[str]]]] = {
    "heatmap": (
        "Iterations to convergence, a cell a lane",
        lambda found: [found.verdicts, found.fastest],
    ),
    "curves": (
        "How f(xₖ) falls with the iteration k, a curve a step size",
        lambda found: [found.fastest, found.slowest, found.failing],
    ),
    "path": (
        "The way of single lanes over f",
        lambda found: [found.minima, found.fastest],
    ),
    "iterations": (
        "Iterations by step size",
        lambda found: [found.fastest, found.slowest, found.verdicts],
    ),
    "runtime": (
        "Which share of the lanes has converged within so many iterations",
        lambda found: [found.solved, found.fastest, found.slowest],
    ),
    "basins": (
        "Which minimiser each starting point leads to, and how soon",
        lambda found: [found.minima, found.fastest],
    ),
    "regimes": (
        "Which lanes converge, stay bounded or diverge",
        lambda found: [found.verdicts, found.theory],
    ),
    "bifurcation": (
        "Where lanes are in the long run, by step size",
        lambda found: [found.verdicts, found.theory],
    ),
    "rates": (
        "By what factor errors shrink at a step in the end, by step size",
        lambda found: [found.fastest, found.verdicts, found.theory],
    ),
}
"""For each figure its title, and the sentences that state its finding."""


def titled(figure: str) -> str:
    """What a figure is, in a few words."""
    return SHOWN[figure][0] if figure in SHOWN else figure


def alternative(figure: str, found: Found) -> str:
    """What a figure of a run shows: what it is, and what is to be seen in it."""
    if found.lane is not None:
        return f"{titled(figure)} ({found.title}). {found.lane}."
    sentences = SHOWN[figure][1](found) if figure in SHOWN else [found.verdicts, found.fastest]
    return " ".join([f"{titled(figure)} ({found.title}).", *filter(None, sentences)])


def _kind(tally: Tally) -> int:
    """0 where no lane converges, 1 where some do, 2 where all do."""
    return 0 if not tally.converged else 2 if tally.converged == tally.n else 1


def _stretch(rows: Sequence[tuple[float, Tally]], n: int) -> str:
    """What becomes of the lanes of step sizes that follow each other, n in all."""
    first, last = rows[0][0], rows[-1][0]
    kind, at = _kind(rows[0][1]), f"at α = {number(first)}"
    if len(rows) > 1:
        each = f"{'every' if kind else 'any'} α" if len(rows) == n else "α"
        at = f"at {each} from {number(first)} to {number(last)}"
    if kind != 1:
        return f"{'all lanes converge' if kind else 'no lane converges'} {at}"
    low = min((tally for _, tally in rows), key=Tally.share)
    high = max((tally for _, tally in rows), key=Tally.share)
    least, most = share(low.converged, low.n), share(high.converged, high.n)
    return f"{least if least == most else f'{least} to {most}'} of the lanes converge {at}"


def _iterations(n: float) -> str:
    return f"{count(n)} iteration{'' if n == 1 else 's'}"
