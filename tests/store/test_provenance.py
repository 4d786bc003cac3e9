"""A run's record says from what, with what and on what it was made, and can be done again."""

import json
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from omegaconf import OmegaConf

import gdlab as library
from gdlab import app
from gdlab.files import checksum
from gdlab.settings import experiment_of
from gdlab.store import provenance
from gdlab.store.run import open_run
from tests.command import gdlab, runs_in

GRID = ("alpha=[0.1,0.3,1.0,1.5]", "x0=[-3,1,10]", "tol=[1e-3,1e-6]", "figures=none")


def only_run(folder):
    (path,) = runs_in(folder)
    return open_run(path)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    began = datetime.now(UTC)
    gdlab(*GRID, folder=folder)
    return only_run(folder), began, datetime.now(UTC)


def test_the_record_has_the_command_the_versions_and_the_machine(made):
    run, began, ended = made
    record = run.record
    assert record["command"] == "python -m gdlab " + " ".join(
        f"'{word}'" if "[" in word else word for word in GRID
    )
    assert record["overrides"] == list(GRID)
    assert record["versions"]["numpy"] == np.__version__
    assert record["versions"]["python"] == platform.python_version()
    assert {"gdlab", "pandas", "pyarrow", "sympy", "hydra-core"} <= set(record["versions"])
    assert record["machine"]["cpu"]
    assert record["machine"]["cores"] >= 1
    assert record["machine"]["system"] == platform.platform()
    started = datetime.fromisoformat(record["started"])
    assert began - timedelta(seconds=1) <= started <= ended
    assert 0 < record["seconds"] <= (ended - began).total_seconds()


def test_the_record_counts_lanes_and_steps_and_sums_its_files(made):
    run = made[0]
    table = run.table()
    tight = table[table["tol"] == 1e-6]
    assert run.record["lanes"] == 12
    assert run.record["rows"] == 24
    assert run.record["lane_steps"] == tight["steps"].sum()
    assert sum(run.record["counts"].values()) == 12
    for name, stated in run.record["parts"].items():
        assert checksum(run.path / "results" / name) == stated["sha256"]


def test_the_configuration_in_the_record_is_resolved(made):
    config = made[0].config
    assert config["tol"] == [1e-3, 1e-6]
    assert config["max_iter"] == 1000
    assert config["alpha"] == [0.1, 0.3, 1.0, 1.5]
    assert "${" not in json.dumps(config)


def test_values_of_the_environment_are_frozen(tmp_path):
    words = ("alpha='${oc.decode:${oc.env:STEP}}'", "x0=3", "figures=none")
    gdlab(*words, folder=tmp_path, STEP="0.25")
    run = only_run(tmp_path)
    assert run.config["alpha"] == 0.25
    gdlab("--from", str(run.path), folder=tmp_path, STEP="0.5")
    assert only_run(tmp_path).record == run.record
    gdlab(*words, folder=tmp_path, STEP="0.5")
    assert len(runs_in(tmp_path)) == 2


