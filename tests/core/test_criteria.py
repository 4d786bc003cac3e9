"""What has to fall below the tolerance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import gdlab
from gdlab.core.criteria import CRITERIA, criterion, distances, norm
from gdlab.methods import Iterates
from gdlab.objectives.base import Facts
from gdlab.objectives.domain import facts_of
from tests.oracles import bits, euclid

HIMMELBLAU = gdlab.Formula(
    "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
    minimisers=[[3, 2], [-2.805118086952745, 3.131312518250573]],
)


@given(st.integers(1, 5).flatmap(lambda d: arrays(float, (d, 7), elements=st.floats(-1e9, 1e9))))
def test_a_norm_adds_the_coordinates_in_their_order(x):
    assert bits(norm(x)) == bits([euclid(column) for column in x.T.tolist()])
    assert norm(x) == pytest.approx(np.linalg.norm(x, axis=0), rel=1e-14, abs=1e-150)


def test_a_norm_leaves_its_argument_as_it_was():
    x = np.array([[3.0, -1.0], [4.0, 0.0]])
    assert norm(x).tolist() == [5.0, 1.0]
    assert x.tolist() == [[3.0, -1.0], [4.0, 0.0]]


def test_norms_of_what_is_not_finite_never_meet_a_tolerance():
    hole = np.array([[np.nan, np.inf, -np.inf], [0.0, 0.0, 1.0]])
    assert not (norm(hole) < 1e300).any()
    assert not (norm(hole[:1]) < 1e300).any()


def test_distances_are_to_every_point():
    x = np.array([[0.0, 3.0], [0.0, 4.0]])
    assert distances(x, np.array([[0.0, 0.0], [3.0, 0.0]])).tolist() == [[0.0, 5.0], [3.0, 4.0]]


def test_each_criterion_measures_what_its_name_says():
    before, x = np.array([[2.0, -3.0], [1.0, 2.0]]), np.array([[2.9, -2.5], [2.1, 3.0]])
    gradient, facts = HIMMELBLAU.grad(x), facts_of(HIMMELBLAU, 2)
    at = Iterates(
        HIMMELBLAU, x=x, alpha=np.ones((1, 2)), memory=np.empty((0, 2)), gradient=np.empty((2, 2))
    )
    found = {name: np.full(2, np.nan) for name in CRITERIA}
    for name, out in found.items():
        criterion(name, HIMMELBLAU, facts)(before, at, out)
    for name in ("step", "gradient", "distance"):  # of norms the squares are measured
        found[name] = np.sqrt(found[name])
    points = x.T.tolist()
    assert found["step"] == pytest.approx(
        [math.dist(a, b) for a, b in zip(before.T.tolist(), points, strict=True)]
    )
    assert found["gradient"] == pytest.approx([math.hypot(*slope) for slope in gradient.T])
    assert found["distance"] == pytest.approx(
        [min(math.dist(point, m) for m in HIMMELBLAU.minimisers) for point in points]
    )
    plain = [(u * u + v - 11) ** 2 + (u + v * v - 7) ** 2 for u, v in points]
    assert found["gap"] == pytest.approx(plain, rel=1e-12)


@pytest.mark.parametrize("facts", [Facts(("x",)), Facts(("x",), minimisers=np.empty((0, 1)))])
def test_the_distance_to_an_unknown_minimiser_is_refused(facts):
    with pytest.raises(ValueError, match=r"criterion=distance.*state `minimisers`"):
        criterion("distance", gdlab.Formula("cos(x)"), facts)


def test_the_gap_to_an_unknown_minimum_is_refused():
    with pytest.raises(ValueError, match=r"criterion=gap.*state `minimum`"):
        criterion("gap", gdlab.Formula("x**3 - x"), facts_of(gdlab.Formula("x**3 - x"), 1))


def test_an_unknown_criterion_is_told_the_known_ones():
    with pytest.raises(ValueError, match=r"criterion='steps'.*step, gradient, distance, gap"):
        criterion("steps", gdlab.Formula("x"), Facts(("x",)))
