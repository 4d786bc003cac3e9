"""Functions as theory takes them close to their minimisers."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab
from gdlab.methods import Adam, GradientDescent, Momentum
from gdlab.theory import predict, predict_near

SETTINGS = {"max_iter": 1000, "escape": 1e8}


@pytest.mark.parametrize("criterion", ["step", "gradient", "distance", "gap"])
@pytest.mark.parametrize("method", [GradientDescent(), Momentum(0.5)])
def test_a_quadratic_is_its_own_model(method, criterion):
    f = gdlab.Formula("(x**2 + 10*y**2)/2 + 3*x")
    alpha, x0 = np.array([0.05, 0.1, 0.15, 0.3]), np.array([[1.0, 1.0], [-4.0, 0.5]])
    found = predict_near(f, method, alpha, x0, 1e-6, criterion, **SETTINGS)
    known = predict(f, method, alpha, x0, 1e-6, criterion)[:, :, 0]
    assert found.tolist() == known.astype(float).filled(np.inf).tolist()


def test_a_start_goes_by_the_nearest_minimiser():
    well = gdlab.Formula("x**4/4 - x**2/2 + x/5")
    minimisers = well.minimisers[:, 0]
    alpha, x0 = np.array([0.1, 1.0]), (minimisers + 1e-3)[:, None]
    found = predict_near(well, GradientDescent(), alpha, x0, 1e-6, "step", **SETTINGS)
    measured = gdlab.descend(well, alpha, x0[:, 0]).iterations[:, :, 0]
    assert np.abs(found[0] - measured[0]).max() <= 1
    assert np.isinf(found[1]).tolist() == [3 * m**2 - 1 > 2 for m in minimisers]  # 2/α


@pytest.mark.parametrize(
    ("f", "method"),
    [
        ("x**4", GradientDescent()),  # no curvature at its minimiser
        ("sin(x) + x", GradientDescent()),  # no minimiser
        ("x**4 + x**2", Adam()),  # no theory
    ],
)
def test_where_there_is_no_model_nothing_is_told(f, method):
    x0 = np.array([[1.0], [2.0]])
    found = predict_near(gdlab.Formula(f), method, np.array([0.1]), x0, 1e-6, "step", **SETTINGS)
    assert found is None
