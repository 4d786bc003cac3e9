"""Grids of step sizes and starting points against NumPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import gdlab
from gdlab import grids, methods

ONE = gdlab.Formula("x**2", domain=[-3, 5])
TWO = gdlab.Formula("x**2 + y**2", domain=[[-3, 5], [0, 2]])
THREE = gdlab.Formula("x**2 + y**2 + z**2")


def test_a_line_is_evenly_spaced_over_the_domain():
    assert np.array_equal(grids.line(17, objective=ONE), np.linspace(-3, 5, 17))
    assert np.array_equal(grids.line(5, -1, 1, objective=ONE), np.linspace(-1, 1, 5))
    assert np.array_equal(grids.line(5, stop=0, objective=ONE), np.linspace(-3, 0, 5))
    assert grids.line(1, objective=ONE).tolist() == [-3.0]


def test_a_plane_is_a_mesh_with_the_second_coordinate_running_fastest():
    found = np.asarray(grids.plane(4, objective=TWO))
    expected = list(itertools.product(np.linspace(-3, 5, 4), np.linspace(0, 2, 4)))
    assert found.tolist() == [list(point) for point in expected]


def test_a_plane_takes_one_value_for_both_coordinates_or_one_for_each():
    found = np.asarray(grids.plane([2, 3], -1, [1, 5], objective=TWO))
    expected = itertools.product([-1.0, 1.0], [-1.0, 2.0, 5.0])
    assert found.tolist() == [list(point) for point in expected]


def test_random_starts_are_the_same_for_the_same_seed():
    a = grids.normal(100, seed=3, objective=THREE)
    assert a.shape == (100, 3)
    assert np.array_equal(a, grids.normal(100, seed=3, objective=THREE))
    assert not np.array_equal(a, grids.normal(100, seed=4, objective=THREE))
    assert np.array_equal(a, np.random.default_rng(3).normal(size=(100, 3)))


def test_random_starts_have_the_mean_and_deviation_asked_for():
    found = np.asarray(grids.normal(40_000, [1.0, -2.0], 0.5, objective=TWO))
    assert found.mean(axis=0) == pytest.approx([1, -2], abs=0.02)
    assert found.std(axis=0) == pytest.approx([0.5, 0.5], abs=0.02)


def test_relative_step_sizes_are_shares_of_the_limit_of_the_method_that_takes_them():
    f = gdlab.Formula("2*x**2")
    for method, limit in [
        (methods.Momentum(0.5), 2 * 1.5 / 4),
        (methods.Newton(), 2.0),
        (methods.Adam(), 2 / 4),  # of which theory knows none
    ]:
        made = grids.relative(5, 0.5, 1.5, objective=f, method=method)
        assert made == pytest.approx(np.linspace(0.5, 1.5, 5) * limit)


def test_a_grid_over_a_domain_is_a_line_a_plane_or_random_points():
    assert np.array_equal(grids.over_domain(5, objective=ONE), grids.line(5, objective=ONE))
    assert grids.over_domain(5, objective=TWO).equals(grids.plane(5, objective=TWO))
    ends = {"start": -1, "stop": [1, 2, 3]}
    found = grids.over_domain(7, **ends, seed=2, objective=THREE)
    assert np.array_equal(found, grids.uniform(7, **ends, seed=2, objective=THREE))


def test_random_starts_over_a_domain_are_even_and_the_same_for_the_same_seed():
    found = grids.uniform(40_000, objective=TWO)
    assert np.array_equal(found, grids.uniform(40_000, objective=TWO))
    assert not np.array_equal(found, grids.uniform(40_000, seed=1, objective=TWO))
    assert found.min(axis=0) == pytest.approx([-3, 0], abs=0.01)
    assert found.max(axis=0) == pytest.approx([5, 2], abs=0.01)
    assert found.mean(axis=0) == pytest.approx([1, 1], abs=0.05)
    assert np.array_equal(found[:7], grids.uniform(7, objective=TWO))


def test_relative_step_sizes_are_shares_of_the_stability_limit():
    f = gdlab.Formula("4*x**2")  # curvature 8, limit 1/4
    assert grids.relative(5, 0.5, 1.5, objective=f) == pytest.approx(np.linspace(0.5, 1.5, 5) / 4)


def test_of_several_minima_the_most_stable_sets_the_scale():
    f = gdlab.Formula("x**4/4 - x**2/2 + x/5")
    roots = np.roots([1, 0, -1, 0.2]).real
    most = max(2 / (3 * x**2 - 1) for x in roots if 3 * x**2 > 1)
    assert grids.relative(3, 0.1, 1.0, objective=f)[-1] == pytest.approx(most)
    above = gdlab.descend(f, 1.02 * most, np.linspace(-2, 2, 41), tol=1e-9, max_iter=3000)
    assert not above.converged.any()
    below = gdlab.descend(f, 0.98 * most, np.linspace(-2, 2, 41), tol=1e-9, max_iter=3000)
    assert below.converged.any()


def test_a_grid_serves_as_starting_points_as_it_is():
    table = gdlab.table(TWO, 0.1, grids.plane(3, objective=TWO))
    assert len(table) == 9


def test_a_whole_number_of_points_may_be_written_as_a_float():
    assert grids.line(5.0, objective=ONE).tolist() == grids.line(5, objective=ONE).tolist()
    assert grids.plane([2.0, 3], objective=TWO).shape == (6, 2)
    whole = grids.normal(5, seed=1, objective=ONE)
    assert grids.normal(5.0, seed=1.0, objective=ONE).equals(whole)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (np.linspace, {"start": 0, "stop": 1, "num": 7.0}),
        (np.geomspace, {"start": 1, "stop": 2, "num": 7}),
        (np.logspace, {"start": 0, "stop": 1, "num": 7}),
        (grids.line, {"num": 7, "objective": ONE}),
        (grids.plane, {"num": 7, "objective": TWO}),
        (grids.plane, {"num": [7, 3], "objective": TWO}),
        (grids.normal, {"num": 7, "objective": THREE}),
        (grids.uniform, {"num": 7, "objective": THREE}),
        (grids.over_domain, {"num": 7, "objective": THREE}),
        (grids.relative, {"num": 7, "objective": ONE}),
    ],
)
def test_the_size_of_a_grid_is_known_before_it_is_made(function, arguments):
    asked = arguments | (grids.for_numpy(arguments) if function in grids.FROM_NUMPY else {})
    assert grids.announced(function, arguments) == len(function(**asked))


@pytest.mark.parametrize(
    ("function", "arguments", "held"),
    [
        (grids.line, {"num": 7}, 7),
        (grids.plane, {"num": [7, 3]}, 10),
        (grids.normal, {"num": 7}, 0),
        (np.arange, {"stop": 7}, None),
    ],
)
def test_a_mesh_takes_the_room_of_its_axes_and_random_starts_none(function, arguments, held):
    assert grids.held(function, arguments) == held


@pytest.mark.parametrize(
    ("function", "arguments"),
    [(np.arange, {"stop": 7}), (np.linspace, {}), (grids.line, {"num": 0}), (grids.line, {})],
)
def test_a_size_that_only_making_the_grid_would_tell_is_not_guessed(function, arguments):
    assert grids.announced(function, arguments) is None


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        (lambda: grids.line(5, objective=TWO), "line.*has x, y.*x0_grid=plane"),
        (lambda: grids.plane(5, objective=ONE), "plane.*has x; try x0_grid=line"),
        (lambda: grids.line(0, objective=ONE), "num=0"),
        (lambda: grids.line(-3, objective=ONE), "num=-3"),
        (lambda: grids.line(2.5, objective=ONE), "num=2.5"),
        (lambda: grids.line(True, objective=ONE), "num=True"),
        (lambda: grids.line(5, "a", objective=ONE), "start='a' is not a finite number"),
        (lambda: grids.line(5, 0, 10**400, objective=ONE), "stop=1000.* too large"),
        (lambda: grids.line(5, -1e308, 1e308, objective=ONE), "further apart"),
        (lambda: grids.plane(2, [0, -1e308], [1, 1e308], objective=TWO), "further apart"),
        (lambda: grids.plane([2, 0], objective=TWO), "num=0"),
        (lambda: grids.plane(2, "a", objective=TWO), "start='a' is not a finite number"),
        (lambda: grids.plane([2, 3, 4], objective=TWO), "take one value, or two"),
        (lambda: grids.plane(2, [0, 1, 2], objective=TWO), "take one value, or two"),
        (lambda: grids.normal(0, objective=ONE), "num=0"),
        (lambda: grids.normal(5, "a", objective=ONE), "mean='a' is not a finite number"),
        (lambda: grids.normal(5, seed=-1, objective=ONE), "seed=-1"),
        (lambda: grids.normal(5, seed=None, objective=ONE), "seed=None"),
        (lambda: grids.normal(5, deviation=0, objective=ONE), "deviation=0"),
        (lambda: grids.normal(5, deviation=-1, objective=ONE), "deviation=-1"),
        (lambda: grids.normal(5, [1, 2, 3], objective=TWO), "2 coordinates"),
        (lambda: grids.uniform(0, objective=THREE), "num=0"),
        (lambda: grids.uniform(5, seed=-1, objective=THREE), "seed=-1"),
        (lambda: grids.uniform(5, "a", objective=THREE), "start='a' is not a finite number"),
        (lambda: grids.uniform(5, 0, [1, 2], objective=THREE), "stop=.* 3 coordinates"),
        (lambda: grids.uniform(5, -1e308, 1e308, objective=THREE), "further apart"),
        (lambda: grids.over_domain([2, 3], objective=THREE), "num=.* not a whole number"),
        (lambda: grids.relative(5, objective=gdlab.Formula("cos(x)")), "known minimiser"),
        (lambda: grids.relative(5, objective=gdlab.Formula("x**4")), "positive curvature"),
        (lambda: grids.relative(0, objective=ONE), "num=0"),
    ],
)
def test_a_grid_that_cannot_be_made_says_why(grid, says):
    with pytest.raises(ValueError, match=says):
        grid()
