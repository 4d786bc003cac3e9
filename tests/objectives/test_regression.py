"""Least squares and logistic regression on tables."""

from __future__ import annotations

import pickle
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import gdlab
from gdlab.core.descent import descend
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.given import GdlabWarning
from gdlab.grids import relative, zero
from gdlab.objectives import LeastSquares, LogisticRegression, breast_cancer, diabetes
from gdlab.objectives.differences import Differences
from gdlab.objectives.odds import compiled_odds, odds_against
from gdlab.theory import exact_limit, stability_limits
from tests.command import gdlab as command
from tests.command import runs_in

linear_model = pytest.importorskip("sklearn.linear_model")


def measurements(n=60, d=4, seed=0):
    """A table of d columns, a target `y` that depends on them and two classes that overlap."""
    random = np.random.default_rng(seed)
    x = random.normal(random.normal(size=d), random.uniform(0.5, 3, d), (n, d))
    table = pd.DataFrame(x, columns=[f"column {i}" for i in range(d)])
    table["y"] = x @ random.normal(size=d) + random.normal(size=n) + 2
    table["class"] = np.where(table["y"] + 3 * random.normal(size=n) > 2, "yes", "no")
    return table


NUMBERS, CLASSES = measurements().drop(columns="class"), measurements().drop(columns="y")
SEPARATED = pd.DataFrame({"x": [-2.0, -1, 1, 2], "z": [0.0, 1, 0, 1], "class": [0, 0, 1, 1]})
SETTINGS = [
    {},
    {"intercept": False},
    {"ridge": 0.1},
    {"ridge": 0.1, "standardise": True},
    {"ridge": 0.02, "intercept": False, "standardise": True},
]


def matrix_of(table, target, settings):
    x = table.drop(columns=target).to_numpy()
    return (x - x.mean(axis=0)) / x.std(axis=0) if settings.get("standardise") else x


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
class TestAgainstScikitLearn:
    def test_least_squares_has_its_coefficients(self, settings):
        f, x = LeastSquares(NUMBERS, "y", **settings), matrix_of(NUMBERS, "y", settings)
        ridge, intercept = settings.get("ridge", 0), settings.get("intercept", True)
        model = linear_model.LinearRegression(fit_intercept=intercept)
        if ridge:
            model = linear_model.Ridge(len(x) * ridge, fit_intercept=intercept, solver="svd")
        model.fit(x, NUMBERS["y"])
        expected = [*model.coef_, *([model.intercept_] if intercept else [])]
        assert f.minimisers[0] == pytest.approx(expected, rel=1e-6, abs=1e-6)

    def test_logistic_regression_has_its_coefficients(self, settings):
        f, x = (
            LogisticRegression(CLASSES, "class", **settings),
            matrix_of(CLASSES, "class", settings),
        )
        ridge, intercept = settings.get("ridge", 0), settings.get("intercept", True)
        strength = 1 / (len(x) * ridge) if ridge else np.inf
        model = linear_model.LogisticRegression(
            C=strength, fit_intercept=intercept, tol=1e-12, max_iter=10**5, solver="newton-cg"
        ).fit(x, CLASSES["class"])
        assert f.classes == tuple(model.classes_) == ("no", "yes")
        expected = [*model.coef_[0], *(model.intercept_ if intercept else [])]
        assert f.minimisers[0] == pytest.approx(expected, rel=1e-6, abs=1e-6)

    def test_no_descent_is_needed_to_know_l_and_it_comes_from_the_largest_singular_value(
        self, settings
    ):
        for made, target, share in ((LeastSquares, "y", 1), (LogisticRegression, "class", 4)):
            table = NUMBERS if target == "y" else CLASSES
            f, x = made(table, target, **settings), matrix_of(table, target, settings)
            penalty = np.sqrt(settings.get("ridge", 0) * share * len(x)) * np.eye(x.shape[1])
            x = np.vstack([x, penalty])
            if settings.get("intercept", True):
                x = np.column_stack([x, np.arange(len(x)) < len(table)])
            largest = np.linalg.svd(x, compute_uv=False)[0]
            assert f.smoothness == pytest.approx(largest**2 / (share * len(table)), rel=1e-12)


