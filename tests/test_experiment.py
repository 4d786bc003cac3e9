"""Experiments: what is taken, and how bad input is told what would be right."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gdlab

ONE = gdlab.Formula("x**2")
TWO = gdlab.Formula("x**2 + y**2")
NEITHER = gdlab.Formula("cos(x)")


def experiment(objective=ONE, alpha=0.1, x0=1.0, **settings):
    return gdlab.Experiment(objective, alpha, x0, **settings)


REFUSED = [
    # (what is given, what the message must say: the setting, the value, what would be right)
    ({"alpha": 0}, ["alpha=0", "positive"]),
    ({"alpha": -1}, ["alpha=-1", "positive"]),
    ({"alpha": -0.0}, ["alpha=-0", "positive"]),
    ({"alpha": math.nan}, ["alpha=nan", "finite"]),
    ({"alpha": math.inf}, ["alpha=inf", "finite"]),
    ({"alpha": [0.1, 0.2, -0.3]}, ["alpha=-0.3", "positive"]),
    ({"alpha": [0.1, math.nan]}, ["alpha=nan", "finite"]),
    ({"alpha": []}, ["alpha=[]", "at least one step size"]),
    ({"alpha": "abc"}, ["alpha='abc'", "number"]),
    ({"alpha": "0.1"}, ["alpha='0.1'", "number"]),
    ({"alpha": ["a", "b"]}, ["alpha=['a', 'b']", "number"]),
    ({"alpha": True}, ["alpha=True", "number"]),
    ({"alpha": [0.1, True]}, ["alpha=[0.1, True]", "number"]),
    ({"alpha": (0.1, np.True_)}, ["alpha=(0.1, np.True_)", "number"]),
    ({"alpha": np.ma.array([0.1, 0.2], mask=[0, 1])}, ["alpha has masked values"]),
    ({"x0": [1.0, np.ma.masked]}, ["x0 has masked values"]),
    ({"alpha": [np.longdouble(10) ** 400]}, ["alpha=[np.longdouble('1e+400')]", "too large"]),
    ({"alpha": None}, ["alpha=None", "number"]),
    ({"alpha": [None, 0.1]}, ["alpha", "number"]),
    ({"alpha": 1j}, ["alpha=1j", "number"]),
    ({"alpha": {"num": 3}}, ["alpha={'num': 3}", "number"]),
    ({"alpha": [[0.1, 0.2], [0.3]]}, ["alpha", "ragged"]),
    ({"alpha": [[0.1, 0.2]]}, ["alpha", "(1, 2)", "flat list"]),
    ({"alpha": [0.1] * 500 + ["x"]}, ["alpha", "number"]),
    ({"x0": []}, ["x0=[]", "at least one starting point"]),
    ({"x0": "abc"}, ["x0='abc'", "number"]),
    ({"x0": True}, ["x0=True", "number"]),
    ({"x0": [1.0, math.nan]}, ["x0", "finite"]),
    ({"x0": math.inf}, ["x0", "finite"]),
    ({"x0": [[1.0, 2.0]]}, ["x0", "2 coordinates", "1 variable (x)", "x0_grid=line"]),
    ({"x0": [[[1.0]]]}, ["x0", "(1, 1, 1)"]),
    ({"x0": [[1.0], [2.0, 3.0]]}, ["x0", "ragged"]),
    ({"objective": TWO, "x0": 1.0}, ["x0", "(1)", "2 variables (x, y)", "x0='[[1,2]]'"]),
    ({"objective": TWO, "x0": [1.0, 2.0]}, ["x0", "flat list of 2", "2 variables (x, y)"]),
    ({"objective": TWO, "x0": [[1, 2, 3]]}, ["x0", "3 coordinates", "2 variables"]),
    ({"x0": 2e8}, ["x0=[200000000.0]", "escape=1e+08"]),
    ({"x0": [1.0, -11.0], "escape": 10}, ["x0=[-11.0]", "escape=10"]),
    ({"tol": 0}, ["tol=0", "positive"]),
    ({"tol": -1e-3}, ["tol=-0.001", "positive"]),
    ({"tol": [1e-3, 0.0]}, ["tol=0", "positive"]),
    ({"tol": math.nan}, ["tol=nan", "finite"]),
    ({"tol": math.inf}, ["tol=inf", "finite"]),
    ({"tol": []}, ["tol=[]", "at least one tolerance"]),
    ({"tol": "tight"}, ["tol='tight'", "number"]),
    ({"tol": None}, ["tol=None", "number"]),
    ({"max_iter": 0}, ["max_iter=0", "at least 1"]),
    ({"max_iter": -5}, ["max_iter=-5", "at least 1"]),
    ({"max_iter": 1.5}, ["max_iter=1.5", "whole number"]),
    ({"max_iter": True}, ["max_iter=True", "whole number"]),
    ({"max_iter": "many"}, ["max_iter='many'", "whole number"]),
    ({"max_iter": None}, ["max_iter=None", "whole number"]),
    ({"max_iter": [10]}, ["max_iter=[10]", "whole number"]),
    ({"max_iter": 2**31}, ["max_iter=2147483648", "larger than 2147483647"]),
    ({"escape": 0}, ["escape=0", "positive"]),
    ({"escape": -1}, ["escape=-1", "positive"]),
    ({"escape": math.nan}, ["escape=nan", "finite"]),
    ({"escape": "far"}, ["escape='far'", "number"]),
    ({"escape": [1e3, 1e8]}, ["escape=[1000.0, 100000000.0]", "one"]),
    ({"criterion": "steps"}, ["criterion='steps'", "step, gradient, distance, gap"]),
    ({"criterion": ""}, ["criterion=''", "step, gradient, distance, gap"]),
    ({"criterion": None}, ["criterion=None", "step, gradient, distance, gap"]),
    ({"alpha": [0.1, 0.2], "pairs": True}, ["pairs=true", "2 step sizes", "1 starting points"]),
    ({"objective": NEITHER, "criterion": "distance"}, ["criterion=distance", "state `minimisers`"]),
    ({"objective": NEITHER, "criterion": "gap"}, ["criterion=gap", "state `minimum`"]),
    ({"objective": "x**2"}, ["objective='x**2'", "gdlab.Formula"]),
    ({"objective": None}, ["objective=None", "gdlab.Formula"]),
    ({"objective": lambda x: x[0] ** 2}, ["objective", "has no grad", "gdlab.Formula"]),
    ({"method": "momentum"}, ["method='momentum'", "gdlab.GradientDescent()"]),
    ({"method": gdlab.GradientDescent}, ["method=GradientDescent is a class", "GradientDescent()"]),
]


@pytest.mark.parametrize(("given_", "says"), REFUSED, ids=[says[0] for _, says in REFUSED])
def test_bad_input_is_refused_in_the_users_words(given_, says):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (the text is compared below)
        experiment(**given_)
    for part in says:
        assert part in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize("function", [gdlab.descend, gdlab.table, gdlab.trace])
def test_every_function_refuses_alike(function):
    with pytest.raises(ValueError, match="alpha=-1 is not a step size"):
        function(ONE, -1, 1.0)
    with pytest.raises(ValueError, match="tol=0 is not a tolerance"):
        function(ONE, 0.1, 1.0, tol=0)


class TestWrongObjectives:
    @pytest.mark.parametrize(
        ("f", "grad", "says"),
        [
            (lambda x: x, lambda x: 2 * x, ["f gives the shape (1, 2)", "it must give (2,)"]),
            (lambda x: 1.0, lambda x: 2 * x, ["f gives the shape ()", "(2,)"]),
            (lambda x: x[0] ** 2, lambda x: x[0], ["grad gives the shape (2,)", "(1, 2)"]),
            (lambda x: x[0] ** 2, lambda x: x.T, ["grad gives the shape (2, 1)", "(1, 2)"]),
            (lambda x: x[0] ** 2, lambda x: None, ["grad gives None", "return"]),
            (lambda x: "far", lambda x: x, ["f gives text", "real numbers"]),
            (lambda x: x[0] > 1, lambda x: x, ["f gives truth values"]),
            (lambda x: [{}, {}], lambda x: x, ["f gives objects of the type dict"]),
            (lambda x: x[0] * 1j, lambda x: x, ["f gives complex numbers", "real numbers"]),
            (lambda x: x[0], lambda x: x + 0j, ["grad gives complex numbers"]),
            (lambda x: np.ma.masked_less(x[0], 0), lambda x: x, ["f gives a masked array"]),
            (lambda x: x[1], lambda x: x, ["at x0 f fails with IndexError"]),
            (lambda x: x[0], lambda x: 1 // 0, ["at x0 grad fails with ZeroDivisionError"]),
            (lambda: 0, lambda x: x, ["at x0 f fails with TypeError"]),
        ],
    )
    def test_a_wrong_shape_or_an_error_is_found_before_the_descent(self, f, grad, says):
        with pytest.raises(ValueError, match="objective") as refusal:
            experiment(gdlab.Function(f, grad))
        for part in says:
            assert part in str(refusal.value)

    @pytest.mark.parametrize("careless", ["f", "grad"])
    def test_an_objective_that_writes_into_its_argument_is_told_to_copy_it(self, careless):
        def doubling(x):
            x *= 2
            return x if careless == "grad" else x[0] ** 2

        functions = {"f": lambda x: x[0] ** 2, "grad": lambda x: 2 * x} | {careless: doubling}
        with pytest.raises(ValueError, match=rf"{careless} writes into x.*x = x\.copy\(\)"):
            experiment(gdlab.Function(**functions), x0=[1.0, 2.0])

    def test_coordinates_are_not_mistaken_for_points_where_there_are_as_many(self):
        def by_coordinate(x):
            return (x**2).sum(axis=1)

        plane = gdlab.Function(by_coordinate, lambda x: 2 * x, variables=("x", "y"))
        with pytest.raises(ValueError, match=r"f gives the shape \(2,\).*it must give \(3,\)"):
            experiment(plane, x0=[[1.0, 2.0], [3.0, 4.0]])

    def test_a_start_where_f_is_not_finite_diverges_and_is_no_error(self):
        found = gdlab.descend(gdlab.Formula("log(x)"), 0.1, [-1.0, 0.0])
        assert not found.converged.any()


def test_a_grid_beyond_the_memory_is_refused_before_anything_is_computed():
    alpha, x0 = np.linspace(0.1, 0.9, 10**6), np.linspace(-1, 1, 10**6)
    made = experiment(alpha=alpha, x0=x0)
    assert made.n_lanes == 10**12
    for attempt in (gdlab.table, gdlab.descend):
        with pytest.raises(ValueError, match="too large") as refusal:
            attempt(ONE, alpha, x0)
        for part in ("1,000,000", "1,000,000,000,000 rows", "B of memory", "alpha_grid.num"):
            assert part in str(refusal.value)


class TestTaken:
    def test_values_are_kept_as_arrays_of_floats(self):
        made = experiment(TWO, 1, [[1, 2]], tol=1, max_iter=np.int64(7), escape=10)
        assert made.alpha.tolist() == [1.0]
        assert made.x0.tolist() == [[1.0, 2.0]]
        assert made.tol.tolist() == [1.0]
        assert (made.max_iter, made.escape, made.criterion) == (7, 10.0, "step")
        assert (made.dimension, made.n_lanes, made.n_rows) == (2, 1, 1)
        assert made.alpha.dtype == made.x0.dtype == made.tol.dtype == np.float64

    def test_the_order_of_step_sizes_starts_and_tolerances_is_kept(self):
        made = experiment(alpha=[0.3, 0.1, 0.3], x0=[2, -1], tol=[1e-3, 1e-9, 1e-6])
        assert made.alpha.tolist() == [0.3, 0.1, 0.3]
        assert made.x0.ravel().tolist() == [2.0, -1.0]
        assert made.tol.tolist() == [1e-3, 1e-9, 1e-6]
        assert made.n_rows == 18
        assert made.problem.tol.tolist() == [1e-3, 1e-6, 1e-9]

    def test_a_start_on_the_edge_of_escape_is_inside(self):
        assert experiment(x0=[-10.0, 10.0], escape=10).n_lanes == 2

    def test_one_dimension_takes_a_list_or_a_column(self):
        for x0 in ([1.0, 2.0], [[1.0], [2.0]], np.array([1, 2])):
            assert experiment(x0=x0).x0.tolist() == [[1.0], [2.0]]

    @given(
        st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=5),
        st.lists(st.floats(-1e8, 1e8), min_size=1, max_size=5),
        st.lists(st.floats(5e-324, 1e300), min_size=1, max_size=3),
        st.integers(1, 2**31 - 1),
    )
    def test_whatever_is_positive_and_finite_is_taken(self, alpha, x0, tol, max_iter):
        made = experiment(alpha=alpha, x0=x0, tol=tol, max_iter=max_iter)
        assert made.n_rows == len(alpha) * len(x0) * len(tol)

    @given(
        st.one_of(
            st.none(), st.text(max_size=5), st.booleans(), st.floats(max_value=0), st.just([]),
            st.lists(st.text(max_size=3), min_size=1, max_size=3), st.binary(max_size=3),
            st.complex_numbers(), st.dictionaries(st.text(max_size=2), st.floats(), max_size=2),
        ),
        st.sampled_from(["alpha", "tol", "escape", "max_iter"]),
    )  # fmt: skip
    def test_whatever_is_not_is_a_value_error_that_names_the_setting(self, value, name):
        with pytest.raises(ValueError, match=re.escape(name)):
            experiment(**{name: value})
