"""Starting points that are not in memory are those that would be there."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gdlab
from gdlab import grids
from gdlab.core import starts as module
from gdlab.core.descent import descend
from gdlab.core.engines import ENGINES, descend_of
from gdlab.core.starts import FARTHEST, Listed, Normal, Product, split
from tests.oracles import bits, verdicts_agree

PLANE = gdlab.Formula("x**2 + y**2", domain=[-1, 1])
HALF = gdlab.Formula("log(x) + y**2", domain=[-1, 1])
"""Not defined for half of a plane around the origin."""


def listed(starts):
    return Listed(np.asarray(starts))


@st.composite
def places(draw, n):
    """Numbers from 0 to n - 1, as a range or in any order."""
    first, last = sorted(draw(st.tuples(st.integers(0, n), st.integers(0, n))))
    several = st.lists(st.integers(0, n - 1), max_size=20).map(lambda own: np.array(own, np.int64))
    return draw(st.one_of(st.just(range(first, last)), several))


@given(st.data())
def test_a_mesh_gives_the_points_of_its_list_wherever_it_is_cut(data):
    sizes = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    axes = [np.random.default_rng(i).normal(size=n) for i, n in enumerate(sizes)]
    mesh, whole = Product(axes), list(itertools.product(*axes))
    assert np.asarray(mesh).tolist() == [list(point) for point in whole]
    chosen = data.draw(places(len(whole)))
    assert bits(mesh.take(chosen)) == bits(listed(mesh).take(chosen))
    low, high = mesh.bounds()
    assert (low.tolist(), high.tolist()) == (np.min(whole, 0).tolist(), np.max(whole, 0).tolist())


@given(st.data())
def test_the_first_point_that_is_too_far_is_the_first_of_the_list(data):
    axis = st.lists(st.sampled_from([0.0, 1.0, -2.0, 3.0]), min_size=1, max_size=4)
    mesh = Product(data.draw(st.lists(axis, min_size=1, max_size=3)))
    found, expected = mesh.first_beyond(1.5), listed(mesh).first_beyond(1.5)
    assert (found is None) == (expected is None)
    assert found is None or found.tolist() == expected.tolist()


@given(st.data())
def test_numbers_are_split_as_by_division(data):
    n = data.draw(st.integers(1, 9))
    chosen = data.draw(places(50))
    quotients, remainders = split(chosen, n)
    expected = [divmod(number, n) for number in chosen]
    assert list(zip(quotients.tolist(), [int(r) for r in remainders], strict=True)) == expected


@contextmanager
def small_blocks():
    """Let random points come in blocks of eight coordinates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "AT_ONCE", 8)
        yield


@given(st.data())
def test_random_points_are_the_same_wherever_they_are_cut(data):
    n, d = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 3))
    starts = Normal(n, d, [0.5], 2.0, data.draw(st.integers(0, 2**128 - 1)))
    with small_blocks():
        whole, chosen = np.asarray(starts), data.draw(places(n))
        assert bits(starts.take(chosen)) == bits(Listed(whole).take(chosen))


def test_more_random_points_begin_with_those_of_fewer():
    with small_blocks():
        few, many = (np.asarray(Normal(n, 2, [0.0], 1.0, seed=3)) for n in (11, 30))
    assert np.array_equal(few, many[:11])


def test_every_block_of_random_points_and_every_seed_has_numbers_of_its_own():
    with small_blocks():
        drawn = [np.asarray(Normal(400, 1, [0.0], 1.0, seed)) for seed in (0, 1, 2**128 - 1)]
    assert np.unique(drawn).size == 1200