def git(folder, *words):
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    environment = {name: value for name, value in os.environ.items() if "GIT_" not in name}
    done = subprocess.run(
        ["git", *identity, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_record_names_the_commit_and_whether_files_have_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("alpha=0.1", "x0=3", "figures=none", "force=true")
    assert library.run(*words).record["git"] is None
    git(tmp_path, "init", "--quiet")
    assert library.run(*words).record["git"] is None  # no commit yet
    (tmp_path / "notes.txt").write_text("one")
    git(tmp_path, "add", "notes.txt")
    git(tmp_path, "commit", "--quiet", "-m", "notes")
    commit = git(tmp_path, "rev-parse", "HEAD")
    # its own outputs, which git does not track, are no change
    assert library.run(*words).record["git"] == {"commit": commit, "dirty": False}
    (tmp_path / "notes.txt").write_text("two")
    assert library.run(*words).record["git"] == {"commit": commit, "dirty": True}
    git(tmp_path, "commit", "--quiet", "-am", "more notes")
    later = git(tmp_path, "rev-parse", "HEAD")
    assert later != commit
    assert library.run(*words).record["git"] == {"commit": later, "dirty": False}


def test_without_git_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance.git(tmp_path) is None


def test_a_run_is_done_again_from_its_record_alone(made, tmp_path, monkeypatch):
    run = made[0]
    shutil.copytree(run.path, tmp_path / "theirs")
    shutil.rmtree(tmp_path / "theirs" / "results")
    for name in ("theirs", "theirs/run.json"):
        out = gdlab("--from", name, folder=tmp_path).stdout
    assert "found: computed on" in out
    again = only_run(tmp_path)
    assert again.path.name == run.path.name
    assert again.record["identity"] == run.record["identity"]
    assert again.record["parts"] == run.record["parts"]
    assert again.config == run.config


@pytest.fixture
def again(tmp_path, monkeypatch):
    """The command line in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")  # main changes it, and the path, for its process
    monkeypatch.setattr("sys.path", list(sys.path))

    def call(*words):
        monkeypatch.setattr("sys.argv", ["gdlab", *words])
        app.main()

    return call


def test_a_run_is_done_again_where_there_is_no_conf(made, tmp_path, again, monkeypatch, capsys):
    def nowhere():
        raise AssertionError("conf/ is looked for")

    monkeypatch.setattr("gdlab.config.conf_folder", nowhere)
    again("--from", str(made[0].path))
    assert "results:" in capsys.readouterr().out
    assert only_run(tmp_path).record["parts"] == made[0].record["parts"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("alpha=0.25", {"alpha": [0.25]}),
        ("alpha=[0.2,0.4]", {"alpha": [0.2, 0.4]}),
        ("tol=1e-4", {"tol": [1e-4]}),
        ("max_iter=7", {"max_iter": 7}),
        ("tolerance.criterion=gradient", {"criterion": "gradient"}),
        ("objective.expr='x**4'", {}),
    ],
)
def test_a_run_is_done_again_with_other_values(made, tmp_path, again, word, expected):
    again("--from", str(made[0].path), word)
    other = only_run(tmp_path)
    assert other.record["identity"] != made[0].record["identity"]
    experiment = experiment_of(OmegaConf.create(other.config))
    for name, value in expected.items():
        found = getattr(experiment, name)
        assert (found.tolist() if isinstance(found, np.ndarray) else found) == value


@pytest.mark.parametrize(
    "words",
    [
        ["tol=1e-4"],
        ["objective.expr=(x-1)**2 + x"],
        ["+objective.name=it's \\a", "tol=2e-4"],
        ["pairs=true", "x0=[1, 2, 3, 4]"],
    ],
)
def test_the_words_of_a_run_done_again_make_it_without_the_other(made, tmp_path, again, words):
    again("--from", str(made[0].path), *words)
    record = only_run(tmp_path).record
    assert record["identity"] != made[0].record["identity"]
    alone = library.run(*record["overrides"]).record
    assert alone["identity"] == record["identity"]
    assert alone["config"]["objective"] == record["config"]["objective"]


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("alpha_grid.num=5", {"alpha": 5}),
        ("x0_grid.num=5", {"x0": 5}),
        ("tolerance.max_iter=7", {"max_iter": 7}),
        ("tolerance.tol=1e-3", {"tol": 1e-3}),
    ],
)
def test_a_changed_choice_of_a_group_changes_what_it_chose(tmp_path, again, word, values):
    first = library.run("alpha_grid.num=3", "x0_grid.num=3", "figures=none")
    again("--from", str(first.path), word)
    (other,) = set(runs_in(tmp_path)) - {first.path}
    record = open_run(other).record
    for name, value in values.items():
        if name in ("alpha", "x0"):
            assert record["experiment"][name]["shape"][0] == value
        else:
            assert np.all(record["experiment"][name] == np.array(value))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from"], "--from needs the folder of a run"),
        (["--from", "nowhere"], "nowhere is not a finished run"),
        (["--from", "RUN", "alhpa=1"], "alhpa=1"),
        (["--from", "RUN", "alpha=0"], "alpha=0 is not a step size"),
        (["--from", "RUN", "quadratic"], "quadratic"),
    ],
    ids=str,
)
def test_a_run_that_cannot_be_done_again_is_one_message(made, tmp_path, words, said):
    words = [str(made[0].path) if word == "RUN" else word for word in words]
    done = gdlab(*words, folder=tmp_path, status=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "outputs").glob("*"))
