"""Rates measured, against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest

from gdlab import theory
from gdlab.experiment import Experiment
from gdlab.methods import GradientDescent, Momentum, Nesterov, Newton
from gdlab.objectives.formula import Formula
from gdlab.results.rates import Rates, measured_rates

LINE = Formula("x**2 + 4*x + 4")  # L = 2
PLANE = Formula("(x**2 + 10*y**2)/2")
X0 = np.array([10.0, 3.0, -7.0])
POINTS = np.random.default_rng(0).normal(size=(9, 2))


def median(found: Rates) -> np.ndarray:
    return found.of(np.unique(found.minimum))[1]


def test_gradient_descent_on_a_parabola_shrinks_errors_by_1_minus_alpha_l_exactly():
    alpha = np.linspace(0.05, 1.2, 24)  # up to 0.95 it converges, from 1.05 on it diverges
    found = measured_rates(Experiment(LINE, alpha, X0), linear=True)
    assert found.alpha.tolist() == alpha.tolist()
    assert found.rate == pytest.approx(np.abs(1 - 2 * alpha)[:, None].repeat(3, 1), abs=1e-6)
    assert found.rate[np.isclose(alpha, 0.5)].tolist() == [[0, 0, 0]]
    assert found.landed


def test_the_slowest_eigenvector_decides_in_the_plane():
    alpha = np.linspace(0.02, 0.18, 9)
    found = measured_rates(Experiment(PLANE, alpha, POINTS), linear=True)
    assert median(found) == pytest.approx(theory.rates(PLANE, alpha).max(axis=1), rel=1e-3)


def test_momentum_has_the_rate_root_beta_wherever_errors_oscillate():
    alpha = np.linspace(0.09, 0.28, 20)
    experiment = Experiment(PLANE, alpha, POINTS, method=Momentum(0.5))
    assert median(measured_rates(experiment, linear=True)) == pytest.approx(np.sqrt(0.5), abs=1e-3)


@pytest.mark.parametrize("method", [Momentum(0.5), Momentum(0.9), Nesterov(0.9), Newton()])
def test_what_is_measured_on_a_quadratic_is_what_theory_tells(method):
    alpha = np.linspace(0.1, 1.5, 15) * theory.exact_limit(PLANE, method) / 1.6
    found = measured_rates(Experiment(PLANE, alpha, POINTS, method=method), linear=True)
    expected = theory.rates(PLANE, alpha, method).max(axis=1)
    assert median(found) == pytest.approx(expected, abs=0.01)


def test_close_to_a_minimiser_other_functions_are_as_quadratics_and_lanes_say_which():
    well = Formula("x**4/4 - x**2/2 + x/5")
    alpha = np.array([0.1, 0.2, 0.3, 0.6])
    found = measured_rates(Experiment(well, alpha, np.linspace(-2, 2, 7)), linear=False)
    local = theory.local_rates(well, alpha)
    assert set(found.minimum.ravel()) == {0, 1}
    for i, j in np.ndindex(found.rate.shape):
        assert found.rate[i, j] == pytest.approx(local[found.minimum[i, j], i], abs=0.02)


@pytest.mark.parametrize("alpha", [1.2, 2.5])  # a cycle, and divergence
def test_lanes_that_come_to_no_minimiser_tell_no_rate(alpha):
    well = Formula("x**4/4 - x**2/2")
    found = measured_rates(Experiment(well, [alpha], [1.9, -0.3]), linear=False)
    assert np.isnan(found.rate).all()


def test_where_there_is_no_curvature_the_rate_measured_comes_near_1():
    found = measured_rates(Experiment(Formula("x**4"), [0.1], X0 / 10, max_iter=2000), linear=False)
    # x_k falls as 1/√k and its steps as k^(-3/2): over the last half they shrink by 2^(-3/2).
    assert median(found)[0] == pytest.approx(2 ** (-1.5 / 1000), abs=1e-4)


def test_a_lane_that_starts_at_the_minimum_tells_no_rate():
    found = measured_rates(Experiment(LINE, [0.1], [-2.0, 5.0]), linear=True)
    assert np.isnan(found.rate[0, 0])
    assert found.rate[0, 1] == pytest.approx(0.8)


def test_a_step_size_given_twice_and_in_no_order_is_measured_once():
    experiment = Experiment(LINE, [0.3, 0.1, 0.3], X0, method=GradientDescent())
    assert measured_rates(experiment, linear=True).alpha.tolist() == [0.1, 0.3]


def test_of_many_lanes_a_sample_is_followed_which_is_the_same_each_time():
    experiment = Experiment(PLANE, np.linspace(0.01, 0.1, 200), np.tile(POINTS, (20, 1)))
    one, other = (measured_rates(experiment, linear=True) for _ in range(2))
    assert one.rate.shape == (60, 9)
    assert one.rate.tolist() == other.rate.tolist()
