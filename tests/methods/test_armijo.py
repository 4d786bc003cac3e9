"""Backtracking tries steps ahead where that is cheap; of a lane's result nothing shows it."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab
from gdlab.methods import Armijo, Iterates

SHRINK, SLOPE, MOST = 0.5, 1e-4, 50


def plain(x: float, alpha: float, tol: float) -> tuple[float, int, int]:
    """Where backtracking on x² + 4x + 4 ends, after how many steps, and how often it asks."""

    def f(x: float) -> float:
        return x * x + 4 * x + 4

    steps, asked, value = 0, 1, f(x)
    while True:
        gradient, t, before = 2 * x + 4, alpha, x
        asked += 2
        x = before - gradient * t
        for _ in range(MOST):
            if f(x) <= value - SLOPE * t * (gradient * gradient):
                break
            t *= SHRINK
            x = before - gradient * t
            asked += 1
        steps, value = steps + 1, f(x)
        if abs(x - before) < tol:
            return x, steps, asked


@pytest.mark.parametrize("company", [1, 30, 3000])
def test_a_lane_backtracks_as_in_a_plain_loop_whether_alone_or_among_thousands(company):
    alpha, starts = [0.06, 0.9, 3.0], np.linspace(-9, 10, company)
    found = gdlab.descend(
        gdlab.Formula("x**2 + 4*x + 4"), alpha, starts, tol=1e-9, method=Armijo(), engine="numpy"
    )
    for i in range(len(alpha)):
        for j in {0, company // 2, company - 1}:
            lane = i, j, 0
            expected = plain(float(starts[j]), alpha[i], 1e-9)
            assert (found.x[lane][0], found.steps[lane], found.evaluations[lane]) == expected


@pytest.mark.parametrize("doublings", [0, 1, 6, 12])
def test_f_is_asked_at_most_twice_as_often_as_is_counted(doublings):
    asked = []

    def f(x):
        asked.append(x.shape[1])
        return np.abs(x[0])

    point, counted, nothing = np.array([[0.4]]), np.zeros(1), np.zeros((1, 1))
    wall = gdlab.Function(f, np.sign)
    at = Iterates(wall, point, np.array([[2.0**doublings / 2]]), np.zeros((2, 1)), nothing, counted)
    Armijo().step(at, np.empty_like(point))
    # the gradient, f at the start, where 1/2 leads, and where so many doubles of it do
    assert counted == 3 + doublings
    assert counted - 1 <= sum(asked) <= 2 * counted
