"""Sweeps: each job is a run, a failure stops no other, and all of them are one table."""

import json
import re
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gdlab as library
from gdlab import verify
from gdlab.config import sweep_folder
from gdlab.store.run import open_run
from tests.command import gdlab, needs_forks, runs_in
from tests.moments import without_choice

SWEEP = ("-m", "alpha=0.1,1.0", "objective=quadratic,shifted_quadratic", "figures=none")


def sweep_in(folder):
    (path,) = (folder / "outputs" / "sweeps").iterdir()
    return path


def record_of(folder):
    return json.loads((sweep_in(folder) / "sweep.json").read_bytes())


def stamps(folder):
    return {path: path.stat().st_mtime_ns for path in runs_in(folder)} | {
        path: path.stat().st_mtime_ns for path in (folder / "outputs").glob("*-*/*/*")
    }


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("swept")
    return folder, gdlab(*SWEEP, folder=folder)


def test_the_record_says_which_runs_belong_and_how_each_ended(swept):
    folder, _ = swept
    jobs = record_of(folder)["jobs"]
    assert [job["swept"] for job in jobs] == [
        {"alpha": alpha, "objective": objective}
        for alpha in (0.1, 1.0)
        for objective in ("quadratic", "shifted_quadratic")
    ]
    assert [job["message"] for job in jobs] == [None] * 4
    for job in jobs:
        run = open_run((sweep_in(folder) / job["run"]).resolve())
        assert run.record["objective"] == job["swept"]["objective"]
        assert run.config["alpha"] == job["swept"]["alpha"]
    assert len(runs_in(folder)) == 4


def test_the_table_has_the_swept_values_as_columns(swept):
    folder, _ = swept
    table = pd.read_parquet(sweep_in(folder) / "results.parquet")
    assert table.groupby(["objective", "alpha"], observed=True).size().tolist() == [101] * 4
    pd.testing.assert_frame_equal(library.load(sweep_in(folder)), table, check_exact=True)
    assert len(library.runs(sweep_in(folder))) == 4


def test_the_same_sweep_again_computes_nothing(swept):
    folder, _ = swept
    before, table = stamps(folder), (sweep_in(folder) / "results.parquet").read_bytes()
    gdlab(*SWEEP, folder=folder)
    assert stamps(folder) == before
    assert (sweep_in(folder) / "results.parquet").read_bytes() == table


def test_the_words_of_a_sweep_in_another_order_order_its_jobs_and_are_the_same_sweep(
    swept, tmp_path
):
    shutil.copytree(swept[0], tmp_path, dirs_exist_ok=True)
    before = stamps(tmp_path)
    gdlab("-m", *reversed(SWEEP[1:]), folder=tmp_path)
    jobs = record_of(tmp_path)["jobs"]  # of the one folder that there is
    assert [(job["swept"]["objective"], job["swept"]["alpha"]) for job in jobs] == [
        (objective, alpha)
        for objective in ("quadratic", "shifted_quadratic")
        for alpha in (0.1, 1.0)
    ]
    assert stamps(tmp_path) == before


@needs_forks
@pytest.mark.parametrize(
    ("word", "extra"), [("hydra/launcher=joblib", "joblib"), ("hydra/sweeper=optuna", "optuna")]
)
def test_a_missing_extra_is_named(tmp_path, word, extra):
    group, name = word.split("=")
    done = gdlab(
        *("-m", word, "alpha=0.1,0.2", "figures=none"),
        folder=tmp_path,
        before=[partial(without_choice, group, name)],
        status=2,
    )
    assert done.stderr == f"gdlab: {word} needs an extra: pip install 'gdlab[{extra}]'\n"


def test_with_one_more_value_only_its_runs_are_computed(tmp_path):
    words = ("x0=[1,2]", "figures=none")
    gdlab("-m", "alpha=0.1,0.3", *words, folder=tmp_path)
    before = stamps(tmp_path)
    gdlab("-m", "alpha=0.1,0.3,0.9", *words, folder=tmp_path)
    after = stamps(tmp_path)
    assert {path: after[path] for path in before} == before
    assert len(runs_in(tmp_path)) == 3


