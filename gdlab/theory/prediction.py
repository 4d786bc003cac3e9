"""After how many iterations each lane converges on a quadratic, told without descending."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdlab.core.points import starts_of
from gdlab.core.problem import (
    DEFAULT_ESCAPE,
    DEFAULT_MAX_ITER,
    DEFAULT_TOL,
    LARGEST_MAX_ITER,
    Counts,
    Indices,
    LaneNumbers,
)
from gdlab.core.starts import Starts, numbers_of, split
from gdlab.given import Numbers, count, positive, single
from gdlab.methods import Method
from gdlab.objectives.base import Array, Objective
from gdlab.theory.measures import Measure
from gdlab.theory.oscillations import Oscillations
from gdlab.theory.powers import Powers
from gdlab.theory.quadratics import EPS, Quadratic
from gdlab.theory.recurrences import Recurrence, recurrence_of
from gdlab.theory.rounding import sizes, told


def predict(
    objective: Objective,
    method: Method,
    alpha: Numbers,
    x0: Numbers | Starts,
    tol: Numbers = DEFAULT_TOL,
    criterion: str = "step",
    *,
    max_iter: int = DEFAULT_MAX_ITER,
    escape: float = DEFAULT_ESCAPE,
) -> np.ma.MaskedArray[tuple[int, int, int], np.dtype[np.int32]]:
    """Tell after how many iterations each (α, x0) pair converges, without descending.

    objective : a quadratic. The other parameters are those of `gdlab.Experiment`.

    Gives whole numbers (n_alpha, n_x0, n_tol), masked where a lane does not converge within
    `max_iter` iterations, or leaves the escape radius before; and where the tolerance is so near to
    the rounding of x that nobody can tell.

    Raises
    ------
    ValueError naming what is wrong with a setting, or why theory is not exact and what would work.

    Examples
    --------
    >>> import gdlab
    >>> f = gdlab.Formula("x**2 + 4*x + 4")
    >>> predict(f, gdlab.GradientDescent(), [0.1, 0.5], 10.0, 1e-7)[:, 0, 0].tolist()
    [78, 2]
    """
    along, starts = positive("alpha", alpha, "step size"), starts_of(x0, objective, escape)
    prediction = Prediction.of(
        objective,
        method,
        starts,
        criterion=criterion,
        tol=positive("tol", tol, "tolerance"),
        max_iter=count("max_iter", max_iter, largest=LARGEST_MAX_ITER),
        escape=single("escape", escape, "largest coordinate"),
    )
    found = prediction.of_lanes(along, starts, range(along.size * len(starts)))
    shaped = found.T.reshape(along.size, len(starts), -1)
    return np.ma.masked_equal(shaped, 0)


@dataclass(frozen=True, eq=False)
class Prediction:
    """What theory says of descent on a quadratic.

    tol : (n_tol,), in the order given. far : the largest |x| at which lanes settle. lenient :
    whether a start whose error along an eigenvector is within its rounding is taken to have none.
    """

    quadratic: Quadratic
    recurrence: Recurrence
    measure: Measure
    tol: Array
    max_iter: int
    escape: float
    far: float
    lenient: bool = False

    @classmethod
    @np.errstate(all="ignore")  # curvatures and step sizes may be as large as any number
    def of(
        cls,
        objective: Objective,
        method: Method,
        starts: Starts,
        *,
        criterion: str,
        tol: Array,
        max_iter: int,
        escape: float,
    ) -> Prediction:
        """Say what can be told of descent from these starts.

        Raises ValueError where theory is not exact.
        """
        recurrence, quadratic = recurrence_of(method), Quadratic.of(objective)
        measure = Measure.of(criterion, objective, quadratic, tol)
        far = float(np.linalg.norm(quadratic.centre))
        if not quadratic.curvatures.all():
            _require_rest(recurrence)
            far += float(np.linalg.norm(np.abs(starts.bounds()).max(axis=0)))
        return cls(quadratic, recurrence, measure, tol, max_iter, escape, far)

    @np.errstate(all="ignore")
    def of_lanes(
        self, alpha: Array, starts: Starts, lanes: LaneNumbers, *, pairs: bool = False
    ) -> Counts:
        """Give the iterations of the lanes of these numbers to convergence, (n_tol, n).

        alpha : (n_alpha,), all step sizes. pairs : as of `gdlab.Experiment`. 0 where a lane does
        not converge, and where nothing is told.
        """
        counts, n = np.empty((self.tol.size, len(lanes)), np.int32), len(starts)
        if pairs or not isinstance(lanes, range):
            i_alpha, places = (lanes, lanes) if pairs else split(lanes, n)
            grid = _Grid(self, alpha[numbers_of(i_alpha)], starts.take(places))
            for part in grid.parts(range(len(lanes))):
                every = numbers_of(part)
                counts[:, part.start : part.stop] = grid.counts(every, every)
            return counts
        begin, end = lanes.start // n, -(-lanes.stop // n)
        whole = n <= len(lanes)  # else each lane has a start of its own
        grid = _Grid(self, alpha[begin:end], starts.take(range(n) if whole else split(lanes, n)[1]))
        for part in grid.parts(lanes):
            own = slice(part.start - lanes.start, part.stop - lanes.start)
            i_alpha, places = split(part, n)
            i_x0 = numbers_of(places) if whole else np.arange(own.start, own.stop)
            counts[:, own] = grid.counts(i_alpha - begin, i_x0)
        return counts

    @np.errstate(all="ignore")
    def told(self, alpha: Array) -> NDArray[np.bool_]:
        """Where theory and not rounding decides, (n_alpha, n_tol)."""
        along = self.along(alpha)
        return told(self.quadratic, self.measure, self.tol, along, self.max_iter, self.far)

    def along(self, alpha: Array) -> tuple[Array, Array]:
        """a and b, (d, m), of step sizes (m,)."""
        return self.recurrence(alpha[None], self.quadratic.curvatures[:, None])


class _Grid:
    """Step sizes and starting points, and what is told of them before they meet.

    alpha : (m,). x0 : (d, l).
    """

    def __init__(self, prediction: Prediction, alpha: Array, x0: Array) -> None:
        self.prediction, quadratic = prediction, prediction.quadratic
        self.a, self.b = a, b = prediction.along(alpha)
        self.errors, size = quadratic.errors(x0), sizes(quadratic, x0, lenient=prediction.lenient)
        measure, centre = prediction.measure, float(np.abs(quadratic.centre).max())
        self.untold = ~prediction.told(alpha)
        room, reach = prediction.escape - centre, len(a) * (prediction.escape + centre)
        self.search: Powers | Oscillations
        if b.any():
            self.search = Oscillations(
                a, b, measure.weights, size, measure.moves, measure.thresholds, room, reach
            )
        else:
            first = np.abs(a - 1) if measure.moves else np.abs(a)
            self.search = Powers(
                measure.weights[:, None] * first, np.abs(a), size, measure.thresholds, room
            )

    def parts(self, lanes: range) -> Iterator[range]:
        """Cut lanes into as many as are looked at together."""
        for first in range(lanes.start, lanes.stop, self.search.at_once):
            yield range(first, min(first + self.search.at_once, lanes.stop))

    def counts(self, i_alpha: Indices, i_x0: Indices) -> Counts:
        """Give the iterations to convergence, (n_tol, n), 0 where none are told.

        i_alpha, i_x0 : (n,), of which of the step sizes and starting points a lane is.
        """
        counts, escaping = self.search.first_below(self.prediction.max_iter, i_alpha, i_x0)
        if escaping.size:
            lanes = escaping[counts[:, escaping].any(axis=0)]
            counts[:, lanes] = self._stayed(i_alpha[lanes], i_x0[lanes], counts[:, lanes])
        if self.untold.any():
            counts[self.untold.T[:, i_alpha]] = 0
        return counts

    def _stayed(self, i_alpha: Indices, i_x0: Indices, counts: Counts) -> Counts:
        """These counts (n_tol, n), but 0 where a lane leaves the escape radius before."""
        a, b, errors = self.a[:, i_alpha], self.b[:, i_alpha], self.errors[:, i_x0]
        counts, last = counts.copy(), counts.max(axis=0)
        lanes, before, k = np.arange(last.size), errors, 0
        while lanes.size:
            k += 1
            before, errors = errors, a * errors + b * before
            x = self.prediction.quadratic.points(errors)
            inside = np.abs(x).max(axis=0) <= self.prediction.escape
            gone = lanes[~inside]
            counts[:, gone] = np.where(counts[:, gone] < k, counts[:, gone], 0)
            on = np.flatnonzero(inside & (last[lanes] > k))
            lanes, before, errors = lanes[on], before[:, on], errors[:, on]
            a, b = a[:, on], b[:, on]
        return counts


def _require_rest(recurrence: Recurrence) -> None:
    """Raise ValueError if a method moves an error along which there is no curvature."""
    a, b = recurrence(np.ones(1), np.zeros(1))
    if abs(a + b - 1).item() > 4 * EPS:
        raise ValueError(
            "the Hessian of this quadratic is singular, and the method is not defined there; take "
            "method=gradient_descent"
        )
