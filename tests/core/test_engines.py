"""Which engine is taken where the choice is left to gdlab, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab
from gdlab.core import engines
from gdlab.core.problem import Problem
from gdlab.methods import GradientDescent


def problem(expr="x**2 + 4*x + 4", n=500, **settings) -> Problem:
    f = gdlab.Formula(expr) if isinstance(expr, str) else expr
    axis = np.linspace(-3, 3, n)
    return gdlab.Experiment(f, np.linspace(0.01, 1.1, n), axis, **settings).problem


@pytest.fixture
def compiling_costs_nothing(monkeypatch):
    for name in ("COMPILING", "LOADING"):
        monkeypatch.setattr(engines, name, 0.0)


@pytest.fixture
def numba_is_not_installed(monkeypatch):
    monkeypatch.setattr(engines, "find_spec", lambda name: None)


def test_the_compiled_core_is_taken_where_it_saves_more_than_it_costs(monkeypatch):
    asked = problem()
    for cost, engine in ((0.0, "numba"), (1e6, "numpy")):
        for name in ("COMPILING", "LOADING"):
            monkeypatch.setattr(engines, name, cost)
        assert engines.chosen(asked) == engines.Choice(engine)


def test_a_small_grid_is_not_even_tried_out(monkeypatch):
    monkeypatch.setattr(engines, "descend", None)
    assert engines.chosen(problem(n=11)) == engines.Choice("numpy")


def test_a_sample_ends_after_a_thousand_steps_however_long_lanes_go_on(monkeypatch):
    asked = problem("x**4", max_iter=10**9, tol=1e-300)
    followed = []

    def watched(problem, lanes):
        followed.append((problem.max_iter, lanes.size))
        return gdlab.core.descent.descend(problem, lanes)

    monkeypatch.setattr(engines, "descend", watched)
    assert engines.seconds_with_numpy(asked) > 0
    assert followed == [(1000, 2**13)]


def test_the_sample_of_a_small_grid_is_all_of_it(monkeypatch):
    asked, followed = problem(n=20), []

    def watched(problem, lanes):
        followed.extend(lanes.tolist())
        return gdlab.core.descent.descend(problem, lanes)

    monkeypatch.setattr(engines, "descend", watched)
    assert engines.seconds_with_numpy(asked) > 0
    assert followed == list(range(400))


@pytest.mark.parametrize(
    "objective", ["sin(x) + x**2", gdlab.Function(lambda x: x[0] ** 2, lambda x: 2 * x)]
)
def test_what_would_round_otherwise_or_is_python_code_stays_with_numpy(
    compiling_costs_nothing, objective
):
    assert engines.chosen(problem(objective)) == engines.Choice("numpy")


def test_a_method_whose_compiled_form_does_something_else_stays_with_numpy(
    compiling_costs_nothing,
):
    class Lying(GradientDescent):
        def statements(self, objective, dimension):
            return [f"y{i} = x{i} - 1.0000001 * alpha * g{i}" for i in range(dimension)]

    choice = engines.chosen(problem(method=Lying()))
    assert choice.engine == "numpy"
    assert "does not give the same bits" in choice.remark


def test_the_extra_is_spoken_of_where_it_would_help(monkeypatch, numba_is_not_installed):
    monkeypatch.setattr(engines, "COMPILING", 1e-6)
    monkeypatch.setattr(engines, "LOADING", 1e-7)
    choice = engines.chosen(problem())
    assert choice.engine == "numpy"
    assert "about 8 times as fast" in choice.remark
    assert "pip install 'gdlab[fast]'" in choice.remark


def test_the_extra_is_not_spoken_of_where_it_would_not_help(numba_is_not_installed):
    assert engines.chosen(problem(n=200)) == engines.Choice("numpy")


def test_a_numba_that_does_not_work_is_passed_over_with_a_word(
    compiling_costs_nothing, monkeypatch
):
    def broken(engine):
        raise ImportError("Numba needs NumPy 2.3 or less\nand more words")

    monkeypatch.setattr(engines, "descend_of", broken)
    choice = engines.chosen(problem())
    assert choice.engine == "numpy"
    assert choice.remark.startswith("Numba does not work here (Numba needs NumPy 2.3 or less), so")


def test_where_no_kernel_can_be_kept_numpy_computes_and_says_so(
    compiling_costs_nothing, monkeypatch, tmp_path
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    choice = engines.chosen(problem())
    assert choice.engine == "numpy"
    assert f"{tmp_path / 'file' / 'gdlab'} cannot be written" in choice.remark


def test_a_run_says_which_engine_it_took(compiling_costs_nothing, monkeypatch, tmp_path, capsys):
    words = ("alpha_grid.num=50", "figures=none", f"hydra.run.dir={tmp_path}")
    taken = gdlab.run(*words)
    assert (taken.record["config"]["engine"], taken.engine) == ("auto", "numba")
    again = gdlab.run(*words, "engine=numpy", "force=true")
    assert (again.record["config"]["engine"], again.engine) == ("numpy", "numpy")
    assert again.record["identity"] == taken.record["identity"]
    assert again.record["parts"] == taken.record["parts"]
