"""What a tile of lanes says to the summary and the pictures of a run: little, and made quickly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Counts, Indices, Status
from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array
from gdlab.results.agreement import Agreement
from gdlab.results.tally import Tally

SHOWN = 12
"""Step sizes of which an overview keeps the tally, evenly spread; besides them the best."""

ByTol = tuple[Tally, ...]
"""A tally for each tolerance, in the order given."""


@dataclass(frozen=True, eq=False)
class Digest:
    """What became of the lanes `first` to `first` + `n` - 1.

    total : the tally of all of them. lane_steps : steps taken. longest : by one lane at most.
    away : lanes that converged away from every known minimiser, at the tightest tolerance.
    least, least_stayed : the least finite f, and that of verdicts other than diverged; else inf.
    by_rank : tallies of single step sizes by their places among the distinct ones: those that
        have lanes elsewhere too, those to be shown, and the best of those that are all here.
    raw : status and steps (n,) at the tightest tolerance, where a raster needs them.
    agreement : with theory, where it is exact and was asked.
    """

    first: int
    n: int
    total: ByTol
    lane_steps: int
    longest: int
    away: int
    least: float
    least_stayed: float
    by_rank: dict[int, ByTol]
    raw: tuple[NDArray[np.int8], NDArray[np.int32]] | None
    agreement: Agreement | None = None


def digest_of_rows(
    experiment: Experiment,
    first_lane: int,
    status: NDArray[np.int8],
    steps: NDArray[np.int32],
    f: Array,
    at_no_minimum: NDArray[np.bool_],
    predicted: Counts | None = None,
    *,
    raw: bool = False,
) -> Digest:
    """Digest whole lanes that follow each other, in arrays (n, n_tol) as those of a `Tile`."""
    tightest = int(experiment.tol.argmin())
    tight = np.ascontiguousarray(status[:, tightest]), np.ascontiguousarray(steps[:, tightest])
    finite = np.isfinite(f)
    agreement = None
    if predicted is not None and experiment.prediction is not None:
        agreement = Agreement.of(experiment, first_lane, status, steps, predicted)
    away = (tight[0] == Status.converged) & at_no_minimum[:, tightest]
    return Digest(
        first=first_lane,
        n=len(status),
        total=_by_tol(status, steps),
        lane_steps=int(tight[1].sum(dtype=np.int64)),
        longest=int(tight[1].max()),
        away=int(away.sum()),
        least=float(f.min(where=finite, initial=np.inf)),
        least_stayed=float(f.min(where=finite & (status != Status.diverged), initial=np.inf)),
        by_rank=_by_rank(experiment, first_lane, status, steps, tight),
        raw=tight if raw else None,
        agreement=agreement,
    )


def merit(tally: Tally, rank: int) -> tuple[float, float, float, int]:
    """What is least at the best step size: it converges from the most starts; of such step sizes
    it has the least median, then the least worst count; then it is the smallest.
    """
    return -tally.share(), tally.median, tally.worst, rank


def _by_tol(status: NDArray[np.int8], steps: NDArray[np.int32]) -> ByTol:
    return tuple(map(Tally.of, status.T, steps.T))


def _by_rank(
    experiment: Experiment,
    first: int,
    status: NDArray[np.int8],
    steps: NDArray[np.int32],
    tight: tuple[NDArray[np.int8], NDArray[np.int32]],
) -> dict[int, ByTol]:
    sizes, n = experiment.step_sizes, len(status)
    first_alpha, last_alpha = first // sizes.n_starts, -(-(first + n) // sizes.n_starts)
    ranks = sizes.ranks_of(first_alpha, last_alpha)
    bounds = (np.arange(first_alpha, last_alpha + 1) * sizes.n_starts - first).clip(0, n)
    whole = (np.diff(bounds) == sizes.n_starts) & sizes.single(ranks)
    kept = ~whole | np.isin(ranks, spread(len(sizes), SHOWN))
    if whole.any():
        kept[_best(np.flatnonzero(whole), ranks, bounds, *tight)] = True
    lanes = np.flatnonzero(np.repeat(kept, np.diff(bounds)))
    of_lanes = np.repeat(ranks[kept], np.diff(bounds)[kept])
    order = np.argsort(of_lanes, kind="stable")
    ends = np.flatnonzero(np.diff(of_lanes[order])) + 1
    return {
        int(of_lanes[own[0]]): _by_tol(status[lanes[own]], steps[lanes[own]])
        for own in np.split(order, ends)
        if own.size
    }


def _best(
    whole: Indices,
    ranks: Indices,
    bounds: Indices,
    status: NDArray[np.int8],
    steps: NDArray[np.int32],
) -> int:
    """Which of the step sizes at the places `whole` is the best, all of them of as many lanes."""
    n_starts = int(bounds[whole[0] + 1] - bounds[whole[0]])
    # Only the first and the last α of a tile may be cut, so the others make up a matrix.
    first = bounds[whole[0]]
    rows = slice(first, first + (whole[-1] - whole[0] + 1) * n_starts)
    converged = (status[rows] == Status.converged).reshape(-1, n_starts)
    n_converged = converged.sum(axis=1)[whole - whole[0]]
    most = int(n_converged.max())
    rivals = whole[n_converged == most]
    chosen = rivals - whole[0]
    iterations = steps[rows].reshape(-1, n_starts)[chosen]
    iterations[~converged[chosen]] = np.iinfo(iterations.dtype).max
    iterations.sort(axis=1)
    # All rivals have as many failures, so a median or worst count is infinite for all or for none.
    keys: list[Indices] = []
    if n_starts // 2 < most:
        keys.append(iterations[:, [(n_starts - 1) // 2, n_starts // 2]].sum(axis=1))
    if n_starts == most:
        keys.append(iterations[:, -1])
    left = np.arange(rivals.size)
    for key in (*keys, ranks[rivals]):
        left = left[key[left] == key[left].min()]
    return int(rivals[left[0]])
