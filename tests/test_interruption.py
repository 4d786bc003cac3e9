"""A process may be killed at any moment, a disk may be full: the same command completes the run."""

import errno
import json
import os
import pkgutil
import random
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import gdlab as library

from .command import gdlab

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes and mounts")

WARM = """
import json, os, sys
import matplotlib.backends.backend_agg, pandas, pyarrow.parquet, sympy
import gdlab.figures, gdlab.results.table, gdlab.sweeps.callback, gdlab.verify
from gdlab.app import main

gdlab.store.computing.ROWS_PER_PART = 200
for line in sys.stdin:
    words, folder = json.loads(line)
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        out = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (0, 1, 2):
            os.dup2(out, stream)
        sys.argv = sys.orig_argv = ["gdlab", *words]
        main()
        sys.stdout.flush()
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""A process that has imported everything, so that each run is a fork of it and starts at once."""

MANY_BLOCKS = (
    *("alpha_grid.num=50", "x0_grid.num=50", "tol=1e-12", "max_iter=2000"),
    *("figures.names=[heatmap]", "figures.formats=[png]"),
)
ONE_LANE = (
    *("alpha=1e-5", "x0=10", "tol=1e-12", "max_iter=6000"),
    "figures=none",
)
NEVER = 600


class Warm:
    """Runs commands in forks of one process; can kill them."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", WARM],
            env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words, folder, kill_after=NEVER):
        """Run a command; give the seconds that it took and whether it was killed."""
        self.process.stdin.write(json.dumps([words, str(folder)]) + "\n")
        self.process.stdin.flush()
        child, began = int(self.process.stdout.readline()), time.monotonic()
        handle = os.pidfd_open(child) if hasattr(os, "pidfd_open") else None
        if handle is not None:
            ended, _, _ = select.select([handle], [], [], kill_after)
            if not ended:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)
        elif kill_after < NEVER:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        status = int(self.process.stdout.readline())
        killed = os.WIFSIGNALED(status)
        assert killed or status == 0, (folder / "log").read_text()
        return time.monotonic() - began, killed


@pytest.fixture(scope="module")
def warm():
    found = Warm()
    with found.process:  # closes its input, at which it ends
        yield found


@pytest.fixture(scope="module")
def undisturbed(warm, tmp_path_factory):
    """What each command leaves, and how long it takes."""
    found = {}
    for words in (MANY_BLOCKS, ONE_LANE):
        folder = tmp_path_factory.mktemp("undisturbed")
        seconds, _ = warm.run(words, folder)
        found[words] = left_in(folder), seconds
    return found


def left_in(folder):
    """Bytes of everything that must be the same however a run came about."""
    (run,) = (folder / "outputs").glob("*-*")
    kept = [*run.glob("results/*"), *run.glob("figures/*"), *run.glob("trace.csv")]
    return {path.relative_to(folder): path.read_bytes() for path in kept}


def temporary_files(folder):
    return list(folder.rglob(".unfinished-*"))


@pytest.mark.parametrize(
    ("words", "seed"),
    [*((MANY_BLOCKS, seed) for seed in range(7)), *((ONE_LANE, seed) for seed in range(3))],
    ids=[*(f"many blocks {seed}" for seed in range(7)), *(f"one lane {seed}" for seed in range(3))],
)
def test_a_run_killed_three_times_is_completed_by_the_same_command(
    warm, undisturbed, tmp_path, words, seed
):
    expected, seconds = undisturbed[words]
    moments = random.Random(seed)
    for _ in range(3):
        warm.run(words, tmp_path, kill_after=moments.uniform(0, seconds))
    warm.run(words, tmp_path)
    assert left_in(tmp_path) == expected
    assert not temporary_files(tmp_path)


PARTS = ("alpha=[0.1,0.2,1.0,1.5]", "x0_grid.num=11", "figures=none")
ALONE = ("alpha=0.1", "x0=10", "figures.names=[path]", "figures.formats=[png]")


class FullDisk:
    """Lets so many writes pass, and breaks off the next one in its middle."""

    def __init__(self, patch, writes):
        self.left = writes
        for target in (
            "gdlab.files.os.fsync",
            "gdlab.files.Path.replace",
            "gdlab.files.Path.write_text",
            "pathlib.Path.mkdir",
            "pyarrow.parquet.write_table",
            "pandas.DataFrame.to_csv",
            "gdlab.figures.style.FigureCanvasAgg.print_png",
        ):
            patch.setattr(target, self.limited(target))

    def limited(self, target):
        whole = pkgutil.resolve_name(target)

        def write(*arguments, **keywords):
            self.left -= 1
            if self.left >= 0:
                return whole(*arguments, **keywords)
            place = next((a for a in arguments if isinstance(a, Path)), None)
            if place is not None and place.name.startswith(".unfinished-"):
                place.write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), place and str(place))

        return write


def message_of(words):
    """What is said of a run that fails."""
    try:
        library.run(*words)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("words", [PARTS, ALONE], ids=["parts", "one lane and its picture"])
def test_a_disk_that_fills_up_at_any_write_leaves_what_is_whole_to_the_next_time(
    words, tmp_path_factory, monkeypatch
):
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 20)
    reference = tmp_path_factory.mktemp("reference")
    monkeypatch.chdir(reference)
    library.run(*words)
    expected = left_in(reference)
    folder = tmp_path_factory.mktemp("full")
    monkeypatch.chdir(folder)
    writes, failures = 0, 0
    while True:
        with monkeypatch.context() as patch:
            disk = FullDisk(patch, writes)
            message = message_of(words)
        assert not temporary_files(folder)
        if disk.left >= 0:
            break
        assert "No space left on device" in message
        if list((folder / "outputs").glob("*-*")):
            assert left_in(folder).items() <= expected.items()
        failures, writes = failures + 1, writes + 1
        if writes % 4 == 0:  # from the beginning, as often as from where it stopped
            library.run(*words)
            assert left_in(folder) == expected
            shutil.rmtree(folder / "outputs")
    assert left_in(folder) == expected
    assert failures > 10


@contextmanager
def mounted(folder, *options):
    """Mount something at `folder`, where this user may."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"this user cannot mount: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


