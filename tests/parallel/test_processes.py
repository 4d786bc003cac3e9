"""Several processes give what one gives, and whatever ends them leaves what is finished."""

import os
import re
import signal
import sys
import threading
from functools import partial

import numpy as np
import pandas as pd
import psutil
import pytest

import gdlab as library
from gdlab.parallel.plan import Parallel, _is_worker
from gdlab.parallel.processes import finished
from gdlab.parallel.threads import overlapped
from tests.command import gdlab, needs_forks, started
from tests.moments import meets

TILES = ("alpha=[0.1,0.2,1.0,1.5]", "x0_grid.num=11", "figures=none")
MANY_TILES = ("alpha_grid.num=1000", "x0_grid.num=2500", "figures=none", "parallel=processes")
TWO = ("parallel=processes", "parallel.n_jobs=2")
MODULE = """
import os, signal
from pathlib import Path

def f(x):
    return x[0] ** 2

def failing(x):
    if x.shape[1] > 2 and (abs(x) > 9.9).any():
        raise ZeroDivisionError("nothing to divide by")
    return 2 * x

def deadly(x):
    if Path("deadly").exists() and x.shape[1] > 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * x
"""


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 7)


@pytest.fixture
def own_objectives(tmp_path, monkeypatch):
    """Choices `failing` and `deadly` in the folder conf_here."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf_here" / "objective").mkdir(parents=True)
    (tmp_path / "own_objectives.py").write_text(MODULE)
    for name in ("failing", "deadly"):
        text = f"_target_: gdlab.Function\nf: own_objectives.f\ngrad: own_objectives.{name}\n"
        (tmp_path / "conf_here" / "objective" / f"{name}.yaml").write_text(text)
    return "--config-dir=conf_here"


def parts_of(run):
    return {path.name: path.read_bytes() for path in (run.path / "results").iterdir()}


def test_two_processes_leave_the_bytes_that_one_leaves(tmp_path, monkeypatch, small_tiles):
    monkeypatch.chdir(tmp_path)
    alone = library.run(*TILES, "parallel=serial")
    before = parts_of(alone)
    together = library.run(*TILES, *TWO, "force=true")
    assert together.path == alone.path  # how a run is computed does not decide what it is
    assert parts_of(together) == before
    assert len(before) == 7
    assert (alone.record["processes"], together.record["processes"]) == (1, 2)
    for name in ("counts", "lane_steps", "parts", "identity"):
        assert together.record[name] == alone.record[name]


def test_the_compiled_core_serves_in_two_processes(tmp_path, monkeypatch, small_tiles):
    monkeypatch.chdir(tmp_path)
    words = (*TILES, "objective=quadratic")  # whose kernel other tests have compiled
    before = parts_of(library.run(*words, "parallel=serial"))
    compiled = library.run(*words, *TWO, "engine=numba", "force=true")
    assert parts_of(compiled) == before
    assert compiled.record["processes"] == 2


def test_two_processes_go_on_with_the_tiles_that_are_missing(tmp_path, monkeypatch, small_tiles):
    monkeypatch.chdir(tmp_path)
    whole = library.run(*TILES, *TWO)
    expected = parts_of(whole)
    (whole.path / "run.json").unlink()
    for name in ("part-00001.parquet", "part-00004.parquet"):
        (whole.path / "results" / name).unlink()
    again = library.run(*TILES, *TWO)
    assert parts_of(again) == expected
    assert again.record["parts_computed"] == 2


def test_an_objective_that_fails_is_named_with_its_tile_alike_in_one_process_and_in_two(
    own_objectives, tmp_path
):
    words = (own_objectives, "objective=failing", "alpha_grid.num=600", "x0_grid.num=500")
    said = [
        gdlab(*words, "figures=none", *parallel, folder=tmp_path, status=2).stderr
        for parallel in (("parallel=serial",), TWO)
    ]
    for text in said:
        assert text.count("\n") == 1
        assert "part-0000" in text
        assert "the objective f: grad fails with ZeroDivisionError: nothing to divide by" in text
    first, second = (re.sub(r"part-\d+|[\d,]+", "N", text) for text in said)
    assert first == second


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_worker_that_the_system_kills_is_named_and_the_run_can_be_continued(
    own_objectives, tmp_path
):
    words = (own_objectives, "objective=deadly", "alpha_grid.num=600", "x0_grid.num=500", *TWO)
    (tmp_path / "deadly").touch()
    said = gdlab(*words, "figures=none", folder=tmp_path, status=2).stderr
    assert "a worker process was ended by the system" in said
    assert "memory" in said
    assert "parallel.n_jobs" in said
    assert "the same command goes on" in said
    assert "Traceback" not in said
    (tmp_path / "deadly").unlink()
    gdlab(*words, "figures=none", folder=tmp_path)
    assert len(library.load(tmp_path / "outputs")) == 300_000


@needs_forks
def test_an_interrupt_ends_all_processes_at_once_and_keeps_the_finished_tiles(tmp_path):
    os.mkfifo(tmp_path / "one_is_finished")
    with (tmp_path / "said").open("w") as said:
        command = started(
            *("-m", "gdlab", *MANY_TILES, "parallel.n_jobs=2"),
            folder=tmp_path,
            stdout=said,
            stderr=said,
            before=[partial(meets, "gdlab.results.overview.Overview.add", tells="one_is_finished")],
            session=True,  # a terminal of its own, whose Ctrl-C reaches all
        )
    (tmp_path / "one_is_finished").read_text()
    workers = psutil.Process(command.pid).children(recursive=True)
    assert len(workers) >= 2
    os.killpg(command.pid, signal.SIGINT)
    assert command.wait(timeout=60) == 130
    _, left = psutil.wait_procs(workers, timeout=2)
    assert not [process for process in left if _runs(process)]
    said = (tmp_path / "said").read_text()
    assert said == "gdlab: interrupted; the same command goes on from here\n"
    kept = list(tmp_path.glob("outputs/*/results/*"))
    assert len(kept) >= 1
    assert all(path.name.startswith("part-") for path in kept)


def _runs(process):
    """Whether a process has not ended; of one that has, the system may not have taken note."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


