"""Which ratios gdlab is held to, each within one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from benchmarks.comparison import Comparison
from benchmarks.peers.known import PEERS


@dataclass(frozen=True)
class Bound:
    """How many times longer a lane-step of `of` takes than one of `to`: at least or at most."""

    problem: str
    of: str
    to: str
    value: float
    at_least: bool = True

    @property
    def name(self) -> str:
        return f"{PEERS[self.of].name} / {PEERS[self.to].name}"

    def holds(self, ratio: float) -> bool:
        return ratio >= self.value if self.at_least else ratio <= self.value


class Found(NamedTuple):
    """A bound and the median ratio, None where one of the two was not measured."""

    bound: Bound
    ratio: float | None

    def as_json(self) -> dict[str, Any]:
        bound, ratio = self
        return {
            "problem": bound.problem,
            "ratio_of": bound.of,
            "to": bound.to,
            "at_least" if bound.at_least else "at_most": bound.value,
            "measured": ratio,
            "holds": None if ratio is None else bound.holds(ratio),
        }


BOUNDS = (
    Bound("linear", "masked", "core", 20),
    Bound("linear", "jax", "core", 20),
    Bound("log", "jax", "core", 8),
    Bound("linear", "scipy", "core", 5),
    Bound("linear", "numba", "core-all", 1.5),
    Bound("linear", "core-all", "compiled", 3),
    Bound("linear", "compiled", "c", 2, at_least=False),
    Bound("linear", "core-4tol", "core", 1.3, at_least=False),
)
MEANT = 1_000_000
"""Lanes for which these bounds are meant."""
TWO_PROCESSES = Bound("linear", "core", "core-all", 1.45)
"""On four times the lanes."""


def judged(comparisons: Sequence[Comparison], bounds: Sequence[Bound] = BOUNDS) -> list[Found]:
    """The median ratio of each bound whose problem was compared."""
    by_name = {comparison.problem.name: comparison for comparison in comparisons}
    return [
        Found(bound, _ratio(by_name[bound.problem], bound))
        for bound in bounds
        if bound.problem in by_name
    ]


def _ratio(comparison: Comparison, bound: Bound) -> float | None:
    if bound.of not in comparison.measured or bound.to not in comparison.measured:
        return None
    return median(comparison.ratio(bound.of, bound.to))
