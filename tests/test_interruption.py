"""A process may be killed at any moment, a disk may be full: the same command completes the run."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from functools import partial

import pytest
from hydra import compose, initialize_config_dir

import gdlab as library
from gdlab.app import explain
from gdlab.config import conf_folder
from gdlab.given import ConfigError
from gdlab.job import fulfil
from gdlab.settings import experiment_of
from gdlab.store.parts import TileError
from gdlab.store.request import Request
from tests.command import gdlab, needs_forks, started, verify
from tests.moments import (
    Writes,
    counts_writes,
    killed_at_write,
    meets,
    never,
    no_space,
    small_parts,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX processes and mounts")

MANY_BLOCKS = (
    *("alpha_grid.num=25", "x0_grid.num=20", "tol=1e-12", "max_iter=500"),
    *("figures.names=[heatmap]", "figures.formats=[png]"),
)
ONE_LANE = (
    *("alpha=1e-5", "x0=10", "tol=1e-12", "max_iter=600"),
    "figures=none",
)
N_PARTS = 13
"""Of many blocks."""
SMALL = partial(small_parts, 40)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What each command leaves, and how many writes it takes."""
    found = {}
    for words in (MANY_BLOCKS, ONE_LANE):
        folder = tmp_path_factory.mktemp("undisturbed")
        gdlab(*words, folder=folder, before=[SMALL, partial(counts_writes, "writes")])
        found[words] = left_in(folder), int((folder / "writes").read_text())
    return found


def killed(*words, folder, at):
    """Run a command that is killed at a write."""
    before = [SMALL, partial(killed_at_write, at)]
    gdlab(*words, folder=folder, before=before, status=-signal.SIGKILL)


def left_in(folder):
    """Bytes of everything that must be the same however a run came about."""
    (run,) = (folder / "outputs").glob("*-*")
    kept = [*run.glob("results/*"), *run.glob("figures/*"), *run.glob("trace.csv")]
    return {path.relative_to(folder): path.read_bytes() for path in kept}


def parts_in(folder):
    return list(folder.glob("outputs/*/results/part-*"))


def temporary_files(folder):
    return list(folder.rglob(".unfinished-*"))


@needs_forks
@pytest.mark.parametrize(
    ("words", "share"),
    [*((MANY_BLOCKS, k / 6) for k in range(7)), *((ONE_LANE, k / 3) for k in range(4))],
    ids=[*(f"many blocks {k}" for k in range(7)), *(f"one lane {k}" for k in range(4))],
)
def test_a_run_killed_at_any_write_and_again_is_completed_by_the_same_command(
    undisturbed, tmp_path, words, share
):
    expected, writes = undisturbed[words]
    killed(*words, folder=tmp_path, at=round(share * (writes - 2)))
    if words == MANY_BLOCKS and share == 0.5:
        assert 0 < len(parts_in(tmp_path)) < N_PARTS
    killed(*words, folder=tmp_path, at=1)
    gdlab(*words, folder=tmp_path, before=[SMALL])
    assert left_in(tmp_path) == expected
    assert not temporary_files(tmp_path)


@needs_forks
def test_a_run_killed_while_it_is_computed_anew_is_completed_by_the_same_command(
    undisturbed, tmp_path
):
    expected, writes = undisturbed[MANY_BLOCKS]
    gdlab(*MANY_BLOCKS, folder=tmp_path, before=[SMALL])
    for at in (3, writes // 2, writes - 8):
        killed(*MANY_BLOCKS, "force=true", folder=tmp_path, at=at)
        gdlab(*MANY_BLOCKS, folder=tmp_path, before=[SMALL])
        assert left_in(tmp_path) == expected
        assert not temporary_files(tmp_path)


PARTS = ("alpha=[0.1,0.2,1.0,1.5]", "x0_grid.num=11", "figures=none")
ALONE = ("alpha=0.1", "x0=10", "figures.names=[path]", "figures.formats=[png]")


@pytest.mark.parametrize("words", [PARTS, ALONE], ids=["parts", "one lane and its picture"])
def test_a_disk_that_fills_up_at_any_write_leaves_what_is_whole_to_the_next_time(
    words, tmp_path_factory, monkeypatch
):
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 20)
    reference, folder = tmp_path_factory.mktemp("reference"), tmp_path_factory.mktemp("full")
    monkeypatch.chdir(reference)
    library.run(*words)
    expected = left_in(reference)
    monkeypatch.chdir(folder)
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        config = compose("config", overrides=list(words))
    request = Request(experiment_of(config), config, "shifted_quadratic", "gradient_descent")
    complete = partial(fulfil, request, folder / "outputs", quiet=True)
    writes, failures = 0, 0
    while True:
        message = ""
        with monkeypatch.context() as patch:
            disk = Writes(writes, no_space, patch)
            try:
                complete()
            except (OSError, ConfigError, TileError) as error:
                message = explain(error)
        assert not temporary_files(folder)
        if disk.left >= 0:
            break
        assert "No space left on device" in message
        if list((folder / "outputs").glob("*-*")):
            assert left_in(folder).items() <= expected.items()
        failures, writes = failures + 1, writes + 1
        if writes % 4 == 0:  # from the beginning, as often as from where it stopped
            complete()
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
    tmp_path, undisturbed, monkeypatch
):
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 40)
    expected, _ = undisturbed[MANY_BLOCKS]
    monkeypatch.chdir(tmp_path)
    with _small_disk(tmp_path):
        with pytest.raises(ValueError, match="No space left on device"):
            library.run(*MANY_BLOCKS)
        assert not temporary_files(tmp_path)
        whole = list(tmp_path.glob("outputs/*/results/*"))
        assert 0 < len(whole) < N_PARTS
        for path in whole:
            assert path.read_bytes() == expected[path.relative_to(tmp_path)]
        (tmp_path / "outputs" / "filler").unlink()
        run = library.run(*MANY_BLOCKS)
        assert run.record["parts_computed"] == N_PARTS - len(whole)
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
        verify(str(done.path), folder=tmp_path)
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


@needs_forks
def test_two_processes_started_together_do_a_run_once(tmp_path):
    words = ("-m", "gdlab", *MANY_BLOCKS)
    for name in ("computing", "asking"):
        os.mkfifo(tmp_path / name)
    # the first waits in its first block, with the lock, until the second is about to ask for it
    first_moment = partial(meets, "gdlab.results.rows.block", tells="computing", waits="asking")
    second_moment = partial(meets, "gdlab.job.only_process", tells="asking")
    idle = partial(never, "gdlab.job.compute")
    with (tmp_path / "second").open("w") as second:
        one = started(*words, folder=tmp_path, before=[SMALL, first_moment])
        (tmp_path / "computing").read_text()
        other = started(
            *words,
            folder=tmp_path,
            stdout=second,
            stderr=second,
            before=[SMALL, idle, second_moment],
        )
        assert one.wait(timeout=60) == 0
        assert other.wait(timeout=60) == 0, (tmp_path / "second").read_text()
    assert (tmp_path / "second").read_text().startswith("found: computed on ")
    assert len(left_in(tmp_path)) == N_PARTS + 1
    assert not temporary_files(tmp_path)
    (run,) = (tmp_path / "outputs").glob("*-*")
    assert library.runs(run)["finished"].tolist() == [True]
    assert len(library.load(run)) == 500