needs_mount = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None,
    reason="only root mounts a small disk",
)


@needs_mount
def test_a_full_disk_is_one_message_and_the_run_goes_on_when_there_is_room(
    tmp_path, undisturbed, warm, monkeypatch
):
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 200)
    expected, _ = undisturbed[MANY_BLOCKS]
    monkeypatch.chdir(tmp_path)
    with _small_disk(tmp_path):
        with pytest.raises(ValueError, match="No space left on device"):
            library.run(*MANY_BLOCKS)
        assert not temporary_files(tmp_path)
        whole = list(tmp_path.glob("outputs/*/results/*"))
        assert 0 < len(whole) < 13
        for path in whole:
            assert path.read_bytes() == expected[path.relative_to(tmp_path)]
        (tmp_path / "outputs" / "filler").unlink()
        run = library.run(*MANY_BLOCKS)
        assert run.record["parts_computed"] == 13 - len(whole)
        assert left_in(tmp_path) == expected


@contextmanager
def _small_disk(tmp_path):
    """A disk of 2 MiB at outputs/, but for 100 KiB filled."""
    (tmp_path / "outputs").mkdir()
    with mounted(tmp_path / "outputs", "-t", "tmpfs", "-o", "size=2m", "tmpfs"):
        (tmp_path / "outputs" / "filler").write_bytes(bytes(2**21 - 100 * 2**10))
        yield


def stamps(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@needs_mount
def test_a_read_only_folder_gives_its_finished_runs_and_refuses_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = library.run(*PARTS)
    begun = library.run(*PARTS, "max_iter=900")
    (begun.path / "run.json").unlink()
    before = stamps(tmp_path)
    outputs = tmp_path / "outputs"
    with mounted(outputs, "--bind", "-o", "ro", str(outputs)):
        # the kernel takes `ro` of a bind only when it is mounted again
        subprocess.run(["mount", "-o", "remount,ro,bind", str(outputs)], check=True)
        assert library.run(*PARTS).path == done.path
        with pytest.warns(UserWarning, match="not finished"):
            assert len(library.load(outputs)) == 44
        assert library.runs(outputs)["finished"].tolist() == [True, False]
        for words in ([*PARTS, "max_iter=900"], [*PARTS, "max_iter=800"], [*PARTS, "force=true"]):
            with pytest.raises(ValueError, match="outputs cannot be written"):
                library.run(*words)
        with pytest.raises(ValueError, match="Read-only file system"):
            library.run(*PARTS[:-1], "figures.names=[heatmap]")
        verified = subprocess.run(
            [sys.executable, "-m", "gdlab.verify", str(done.path)], capture_output=True, check=False
        )
        assert verified.returncode == 0
    assert stamps(tmp_path) == before


def refusing(**_):
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_where_no_file_may_be_written_a_finished_run_is_still_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = library.run(*PARTS)
    monkeypatch.setattr("gdlab.store.room.TemporaryFile", refusing)
    before = stamps(tmp_path)
    assert library.run(*PARTS).path == done.path
    with pytest.raises(ValueError, match="outputs cannot be written"):
        library.run(*PARTS, "force=true")
    assert stamps(tmp_path) == before


def test_two_processes_started_together_do_a_run_once(tmp_path):
    words = (*MANY_BLOCKS[:4], "figures.names=[heatmap]", "figures.formats=[png]")
    command = [sys.executable, "-m", "gdlab", *words]
    together = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0].decode() for process in together]
    assert [process.returncode for process in together] == [0, 0], said
    (run,) = (tmp_path / "outputs").glob("*-*")
    before = left_in(tmp_path)
    assert len(before) == 2
    assert not temporary_files(tmp_path)
    out = gdlab(*words, folder=tmp_path).stdout
    assert "found: computed on" in out
    assert left_in(tmp_path) == before
    assert len(library.load(run)) == 2500
