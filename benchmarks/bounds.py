"""What gdlab is held to: ratios, each within one run, and a few seconds and bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from benchmarks.comparison import Comparison
from benchmarks.peers.known import name_of
from benchmarks.way import Way


@dataclass(frozen=True)
class Limit:
    """A number that is to be reached, or not to be passed. unit : of both."""

    value: float
    at_least: bool = True
    unit: str = ""

    def holds(self, measured: float) -> bool:
        return measured >= self.value if self.at_least else measured <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g}{self.unit}"


def at_most(value: float, unit: str = "") -> Limit:
    return Limit(value, at_least=False, unit=unit)


class Found(NamedTuple):
    """What was held to a limit, on which problem or lanes, and the number; None if not measured."""

    what: str
    where: str
    limit: Limit
    measured: float | None

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return "not measured"
        return "holds" if self.limit.holds(self.measured) else "missed"

    def as_json(self) -> dict[str, Any]:
        limit = self.limit
        return {
            "what": self.what,
            "where": self.where,
            "at_least" if limit.at_least else "at_most": limit.value,
            "unit": limit.unit.strip(),
            "measured": self.measured,
            "holds": None if self.measured is None else limit.holds(self.measured),
        }


class Pair(NamedTuple):
    """How many times longer a lane-step of the peer `of` takes than one of `to`.

    problem : on which, or BEST for the one where that is most. worked : in the processor's time.
    """

    problem: str
    of: str
    to: str
    limit: Limit
    worked: bool = False

    @property
    def name(self) -> str:
        return f"{name_of(self.of)} / {name_of(self.to)}"


BEST = "the best"
PAIRS = (
    Pair("linear", "masked", "core", Limit(20)),
    Pair("linear", "compacting", "core", Limit(1)),
    Pair("log", "compacting", "core", Limit(1)),
    Pair("himmelblau", "compacting", "core", Limit(1)),
    Pair(BEST, "compacting", "core", Limit(1.3)),
    Pair("linear", "jax", "core", Limit(15)),
    Pair("log", "jax", "core", Limit(8)),
    Pair("linear", "scipy", "core", Limit(5)),
    Pair("linear", "numba", "core-all", Limit(1.5)),
    Pair("linear", "core-all", "compiled", Limit(3)),
    Pair("linear", "compiled", "c", at_most(2)),
    Pair("linear", "core-4tol", "core", at_most(1.5)),
    Pair("linear", "compiled-4tol", "compiled", at_most(1.3)),
)
MEANT = 1_000_000
"""Lanes for which these are meant."""
TWO_PROCESSES = Pair("linear", "core", "core-all", Limit(1.45))
"""On four times the lanes."""


def of_peers(comparisons: Sequence[Comparison], pairs: Sequence[Pair] = PAIRS) -> list[Found]:
    """The median ratio of each pair whose problem was compared."""
    compared = {comparison.problem.name for comparison in comparisons}
    return [
        Found(pair.name, pair.problem, pair.limit, _ratio(pair, comparisons))
        for pair in pairs
        if pair.problem in compared | {BEST}
    ]


def _ratio(pair: Pair, comparisons: Sequence[Comparison]) -> float | None:
    ratios = [
        median(comparison.ratio(pair.of, pair.to, worked=pair.worked))
        for comparison in comparisons
        if pair.problem in (comparison.problem.name, BEST)
        and {pair.of, pair.to} <= set(comparison.measured)
    ]
    return max(ratios, default=None)


class Share(NamedTuple):
    """What a run of the whole way takes, or how many times what another run takes.

    memory : whether bytes, and not seconds.
    """

    what: str
    of: str
    to: str | None
    limit: Limit
    memory: bool = False


SHARES = (
    Share("engine=numpy, processes / engine=auto", "processes", "auto", Limit(2.5)),
    Share("engine=auto / bare Arrow", "auto", "arrow", at_most(2)),
    Share("default figures, earlier / this", "figures-before", "figures", Limit(2.2)),
    Share("default figures, peak memory", "figures", None, at_most(1.2, " GB"), memory=True),
    Share("first command, this / earlier", "start", "start-before", at_most(0.7)),
    Share("first command, figures=none", "start-none", None, at_most(1, " s")),
    Share("plane, peak memory / of a part", "plane", "plane-part", at_most(1.2), memory=True),
)


def of_way(way: Way) -> list[Found]:
    """Each bound of the whole way: median ratios and seconds; of the peaks the highest."""
    return [
        Found(share.what, f"{way[share.of].lanes:,}", share.limit, _share(share, way))
        for share in SHARES
    ]


def _share(share: Share, way: Way) -> float | None:
    of, to = way[share.of], None if share.to is None else way[share.to]
    if not of.seconds or (to is not None and not to.seconds):
        return None
    if share.memory:
        return of.peak / (1e9 if to is None else to.peak)
    return median(of.seconds if to is None else of.ratio(to))
