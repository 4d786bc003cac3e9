"""Borders between basins, and sets of which the dimension is known."""

import math

import numpy as np
import pytest

from experiments.basins import crossed, dimension, study


def test_boxes_count_the_dimension_of_sets_of_which_it_is_known():
    i, j = np.indices((1024, 1024))
    triangle = (i & j) == 0  # Sierpiński's, three halves of itself
    assert dimension(triangle) == pytest.approx((math.log2(3), 0), abs=1e-7)
    assert dimension(np.ones((1024, 1024), bool)) == pytest.approx((2, 0), abs=1e-7)
    x, y = np.meshgrid(np.linspace(-1, 1, 1025), np.linspace(-1, 1, 1025))
    inside = (x**2 + y**2 < 0.5).astype(int)
    assert dimension(crossed(inside))[0] == pytest.approx(1, abs=0.02)


def test_borders_of_basins_are_curves_with_short_steps_and_fractal_with_long_ones():
    numbers = study(cells=256).numbers
    for alpha in ("0.01", "0.0145", "0.02"):
        assert numbers[f"dimension at {alpha}"] == pytest.approx(1, abs=0.06)
        assert numbers[f"error at {alpha}"] < 0.02
    assert 1.5 < numbers["dimension at 0.0235"] < 1.75
    assert numbers["error at 0.0235"] < 0.04


def test_beyond_the_limits_of_two_minima_about_half_of_the_plane_has_no_minimum_to_go_to():
    numbers = study(cells=256).numbers
    assert numbers["settled at 0.01"] == numbers["settled at 0.0145"] == pytest.approx(1, abs=1e-3)
    assert numbers["settled at 0.02"] == pytest.approx(0.54, abs=0.02)
