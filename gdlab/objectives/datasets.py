"""Regressions on the tables that scikit-learn carries with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdlab.objectives.least_squares import LeastSquares
from gdlab.objectives.logistic import LogisticRegression

if TYPE_CHECKING:
    import pandas as pd


def diabetes(**settings: Any) -> LeastSquares:
    """Least squares on 442 patients: how a diabetes went on within a year, by 10 measurements.

    settings : of `gdlab.LeastSquares`. Needs the extra `data`. B. Efron, T. Hastie, I. Johnstone
    and R. Tibshirani, Least Angle Regression, Annals of Statistics 32, 2004.
    """
    return LeastSquares(_frame("diabetes"), "target", **{"name": "diabetes"} | settings)


def breast_cancer(**settings: Any) -> LogisticRegression:
    """Logistic regression on 569 tumours: benign (1) or not (0), by 30 measurements.

    settings : of `gdlab.LogisticRegression`. Needs the extra `data`. W. N. Street, W. H. Wolberg
    and O. L. Mangasarian, Nuclear feature extraction for breast tumor diagnosis, 1993.
    """
    frame = _frame("breast_cancer")
    return LogisticRegression(frame, "target", **{"name": "breast cancer"} | settings)


def _frame(name: str) -> pd.DataFrame:
    """One of scikit-learn's tables; raise ValueError where that is not installed."""
    try:
        from sklearn import datasets
    except ModuleNotFoundError:
        raise ValueError(
            f"objective={name} needs an extra: pip install 'gdlab[data]' (scikit-learn); "
            "objective=least_squares and logistic_regression do without, on a table of your own"
        ) from None
    frame: pd.DataFrame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    return frame
