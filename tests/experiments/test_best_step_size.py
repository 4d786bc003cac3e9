"""Step sizes on a quadratic of which the curvatures are known, 1 and 9."""

import math

import pytest

from experiments.best_step_size import study


def test_the_best_step_size_and_the_price_of_a_wrong_curvature_are_those_of_theory():
    numbers = study().numbers
    assert numbers["best"] == pytest.approx(0.2, rel=0.02) == numbers["best_by_theory"]
    rate, of_twice = 1 - 1 / 9, 1 - 1 / 18  # of the slower coordinate with 1/L and 1/(2L)
    assert numbers["twice_L"] == pytest.approx(math.log(rate) / math.log(of_twice), rel=0.02)
    assert numbers["iterations_at_1/L"] / numbers["iterations"] == pytest.approx(
        math.log(0.8) / math.log(rate), rel=0.05
    )
    assert numbers["half_L_converge"] == 0
    assert (numbers["told"], numbers["differ"]) == (99 * 100, 0)
