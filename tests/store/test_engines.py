"""Runs that the compiled core makes: found again, verified, loaded."""

from __future__ import annotations

import json

import pytest

import gdlab
from gdlab.store.records import write_record
from gdlab.store.run import open_run
from gdlab.store.verify import verify
from tests.command import gdlab as command

WORDS = ("objective=quadratic", "alpha=[0.1,0.3,1.1]", "x0=[-1,2]", "figures=none")
WAVY = ("objective=formula", "objective.expr='sin(3*x) + x**2/4'", *WORDS[1:])


def run(folder, *words):
    return gdlab.run(*words, f"hydra.run.dir={folder}")


def test_a_run_is_found_again_whichever_engine_made_it(tmp_path):
    first = run(tmp_path, *WORDS, "engine=numba")
    again = run(tmp_path, *WORDS)
    assert first.record["config"]["engine"] == "numba"
    assert again.path == first.path
    assert again.record["started"] == first.record["started"]
    anew = run(tmp_path, *WORDS, "engine=numpy", "force=true")
    assert anew.record["config"]["engine"] == "numpy"
    assert anew.record["parts"] == first.record["parts"]


def test_where_engines_round_otherwise_each_makes_its_own_run(tmp_path):
    ours, theirs = run(tmp_path, *WAVY, "engine=numba"), run(tmp_path, *WAVY)
    assert ours.path != theirs.path
    assert gdlab.load(tmp_path)["engine"].value_counts().to_dict() == {"numba": 6, "numpy": 6}


@pytest.mark.parametrize("words", [WORDS, WAVY])
def test_a_run_is_verified_by_the_engine_that_made_it(tmp_path, words):
    made = run(tmp_path, *words, "engine=numba")
    assert verify(open_run(made.path)).differences == ()


def test_runs_that_do_not_say_are_numpys(tmp_path):
    older, newer = run(tmp_path, *WORDS), run(tmp_path, *WORDS, "tol=1e-3")
    record = json.loads((older.path / "run.json").read_text())
    del record["config"]["engine"], record["checksum"], record["format"]
    write_record(older.path / "run.json", record)
    assert "engine" not in gdlab.load(tmp_path).columns
    assert verify(open_run(older.path)).differences == ()
    assert newer.path != older.path


@pytest.mark.parametrize("engine", ["nubma", "3"])
def test_an_engine_that_is_not_there_is_refused_in_one_line(tmp_path, engine):
    done = command(*WORDS, f"engine={engine}", folder=tmp_path, status=2)
    (line,) = done.stderr.splitlines()
    assert line.startswith("gdlab: engine=")
    assert line.endswith("is not known; choose one of auto, numpy, numba")
