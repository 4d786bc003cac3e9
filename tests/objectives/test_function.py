"""Objectives given by Python functions that exist already."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import scipy.optimize

import gdlab
from tests.command import gdlab as gdlab_command
from tests.command import runs_in

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


def hessians(x):
    return np.stack([scipy.optimize.rosen_hess(point) for point in x.T], axis=-1)


def test_with_its_hessian_newtons_method_descends_it_as_the_formula():
    formula = gdlab.Formula("100*(y - x**2)**2 + (1 - x)**2")
    function = gdlab.Function(
        scipy.optimize.rosen, scipy.optimize.rosen_der, hessian=hessians, **ROSEN
    )
    settings = {"method": gdlab.methods.Newton(), "tol": 1e-10}
    starts = [[-1.2, 1.0], [0.0, 0.0], [2.0, -1.0]]
    a, b = (gdlab.descend(f, 1.0, starts, **settings) for f in (formula, function))
    assert a.steps.ravel().tolist() == b.steps.ravel().tolist()
    assert a.converged.all()
    assert np.allclose(b.x, 1, rtol=0, atol=1e-12)


def test_the_hessian_decides_numbers_and_so_is_part_of_what_an_objective_is():
    functions = (scipy.optimize.rosen, scipy.optimize.rosen_der)
    without, with_one = (gdlab.Function(*functions, hessian=h, **ROSEN) for h in (None, hessians))
    assert with_one.identity == without.identity | {"hessian": with_one.identity["hessian"]}
    assert with_one.identity["hessian"]


@pytest.mark.parametrize(
    ("hessian", "says"),
    [
        (lambda x: x, r"hessian gives the shape \(2, 3\) for x of .*it must give \(2, 2, 3\)"),
        (lambda x: 1 / 0, "hessian fails with ZeroDivisionError"),
        (5, "hessian=5 cannot be called"),
        ("scipy.optimize.rosen_hes", "hessian=scipy.optimize.rosen_hes cannot be imported"),
    ],
)
def test_a_hessian_that_is_none_is_refused(hessian, says):
    functions = (scipy.optimize.rosen, scipy.optimize.rosen_der)
    starts = [[1.0, 2.0], [0.0, 1.0], [1.0, 1.0]]

    def descended():
        f = gdlab.Function(*functions, hessian=hessian, **ROSEN)
        return gdlab.table(f, 1.0, starts, method=gdlab.methods.Newton())

    with pytest.raises(ValueError, match=says):
        descended()


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


def careless_within(limit: float, name: str):
    """Functions of x² of which one writes into x, but only in the middle of a descent."""

    def careless(x):
        if (abs(x) < limit).any():
            x += 0.0
        return x[0] ** 2 if name == "f" else 2 * x

    return {"f": lambda x: x[0] ** 2, "grad": lambda x: 2 * x} | {name: careless}


@pytest.mark.parametrize(
    ("name", "criterion"), [("f", "step"), ("f", "gap"), ("grad", "step")], ids=str
)
def test_what_a_descent_stands_on_cannot_be_written_into_at_any_step(name, criterion):
    f = gdlab.Function(**careless_within(0.5, name), minimisers=[0], minimum=0.0)
    with pytest.raises(ValueError, match=f"{name} writes into x"):
        gdlab.table(f, 0.3, [2.0, 3.0], criterion=criterion)


@pytest.mark.parametrize("name", ["f", "grad"])
def test_numbers_that_become_complex_on_the_way_are_refused(name):
    def root(x):  # of x - 1: real at the start
        return np.emath.sqrt(x[0] - 1) if name == "f" else np.emath.sqrt(x - 1)

    functions = {"f": lambda x: x[0] ** 2, "grad": lambda x: 2 * x} | {name: root}
    with pytest.raises(ValueError, match=f"{name} gives complex numbers"):
        gdlab.table(gdlab.Function(**functions, check_gradient=False), 0.3, [3.0])


def test_a_method_cannot_write_into_what_the_descent_stands_on():
    class Careless(gdlab.GradientDescent):
        def step(self, at, out):
            gradient = at.gradient
            gradient *= 2
            super().step(at, out)

    with pytest.raises(ValueError, match="read-only"):
        gdlab.table(gdlab.Formula("x**2"), 0.1, [1.0], method=Careless())


CARELESS = """
def f(x):
    x *= 2
    return (x**2).sum(axis=0)

def grad(x):
    return 8 * x

def f_within_two(x):
    if (x > 2).any():
        raise OverflowError("too far out")
    return 4 * x[0] ** 2
"""


@pytest.fixture
def careless(tmp_path):
    """Words that descend f or f_within_two from 1 and 2."""
    (tmp_path / "careless.py").write_text(CARELESS)
    (tmp_path / "own" / "objective").mkdir(parents=True)
    for f in ("f", "f_within_two"):
        text = f"_target_: gdlab.Function\nf: careless.{f}\ngrad: careless.grad\n"
        (tmp_path / "own" / "objective" / f"{f}.yaml").write_text(text)
    return ("--config-dir=own", "alpha=[0.05,0.1]", "x0=[1,2]")


def test_a_careless_objective_leaves_one_message_and_no_run(careless, tmp_path):
    done = gdlab_command(*careless, "objective=f", folder=tmp_path, status=2)
    assert done.stderr.startswith("gdlab: objective: at x0 f writes into x")
    assert done.stderr.count("\n") == 1
    assert not runs_in(tmp_path)


def test_an_objective_that_fails_where_only_a_picture_looks_keeps_its_results(careless, tmp_path):
    done = gdlab_command(*careless, "objective=f_within_two", folder=tmp_path, status=2)
    assert "results are whole" in done.stderr
    assert "f fails with OverflowError: too far out; figures=none" in done.stderr
    assert done.stderr.count("\n") == 1
    (run,) = runs_in(tmp_path)
    assert len(gdlab.load(run)) == 4
