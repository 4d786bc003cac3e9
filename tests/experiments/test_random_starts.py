"""Random starts, held against wells of which the edges are known, and against SciPy's bounds."""

import math

import pytest
from scipy.optimize import brentq
from scipy.stats import binomtest

from experiments.random_starts import study, wilson


@pytest.mark.parametrize(("successes", "trials"), [(0, 1000), (3, 50), (50, 50), (98, 1000)])
def test_bounds_of_a_share_are_those_of_wilson(successes, trials):
    bounds = binomtest(successes, trials).proportion_ci(0.95, "wilson")
    assert wilson(successes, trials) == pytest.approx((bounds.low, bounds.high), abs=1e-7)


def test_starts_find_the_global_minimum_as_often_as_they_start_in_its_well():
    numbers = study(most=20_000).numbers
    edge = brentq(lambda x: 2 * x + 20 * math.pi * math.sin(2 * math.pi * x), 0.5, 0.51)
    assert numbers["share"] == pytest.approx(2 * edge / 10.24, rel=1e-6)
    told = 0
    for d in range(1, 7):
        assert numbers[f"hopped in {d}"] == 0
        assert numbers[f"starts in {d}"] == min(20_000, 100 * 10**d)
        needed = math.log(0.05) / math.log(1 - numbers["share"] ** d)
        assert numbers[f"theory in {d}"] == pytest.approx(needed, rel=1e-6)
        told += numbers[f"least in {d}"] <= needed <= numbers.get(f"most in {d}", math.inf)
    assert told >= 5  # of six intervals that are wrong one time in twenty
    assert "most in 6" not in numbers  # none is found, and nothing told but that it is rare
