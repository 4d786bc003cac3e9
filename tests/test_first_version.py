"""Runs that the first version left are read, verified and found as on the day they were made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import gdlab
from gdlab.store.run import open_run
from gdlab.verify import main as verify

LEFT = Path(__file__).parent / "data" / "first_version"
"""What two commands of the first version left, but for `.hydra/` and `.jobs/`:

    python -m gdlab -m objective=double_well,himmelblau x0_grid.num=4 alpha='[0.01,0.05,0.3]' \
        tol='[1e-3,1e-8]' figures=none
    python -m gdlab alpha=0.1 x0=10 tol=1e-7 figures=none
"""
WORDS = ("x0_grid.num=4", "alpha=[0.01,0.05,0.3]", "tol=[1e-3,1e-8]", "figures=none")
RUNS = {
    "double_well-3x4-3eceea189b": ("objective=double_well", *WORDS),
    "himmelblau-3x16-ff63d65060": ("objective=himmelblau", *WORDS),
    "shifted_quadratic-1x1-61934f4000": ("alpha=0.1", "x0=10", "tol=1e-7", "figures=none"),
}
"""What tells each run, and the words that ask for it."""


@pytest.fixture
def outputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(LEFT, tmp_path / "outputs")


def test_every_bit_can_be_computed_again(capsys):
    assert verify([str(LEFT)]) == 0
    said = capsys.readouterr().out
    assert said.count("the same to the last bit") == len(RUNS)
    assert "12 of 12 lanes" in said
    assert "48 of 48 lanes" in said


def test_they_are_loaded_as_one_table_and_so_is_their_sweep():
    table = gdlab.load(LEFT)
    assert table.groupby("objective").size().to_dict() == {
        "double_well": 24,
        "himmelblau": 96,
        "shifted_quadratic": 1,
    }
    (sweep,) = (LEFT / "sweeps").iterdir()
    joined = pd.read_parquet(sweep / "results.parquet")
    pd.testing.assert_frame_equal(gdlab.load(sweep), joined, check_dtype=False)


def test_the_tutorials_trace_is_read_to_the_last_bit():
    run = open_run(LEFT / "shifted_quadratic-1x1-61934f4000")
    assert run.trace()["x"].iloc[-1] == -1.9999996687161754


@pytest.mark.parametrize("name", sorted(RUNS))
def test_the_same_words_find_the_run_instead_of_computing_it(outputs, name):
    record = outputs / name / "run.json"
    before = record.read_bytes()
    run = gdlab.run(*RUNS[name])
    assert run.path == outputs / name
    assert record.read_bytes() == before


@pytest.mark.parametrize("name", sorted(RUNS))
def test_computed_anew_the_table_is_the_same(outputs, name):
    before = gdlab.load(outputs / name)
    run = gdlab.run(*RUNS[name], "force=true")
    assert run.path == outputs / name
    anew = gdlab.load(outputs / name).drop(columns="predicted", errors="ignore")
    pd.testing.assert_frame_equal(anew, before, check_exact=True)