@pytest.mark.parametrize(
    "f",
    [LeastSquares(NUMBERS, "y", ridge=0.1), LogisticRegression(CLASSES, "class", ridge=0.1)],
    ids=["least squares", "logistic"],
)
class TestCalculus:
    def test_the_gradient_is_that_of_the_values_and_the_hessian_that_of_the_gradient(self, f):
        x = np.random.default_rng(1).normal(size=(5, 7))
        assert f.grad(x) == pytest.approx(Differences(f)(x), rel=1e-7, abs=1e-7)
        for i, row in enumerate(np.eye(5)):
            h = 1e-6 * row[:, None]
            change = (f.grad(x + h) - f.grad(x - h)) / 2e-6
            assert f.hessian(x)[i] == pytest.approx(change, rel=1e-6, abs=1e-6)

    def test_no_point_lies_below_the_minimum_and_the_minimiser_is_level(self, f):
        x = f.minimisers.T + np.random.default_rng(2).normal(size=(5, 99))
        assert (f(x) > f.minimum).all()
        assert f(f.minimisers.T) == pytest.approx(f.minimum, rel=1e-14)
        assert np.abs(f.grad(f.minimisers.T)).max() < 1e-13

    def test_descent_from_zero_and_from_anywhere_ends_there(self, f):
        for starts in (zero(objective=f), np.random.default_rng(3).normal(size=(9, 5))):
            table = gdlab.table(f, 1 / f.smoothness, starts, tol=1e-10, max_iter=10**5)
            assert (table["minimum"] == 0).all()
            assert (table["gap"] < 1e-12).all()

    def test_it_is_sent_to_other_processes_with_its_numbers(self, f):
        sent, x = pickle.loads(pickle.dumps(f)), np.ones((5, 2))
        assert np.array_equal(sent.grad(x), f.grad(x))
        assert sent.identity == f.identity

    def test_step_sizes_are_relative_to_2_over_l(self, f):
        assert relative(3, 0.5, 1.5, objective=f) == pytest.approx(
            np.array([1.0, 2.0, 3.0]) / f.smoothness
        )


def test_least_squares_diverges_from_2_over_l_on_and_its_theory_is_exact():
    f = LeastSquares(NUMBERS, "y", standardise=True)
    limit = exact_limit(f)
    assert limit == pytest.approx(2 / f.smoothness)
    found = gdlab.descend(f, [0.99 * limit, limit, 1.01 * limit], zero(objective=f), max_iter=5000)
    assert [*found.status.ravel()] == [Status.converged, Status.cycling, Status.diverged]


def test_logistic_descent_settles_beyond_2_over_l_up_to_the_limit_at_its_minimiser():
    f = LogisticRegression(CLASSES, "class", standardise=True, ridge=0.001)
    (limit,) = stability_limits(f)
    assert limit > 1.2 * 2 / f.smoothness
    near = np.asarray(f.minimisers) + 1e-6
    found = gdlab.descend(f, [0.99 * limit, 1.01 * limit], near, tol=1e-9, max_iter=20000)
    assert [*found.converged.ravel()] == [True, False]


def test_newtons_method_finds_the_minimum_in_a_few_steps():
    f = LogisticRegression(CLASSES, "class", standardise=True, ridge=0.01)
    found = gdlab.descend(f, 1.0, zero(objective=f), method=gdlab.methods.Newton(), tol=1e-12)
    assert found.converged.all()
    assert found.steps.item() < 10


