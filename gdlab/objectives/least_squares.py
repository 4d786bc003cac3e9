"""Least squares on a table."""

from __future__ import annotations

import numpy as np

from gdlab.objectives.base import Array
from gdlab.objectives.regression import Regression
from gdlab.objectives.tables import Design


class LeastSquares(Regression):
    """f(w) = ‖Xw - y‖²/(2n) + ridge·‖w‖²/2 over a table's n rows, the intercept not in the ridge.

    scikit-learn's `Ridge(alpha=n * ridge)`, which minimises 2n times as much, and with no ridge its
    `LinearRegression`, have the same coefficients. It is a quadratic, and is computed as one,
    f* + (w - w*)'H(w - w*)/2, so that a step takes as long for a million rows as for ten.

    Parameters
    ----------
    data : the path of a CSV or Parquet file (.parquet, .pq), or a DataFrame.
    target : the column y.
    columns : those of X, in this order; by default all others of the table.
    ridge : how much large coefficients cost, 0 or more.
    standardise : whether the columns of X are shifted and scaled to mean 0 and deviation 1 first;
        the coefficients are then those of the columns so scaled.
    intercept : whether there is a coefficient more, the last, for a column of ones.
    name : what to call the objective in titles.

    Attributes
    ----------
    curvature : H = X'X/n + ridge, the Hessian everywhere. smoothness : its largest eigenvalue L.
    minimisers : (1, d), by singular values; where there are many, that of least norm.
    rounding : what two computations of a lane may differ by; see `gdlab.objectives.regression`.

    Raises
    ------
    ValueError for a table that is none, or has other than finite numbers in these columns.

    Examples
    --------
    >>> import pandas as pd
    >>> f = LeastSquares(pd.DataFrame({"x": [0.0, 1.0, 2.0], "y": [1.0, 3.0, 5.0]}), "y")
    >>> f.variables, f.minimisers.round(12).tolist()
    (('x', 'intercept'), [[2.0, 1.0]])
    """

    loss = "least squares"

    def _set_up(self, made: Design) -> None:
        d, root = len(self.variables), np.sqrt(self._n)
        system = np.vstack([made.matrix / root, np.diag(np.sqrt(self._penalty))])
        right = np.concatenate([made.target / root, np.zeros(d)])
        best, _, rank, singular = np.linalg.lstsq(system, right)
        if rank < d:
            self._warn_of_dependence()
        self.curvature: Array = made.matrix.T @ made.matrix / self._n + np.diag(self._penalty)
        self.smoothness: float = float(singular[0] ** 2)
        self.minimisers: Array | None = best[None]
        self.minimum: float | None = float(((system @ best - right) ** 2).sum() / 2)
        self._best = best[:, None]

    def __call__(self, x: Array) -> Array:
        """Values (n,) at the coefficients x of shape (d, n)."""
        away = x - self._best
        return self.minimum + (away * (self.curvature @ away)).sum(axis=0) / 2

    def grad(self, x: Array) -> Array:
        """Gradients (d, n) at the coefficients x of shape (d, n)."""
        return self.curvature @ (x - self._best)

    def hessian(self, x: Array) -> Array:
        """Hessians (d, d, n), the same everywhere."""
        return np.repeat(self.curvature[:, :, None], x.shape[1], axis=2)