class TestSettings:
    @pytest.mark.parametrize("n_jobs", [0, -2, 1.5, True, "two", None])
    def test_a_number_of_processes_is_at_least_one_or_one_a_core(self, n_jobs):
        with pytest.raises(ValueError, match=r"^n_jobs=.* 1 or more, or -1"):
            Parallel("processes", n_jobs)

    def test_an_unknown_mode_is_refused(self):
        with pytest.raises(ValueError, match="auto, processes, serial"):
            Parallel("threads")

    def test_serial_with_several_processes_is_refused(self):
        with pytest.raises(ValueError, match="parallel=processes"):
            Parallel("serial", 3)

    def test_there_are_no_more_processes_than_tiles(self):
        experiment = library.Experiment(library.Formula("x**2"), 0.1, 1.0)
        assert Parallel("processes", 5).n_processes(experiment, 3) == 3
        assert Parallel("processes", 5).n_processes(experiment, 1) == 1
        assert Parallel("serial", 1).n_processes(experiment, 100) == 1

    def test_processes_are_taken_where_a_sample_says_that_they_pay(self, monkeypatch):
        experiment = library.Experiment(library.Formula("x**2"), 0.1, range(1, 100))
        monkeypatch.setattr("gdlab.parallel.plan.START_UP", 0.0)
        assert Parallel("auto", 2).n_processes(experiment, 3) == 2
        monkeypatch.setattr("gdlab.parallel.plan.START_UP", 1e6)
        assert Parallel("auto", 2).n_processes(experiment, 3) == 1

    def test_beside_the_compiled_core_more_processes_have_nothing_to_do(self, monkeypatch):
        monkeypatch.setattr("gdlab.parallel.plan.START_UP", 0.0)
        axis = np.linspace(0.1, 1, 6000)
        experiment = library.Experiment(library.Formula("x**2"), axis, axis, engine="numba")
        assert Parallel("auto", 2).n_processes(experiment, 100) == 1

    def test_a_process_that_shares_the_machine_takes_more_only_where_it_is_told(self, monkeypatch):
        experiment = library.Experiment(library.Formula("x**2"), 0.1, range(1, 100))
        monkeypatch.setattr("gdlab.parallel.plan.START_UP", 0.0)
        monkeypatch.setattr("gdlab.parallel.plan._is_worker", lambda: True)
        assert Parallel("auto", 2).n_processes(experiment, 3) == 1
        assert Parallel("processes", 2).n_processes(experiment, 3) == 2

    def test_more_processes_than_the_memory_has_room_for_are_refused(self, monkeypatch):
        experiment = library.Experiment(library.Formula("x**2"), 0.1, 1.0)
        monkeypatch.setattr("gdlab.parallel.plan.PER_PROCESS", 1e15)
        with pytest.raises(ValueError, match=r"n_jobs=4: 4 processes need .* GB of memory"):
            Parallel("processes", 4).n_processes(experiment, 10)
        assert Parallel("processes", -1).n_processes(experiment, 10) == 1


