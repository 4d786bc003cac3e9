"""The two tutorials go on where they stopped."""

import pytest

from experiments import tutorial_quadratic, tutorial_shifted_quadratic


def test_theta_squared_stops_at_15_and_one_over_the_curvature_takes_two():
    numbers = tutorial_quadratic.study().numbers
    assert (numbers["iterations"], numbers["fewest"]) == (15, 2)
    assert (numbers["best"], numbers["largest"]) == pytest.approx((0.5, 0.98))


def test_the_shifted_quadratic_stops_at_78_and_the_best_step_size_takes_two():
    numbers = tutorial_shifted_quadratic.study().numbers
    # 12 · 0.8^k is below 1/100 from k = 32 on
    assert (numbers["close"], numbers["iterations"], numbers["fewest"]) == (32, 78, 2)
    assert numbers["best"] == pytest.approx(0.5)
