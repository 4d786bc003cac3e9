"""Rates against eigenvalues, measured slopes and parameters found by trying."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gdlab
from gdlab.methods import Adam, GradientDescent, Momentum, Nesterov, Newton
from gdlab.theory import (
    best_parameters,
    best_step_size,
    decades,
    exact_limit,
    local_rates,
    rates,
    stability_limits,
)
from tests.theory.methods import iterates

VALLEY = gdlab.Formula("(x**2 + 10*y**2)/2")
TURNED = gdlab.Formula("5*(x + y)**2 + (x - y)**2")  # curvatures 20 and 4 along the diagonals
METHODS = [GradientDescent(), Momentum(0.5), Momentum(0.9), Nesterov(0.5), Nesterov(0.9)]


@pytest.mark.parametrize("method", [*METHODS, Newton()])
def test_the_rate_is_the_spectral_radius_of_the_matrix_that_takes_a_step(method):
    alpha = np.linspace(0.001, 0.3, 60)
    matrices = np.zeros((alpha.size, 2, 2, 2))
    matrices[..., 0, 0], matrices[..., 0, 1] = method.recurrence(
        alpha[:, None], np.array([4, 20.0])
    )
    matrices[..., 1, 0] = 1
    expected = np.abs(np.linalg.eigvals(matrices)).max(axis=-1)
    assert rates(TURNED, alpha, method) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("method", [*METHODS, Newton()])
def test_errors_shrink_below_the_limit_and_grow_above_it(method):
    limit, hessian = exact_limit(TURNED, method), TURNED.curvature
    below = iterates(method, 0.99 * limit, hessian, [1.0, 2.0], 3000)
    above = iterates(method, 1.01 * limit, hessian, [1.0, 2.0], 3000)
    assert np.abs(below[-1]).max() < 1e-6
    assert np.abs(above[-1]).max() > 1e3
    assert stability_limits(TURNED, method) == pytest.approx([limit])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (GradientDescent(), 2 / 20),
        (Momentum(0.9), 2 * 1.9 / 20),
        (Nesterov(0.9), (2 + 2 * 0.9) / ((1 + 2 * 0.9) * 20)),
        (Newton(), 2.0),
    ],
)
def test_each_method_has_its_own_limit(method, expected):
    assert exact_limit(TURNED, method) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("method", [*METHODS, Newton()])
@pytest.mark.parametrize("f", [TURNED, VALLEY, gdlab.Formula("3*x**2")])
def test_no_step_size_is_faster_than_the_best(method, f):
    alpha = np.append(np.linspace(0.001, 1, 20_000) * exact_limit(f, method), 1e-9)
    best = best_step_size(f, method)
    least = rates(f, alpha, method).max(axis=1).min()
    assert rates(f, best, method).max() <= least + 1e-9


def test_the_best_step_sizes_of_descent_and_momentum_are_those_of_the_books():
    assert best_step_size(VALLEY) == 2 / 11
    assert best_step_size(gdlab.Formula("3*x**2")) == 1 / 6
    assert best_step_size(VALLEY, Momentum(0.5)) == pytest.approx(3 / 11)
    assert best_step_size(VALLEY, Newton()) == 1


@pytest.mark.parametrize("kappa", [1, 2, 10, 1e4])
@pytest.mark.parametrize("name", ["gradient_descent", "momentum", "nesterov", "newton"])
def test_no_parameters_are_faster_than_the_best(name, kappa):
    best = best_parameters(name, kappa, largest=7.0)
    ends = np.array([7.0 / kappa, 7.0])
    made = {
        "gradient_descent": lambda beta: GradientDescent(),
        "momentum": Momentum,
        "nesterov": Nesterov,
        "newton": lambda beta: Newton(),
    }[name]

    def rate(alpha, beta):
        a, b = made(beta).recurrence(np.array([alpha]), ends)
        return max(np.abs(np.roots([1, -u, -v])).max() for u, v in zip(a, b, strict=True))

    assert rate(best.alpha, best.beta) == pytest.approx(best.rate, abs=1e-7)
    betas = [None] if best.beta is None else best.beta + np.array([-0.02, 0, 0.02])
    for alpha in best.alpha * np.array([0.97, 1, 1.03]):
        for beta in betas:
            if beta is None or 0 <= beta < 1:
                assert rate(alpha, beta) >= best.rate - 1e-7


def test_momentum_needs_the_root_of_the_condition_number():
    assert best_parameters("gradient_descent", 100).rate == pytest.approx(99 / 101)
    assert best_parameters("momentum", 100).rate == pytest.approx(9 / 11)
    assert best_parameters("nesterov", 100).rate == pytest.approx(1 - 2 / math.sqrt(301))


def test_near_a_minimiser_of_the_double_well_curves_fall_as_steeply_as_the_rate_says():
    f = gdlab.Formula("x**4/4 - x**2/2")  # curvature 2 at -1 and 1
    alpha = [0.1, 0.7, 0.9]
    rate = local_rates(f, alpha)
    assert rate == pytest.approx(np.abs(1 - np.array([alpha, alpha]) * 2))
    for one, steep in zip(alpha, decades(rate[1]), strict=True):
        gap = gdlab.trace(f, one, 0.9, tol=1e-6, criterion="distance")["f"].to_numpy() + 0.25
        assert np.diff(np.log10(gap[-4:])) == pytest.approx(steep, rel=0.01)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: best_parameters("momentum", 0.5), "kappa=0.5 is less than 1"),
        (lambda: best_parameters("momentun", 2), "did you mean momentum"),
        (lambda: best_parameters("nesterov", 2, 0), "largest=0 is not a curvature"),
        (lambda: rates(gdlab.Formula("x**4"), 0.1), "near minimisers stability_limits"),
        (lambda: rates(gdlab.Formula("x + 2*y"), 0.1), "no curvature"),
        (lambda: rates(gdlab.Formula("x**2 + 2*y"), 0.1), "0 nowhere"),
        (lambda: rates(VALLEY, 0.1, object()), "no recurrence"),
        (lambda: rates(VALLEY, -0.1), "alpha=-0.1 is not a step size"),
        (lambda: local_rates(gdlab.Formula("cos(x)"), 0.1), "state `minimisers`"),
    ],
)
def test_where_theory_does_not_hold_it_says_what_would_work(asked, said):
    with pytest.raises(ValueError, match=said):
        asked()


@pytest.mark.parametrize("method", [Nesterov(), Adam()])
def test_a_method_without_a_rate_of_its_own_has_no_limits(method):
    assert stability_limits(TURNED, method).shape == (0,)
    assert exact_limit(TURNED, method) is None
    assert best_step_size(TURNED, method) is None
