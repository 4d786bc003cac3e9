"""A logistic regression that scikit-learn has solved, too."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

from experiments.learning_rate_of_a_regression import RAW, STANDARDISED, study


def solved(standardise):
    """Least loss, condition number at the minimiser, and 2/L there in units of 2/L anywhere."""
    data = load_breast_cancer(as_frame=True)
    columns = data.data[["mean radius", "mean texture"]].to_numpy()
    if standardise:
        columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000, solver="newton-cholesky")
    chances = fit.fit(columns, data.target).predict_proba(columns)
    x = np.column_stack([columns, np.ones(len(columns))])
    curved = np.linalg.eigvalsh((x.T * chances.prod(axis=1)) @ x / len(x))
    steepest = np.linalg.eigvalsh(x.T @ x / (4 * len(x)))[-1]
    loss = -np.log(chances[np.arange(len(x)), data.target]).mean()
    return loss, curved[-1] / curved[0], steepest / curved[-1]


def test_standardising_keeps_the_loss_and_buys_iterations_by_the_thousand():
    numbers = study(tols=[0.2, 0.1], max_iter=8_500).numbers
    for name, standardise in ((RAW, False), (STANDARDISED, True)):
        facts = [numbers[f"{fact}, {name}"] for fact in ("least loss", "kappa", "limit")]
        assert facts == pytest.approx(solved(standardise), rel=1e-5)
        assert 0.5 < numbers[f"best share at 0.1, {name}"] < numbers[f"limit, {name}"]
    slow, quick = (numbers[f"iterations at 0.1, {name}"] for name in (RAW, STANDARDISED))
    assert slow == pytest.approx(7937, rel=1e-3)
    assert quick == 1
    assert numbers[f"iterations at 0.2, {RAW}"] < slow
