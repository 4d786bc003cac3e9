"""Lanes converge when theory says: many of them, and what is said where they do not."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab
from gdlab.results.agreement import Agreement
from gdlab.results.overview import overview_of
from gdlab.results.table import table as table_of
from gdlab.store import shares

TEN = "+".join(f"{i}*(x{i} - {i}/7)**2/2" for i in range(1, 11)) + "+ x1*x2/3 + x4*x9/2"


def run_of(f, n_alpha, n_x0, **settings):
    x0 = np.random.default_rng(0).uniform(-10, 10, (n_x0, f.dimension))
    alpha = np.linspace(0.01, 1.1, n_alpha) * gdlab.theory.exact_limit(f)
    experiment = gdlab.Experiment(f, alpha, x0, **settings)
    table = table_of(experiment, shares.descend(experiment))
    return table, overview_of(experiment, table).agreement


@pytest.mark.parametrize("criterion", ["step", "gap"])
@pytest.mark.parametrize(
    ("expr", "n_alpha", "n_x0"),
    [("x**2 + 4*x + 4", 100, 120), ("5*(x+y)**2 + (x-y)**2 + x", 60, 60), (TEN, 30, 30)],
    ids=["1", "2", "10"],
)
def test_lanes_on_quadratics_converge_when_theory_says(expr, n_alpha, n_x0, criterion):
    table, agreement = run_of(gdlab.Formula(expr), n_alpha, n_x0, criterion=criterion)
    assert agreement.rows == len(table)
    assert agreement.equal >= 0.9999 * agreement.rows
    assert agreement.largest <= 1
    assert (table["iterations"].fillna(0) != table["predicted"].fillna(0)).sum() <= 1
    assert 0.5 < table["predicted"].notna().mean() < 1


def test_what_theory_does_not_tell_is_not_counted():
    tol = [1e-3, 1e-15]  # the second within the rounding of x
    table, agreement = run_of(gdlab.Formula("x**2 + 4*x + 4"), 50, 20, tol=tol)
    told = table.groupby("tol")["predicted"].count()
    assert told[1e-3] > 800
    assert told[1e-15] < 200
    assert 1000 <= agreement.rows < 1300
    assert agreement.equal == agreement.rows


@pytest.mark.parametrize(
    ("expr", "status"),
    [
        ("(x + y)**2 + 50*(x - y)**2", "converged"),  # as symmetric as the start
        ("(x + 2*y - 7)**2 + (2*x + y - 5)**2", "diverged"),
    ],
)
def test_what_becomes_of_a_start_on_an_eigenvector_rounding_decides(expr, status):
    f = gdlab.Formula(expr)
    diagonal, ball = [1, 1] if status == "converged" else [1, -1], gdlab.methods.Momentum(0.9)
    alpha = 1.125 * gdlab.theory.exact_limit(f, ball)  # along it errors shrink, and grow across
    x0 = f.minimisers + np.outer([-7, -1, 2], diagonal)
    experiment = gdlab.Experiment(f, alpha, x0, method=ball)
    table = table_of(experiment, shares.descend(experiment))
    agreement = overview_of(experiment, table).agreement
    assert set(table["status"]) == {status}
    assert table["predicted"].isna().all()
    counted = 0 if status == "converged" else 3
    assert agreement == Agreement(counted, counted, 0, 0)


def test_differences_are_told_by_their_kind_and_add_up():
    experiment = gdlab.Experiment(gdlab.Formula("x**2"), [0.1, 0.2], [1.0, 2.0, 3.0])
    status = np.array([[0], [0], [0], [2], [0], [3]], np.int8)
    steps = np.array([[5], [7], [9], [1000], [8], [4]], np.int32)
    told = np.array([[5], [8], [6], [30], [0], [0]], np.int32)
    whole = Agreement.of(experiment, 0, status, steps, told)
    assert whole == Agreement(rows=6, equal=2, largest=3, otherwise=2)
    parts = [
        Agreement.of(experiment, a, status[a:b], steps[a:b], told[a:b]) for a, b in [(0, 4), (4, 6)]
    ]
    assert parts[0] + parts[1] == whole


def test_where_theory_is_not_exact_nothing_is_compared():
    for f in ("x**4/4 - x**2/2", "cos(x)"):
        experiment = gdlab.Experiment(gdlab.Formula(f), 0.1, [1.0, 2.0])
        table = table_of(experiment, shares.descend(experiment))
        assert "predicted" not in table
        assert overview_of(experiment, table).agreement is None
