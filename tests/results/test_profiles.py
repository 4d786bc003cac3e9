"""Dolan and Moré's profiles, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gdlab.results.profiles import profile, ratios

INF = np.inf
COSTS = np.array(
    [
        # a, b, c: iterations of three solvers
        [10, 20, INF],
        [30, 15, 15],
        [INF, 8, 40],
        [INF, INF, INF],  # a problem that none solves
    ]
)


def test_a_ratio_is_how_many_times_the_least_cost_of_the_problem_it_is():
    by_hand = [[1, 2, INF], [2, 1, 1], [INF, 1, 5], [INF, INF, INF]]
    assert ratios(COSTS).tolist() == by_hand


@pytest.mark.parametrize(
    ("solver", "by_hand"),
    [
        (0, {1: 1 / 4, 2: 2 / 4}),
        (1, {1: 2 / 4, 2: 3 / 4}),
        (2, {1: 1 / 4, 5: 2 / 4}),
    ],
)
def test_a_profile_is_the_share_of_all_problems_and_failures_are_never_solved(solver, by_hand):
    tau, shares = profile(ratios(COSTS)[:, solver])
    assert dict(zip(tau, shares, strict=True)) == by_hand


def test_a_solver_that_solves_nothing_has_a_profile_that_never_rises():
    tau, shares = profile(np.full(3, INF))
    assert tau.size == shares.size == 0