def test_swept_values_that_are_not_in_the_table_are_columns(tmp_path):
    gdlab("-m", "tolerance=loose,tight", "pairs=false,true", "alpha=[0.1,0.3]", "x0=[1,2]",
          "figures=none", folder=tmp_path)  # fmt: skip
    table = library.load(sweep_in(tmp_path))
    assert set(zip(table["tolerance"], table["pairs"], strict=True)) == {
        (tolerance, pairs) for tolerance in ("loose", "tight") for pairs in (False, True)
    }


HARD = """
class Bowl:
    variables = ("x",)
    def __init__(self, weak): self.weak = weak
    def __call__(self, x): return x[0] ** 2
    def grad(self, x):
        if self.weak and x.shape[1] != 2: raise RuntimeError("it broke [half-way]")
        return 2 * x
"""
MINE = (
    *("objective._target_=mine.Bowl", "~objective.expr", "~objective.variables"),
    *("~objective.name", "x0=[1,2,3,4]", "alpha=0.1", "figures=none"),
)


def test_a_failing_job_stops_no_other_and_is_named_at_the_end(tmp_path):
    (tmp_path / "mine.py").write_text(HARD)
    done = gdlab("-m", *MINE, "+objective.weak=true,false", folder=tmp_path, status=1)
    jobs = record_of(tmp_path)["jobs"]
    assert [job["run"] is None for job in jobs] == [True, False]
    assert "it broke [half-way]" in jobs[0]["message"]
    said = [line for line in done.stderr.splitlines() if line.startswith("gdlab: failed: ")]
    assert len(said) == 1
    assert "+objective.weak=true" in said[0] or "objective.weak=True" in said[0]
    assert "it broke [half-way]" in said[0]
    assert len(runs_in(tmp_path)) == 1
    assert len(library.load(sweep_in(tmp_path))) == 4


def test_where_every_job_fails_the_sweep_says_so(tmp_path):
    done = gdlab("-m", "alpha=0,-1", "figures=none", folder=tmp_path, status=1)
    assert done.stderr.count("gdlab: failed: ") == 2
    assert "Traceback" not in done.stderr
    assert [job["run"] for job in record_of(tmp_path)["jobs"]] == [None, None]
    assert not (sweep_in(tmp_path) / "results.parquet").exists()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["tol=1e-3,1e-6", "alpha=[0.1,0.2]"], "tol"),
        (["objective.expr='max(x,1),2'", "x0=1,2", "pairs=true"], "x0"),
        (["max_iter=range(3,9)", "alpha=0.1"], "max_iter"),
        (["+note=choice(a,b)", "x0=[1,2]", "objective=quadratic,quartic"], "note-objective"),
        (["x0={a:1,b:2}", "alpha=interval(0.1,0.9)", "figures=none,default"], "alpha"),
        (["hydra/sweeper=optuna", "alpha=0.1"], "sweep"),
    ],
)
def test_the_folder_of_a_sweep_is_named_after_what_is_swept(words, named):
    (word,) = sweep_folder(words)
    assert re.fullmatch(rf"hydra\.sweep\.dir=.*/sweeps/{named}-\w{{8}}", word)
    assert [word] == sweep_folder(words[::-1])
    assert not sweep_folder([*words, "hydra.sweep.dir=mine"])


def test_a_sweep_may_be_asked_for_in_hydras_long_words(tmp_path):
    words = ("alpha=0.1,0.3", "x0=[1,2]", "figures=none")
    gdlab("hydra.mode=MULTIRUN", *words, folder=tmp_path)
    (word,) = sweep_folder(words)
    assert sweep_in(tmp_path).name == Path(word).name


def test_a_pattern_sweeps_all_choices_that_fit_it(tmp_path):
    gdlab("-m", "objective=glob(*quadratic)", "alpha=0.1", "x0=1", "figures=none", folder=tmp_path)
    swept = [job["swept"] for job in record_of(tmp_path)["jobs"]]
    assert swept == [{"objective": "quadratic"}, {"objective": "shifted_quadratic"}]


