"""What long runs say to those who ask: by the logger `gdlab`, and by hydra.verbose=gdlab."""

import logging
import subprocess
import sys
import threading

import pytest

import gdlab
from gdlab.files import only_process
from gdlab.parallel.processes import WorkerKilledError, finished
from tests.command import gdlab as command

WORDS = ("alpha=[0.1,0.3]", "x0=[1,2,3]", "figures=none", "report=false")


@pytest.fixture
def said(caplog, monkeypatch, tmp_path):
    """Let the logger speak, of runs of three parts; give what it says, without names of runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 2)
    caplog.set_level(logging.INFO, "gdlab")

    def lines():
        own = [record for record in caplog.records if record.name.startswith("gdlab")]
        assert {record.levelno for record in own} <= {logging.INFO}  # silent unless asked for
        caplog.clear()
        return [record.getMessage().partition(": ")[2] or record.getMessage() for record in own]

    return lines


def test_a_run_says_how_it_begins_each_part_and_its_end(said):
    run = gdlab.run(*WORDS)
    begun, *parts, ended = said()[1:]
    assert begun == "6 lanes in 3 parts, by numpy; processes: 1"
    assert [line.partition(", ")[2] for line in parts] == ["1 of 3", "2 of 3", "3 of 3"]
    assert sorted(line.partition(",")[0] for line in parts) == [
        f"part-0000{number}.parquet written" for number in range(3)
    ]
    assert ended.startswith("finished in ")
    (run.path / "run.json").unlink()
    (run.path / "results" / "part-00001.parquet").unlink()
    gdlab.run(*WORDS)
    assert sorted(line.partition(",")[0] for line in said() if line.startswith("part-")) == [
        "part-00000.parquet was there",
        "part-00001.parquet written",
        "part-00002.parquet was there",
    ]


def test_a_run_that_is_found_says_when_it_was_computed(said):
    run = gdlab.run(*WORDS)
    said()
    gdlab.run(*WORDS)
    assert said() == [f"found, computed on {run.record['started']}"]


def test_the_engine_that_is_chosen_is_said(said):
    gdlab.table(gdlab.Formula("x**2"), [0.1], [1.0])
    assert said() == ["engine=auto takes numpy"]


def test_who_waits_for_another_process_says_so(said, tmp_path):
    inside = threading.Event()

    def wait():
        with only_process(tmp_path, "run"):
            inside.set()

    with only_process(tmp_path, "run"):
        other = threading.Thread(target=wait)
        other.start()
        assert not inside.wait(0.2)
    other.join()
    assert inside.is_set()
    assert said() == ["waiting for another process that is at work on it"]


def test_a_worker_that_the_system_ends_is_said(said, monkeypatch):
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    class Killed:
        def __init__(self, *args, **keywords):
            """Take what joblib takes."""

        def __call__(self, tasks):
            raise TerminatedWorkerError

    monkeypatch.setattr("joblib.Parallel", Killed)
    with pytest.raises(WorkerKilledError):
        list(finished(abs, [1, 2], 2))
    assert said() == ["a worker process was ended by the system; the others end with it"]


def test_the_command_line_says_it_when_it_is_asked_to(tmp_path):
    quiet = command(*WORDS, folder=tmp_path).stdout
    assert quiet.startswith("6 lanes: ")
    verbose = command(*WORDS, "force=true", "hydra.verbose=gdlab", folder=tmp_path).stdout
    assert "engine=auto takes numpy\n" in verbose
    assert "part-00000.parquet written, 1 of 1\n" in verbose
    assert verbose.endswith(quiet)
    sweep = command("-m", "tol=1e-3", *WORDS, "hydra.verbose=gdlab", folder=tmp_path).stdout
    assert "part-00000.parquet written, 1 of 1\n" in sweep


def test_the_library_is_silent(tmp_path):
    code = f"import gdlab; gdlab.run(*{WORDS})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert not done.stdout + done.stderr
