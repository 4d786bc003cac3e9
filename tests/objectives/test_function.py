"""Objectives given by Python functions that exist already."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import scipy.optimize

import gdlab

ROSEN = {"variables": ("x", "y"), "minimisers": [[1, 1]], "minimum": 0.0}


@pytest.mark.parametrize(
    "functions",
    [
        (scipy.optimize.rosen, scipy.optimize.rosen_der),
        ("scipy.optimize.rosen", "scipy.optimize.rosen_der"),
    ],
    ids=["callables", "names"],
)
def test_scipys_functions_serve_unchanged(functions):
    f = gdlab.Function(*functions, **ROSEN)
    assert f.name == "rosen"
    x = np.random.default_rng(0).normal(size=(2, 9))
    assert np.array_equal(f(x), scipy.optimize.rosen(x))
    assert np.array_equal(f.grad(x), scipy.optimize.rosen_der(x))
    table = gdlab.table(f, [2e-3, 1e-3], [[0.8, 0.5], [0.5, 0.5]], tol=1e-7, max_iter=10**5)
    assert (table["status"] == "converged").all()
    assert (table["minimum"] == 0).all()
    assert np.allclose(table[["x_1", "x_2"]], 1, atol=1e-3)


def test_scipys_rosenbrock_descends_as_the_formula_does():
    formula = gdlab.Formula("100*(y - x**2)**2 + (1 - x)**2")
    function = gdlab.Function("scipy.optimize.rosen", "scipy.optimize.rosen_der", **ROSEN)
    grid = ([1e-3, 2e-3], [[-1.2, 1.0], [0.5, 0.5], [2.0, -1.0]])
    a, b = (gdlab.descend(f, *grid, max_iter=300) for f in (formula, function))
    assert np.array_equal(a.status, b.status)
    assert np.array_equal(a.steps, b.steps)
    assert np.allclose(a.x, b.x, rtol=1e-9, equal_nan=True)


def test_five_dimensions_go_as_two():
    names = ("a", "b", "c", "d", "e")
    f = gdlab.Function("scipy.optimize.rosen", "scipy.optimize.rosen_der", variables=names)
    table = gdlab.table(f, 1e-3, np.full((3, 5), 0.5), max_iter=20)
    assert [f"x0_{i}" for i in range(1, 6)] == list(table.columns[1:6])
    x = np.full(5, 0.5)
    for _ in range(20):
        x = x - 1e-3 * scipy.optimize.rosen_der(x)
    assert table[[f"x_{i}" for i in range(1, 6)]].iloc[0].to_numpy() == pytest.approx(x, rel=1e-12)


def test_a_partial_function_has_a_name_for_titles_too():
    scaled = functools.partial(lambda scale, x: scale * x[0] ** 2, 2.0)
    f = gdlab.Function(scaled, lambda x: 4 * x)
    assert isinstance(f.name, str)
    assert gdlab.descend(f, 0.25, 3.0).steps.item() == 2
    assert gdlab.Function(scaled, lambda x: 4 * x, name="twice").name == "twice"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("scipy.optimize.rosen_", "scipy.optimize.rosen_der"), "f=scipy.optimize.rosen_"),
        (("scipy.optimize.rosen", "scipy.optimise.rosen_der"), "grad=scipy.optimise.rosen_der"),
        (("rosen", "scipy.optimize.rosen_der"), "f=rosen"),
        (("math.pi", "scipy.optimize.rosen_der"), "f=3.14"),
        (("", "scipy.optimize.rosen_der"), "f="),
        (("..rosen", "scipy.optimize.rosen_der"), "f=..rosen"),
        ((5, scipy.optimize.rosen_der), "f=5 cannot be called"),
        ((scipy.optimize.rosen, None), "grad=None cannot be called"),
    ],
)
def test_names_that_lead_nowhere_are_refused(arguments, says):
    with pytest.raises(ValueError, match=r"f=|grad=") as refusal:
        gdlab.Function(*arguments, variables=("x", "y"))
    assert says in str(refusal.value)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"minimisers": [1, 2, 3]}, "minimisers"),
        ({"minimisers": [["a", "b"]]}, "minimisers"),
        ({"minimum": "low"}, "minimum='low'"),
        ({"domain": [1, 0]}, "domain=[1, 0]"),
    ],
)
def test_wrong_settings_are_named(settings, says):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (the text is compared below)
        gdlab.Function(
            scipy.optimize.rosen, scipy.optimize.rosen_der, variables=("x", "y"), **settings
        )
    assert says in str(refusal.value)
