"""Runs of objectives that round are the same within what these promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import gdlab
from gdlab import verify
from tests.store.test_verify import changed

PART = "part-00000.parquet"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a table of twenty rows."""
    folder = tmp_path_factory.mktemp("made")
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(20, 2)), columns=["a", "b"])
    table["y"] = 3 * table["a"] - table["b"] + random.normal(size=20)
    table.to_csv(folder / "table.csv", index=False)
    return folder


@pytest.fixture
def run(made, tmp_path, monkeypatch):
    monkeypatch.chdir(made)
    words = ("objective=least_squares", "objective.data=table.csv", "objective.target=y")
    grids = ("alpha=[0.5,0.001,5]", "x0_grid=random", "x0_grid.num=2", "figures=none")
    return gdlab.run(*words, *grids, "max_iter=200", f"hydra.run.dir={tmp_path}").path


def test_its_lanes_converge_and_do_not_and_it_is_verified_within_rounding(run, capsys):
    statuses = gdlab.load(run)["status"].tolist()
    assert statuses == 2 * ["converged"] + 2 * ["max_iter"] + 2 * ["diverged"]
    assert verify.main([str(run), "--sample", "5"]) == 0
    assert capsys.readouterr().out == f"{run}: 5 of 6 lanes are the same within 1e-09\n"


@pytest.mark.parametrize("row", [0, 4], ids=["converged", "diverged"])
@pytest.mark.parametrize("column", ["x_1", "x_3", "f"])
@pytest.mark.parametrize(("change", "well"), [(1e-11, True), (1e-7, False)], ids=["less", "more"])
def test_a_number_may_differ_by_less_than_that_and_not_by_more(
    run, capsys, row, column, change, well
):
    table = gdlab.load(run)
    size = table.loc[row, [column] if column == "f" else ["x_1", "x_2", "x_3"]].abs().max()
    changed(run, PART, column, row, table.loc[row, column] + change * size)
    assert verify.main([str(run)]) == (0 if well else 1)
    assert ("DIFFERS" in capsys.readouterr().out) == (not well)


@pytest.mark.parametrize(("column", "by"), [("alpha", 1e-15), ("x0_1", 1e-15), ("tol", 1e-20)])
def test_what_is_no_result_is_the_same_to_the_last_bit(run, capsys, column, by):
    changed(run, PART, column, 0, gdlab.load(run).loc[0, column] + by)
    assert verify.main([str(run)]) == 1
    assert f"{column} is stored as" in capsys.readouterr().out


@pytest.mark.parametrize(("more", "well"), [(1, True), (2, False)])
def test_one_step_more_may_be_roundings_and_is_said(run, capsys, more, well):
    table = gdlab.load(run)
    for column in ("steps", "iterations"):
        changed(run, PART, column, 0, table.loc[0, column] + more)
    changed(run, PART, "x_1", 0, 0.0 if well else table.loc[0, "x_1"])
    assert verify.main([str(run)]) == (0 if well else 1)
    out = capsys.readouterr().out
    assert ("1 rows took one step more or less" in out) == well


def test_lanes_that_wander_until_max_iter_may_do_so_elsewhere_and_it_is_said(run, capsys):
    changed(run, PART, "x_1", 2, 1.0)
    assert verify.main([str(run)]) == 0
    assert "1 rows came to max_iter elsewhere" in capsys.readouterr().out


@pytest.mark.parametrize("status", ["max_iter", "diverged"])
def test_another_verdict_is_a_difference(run, capsys, status):
    changed(run, PART, "status", 0, status)
    assert verify.main([str(run)]) == 1
    assert "status is stored as" in capsys.readouterr().out


def test_a_table_with_other_numbers_is_another_run(run, made, capsys):
    text = (made / "table.csv").read_text()
    try:
        (made / "table.csv").write_text(text.replace("\n", "\n0.5,0.5,1\n", 1))
        assert verify.main([str(run)]) == 1
        assert "not what it was: objective.data" in capsys.readouterr().out
    finally:
        (made / "table.csv").write_text(text)