def test_the_first_block_of_random_points_is_that_of_numpys_default_generator():
    means = [1.0, -2.0]
    found = grids.normal(10**9, means, 0.5, seed=3, objective=PLANE)
    expected = np.random.default_rng(3).normal(means, 0.5, size=(2**17, 2))
    assert np.array_equal(found.take(range(2**17)).T, expected)
    beyond = found.take(range(2**17, 2**18))
    assert beyond.mean(axis=1) == pytest.approx(means, abs=0.01)
    assert beyond.std(axis=1) == pytest.approx([0.5, 0.5], abs=0.01)
    assert abs(np.corrcoef([*expected.T, *beyond])[np.triu_indices(4, 1)]).max() < 0.02


def test_a_mean_for_each_coordinate_may_be_the_same_for_all():
    one, each = Normal(9, 2, [1], 1.0, seed=3), Normal(9, 2, [1.0, 1.0], 1.0, seed=3)
    assert one.equals(each)
    assert one.recipe == each.recipe


def test_random_points_that_may_lie_too_far_are_looked_at():
    starts = Normal(1000, 1, [0.0], 1.0, seed=0)
    farthest = np.abs(np.asarray(starts)).max()
    assert starts.first_beyond(FARTHEST) is None
    assert starts.first_beyond(farthest) is None
    assert abs(starts.first_beyond(np.nextafter(farthest, 0))[0]) == farthest


@pytest.mark.parametrize(
    "axes",
    [[], [[]], [[1.0, math.nan]], [[[1.0]]], [np.zeros(2**16)] * 4],
    ids=["none", "no values", "NaN", "a table", "too many points"],
)
def test_axes_that_make_no_mesh_are_refused(axes):
    with pytest.raises(ValueError, match=r"ax.s of"):
        Product(axes)


@pytest.mark.parametrize("most_asked", [0, 10**6], ids=["asked on the way", "asked before"])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "starts",
    [grids.plane([13, 31], objective=HALF), grids.normal(403, seed=1, objective=HALF)],
    ids=["mesh", "random"],
)
def test_lanes_have_the_bits_that_they_have_from_a_list(starts, engine, most_asked, monkeypatch):
    """Also from where f is not defined, in tiles that hold a part of the points, or all twice."""
    monkeypatch.setattr("gdlab.experiment.MOST_ASKED", most_asked)
    alpha, settings = [0.05, 0.4, 1.1], {"tol": [1e-3, 1e-9], "max_iter": 60}
    made = gdlab.Experiment(HALF, alpha, starts, **settings).problem
    expected = gdlab.Experiment(HALF, alpha, np.asarray(starts), **settings).problem
    compute = descend_of(engine)
    assert verdicts_agree(compute(made), compute(expected))
    for lanes in (range(390, 420), range(7, 1000), np.array([1200, 3, 402, 403])):
        assert verdicts_agree(compute(made, lanes), descend(expected, np.array(lanes)))


def test_ten_thousand_million_lanes_take_no_memory_until_they_are_descended():
    tracemalloc.start()
    experiment = gdlab.Experiment(PLANE, 0.1, grids.plane(100_000, objective=PLANE))
    last = experiment.n_lanes - 1
    alpha, x0, _ = experiment.problem.starts(range(last - 2**14, last + 1))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert experiment.n_lanes == 10**10
    assert alpha[-1] == 0.1
    assert x0[:, -1].tolist() == [1.0, 1.0]
    assert most < 8e6  # the two axes are 1.6e6


@pytest.mark.parametrize(
    ("starts", "says"),
    [
        (
            Product([[0.0, 1.0]]),
            "x0 has points of 1 coordinates, .* has 2 variables",
        ),
        (Product([[0.0, 3.0], [0.0, 2e8]]), r"x0=\[0.0, 200000000.0\] lies outside escape=1e\+08"),
        (Normal(9, 2, [1e9], 1.0, 0), r"x0=\[1000000.*\] lies outside escape=1e\+08"),
    ],
)
def test_a_mesh_that_does_not_suit_is_refused_as_a_list_is(starts, says):
    with pytest.raises(ValueError, match=says):
        gdlab.Experiment(PLANE, 0.1, starts)
