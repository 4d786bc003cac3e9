"""Lanes take several steps before anyone looks; nothing that happens on the way is missed."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab
from gdlab.core.cycles import WATCH
from gdlab.core.lanes import STRIDE
from gdlab.core.problem import Status

STARTS = np.arange(1.0, 2 * STRIDE + 2)
"""A lane that walks down by 1 a step is at 0 after so many steps: at every place of a stride."""


def walk(slope_at_zero: float, slope_below: float) -> gdlab.Function:
    """Go down by 1 a step (with α = 1) to 0, where the gradient changes."""

    def grad(x):
        return np.select([x > 0.5, x > -0.05], [1.0, slope_at_zero], slope_below)

    return gdlab.Function(lambda x: x[0], grad)


def test_a_tolerance_is_met_at_its_own_step_wherever_that_lies_in_a_stride():
    found = gdlab.descend(walk(0.01, 0.01), 1.0, STARTS, tol=0.5, criterion="gradient")
    assert found.steps[0, :, 0].tolist() == STARTS.tolist()
    assert (found.x == 0).all()


def test_a_measure_that_equals_the_tighter_tolerance_meets_only_the_looser():
    found = gdlab.descend(
        walk(0.5, 0.25), 1.0, STARTS, tol=[0.75, 0.5], criterion="gradient", max_iter=100
    )
    assert found.steps[0, :, 0].tolist() == STARTS.tolist()
    assert found.steps[0, :, 1].tolist() == (STARTS + 1).tolist()


def test_what_was_met_before_the_gradient_ceased_to_exist_is_kept():
    found = gdlab.descend(
        walk(0.1, np.nan), 1.0, STARTS, tol=[0.5, 0.01], criterion="gradient", max_iter=100
    )
    assert (found.status[0] == [Status.converged, Status.diverged]).all()
    assert found.steps[0, :, 0].tolist() == STARTS.tolist()
    # at 0 + 1 it stands at -0.1, without a gradient; the step from there leads nowhere
    assert found.steps[0, :, 1].tolist() == (STARTS + 2).tolist()


def test_no_tolerance_is_met_after_an_escape():
    cliff = walk(1e9, -1e9)  # out to -1e9 at once, then back, and so on
    found = gdlab.descend(cliff, 1.0, STARTS, tol=1e-3, escape=1e6, max_iter=100)
    assert (found.status == Status.diverged).all()
    assert found.steps[0, :, 0].tolist() == (STARTS + 1).tolist()
    assert (found.x == -1e9).all()


@pytest.mark.parametrize("max_iter", [1, STRIDE - 1, STRIDE, STRIDE + 1, 3 * STRIDE + 2])
def test_a_lane_is_given_up_after_exactly_max_iter_steps(max_iter):
    found = gdlab.descend(walk(1.0, 1.0), 1.0, STARTS, tol=1e-3, max_iter=max_iter)
    assert (found.status == Status.max_iter).all()
    assert (found.steps == max_iter).all()
    assert found.x[0, :, 0, 0].tolist() == (STARTS - max_iter).tolist()


def test_cycles_are_found_wherever_max_iter_lies_in_a_stride():
    flip = gdlab.Formula("x**2")  # α = 1 sends x to -x
    for watched in (WATCH, 2 * STRIDE + 3):
        found = gdlab.descend(flip, 1.0, [1.0, 2.0], max_iter=watched)
        assert found.period[0, :, 0].tolist() == [2, 2]


def test_a_start_where_f_has_no_value_diverges_although_its_gradient_is_finite():
    f = gdlab.Function(lambda x: np.where(x[0] < 0, np.nan, x[0] ** 2), lambda x: 2 * x)
    found = gdlab.descend(f, 0.1, [-1.0, 1.0])
    assert found.status[0, :, 0].tolist() == [Status.diverged, Status.converged]
    assert found.steps[0, 0, 0] == 1
