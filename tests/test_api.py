"""The Python functions as a user meets them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import gdlab

F = gdlab.Formula("x**2 + 4*x + 4")


def test_a_number_a_list_and_an_array_mean_the_same():
    tables = [
        gdlab.table(F, alpha, x0, tol=tol)
        for alpha, x0, tol in [
            (0.1, 10.0, 1e-7),
            ([0.1], [10], [1e-7]),
            (np.array([0.1]), np.array([[10.0]]), np.array(1e-7)),
            ((0.1,), [[10]], (1e-7,)),
        ]
    ]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])


def test_descend_and_table_say_the_same():
    grid = (F, [0.1, 0.5, 2.0], [-10.0, 10.0])
    found, table = gdlab.descend(*grid, tol=[1e-3, 1e-7]), gdlab.table(*grid, tol=[1e-3, 1e-7])
    assert found.steps.ravel().tolist() == table["steps"].tolist()
    assert found.status.ravel().tolist() == table["status"].cat.codes.tolist()
    assert np.array_equal(found.x.ravel(), table["x"], equal_nan=True)


def test_any_object_with_values_and_gradients_is_an_objective():
    class Bowl:
        def __call__(self, x):
            return (x * x).sum(axis=0)

        def grad(self, x):
            return 2 * x

    table = gdlab.table(Bowl(), 0.25, [[4.0, -4.0, 8.0]], tol=1e-3)
    assert [c for c in table if c.startswith("x_")] == ["x_1", "x_2", "x_3"]
    assert table["status"].tolist() == ["converged"]
    trace = gdlab.trace(Bowl(), 0.25, [4.0, -4.0, 8.0], max_iter=3)
    assert list(trace.columns) == ["iteration", "x1", "x2", "x3", "f", "step", "gradient"]


@pytest.mark.parametrize(
    ("alpha", "x0"), [([0.1, 0.2], 1.0), (0.1, [[1.0], [2.0]]), ([0.1, 0.2], [[1.0], [2.0]])]
)
def test_a_trace_of_several_lanes_is_refused(alpha, x0):
    with pytest.raises(ValueError, match=r"a trace follows one lane, and these are [24]"):
        gdlab.trace(F, alpha, x0)


def test_a_trace_from_a_point_of_another_dimension_is_refused():
    with pytest.raises(ValueError, match=r"x0.*1 variable"):
        gdlab.trace(F, 0.1, [1.0, 2.0])


def test_the_caller_keeps_its_arrays():
    alpha, x0, tol = np.array([0.1, 0.2]), np.array([[1.0], [2.0]]), np.array([1e-8, 1e-3])
    copies = [array.copy() for array in (alpha, x0, tol)]
    found = gdlab.descend(F, alpha, x0, tol=tol)
    found.x[...] = 0
    for array, copy in zip((alpha, x0, tol), copies, strict=True):
        assert np.array_equal(array, copy)
    alpha[0] = 9.0
    assert found.alpha[0] == 0.1


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'descent_'"):
        gdlab.descent_  # noqa: B018


def test_every_public_name_can_be_had():
    for name in gdlab.__all__:
        assert getattr(gdlab, name) is not None
        assert name in dir(gdlab)


def test_import_alone_brings_in_nothing_heavy():
    heavy = "('numpy', 'pandas', 'sympy', 'matplotlib', 'seaborn', 'hydra')"
    program = f"import sys, gdlab; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_core_needs_neither_pandas_nor_hydra():
    program = (
        "import sys, gdlab.core.descent; "
        "print([m for m in ('pandas', 'hydra', 'matplotlib', 'sympy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_engine_that_is_not_there_is_refused():
    f = gdlab.Formula("x**2")
    assert gdlab.descend(f, 0.1, 1.0, engine="numpy").steps.size == 1
    with pytest.raises(ValueError, match="engine='cuda' is not known; choose one of auto, numpy"):
        gdlab.table(f, 0.1, 1.0, engine="cuda")
