"""Objectives written in JAX."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest

import gdlab
from gdlab.objectives.differences import require_gradient
from tests.command import gdlab as command
from tests.command import verify

jax = pytest.importorskip("jax")


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def softplus(x):
    return jax.numpy.logaddexp(x[0], -x[0]) + (x[1] - 1) ** 2


@pytest.fixture(scope="module")
def f():
    return gdlab.objectives.jax(rosenbrock, ("x", "y"), minimisers=[[1, 1]], minimum=0.0)


def test_jaxs_derivatives_are_those_of_the_formula(f):
    formula = gdlab.Formula("(1 - x)**2 + 100*(y - x**2)**2")
    for n in (1, 2, 3, 9):
        x = np.random.default_rng(n).normal(size=(2, n))
        assert f(x) == pytest.approx(formula(x), rel=1e-13)
        assert f.grad(x) == pytest.approx(formula.grad(x), rel=1e-13)
        assert f.hessian(x) == pytest.approx(formula.hessian(x), rel=1e-13)


def test_it_descends_as_the_formula_does_in_double_precision(f):
    formula = gdlab.Formula("(1 - x)**2 + 100*(y - x**2)**2", minimisers=[[1, 1]])
    grid = ([1e-3, 2e-3], np.random.default_rng(0).uniform(-1, 1, (7, 2)))
    one, other = (gdlab.descend(o, *grid, tol=1e-9, max_iter=2000) for o in (f, formula))
    assert np.array_equal(one.status, other.status)
    assert np.allclose(one.x, other.x, rtol=1e-9)
    newton = gdlab.descend(f, 1.0, [[0.5, 0.5]], method=gdlab.methods.Newton(), tol=1e-12)
    assert newton.converged.all()


def test_jaxs_own_setting_of_precision_stays_what_it_was(f):
    assert f.grad(np.ones((2, 3))).dtype == np.float64
    assert jax.numpy.ones(2).dtype == np.float32


def test_it_is_compiled_once_for_many_numbers_of_lanes(f):
    f.grad(np.ones((2, 8)))
    before = f._compiled["grad"]._cache_size()
    for n in range(5, 9):
        f.grad(np.ones((2, n)))
    assert f._compiled["grad"]._cache_size() == before


def test_its_gradient_is_that_of_its_values():
    g = gdlab.objectives.jax(softplus, ("x", "y"), name="softplus")
    require_gradient(g, np.array([[1.0, -2.0], [0.0, 3.0]]))
    assert (g.name, g.variables) == ("softplus", ("x", "y"))
    assert (gdlab.table(g, 0.3, [[1.0, 0.0]])["status"] == "converged").all()


def test_it_is_sent_to_other_processes_uncompiled(f):
    x = np.ones((2, 3))
    assert np.array_equal(pickle.loads(pickle.dumps(f)).grad(x), f.grad(x))


def test_a_run_of_one_is_verified_within_rounding(tmp_path):
    (tmp_path / "bowl_of_jax.py").write_text("def f(x):\n    return (x[0] - 1) ** 2 + x[1] ** 4\n")
    (tmp_path / "own" / "objective").mkdir(parents=True)
    (tmp_path / "own" / "objective" / "bowl.yaml").write_text(
        "_target_: gdlab.objectives.jax\nf: bowl_of_jax.f\nvariables: [x, y]\n"
    )
    words = ("objective=bowl", "alpha=[0.1,0.2]", "x0=[[1,1],[0,2]]", "figures=none")
    command("--config-dir=own", *words, folder=tmp_path)
    done = verify("outputs", folder=tmp_path)
    assert "4 of 4 lanes are the same within 1e-09" in done.stdout


def test_without_jax_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(ValueError, match=r"need an extra: pip install 'gdlab\[jax\]'"):
        gdlab.objectives.jax(rosenbrock)


def test_a_name_that_leads_nowhere_is_refused():
    with pytest.raises(ValueError, match=r"f=nowhere\.f cannot be imported"):
        gdlab.objectives.jax("nowhere.f")
