"""The iterations that step sizes take, as pictures of them need them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gdlab.core.stepsizes import spread
from gdlab.figures import words
from gdlab.figures.facets import Loaded
from gdlab.figures.limits import limits_of
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.distributions import Distributions, distributions
from gdlab.theory import predict_near

MOST_POINTS = 2000
"""Step sizes that a picture tells apart; of more, neighbours are drawn as one."""
MOST_STARTS = 101
"""Starting points of which a quadratic model tells the iterations, evenly spread."""


@dataclass(frozen=True, eq=False)
class ByStepSize:
    """How many iterations the lanes of a run take, by step size.

    alpha : (m,), rising, each in the middle of at most `block` step sizes that it stands for.
    found, told : iterations measured, and told by theory where it is exact. model : (m,) the
    median that quadratic models at the minimisers tell, where theory is not exact.
    """

    run: Loaded
    alpha: Array
    block: int
    found: Distributions
    told: Distributions | None
    model: Array | None

    @classmethod
    def of(cls, run: Loaded) -> ByStepSize:
        distinct = run.experiment.step_sizes.distinct
        block = -(-distinct.size // MOST_POINTS)
        groups = np.arange(distinct.size) // block
        found, told = distributions(run.experiment, run.tiles(), groups)
        middles = (np.arange(found.n.size) * block + block // 2).clip(max=distinct.size - 1)
        alpha = distinct[middles]
        return cls(run, alpha, block, found, told, None if told else _by_model(run, alpha))

    @property
    def subject(self) -> Subject:
        return self.run.subject

    @cached_property
    def quartiles(self) -> Array:
        """Lower, median and upper, (3, m)."""
        return np.stack([self.found.quantile(share) for share in (0.25, 0.5, 0.75)])

    @cached_property
    def expected(self) -> Array | None:
        """The median by theory, (m,), infinite where it tells none."""
        return self.model if self.told is None else self.told.quantile(0.5)

    @cached_property
    def several(self) -> bool:
        """Whether lanes of a step size differ."""
        return bool((self.found.quantile(0.0) != self.found.worst).any())

    @property
    def some_fail(self) -> bool:
        return bool((self.found.converged < self.found.n).any())

    @property
    def none_converges(self) -> bool:
        return not self.found.converged.any()

    @property
    def hardly_converges(self) -> bool:
        """Whether no quartile is reached at any step size."""
        return bool(np.isinf(self.quartiles[0]).all())

    @property
    def limits(self) -> list[float]:
        low, high = self.alpha[[0, -1]]
        return [alpha for alpha in limits_of(self.subject) if low <= alpha <= high]

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The fewest and the most iterations that are drawn."""
        drawn = [self.quartiles.ravel(), self.found.worst]
        drawn += [] if self.expected is None else [self.expected]
        counts = np.concatenate(drawn)
        counts = counts[np.isfinite(counts)]
        if not counts.size:
            counts = self.found.counts
        return float(counts.min()), float(counts.max())

    def best_said(self) -> str:
        """The best step size, or that all are alike, and how many iterations it takes."""
        best, tally = self.run.overview.best, self.run.overview.tally_at_best
        alike = not self.some_fail and self.found.counts.min() == self.found.counts.max()
        alpha = "every α" if alike else f"best α = {words.number(best)}"
        if not np.isfinite(tally.median):
            return f"{alpha}: {words.share(tally.converged, tally.n)} converged"
        counts = words.plural(int(tally.median), "iteration")
        if tally.median % 1:
            counts = f"{words.number(tally.median, 10)} iterations"
        return f"{alpha}: {'median ' if self.several else ''}{counts}"


def _by_model(run: Loaded, alpha: Array) -> Array | None:
    """The median iterations by the quadratic models at the minimisers, (m,)."""
    experiment = run.experiment
    chosen = spread(len(experiment.starts), MOST_STARTS)
    counts = predict_near(
        experiment.objective,
        experiment.method,
        alpha,
        experiment.starts.take(chosen).T,
        float(experiment.tol.min()),
        experiment.criterion,
        max_iter=experiment.max_iter,
        escape=experiment.escape,
    )
    if counts is None:
        return None
    ordered, n = np.sort(counts, axis=1), chosen.size
    median: Array = (ordered[:, (n - 1) // 2] + ordered[:, n // 2]) / 2
    return median
