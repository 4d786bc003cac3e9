"""Stability limits against second derivatives worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gdlab
from gdlab.core.problem import Status
from gdlab.theory import exact_limit, stability_limits
from tests.examples import at_most


def test_limits_of_the_double_well_are_two_over_its_second_derivative():
    f = gdlab.Formula("x**4/4 - x**2/2 + x/5")
    roots = np.sort(np.roots([1, 0, -1, 0.2]).real)
    expected = [2 / (3 * x**2 - 1) for x in roots if 3 * x**2 - 1 > 0]
    assert stability_limits(f) == pytest.approx(expected, rel=1e-9)
    assert exact_limit(f) is None


def test_the_limit_of_a_symmetric_double_well_is_one():
    assert stability_limits(gdlab.Formula("x**4/4 - x**2/2")).tolist() == [1.0, 1.0]


@at_most(8)
@given(st.floats(0.01, 100), st.floats(-3, 3))
def test_the_limit_of_a_quadratic_is_two_over_its_curvature(a, c):
    f = gdlab.Formula("a/2*(x - c)**2", parameters={"a": a, "c": c})
    assert exact_limit(f) == pytest.approx(2 / a, rel=1e-14)
    assert stability_limits(f) == pytest.approx([2 / a], rel=1e-14)
    inside = gdlab.descend(f, 0.98 * 2 / a, c + 1.0, max_iter=10**4, tol=1e-6)
    outside = gdlab.descend(f, 1.02 * 2 / a, c + 1.0, max_iter=10**5, tol=1e-6)
    assert inside.status.item() == Status.converged
    assert outside.status.item() == Status.diverged


def test_the_steepest_direction_of_a_valley_sets_its_limit():
    f = gdlab.Formula("(x**2 + kappa*y**2)/2", parameters={"kappa": 100})
    assert exact_limit(f) == 0.02
    turned = gdlab.Formula("5*(x + y)**2 + (x - y)**2")  # curvatures 20 and 4 along the diagonals
    assert exact_limit(turned) == pytest.approx(0.1)


def test_limits_at_the_minima_of_himmelblaus_function():
    points = [[3, 2], [-2.805118086952745, 3.131312518250573]]
    f = gdlab.Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", minimisers=points)
    expected = []
    for x, y in points:
        a, b, c = 12 * x**2 + 4 * y - 42, 4 * (x + y), 12 * y**2 + 4 * x - 26
        largest = (a + c) / 2 + math.hypot((a - c) / 2, b)
        expected.append(2 / largest)
    assert stability_limits(f) == pytest.approx(expected, rel=1e-9)


def test_a_flat_minimum_attracts_at_any_small_step():
    assert stability_limits(gdlab.Formula("x**4")).tolist() == [math.inf]
    assert exact_limit(gdlab.Formula("x**4")) is None


@pytest.mark.parametrize(
    ("expr", "minimisers"), [("abs(x)", [0]), ("abs(x) + y**2", [[0, 0]]), ("(x**2)**0.75", [0])]
)
def test_at_a_kink_there_is_no_limit_to_tell(expr, minimisers):
    assert np.isnan(stability_limits(gdlab.Formula(expr, minimisers=minimisers))).all()


@pytest.mark.parametrize("expr", ["-x**2", "x", "x**2 - y**2", "x*y", "x**2 + 0*y + y"])
def test_a_quadratic_without_a_minimum_has_no_limit(expr):
    assert exact_limit(gdlab.Formula(expr)) is None


def test_a_limit_beyond_the_doubles_is_none():
    assert exact_limit(gdlab.Formula("1e-320*x**2")) is None


def test_without_a_known_minimiser_or_hessian_there_are_no_limits():
    assert stability_limits(gdlab.Formula("cos(x)")).shape == (0,)
    f = gdlab.Function(lambda x: x[0] ** 2, lambda x: 2 * x, minimisers=[0.0])
    assert stability_limits(f).shape == (0,)
    assert exact_limit(f) is None
