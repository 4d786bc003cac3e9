"""Beyond the stable step: doublings, Feigenbaum's number, chaos, and the end of it."""

import math

import numpy as np
import pytest

from experiments.edge_of_chaos import PERIODS, study

FEIGENBAUM = 4.669201609


def period(alpha):
    """That of a lane after long, by a plain loop."""
    x = 0.3
    for _ in range(50_000):
        x -= alpha * (x * x * x - x)
    y, n = x, 0
    while n == 0 or abs(y - x) > 1e-7:
        y, n = y - alpha * (y**3 - y), n + 1
    return n


def test_periods_double_where_theory_says_and_by_feigenbaums_number():
    numbers = study().numbers
    doublings = [numbers[f"doubling of {p}"] for p in PERIODS]
    assert doublings[:2] == pytest.approx([1, math.sqrt(5) - 1], abs=1e-6)
    for alpha, before, width in zip(doublings[1:], PERIODS[1:], np.diff(doublings), strict=True):
        assert period(float(alpha - 0.02 * width)) == before
        assert period(float(alpha + 0.02 * width)) == 2 * before
    assert numbers["delta"] == pytest.approx(FEIGENBAUM, rel=0.001)
    assert abs(numbers["delta"] - FEIGENBAUM) < numbers["error"] < 0.02
    step = 0.002  # of the grid
    assert 0 < numbers["first positive exponent"] - numbers["chaos"] < step
    assert numbers["exponent at 2"] == pytest.approx(math.log(3), abs=0.02)
    assert numbers["diverged"] > 0.99
