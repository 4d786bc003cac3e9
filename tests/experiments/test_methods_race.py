"""A race on quadratics, of which the steps of some methods are known, and one that few finish."""

import numpy as np
import pytest

import gdlab
from experiments.methods_race import study

ALPHA = np.geomspace(1e-3, 1, 7)


def steps_of_gradient_descent(curvatures, domain):
    """The least median count until f < 1e-6, by the powers of 1 - αλ, from sixteen starts."""
    f = gdlab.Formula("x**2" if len(curvatures) == 1 else "x**2 + y**2", domain=domain)
    x0 = np.reshape(gdlab.grids.uniform(16, objective=f), (16, -1))
    k = np.arange(1, 1001).reshape(-1, 1, 1, 1)  # k, α, start, coordinate
    alpha = ALPHA[ALPHA * curvatures.max() < 2]
    errors = x0 * (1 - alpha[:, None, None] * curvatures) ** k
    solved = (errors**2 * curvatures).sum(axis=-1) / 2 < 1e-6
    counts = np.where(solved.any(axis=0), 1 + solved.argmax(axis=0), np.inf)
    return np.median(counts, axis=1).min()


def test_on_quadratics_methods_cost_what_theory_says():
    methods = ["gradient_descent", "newton", "exact_line_search"]
    numbers = study(["quadratic", "ellipsoid"], methods, n_jobs=1).numbers
    assert numbers["newton on quadratic"] == numbers["newton on ellipsoid"] == 2  # g and H, once
    assert numbers["exact_line_search on quadratic"] == 1
    expected = steps_of_gradient_descent(np.array([2.0]), domain=[-10, 10])
    assert numbers["gradient_descent on quadratic"] == expected
    expected = steps_of_gradient_descent(np.array([1.0, 100.0]), domain=[-5, 5])
    assert numbers["gradient_descent on ellipsoid"] == pytest.approx(expected, abs=0.5)
    assert (numbers["won by exact_line_search"], numbers["won by newton"]) == (1, 1)
    assert [numbers[f"solved by {method}"] for method in methods] == [2, 2, 2]


def test_newton_goes_down_rosenbrocks_valley_where_gradient_descent_does_not_arrive():
    numbers = study(["rosenbrock"], ["gradient_descent", "newton", "nesterov"], n_jobs=1).numbers
    assert "gradient_descent on rosenbrock" not in numbers
    assert numbers["solved by gradient_descent"] == 0
    assert numbers["newton on rosenbrock"] < numbers["nesterov on rosenbrock"] / 10
    assert numbers["won by newton"] == 1
