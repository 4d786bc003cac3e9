"""Gradients are held against central differences, which can stand in for them."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.optimize

import gdlab
from gdlab.objectives.differences import Differences, require_gradient

STARTS = np.array([[-3.0, 0.0, 2.5], [1.0, 0.5, -0.2]])


def function(f, grad, **settings):
    return gdlab.Function(f, grad, variables=("x", "y"), **settings)


def square(x):
    return (x**2).sum(axis=0)


WRONG = {
    "a sign": (square, lambda x: -2 * x),
    "a factor": (square, lambda x: x),
    "a hundredth": (square, lambda x: 2.02 * x),
    "one coordinate": (lambda x: 1e6 * x[0] ** 2 + x[1] ** 2, lambda x: [2e6 * x[0], 3 * x[1]]),
    "the other order": (lambda x: x[0] ** 2 + x[1] ** 4, lambda x: [4 * x[1] ** 3, 2 * x[0]]),
    "one half of the plane": (square, lambda x: np.where(x < 0, 3 * x, 2 * x)),
    "single precision": (lambda x: square(x).astype("f4"), lambda x: x),
}


@pytest.mark.parametrize(("f", "grad"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_gradient_is_refused_with_both_values(f, grad):
    def whole(x):
        return np.asarray(grad(x))

    with pytest.raises(ValueError, match=r"grad is not the gradient of f: at x = .*it is"):
        gdlab.table(function(f, whole), 0.01, STARTS.T)
    gdlab.table(function(f, whole, check_gradient=False), 0.01, STARTS.T)


def test_the_values_are_the_gradients_and_the_differences():
    f = gdlab.Function(lambda x: x[0] ** 2, lambda x: -2 * x)
    with pytest.raises(ValueError, match="check_gradient=false") as refusal:
        gdlab.table(f, 0.1, [3.0])
    text = r"at x = (\S+) it is (\S+), and central differences of f are (\S+);"
    x, given, differences = map(float, re.search(text, str(refusal.value)).groups())
    assert (given, differences) == pytest.approx((-2 * x, 2 * x), rel=1e-5)


def test_a_class_can_decline_too():
    class Straight:
        """As in quantised networks: the gradient of another function."""

        def __call__(self, x):
            return np.round(x[0]) ** 2

        def grad(self, x):
            return 2 * x

    with pytest.raises(ValueError, match="grad is not the gradient of f"):
        gdlab.table(Straight(), 0.1, [3.0])
    Straight.check_gradient = False
    assert len(gdlab.table(Straight(), 0.1, [3.0])) == 1


RIGHT = {
    "a kink": (lambda x: np.abs(x).sum(axis=0), np.sign),
    "a kink at the start": (lambda x: np.abs(x - 2.5).sum(axis=0), lambda x: np.sign(x - 2.5)),
    "a corner of maxima": (lambda x: x.max(axis=0), lambda x: (x == x.max(axis=0)) * 1.0),
    "undefined on one side": (lambda x: np.log(x).sum(axis=0), lambda x: 1 / x),
    "fast waves": (lambda x: np.cos(1e6 * x).sum(axis=0), lambda x: -1e6 * np.sin(1e6 * x)),
    "slow waves": (lambda x: np.cos(1e-6 * x).sum(axis=0), lambda x: -1e-6 * np.sin(1e-6 * x)),
    "a large constant": (lambda x: square(x) + 1e12, lambda x: 2 * x),
    "a constant": (lambda x: np.ones(x.shape[1]), np.zeros_like),
    "cancellation": (lambda x: square(x - 1e6) - 2e12, lambda x: 2 * (x - 1e6)),
    "single precision": (lambda x: square(x).astype("f4"), lambda x: 2 * x),
    "scales apart": (lambda x: 1e6 * x[0] ** 2 + x[1] ** 2, lambda x: x * [[2e6], [2]]),
    "huge": (lambda x: np.exp(100 * x).sum(axis=0), lambda x: 100 * np.exp(100 * x)),
    "steep": (lambda x: (x**20).sum(axis=0), lambda x: 20 * x**19),
    "forward differences": (square, lambda x: 2 * x * (1 + 1e-7)),
}  # fmt: skip


@pytest.mark.parametrize(("f", "grad"), RIGHT.values(), ids=RIGHT.keys())
@pytest.mark.parametrize("scale", [1, 1e-6, 1e4])
def test_a_right_gradient_is_never_doubted(f, grad, scale):
    for seed in range(5):
        require_gradient(function(f, grad), scale * STARTS, seed)


def test_where_f_raises_nothing_is_doubted():
    def f(x):
        raise OverflowError

    require_gradient(function(f, np.zeros_like), STARTS)


def test_of_many_coordinates_some_are_looked_at():
    f = gdlab.Function(square, lambda x: 3 * x, variables=[f"x{i}" for i in range(100)])
    with pytest.raises(ValueError, match=r"along coordinate \d+, and central differences"):
        require_gradient(f, np.ones((100, 2)))


class TestDifferencesInstead:
    F = gdlab.Function(scipy.optimize.rosen, gradient="differences", variables=("x", "y"))

    def test_they_are_the_gradient_to_many_digits(self):
        x = np.random.default_rng(0).normal(size=(2, 50))
        assert self.F.grad(x) == pytest.approx(scipy.optimize.rosen_der(x), rel=1e-7, abs=1e-7)
        assert self.F.grad(x[:, [7]]) == pytest.approx(self.F.grad(x)[:, [7]], rel=0, abs=0)

    def test_many_points_are_taken_in_parts(self, monkeypatch):
        x = np.random.default_rng(0).normal(size=(2, 50))
        whole = self.F.grad(x)
        monkeypatch.setattr("gdlab.objectives.differences.POINTS_AT_ONCE", 12)
        assert np.array_equal(self.F.grad(x), whole)

    def test_descent_by_them_ends_where_that_by_the_gradient_does(self):
        grid = ([1e-3, 2e-3], [[-1.2, 1.0], [0.5, 0.5]])
        exact = gdlab.Function(scipy.optimize.rosen, scipy.optimize.rosen_der, variables=("x", "y"))
        one, other = (gdlab.descend(f, *grid, max_iter=500) for f in (exact, self.F))
        assert np.allclose(one.x, other.x, rtol=1e-6)

    def test_they_are_part_of_what_the_objective_is(self):
        assert self.F.identity["grad"] == "differences"

    @pytest.mark.parametrize(
        ("settings", "says"),
        [
            ({}, "f has no gradient: give grad, or gradient=differences.*gdlab.Formula"),
            ({"gradient": "forward"}, "gradient='forward' is not differences"),
            ({"grad": np.cos, "gradient": "differences"}, "give one of the two"),
            ({"grad": np.cos, "check_gradient": "no"}, "check_gradient='no' is neither true nor"),
        ],
        ids=str,
    )
    def test_what_else_is_said_of_gradients(self, settings, says):
        with pytest.raises(ValueError, match=says):
            gdlab.Function(np.sin, **settings)

    def test_of_an_object_without_a_gradient_what_can_be_done_is_said(self):
        with pytest.raises(ValueError, match=r"has no grad.*gradient='differences'.*Formula"):
            gdlab.table(square, 0.1, [1.0])

    def test_a_quadratic_has_its_differences_everywhere(self):
        x = np.array([[1e-9, 1.0, 1e6]])
        assert Differences(lambda x: x[0] ** 2)(x) == pytest.approx(2 * x, rel=1e-8, abs=1e-9)
