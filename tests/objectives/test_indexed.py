"""Formulas in x[1] to x[d], for any number d of variables."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab
from gdlab.objectives.indexed import LARGEST_DIMENSION

CHAIN = "sum(100*(x[i+1] - x[i]**2)**2 + (1 - x[i])**2, 1, d - 1)"


@pytest.mark.parametrize(
    ("text", "dimension", "written"),
    [
        ("sum(x[i]**2)", 1, "x**2"),
        ("sum(x[i]**2)", 2, "x**2 + y**2"),
        ("sum(x[i]**2)", 3, "x1**2 + x2**2 + x3**2"),
        (CHAIN, 2, "(1 - x)**2 + 100*(y - x**2)**2"),
        ("prod(x[i] - i)", 2, "(x - 1)*(y - 2)"),
        ("sum(x[i]) - prod(x[i]) + d", 2, "x + y - x*y + 2"),
        ("x[1]**4 + x[d]**2*sum(i*x[i], 2, d)", 3, "x1**4 + x3**2*(2*x2 + 3*x3)"),
        ("sum(x[i]*sum(i*x[i], 1, 2))", 2, "x*(x + 2*y) + y*(x + 2*y)"),
        ("sum(x[i]) + sum(x[i]**2, 2, 1) + prod(x[i], 2, 1)", 1, "x + 1"),
        ("x**2 + sin(y)", 2, "x**2 + sin(y)"),
        ("sum(x[i]**2)**2", 2, "(x**2 + y**2)**2"),
        ("-sum(x[i])/2", 2, "-(x + y)/2"),
    ],
)
def test_a_formula_for_any_number_of_variables_is_that_of_its_dimension(text, dimension, written):
    names = {1: ("x",), 2: ("x", "y"), 3: ("x1", "x2", "x3")}[dimension]
    f, plain = gdlab.Formula(text, dimension=dimension), gdlab.Formula(written, names)
    assert f.identity == plain.identity
    assert f.source("gradient") == plain.source("gradient")


def test_its_variables_and_coefficients_may_have_names():
    f = gdlab.Formula(
        "sum(c[i]*x[i]**2) + shift*x[1]",
        ["u", "v"],
        dimension=2,
        parameters={"c": [3, 0.5], "shift": 1},
    )
    assert f.variables == ("u", "v")
    assert f(np.array([[2.0], [4.0]])).tolist() == [22.0]
    g = gdlab.Formula("sum(c[i]*x[i]**2)", dimension=3, parameters={"c": "10**(i - 1)/d"})
    assert np.diag(g.curvature) == pytest.approx([2 / 3, 20 / 3, 200 / 3])


def test_a_sum_of_hundreds_of_terms_is_not_nested_too_deeply():
    f = gdlab.Formula("sum(x[i]**2)", dimension=400, minimisers=[])
    assert f(np.ones((400, 1))).tolist() == [400.0]


def test_numbers_are_minimisers_in_every_combination_and_points_are_as_they_are():
    text = "sum((x[i]**2 - 1)**2)"
    f = gdlab.Formula(text, dimension=2, minimisers=[-1, 1])
    assert f.minimisers.tolist() == [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    assert gdlab.Formula(text, dimension=9, minimisers=[-1, 1]).minimisers.tolist() == [
        [-1] * 9,
        [1] * 9,
    ]
    f = gdlab.Formula(text, dimension=2, minimisers=[[1, -1]])
    assert f.minimisers.tolist() == [[1, -1]]
    f = gdlab.Formula("sum((x[i] - i/d)**2)", dimension=2, minimisers=["i/d"])
    assert f.minimisers.tolist() == [[0.5, 1]]
    assert gdlab.Formula(text, dimension=2, minimisers=[]).minimisers.tolist() == []


def test_of_several_domains_the_last_holds_for_all_further_coordinates():
    domain = [[-2, 2], [-1, 3]]
    assert gdlab.Formula(CHAIN, dimension=4, domain=domain).domain == (
        *((-2, 2), (-1, 3)),
        *((-1, 3), (-1, 3)),
    )
    assert gdlab.Formula(CHAIN, dimension=2, domain=domain).domain == ((-2, 2), (-1, 3))
    assert gdlab.Formula(CHAIN, dimension=3, domain=[-1, 1]).domain == ((-1, 1),) * 3


WRONG = [
    ({"dimension": 0}, "dimension=0 is not a whole number of at least 1"),
    ({"dimension": "2"}, "dimension='2' is not a whole number"),
    ({"dimension": LARGEST_DIMENSION + 1}, f"is larger than {LARGEST_DIMENSION}"),
    ({"dimension": 900}, "dimension=900 makes expr=sum(x[i]**2) longer than 10000 characters"),
    ({"expr": CHAIN, "dimension": 1}, "without x[1]; take another dimension"),
    ({"expr": "x[1]**2", "dimension": 5}, "without x[2], x[3], x[4], …; take another"),
    ({"expr": "x[3] + x[1]"}, "x[3] is number 3 of dimension=2"),
    ({"expr": "sum(x[i-1])"}, "x[i - 1] is number 0 of dimension=2"),
    ({"expr": "sum(x[i/2])"}, "i / 2 is not a whole number made of i and d"),
    ({"expr": "x[i]**2"}, "i is not a whole number"),
    ({"expr": "sum(x[i]) + i"}, "i stands outside a sum"),
    ({"expr": "sum(z[i])"}, "there is no z[i]; it can have x[i]"),
    ({"expr": "sum(x[i], 1)"}, "sum takes a term, and perhaps the first and the last i"),
    ({"expr": "sum(x[i], 1, x)"}, "x is not a whole number made of i and d"),
    ({"expr": "sum(x[i], 1, 9**9**9)"}, "9 ** 9 ** 9 is not a whole number"),
    ({"expr": "sum(x[1], 1, 10**30)"}, "makes expr=sum(x[1], 1, 10**30) longer than 10000"),
    ({"expr": "sum(sum(sum(x[1], 1, 999), 1, 999), 1, 999)"}, "longer than 10000 characters"),
    ({"expr": "+".join(["x[1]"] * 2000) + "+x[2]"}, "is nested too deeply, or is too long a sum"),
    ({"parameters": 5}, "parameters=5 are not names with their values"),
    ({"expr": "sum(foo(x[i]))"}, "the function foo is not known"),
    ({"expr": "sum(x[i]**2"}, "is not a formula that can be read"),
    ({"expr": 5}, "expr=5 is not a formula"),
    ({"variables": ["x"]}, "does not have as many names as dimension=2 asks for"),
    ({"variables": ["d", "e"]}, "d already has a meaning in a formula with a dimension"),
    ({"parameters": {"i": 3}}, "i already has a meaning"),
    ({"parameters": {"c": [1, 2]}}, "parameters.c: there is no c[i] in sum(x[i]**2)"),
    ({"parameters": {"a": 2}}, "there is no a in"),
    ({"expr": "sum(c[i]*x[i])", "parameters": {"c": [1]}}, "c=[1] does not have as many numbers"),
    ({"expr": "sum(c[i]*x[i])", "parameters": {"c": "1/(i-1)"}}, "for i=1, d=2; it can be made"),
    ({"expr": "sum(c[i]*x[i])", "parameters": {"c": "z"}}, "parameters.c='z' is not a finite"),
    ({"expr": "sum(c[i]*x[i])", "parameters": {"c": [1, "z"]}}, "parameters.c='z' is not a"),
    ({"minimisers": [1]}, "minimisers: [1.0, 1.0] is not a minimiser"),
    ({"minimisers": ["x"]}, "minimisers='x' is not a finite number for i=1, d=2"),
    ({"minimisers": "0"}, "minimisers='0' is not a list of points"),
    ({"dimension": None}, "sum is over the variables x[i] where a dimension is given"),
    ({"dimension": None, "expr": "x[1]"}, "x[i] is the i-th variable where a dimension is given"),
    ({"dimension": None, "expr": "sum(x, 1, 2)"}, "where a dimension is given, as in dimension=3"),
]


@pytest.mark.parametrize(("changed", "says"), WRONG, ids=lambda value: str(value)[:50])
def test_what_cannot_be_written_out_is_refused_in_a_users_words(changed, says):
    given = {"expr": "sum(x[i]**2)", "dimension": 2} | changed
    with pytest.raises(ValueError, match=r"\w") as refusal:
        gdlab.Formula(**given)
    assert says in str(refusal.value)