@pytest.mark.parametrize("compiled_from", [0, 2**60], ids=["compiled", "NumPy"])
@pytest.mark.parametrize("lanes", [1, 63, 64, 65, 1000])
def test_a_lane_has_the_same_gradient_in_any_company_but_for_rounding(
    lanes, compiled_from, monkeypatch
):
    monkeypatch.setattr("gdlab.objectives.logistic.COMPILED", compiled_from)
    monkeypatch.setattr("gdlab.objectives.logistic.SHARED", 2**10)  # so that threads share them
    f = LogisticRegression(CLASSES, "class", ridge=0.01)
    x = np.random.default_rng(4).normal(size=(5, lanes))
    alone = np.hstack([f.grad(x[:, [i]]) for i in range(lanes)])
    assert f.grad(x) == pytest.approx(alone, rel=1e-12, abs=1e-14)
    margins = np.where(CLASSES["class"] == "yes", 1, -1)[:, None] * np.column_stack(
        [CLASSES.drop(columns="class"), np.ones(len(CLASSES))]
    )
    plain = -margins.T @ (1 / (1 + np.exp(margins @ x))) / len(margins)
    plain[:-1] += 0.01 * x[:-1]
    assert f.grad(x) == pytest.approx(plain, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("alphas", [(0.2, 0.9), (0.9, 1.0, 1.1)], ids=["inside", "beyond"])
def test_lanes_keep_their_verdicts_and_iterates_in_any_company_but_for_rounding(alphas):
    f = LogisticRegression(CLASSES, "class", standardise=True, ridge=0.01)
    alpha = np.array(alphas) * 2 / f.smoothness
    starts = np.random.default_rng(5).normal(size=(50, 5))
    problem = Experiment(f, alpha, starts, tol=[1e-4, 1e-10], max_iter=3000).problem
    one, other = descend(problem), descend(problem, pool=3)
    assert np.array_equal(one.status, other.status)
    assert np.array_equal(one.steps, other.steps)
    assert np.abs(one.x - other.x).max() <= f.rounding * np.abs(one.x).max()


def test_compiled_or_not_odds_are_the_same_but_for_rounding():
    exponents = np.concatenate([np.linspace(-60, 60, 9999), [-np.inf, -1e4, 1e4, np.inf]])
    plain, compiled = (odds(exponents.copy()) for odds in (odds_against, compiled_odds()))
    assert compiled == pytest.approx(plain, rel=1e-15, abs=1e-300)
    assert compiled == pytest.approx(1 / (1 + np.exp2(np.minimum(exponents, 999))), rel=1e-15)


@pytest.mark.parametrize("broken", [None, SimpleNamespace(njit=lambda *_, **__: 1 / 0)])
def test_where_numba_is_not_there_or_fails_numpy_computes(broken, monkeypatch):
    compiled_odds.cache_clear()
    monkeypatch.setitem(sys.modules, "numba", broken)
    assert compiled_odds() is odds_against
    compiled_odds.cache_clear()


def test_far_out_the_loss_neither_overflows_nor_loses_its_slope():
    f = LogisticRegression(CLASSES, "class")
    x = np.full((5, 1), 1e5)
    assert np.isfinite(f(x)).all()
    assert np.isfinite(f.grad(x)).all()
    assert f(2 * x) == pytest.approx(2 * f(x))


class TestWithoutASingleMinimiser:
    def test_separated_classes_are_a_warning_that_says_what_to_do(self):
        with pytest.warns(
            GdlabWarning, match=r"a plane separates the classes 0 and 1.*ridge=0\.01"
        ):
            f = LogisticRegression(SEPARATED, "class")
        assert f.minimisers is None
        assert len(relative(5, objective=f)) == 5
        found = [
            np.linalg.norm(gdlab.descend(f, 1.0, zero(objective=f), max_iter=n).x)
            for n in (99, 999)
        ]
        assert found[1] > found[0] + 1
        assert LogisticRegression(SEPARATED, "class", ridge=0.01).minimisers is not None

    def test_on_the_command_line_the_warning_is_one_line_and_the_run_is_there(self, tmp_path):
        SEPARATED.to_csv(tmp_path / "table.csv", index=False)
        words = ("objective=logistic_regression", "objective.data=table.csv")
        more = ("objective.target=class", "max_iter=20", "figures=none")
        done = command(*words, *more, folder=tmp_path)
        assert done.stderr.startswith("gdlab: a plane separates the classes 0 and 1")
        assert done.stderr.count("\n") == 1
        assert len(runs_in(tmp_path)) == 1

    def test_classes_that_a_plane_separates_but_for_points_on_it_are_one_too(self):
        touching = pd.DataFrame({"x": [-1.0, 0, 0, 1], "class": [0, 0, 1, 1]})
        with pytest.warns(GdlabWarning, match="a plane all but separates the classes 0 and 1"):
            assert LogisticRegression(touching, "class").minimisers is None

    @pytest.mark.parametrize("rows", [3, 60], ids=["few rows", "a column twice"])
    def test_of_many_minimisers_descent_from_zero_finds_the_one_of_least_norm(self, rows):
        table = NUMBERS.head(rows).assign(twice=2 * NUMBERS["column 0"])
        why = "3 rows for 6 coefficients" if rows == 3 else "linear combinations of others"
        with pytest.warns(GdlabWarning, match=why):
            f = LeastSquares(table, "y")
        found = gdlab.descend(f, 1 / f.smoothness, zero(objective=f), tol=1e-12, max_iter=10**6)
        x = np.column_stack([table.drop(columns="y"), np.ones(rows)])
        assert found.x.ravel() == pytest.approx(np.linalg.pinv(x) @ table["y"], abs=1e-6)
        assert LeastSquares(table, "y", ridge=0.1).minimisers is not None

    def test_a_column_twice_leaves_logistic_regression_many_minimisers(self):
        table = CLASSES.assign(twice=CLASSES["column 0"])
        with pytest.warns(GdlabWarning, match="linear combinations of others"):
            f = LogisticRegression(table, "class")
        assert np.abs(f.grad(f.minimisers.T)).max() < 1e-12


def test_scikit_learns_own_tables_are_there():
    f, g = diabetes(standardise=True), breast_cancer(standardise=True, ridge=0.01)
    assert (len(f.variables), f._n, f.name) == (11, 442, "diabetes")
    assert (len(g.variables), g._n, g.name) == (31, 569, "breast cancer")
    assert g.classes == (0, 1)
    assert f.variables[:2] == ("age", "sex")
    assert g.variables[0] == "mean_radius"
    assert g.variables[-1] == "intercept"


def test_without_scikit_learn_its_tables_name_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ValueError, match=r"objective=diabetes needs an extra.*gdlab\[data\]"):
        diabetes()
