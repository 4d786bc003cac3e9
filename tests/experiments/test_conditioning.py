"""Iterations over the condition number."""

import pytest

from experiments.conditioning import METHODS, study


def test_iterations_grow_as_kappa_or_as_its_root_within_the_errors_of_the_fit():
    numbers = study().numbers
    told = {"gradient_descent": 1, "exact_line_search": 1, "momentum": 0.5, "nesterov": 0.5}
    assert told.keys() == METHODS.keys()
    for method, exponent in told.items():
        error = numbers[f"error_{method}"]
        assert 0 < error < 0.003
        assert abs(numbers[f"exponent_{method}"] - exponent) < 2 * error
    steps = numbers["iterations_gradient_descent"]
    assert ((1e4 - 1) / (1e4 + 1)) ** steps == pytest.approx(0.01, rel=1e-3)
    assert numbers["iterations_exact_line_search"] == pytest.approx(steps, abs=1)