class TestInPython:
    GRID = ([0.1, 0.3, 0.5, 1.0, 1.2], [-10.0, -2.0, 0.5, 7.0])

    @pytest.mark.parametrize("engine", ["numpy", "numba"])
    def test_all_cores_give_the_bits_of_one(self, monkeypatch, engine):
        monkeypatch.setattr("gdlab.store.shares.LEAST_SHARE", 3)
        f = library.Formula("x**2")
        alone = library.descend(f, *self.GRID, tol=[1e-6, 1e-2], n_jobs=1, engine=engine)
        together = library.descend(f, *self.GRID, tol=[1e-6, 1e-2], n_jobs=2, engine=engine)
        for name in ("status", "steps", "period", "x"):
            assert getattr(together, name).tobytes() == getattr(alone, name).tobytes()
        assert together.lane_steps == alone.lane_steps

    def test_a_table_by_two_processes_is_the_same_table(self, monkeypatch):
        monkeypatch.setattr("gdlab.store.shares.LEAST_SHARE", 3)
        f = library.Formula("x**2 + 4*x + 4")
        alone = library.table(f, *self.GRID)
        pd.testing.assert_frame_equal(library.table(f, *self.GRID, n_jobs=2), alone)

    def test_no_process_is_a_number_that_is_refused(self):
        with pytest.raises(ValueError, match="n_jobs=0"):
            library.descend(library.Formula("x**2"), 0.1, 1.0, n_jobs=0)


def test_results_come_each_once_however_many_processes():
    for processes in (1, 2):
        assert sorted(finished(abs, range(-20, 0), processes)) == list(range(1, 21))


def test_second_halves_are_done_by_threads_and_no_more_wait_than_there_are(monkeypatch):
    monkeypatch.setattr("gdlab.parallel.threads.cores", lambda: 2)
    begun, going, most = [], threading.Semaphore(0), 0
    here = threading.get_ident()

    def first(item):
        nonlocal most
        assert threading.get_ident() == here
        begun.append(item)
        most = max(most, len(begun) - len(ended))
        going.release()
        return item

    def second(item):
        assert threading.get_ident() != here
        assert going.acquire(timeout=60)
        return 2 * item

    ended = []
    for doubled in overlapped(first, second, range(50)):
        ended += [doubled]
    assert sorted(ended) == list(range(0, 100, 2))
    assert begun == list(range(50))
    assert most <= 4  # one that is being begun, one for each thread, one that waits


def test_what_fails_in_a_thread_ends_the_work_at_once(monkeypatch):
    monkeypatch.setattr("gdlab.parallel.threads.cores", lambda: 2)
    begun = []

    def failing(item):
        if item == 3:
            raise OSError(28, "No space left on device")
        return item

    with pytest.raises(OSError, match="No space"):
        for _ in overlapped(lambda item: begun.append(item) or item, failing, range(1000)):
            pass
    assert len(begun) < 12


def test_an_objective_is_called_by_the_main_thread_alone(tmp_path, monkeypatch, small_tiles):
    monkeypatch.chdir(tmp_path)
    called = set()

    def seen(self, x):
        called.add(threading.current_thread())
        return original(self, x)

    original = library.Formula.__call__
    monkeypatch.setattr(library.Formula, "__call__", seen)
    library.run(*TILES, "parallel=serial")
    assert called == {threading.main_thread()}


@pytest.mark.parametrize("threads", [1, 5])
def test_bytes_are_the_same_however_many_threads_write(tmp_path, monkeypatch, small_tiles, threads):
    monkeypatch.chdir(tmp_path)
    expected = library.run(*TILES, "parallel=serial").record["parts"]
    monkeypatch.setattr("gdlab.parallel.threads.cores", lambda: threads)
    assert library.run(*TILES, "parallel=serial", "force=true").record["parts"] == expected


def test_a_process_of_several_can_start_its_own():
    def within(n):
        return _is_worker(), sorted(finished(abs, range(-n, 0), 2))

    expected = [(True, [1, 2]), (True, [1, 2, 3])]
    assert sorted(finished(within, [2, 3], 2)) == expected
    assert not _is_worker()


def test_processes_serve_again_after_a_task_has_failed():
    with pytest.raises(TypeError):
        list(finished(abs, ["text", 1, 2], 2))
    assert sorted(finished(abs, [-1, -2, -3], 2)) == [1, 2, 3]
