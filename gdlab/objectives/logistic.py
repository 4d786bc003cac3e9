"""Logistic regression on a table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdlab.given import shown
from gdlab.objectives.base import Array
from gdlab.objectives.cores import cores
from gdlab.objectives.odds import Odds, compiled_odds, odds_against
from gdlab.objectives.regression import Regression, warn
from gdlab.objectives.tables import Design

LANES, LEAST_ROWS = 64, 32
"""Of a block of margins, at the most and at the least."""
PRODUCTS = 2**18
"""Multiplications for which a block has rows. OpenBLAS takes threads of its own for more, which
wait for each other longer than such blocks take, and where cores are busy very much longer."""
SHARED = 2**22
"""Multiplications from which on a gradient's lanes are shared among threads, a millisecond."""
COMPILED = 2**24
"""From which on Numba, where it is, is worth its start and compiling, two seconds."""
MOST_NEWTON = 100
FLAT = 1e-12
"""Curvature, at most 1/4 in the design's own directions, that is none but for rounding."""


class LogisticRegression(Regression):
    """f(w) = mean of log(1 + exp(-s·Xw)) + ridge·‖w‖²/2, s = ±1 telling the class of a row.

    The intercept is not in the ridge. scikit-learn's `LogisticRegression(C=1 / (n * ridge))`, which
    minimises f/ridge, has the same coefficients; so has the unpenalised one where ridge = 0.

    Parameters
    ----------
    data, columns, ridge, standardise, intercept, name : as for `LeastSquares`.
    target : the column with the two classes: numbers, texts or truth values. The second of them, in
        their order, is the one whose logarithm of the odds is Xw.

    Attributes
    ----------
    classes : the two, in their order.
    smoothness : L = λmax(X'X)/(4n) + ridge (without it in the direction of the intercept), the
        largest curvature there is, which f has at zero.
    minimisers : (1, d), found by Newton's method from zero, whose steps are halved until they
        lessen the gradient, and which ends where rounding lets none do so. None where there is no
        minimiser, since a plane separates the classes and there is no ridge.
    rounding : what two computations of a lane may differ by; see `gdlab.objectives.regression`.

    Raises
    ------
    ValueError as `LeastSquares` does, and for a target that has other than two classes.
    """

    loss = "logistic regression"
    classes_in_target = True
    classes: tuple[Any, Any]
    minimisers: Array | None
    minimum: float | None

    def _set_up(self, made: Design) -> None:
        self.classes, signs = _two_classes(made.target)
        self._signed = np.ascontiguousarray(signs[:, None] * made.matrix)
        zero = np.zeros((len(self.variables), 1))
        self.smoothness: float = float(np.linalg.eigvalsh(self.hessian(zero)[..., 0])[-1])
        basis = None if self.ridge else self._basis(made.matrix)
        best = self._newton(zero)
        if best is not None and basis is not None and self._is_flat(best, basis):
            warn(
                f"a plane all but separates the classes {_both(self.classes)}, so without a ridge "
                "there is no minimiser: coefficients grow without bound; objective.ridge=0.01, "
                "say, gives the loss one"
            )
            best = None
        if best is not None:
            self.minimisers, self.minimum = best.T, float(self(best)[0])

    def __call__(self, x: Array) -> Array:
        """Values (n,) at the coefficients x of shape (d, n)."""
        total = np.zeros(x.shape[1])
        for _, lanes, exponents in self._exponents(x):
            total[lanes] -= np.minimum(exponents, 0).sum(axis=0) * math.log(2)
            np.exp2(-np.abs(exponents), out=exponents)
            total[lanes] += np.log1p(exponents, out=exponents).sum(axis=0)
        return total / self._n + self._penalty @ (x * x) / 2

    def grad(self, x: Array) -> Array:
        """Gradients (d, n) at the coefficients x of shape (d, n)."""
        gradient, n = np.empty(x.shape), x.shape[1]
        work = self._n * x.size
        threads = cores() if work > SHARED else 1
        odds = compiled_odds() if work > COMPILED else odds_against
        size = -(-n // threads)
        shares = [slice(first, first + size) for first in range(0, n, size)]

        def fill(lanes: slice) -> None:
            gradient[:, lanes] = self._slopes(x[:, lanes], odds)

        if threads == 1:
            fill(slice(n))
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(fill, shares))
        return gradient

    def hessian(self, x: Array) -> Array:
        """Hessians (d, d, n) at the coefficients x of shape (d, n)."""
        total = np.zeros((len(x), *x.shape))
        for rows, lanes, exponents in self._exponents(x):
            weights, signed = odds_against(exponents), self._signed[rows]
            weights *= 1 - weights
            for lane, weight in zip(range(lanes.start, lanes.stop), weights.T, strict=True):
                total[:, :, lane] += (signed.T * weight) @ signed
        return total / self._n + np.diag(self._penalty)[:, :, None]

    def _slopes(self, x: Array, odds: Odds) -> Array:
        total = np.zeros(x.shape)
        for rows, lanes, exponents in self._exponents(x):
            total[:, lanes] += self._signed[rows].T @ odds(exponents)
        total /= -self._n
        total += self._penalty[:, None] * x
        return total

    def _exponents(self, x: Array) -> Iterator[tuple[slice, slice, Array]]:
        """Go through s·Xw in blocks, in units of log 2: of which rows, which lanes, and what it is.

        Each overwrites the one before, since new memory takes longer to get than to fill.
        """
        n_rows, (d, n_lanes) = self._n, x.shape
        width = min(LANES, n_lanes)
        height = min(max(PRODUCTS // (width * d), LEAST_ROWS), n_rows)
        room = np.empty(height * width)
        for lane in range(0, n_lanes, width):
            lanes = slice(lane, min(lane + width, n_lanes))
            own = x[:, lanes] * math.log2(math.e)
            for row in range(0, n_rows, height):
                rows = slice(row, min(row + height, n_rows))
                shape = rows.stop - row, lanes.stop - lane
                block = room[: math.prod(shape)].reshape(shape)
                yield rows, lanes, np.matmul(self._signed[rows], own, out=block)

    def _newton(self, x: Array) -> Array | None:
        """Where Newton's method from x ends, (d, 1); None where it finds that there is no end."""
        slope = self.grad(x)
        for _ in range(MOST_NEWTON):
            if not self.ridge and self._separates(x):
                warn(
                    f"a plane separates the classes {_both(self.classes)}, so without a ridge "
                    "there is no minimiser: the loss falls towards 0 while coefficients grow "
                    "without bound; objective.ridge=0.01, say, gives it one"
                )
                return None
            step = np.linalg.lstsq(self.hessian(x)[..., 0], slope)[0]
            for halvings in range(50):
                trial: Array = x - step / 2**halvings
                there = self.grad(trial)
                if np.linalg.norm(there) < np.linalg.norm(slope):
                    x, slope = trial, there
                    break
            else:
                break
        return x

    def _basis(self, matrix: Array) -> Array:
        """Orthonormal columns (n, r) for those of the design; warn where r < d."""
        basis, singular, _ = np.linalg.svd(matrix, full_matrices=False)
        least = singular[0] * max(matrix.shape) * np.finfo(np.float64).eps
        rank = int((singular > least).sum())
        if rank < matrix.shape[1]:
            self._warn_of_dependence()
        return basis[:, :rank]

    def _is_flat(self, x: Array, basis: Array) -> bool:
        """Whether f has no curvature at x (d, 1) in a direction in which the rows differ."""
        weights = odds_against(self._signed @ x * math.log2(math.e))
        weights *= 1 - weights
        return bool(np.linalg.eigvalsh(basis.T @ (weights * basis))[0] < FLAT)

    def _separates(self, x: Array) -> bool:
        """Whether every row is on its side."""
        return all(exponents.min() > 0 for _, _, exponents in self._exponents(x))


def _two_classes(target: NDArray[Any]) -> tuple[tuple[Any, Any], Array]:
    """The two values in their order, and -1 or 1 for each row."""
    values = sorted(set(target.tolist()), key=lambda value: (str(type(value)), value))
    if len(values) == 1:
        raise ValueError(
            f"the target is {shown(values[0])} in every row; logistic regression needs two classes"
        )
    if len(values) > 2:
        few = ", ".join(map(shown, values[:4])) + (", ..." if len(values) > 4 else "")
        raise ValueError(
            f"the target has {len(values):,} different values ({few}); logistic regression tells "
            "two classes apart; for numbers take objective=least_squares"
        )
    return (values[0], values[1]), np.where(target == values[1], 1.0, -1.0)


def _both(classes: tuple[Any, Any]) -> str:
    return " and ".join(map(shown, classes))
