"""What the summary and the pictures need of a run, gathered from its tiles in any order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from gdlab.core.problem import Status
from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.results.agreement import Agreement
from gdlab.results.digest import SHOWN, ByTol, Digest, digest_of_rows, merit
from gdlab.results.layout import Layout
from gdlab.results.raster import Raster
from gdlab.results.tally import NOTHING, Tally
from gdlab.results.tiles import Tile, tiles_of_frame

if TYPE_CHECKING:
    import pandas as pd

Results: TypeAlias = "pd.DataFrame | Overview"
"""An experiment's whole table in its own order, or what was gathered of it."""


class Overview:
    """Verdicts and iterations of a run in little memory, however many lanes it has.

    Its tiles are added in any order, each once. Whatever is said of step sizes treats equal ones
    as one. A step size is forgotten as soon as all its lanes have come, unless it is to be shown
    or the best so far.

    experiment : whose lanes they are. layout : of its heatmap, where one is to be drawn.
    """

    n_lanes: int
    lane_steps: int
    longest: int
    away: int

    def __init__(self, experiment: Experiment, layout: Layout | None = None) -> None:
        self.experiment = experiment
        self.raster: Raster | None = None if layout is None else Raster(layout)
        self.by_tol: ByTol = (NOTHING,) * len(experiment.tol)
        self.agreement: Agreement | None = None
        self.n_lanes = self.lane_steps = self.longest = self.away = 0
        self._tightest = int(experiment.tol.argmin())
        self._least = self._least_stayed = float("inf")
        self._shown = frozenset(spread(len(experiment.step_sizes), SHOWN).tolist())
        self._incomplete: dict[int, ByTol] = {}
        self._kept: dict[int, ByTol] = {}
        self._best: int | None = None

    def add(self, digest: Digest) -> None:
        """Take in a tile."""
        self.by_tol = _sum(self.by_tol, digest.total)
        self.n_lanes += digest.n
        self.lane_steps += digest.lane_steps
        self.longest = max(self.longest, digest.longest)
        self.away += digest.away
        if digest.agreement is not None:
            so_far = self.agreement
            self.agreement = digest.agreement if so_far is None else so_far + digest.agreement
        self._least = min(self._least, digest.least)
        self._least_stayed = min(self._least_stayed, digest.least_stayed)
        for rank, by_tol in digest.by_rank.items():
            self._add_step_size(rank, by_tol)
        if self.raster is not None:
            if digest.raw is None:
                raise ValueError("a heatmap is made of digests with raw=True")
            self.raster.add(digest.first, *digest.raw)

    def _add_step_size(self, rank: int, by_tol: ByTol) -> None:
        if rank in self._incomplete:
            by_tol = _sum(self._incomplete.pop(rank), by_tol)
        if by_tol[0].n < self.experiment.step_sizes.n_lanes(rank):
            self._incomplete[rank] = by_tol
            return
        self._kept[rank] = by_tol
        loser: int | None = rank
        if self._best is None or self._merit(rank) < self._merit(self._best):
            loser, self._best = self._best, rank
        if loser is not None and loser not in self._shown:
            del self._kept[loser]

    def _merit(self, rank: int) -> tuple[float, float, float, int]:
        return merit(self._kept[rank][self._tightest], rank)

    @property
    def tally(self) -> Tally:
        """Of all lanes at the tightest tolerance."""
        return self.by_tol[self._tightest]

    @property
    def rows(self) -> dict[float, Tally]:
        """Tallies at the tightest tolerance by step size: at most twelve, and the best."""
        alpha = self.experiment.step_sizes.distinct
        return {float(alpha[r]): self._kept[r][self._tightest] for r in sorted(self._kept)}

    @property
    def spread(self) -> list[Tally]:
        """Tallies at the tightest tolerance of at most twelve step sizes, evenly spread."""
        return [self._kept[rank][self._tightest] for rank in sorted(self._shown)]

    @property
    def best(self) -> float:
        """The step size that converges from the most starts, and of those the fastest."""
        assert self._best is not None
        return float(self.experiment.step_sizes.distinct[self._best])

    @property
    def at_best(self) -> ByTol:
        """What became of the lanes of the best step size."""
        assert self._best is not None
        return self._kept[self._best]

    @property
    def tally_at_best(self) -> Tally:
        """That of the best step size at the tightest tolerance."""
        return self.at_best[self._tightest]

    @property
    def all_diverged(self) -> bool:
        """Whether every lane did, at every tolerance."""
        return all(own.counts[Status.diverged] == own.n for own in self.by_tol)

    @property
    def least(self) -> float:
        """The least finite f at a verdict, of diverged lanes only where all diverged; else inf."""
        return self._least if self.all_diverged else self._least_stayed


def gathered(
    experiment: Experiment, tiles: Iterable[Tile], layout: Layout | None = None
) -> Overview:
    """Gather an overview of all tiles of an experiment."""
    overview = Overview(experiment, layout)
    for tile in tiles:
        overview.add(digest_of_rows(experiment, *tile, raw=layout is not None))
    return overview


def overview_of(experiment: Experiment, results: Results, layout: Layout | None = None) -> Overview:
    """Gather an overview of an experiment's table; give back what is one already.

    Raises ValueError if it is not the whole table.
    """
    if isinstance(results, Overview):
        return results
    return gathered(experiment, tiles_of_frame(experiment, results), layout)


def _sum(one: ByTol, other: ByTol) -> ByTol:
    return tuple(a + b for a, b in zip(one, other, strict=True))
