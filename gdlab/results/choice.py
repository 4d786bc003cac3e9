"""Which lanes of an experiment its picture of descent paths shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdlab.core.descent import descend
from gdlab.core.problem import Status
from gdlab.core.starts import Listed, Places, Product, Starts, numbers_of
from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array, Facts

MOST_STEP_SIZES = 6
MOST_TRIED = 2000
"""Step sizes from which the fastest and a failing one are chosen, evenly spread."""
MOST_STARTS = 8
MOST_CANDIDATES = 2**20
"""Starts from which these are chosen, unless all are in memory anyway."""
NEAR = 0.15
"""A start that is nearer to a minimiser, in widths of the starts, makes a dull picture."""


def lanes_to_follow(experiment: Experiment) -> list[int]:
    """Numbers of the lanes: six step sizes at most, one start (d = 1) or up to eight (d = 2)."""
    candidates = _candidates(experiment.starts)
    x0 = experiment.starts.take(candidates)
    chosen = _one_start(x0[0], experiment.facts) if len(x0) == 1 else _spread_starts(x0)
    starts = numbers_of(candidates)[chosen]
    n_x0 = len(experiment.starts)
    return [int(i * n_x0 + j) for i in _step_sizes(experiment, starts) for j in starts]


def _candidates(starts: Starts) -> Places:
    """Places of the starts to choose from: of a huge mesh those of a coarser one."""
    if isinstance(starts, Listed) or len(starts) <= MOST_CANDIDATES:
        return range(len(starts))
    if not isinstance(starts, Product):
        return range(MOST_CANDIDATES)
    each = int(MOST_CANDIDATES ** (1 / starts.dimension))
    coarser = np.ix_(*(spread(axis.size, each) for axis in starts.axes))
    places: NDArray[np.int64] = np.zeros(1, np.int64)
    for axis, chosen in zip(starts.axes, coarser, strict=True):
        places = places * axis.size + chosen
    return places.ravel()


def _step_sizes(experiment: Experiment, starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Evenly spread, but for the fastest and a failing one, which replace their neighbours."""
    order = experiment.step_sizes.first
    if order.size <= MOST_STEP_SIZES:
        return order
    order = order[spread(order.size, MOST_TRIED)]
    shown = spread(order.size, MOST_STEP_SIZES)
    lanes = (order[:, None] * len(experiment.starts) + starts).ravel()
    tried = descend(experiment.problem, lanes)
    status = tried.status[-1].reshape(order.size, -1)  # the last tolerance is the tightest
    steps = tried.steps[-1].reshape(order.size, -1)
    converged = (status == Status.converged).mean(axis=1)
    typical = np.median(np.where(status == Status.converged, steps, np.inf), axis=1)
    failing = np.nonzero(converged < 1)[0]
    chosen = [
        i
        for i in (int(np.lexsort((typical, -converged))[0]), *_first_beyond(failing, shown))
        if i not in shown
    ]
    for i in chosen:
        inner = np.arange(1, shown.size - 1)
        free = [j for j in inner if shown[j] not in chosen]
        shown[min(free, key=lambda j: abs(shown[j] - i))] = i
    return order[np.unique(shown)]


def _first_beyond(failing: NDArray[np.intp], shown: NDArray[np.intp]) -> list[int]:
    return [int(failing[0])] if failing.size and not np.isin(failing, shown).any() else []


def _one_start(x0: Array, facts: Facts) -> NDArray[np.intp]:
    """The start at three quarters of the sorted ones, or one farther from the minimisers."""
    order = np.argsort(x0, kind="stable")
    candidates = [order[round(share * (order.size - 1))] for share in (0.75, 0.9, 0.25, 1.0)]
    if facts.minimisers is not None and len(facts.minimisers):
        for i in candidates:
            if np.abs(facts.minimisers[:, 0] - x0[i]).min() > NEAR * np.ptp(x0):
                return np.array([i])
    return np.array(candidates[:1])


def _spread_starts(x0: Array) -> NDArray[np.intp]:
    """Up to eight starts over the plane: the nearest to the points of a Halton sequence."""
    if x0.shape[1] <= MOST_STARTS:
        return np.arange(x0.shape[1])
    low, high = np.quantile(x0, [0.04, 0.96], axis=1)
    scaled = (x0 - low[:, None]) / np.where(high > low, high - low, 1.0)[:, None]
    chosen: list[int] = []
    for k in range(1, MOST_STARTS + 1):
        aim = np.array([_radical_inverse(k, 2), _radical_inverse(k, 3)])
        away = ((scaled - aim[:, None]) ** 2).sum(axis=0)
        away[chosen] = np.inf
        chosen.append(int(away.argmin()))
    return np.sort(chosen)


def _radical_inverse(k: int, base: int) -> float:
    """The digits of k mirrored at the point: the k-th number of van der Corput's sequence."""
    value, unit = 0.0, 1.0
    while k:
        k, digit = divmod(k, base)
        unit /= base
        value += digit * unit
    return value