def test_jobs_that_are_the_same_run_share_it_under_the_values_of_the_first(tmp_path):
    words = ("-m", "alpha_grid=log,linear", "alpha=0.1,[0.1]", "x0=[1,2]", "figures=none")
    gdlab(*words, folder=tmp_path)
    jobs = record_of(tmp_path)["jobs"]
    assert [job["swept"]["alpha_grid"] for job in jobs] == ["log", "log", "linear", "linear"]
    assert len({job["run"] for job in jobs}) == 1
    assert library.load(sweep_in(tmp_path))["alpha_grid"].tolist() == ["log", "log"]


def test_jobs_in_two_processes_give_the_same_sweep(tmp_path):
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    alone, together = tmp_path / "alone", tmp_path / "together"
    alone.mkdir()
    together.mkdir()
    words = ("-m", "alpha=0.1,[0.1],0.3,1e-1", "x0=[1,2]", "figures=none")  # fmt: skip
    gdlab(*words, folder=alone)
    gdlab(*words, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2", folder=together)
    assert record_of(alone) == record_of(together)
    assert [path.name for path in runs_in(alone)] == [path.name for path in runs_in(together)]
    assert len(runs_in(together)) == 2
    for one, other in zip(runs_in(alone), runs_in(together), strict=True):
        for path in one.glob("results/*"):
            assert path.read_bytes() == (other / path.relative_to(one)).read_bytes()
    assert not list(together.rglob(".unfinished-*"))


def test_optuna_minimises_the_median_iterations(tmp_path):
    pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
    gdlab(
        *("-m", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=8", "hydra.sweeper.n_jobs=1"),
        *("hydra.sweeper.sampler.seed=1", "hydra.sweeper.study_name=steps"),
        *("alpha=interval(0.3,1.5)", "objective=quadratic", "x0=[1,2,3]", "figures=none"),
        folder=tmp_path,
    )
    jobs = record_of(tmp_path)["jobs"]
    assert len(jobs) == 8
    assert all(job["run"] is not None for job in jobs)
    medians = {
        job["swept"]["alpha"]: float(
            open_run((sweep_in(tmp_path) / job["run"]).resolve())
            .table()["iterations"]
            .astype("Float64")
            .fillna(np.inf)
            .median()
        )
        for job in jobs
    }
    assert np.isinf(max(medians.values()))  # a step size beyond the limit stops no sweep
    best = (sweep_in(tmp_path) / "optimization_results.yaml").read_text()
    assert f"best_value: {min(medians.values())}" in best
    assert str(min(medians, key=medians.get)) in best


def test_a_damaged_record_of_a_sweep_is_named(swept, tmp_path):
    path = tmp_path / "sweep.json"
    content = (sweep_in(swept[0]) / "sweep.json").read_bytes()
    newer, other = (content.replace(b'"format": 1', b) for b in (b'"format": 2', b'"formal": 1'))
    no_jobs, no_run = (content.replace(b, b'"j"') for b in (b'"jobs"', b'"run"'))
    for damaged in (b"", content[:-20], b"[]", b"{}", newer, other, no_jobs, no_run):
        path.write_bytes(damaged)
        for read in (library.load, library.runs):
            with pytest.raises(ValueError, match=r"sweep\.json (is|was|has)"):
                read(tmp_path)


def test_a_swept_value_changed_in_the_record_of_a_sweep_is_never_read(swept, tmp_path):
    path = tmp_path / "sweep.json"
    content = (sweep_in(swept[0]) / "sweep.json").read_text()
    path.write_text(content.replace('"objective": "quadratic"', '"objective": "quadratix"'))
    with pytest.raises(ValueError, match=r"sweep\.json was changed"):
        library.load(tmp_path)


def test_the_runs_of_a_sweep_are_verified(swept, tmp_path, capsys):
    assert verify.main([str(sweep_in(swept[0]))]) == 0
    assert capsys.readouterr().out.count("101 of 101 lanes are the same to the last bit") == 4
    (tmp_path / "sweep.json").write_text("{")
    assert verify.main([str(tmp_path)]) == 1
    assert f"{tmp_path / 'sweep.json'} is damaged" in capsys.readouterr().err
