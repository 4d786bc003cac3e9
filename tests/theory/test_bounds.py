"""Bounds against descents from many starts."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab
from gdlab.methods import GradientDescent, Momentum
from gdlab.theory import bounded_step_sizes, gap_bound, smoothness

SMOOTH = gdlab.Formula("log(cosh(x)) + log(cosh(y))", minimisers=[[0, 0]], smoothness=1)


@pytest.mark.parametrize("f", [SMOOTH, gdlab.Formula("(x**2 + 40*y**2)/2")])
def test_no_descent_on_a_convex_function_is_slower_than_its_bound(f):
    L = smoothness(f)  # noqa: N806
    for alpha in (0.1 / L, 1 / L):
        for x0 in np.random.default_rng(0).uniform(-9, 9, (10, 2)):
            trace = gdlab.trace(f, alpha, x0, max_iter=200, tol=1e-9)[1:]
            bound = gap_bound(trace["iteration"], alpha, np.linalg.norm(x0))
            assert (trace["f"] - f.minimum <= bound).all()


def test_only_gradient_descent_up_to_one_over_l_is_bounded():
    alpha = np.array([0.2, 1.0, 1.01])
    assert bounded_step_sizes(SMOOTH, GradientDescent(), alpha).tolist() == [0.2, 1.0]
    assert bounded_step_sizes(SMOOTH, Momentum(0.5), alpha).size == 0
    assert bounded_step_sizes(gdlab.Formula("x**4"), GradientDescent(), alpha).size == 0
    assert smoothness(gdlab.Formula("3*x**2")) == 6


@pytest.mark.parametrize("L", [0, -1.0, float("nan"), "1"])
def test_a_smoothness_that_is_none_is_refused(L):  # noqa: N803
    with pytest.raises(ValueError, match="smoothness="):
        gdlab.Formula("x**2", smoothness=L)
