"""Files are whole or not there, and a folder has one writer at a time."""

import errno
import os
import subprocess
import sys

import pytest
from filelock import FileLock, Timeout

from gdlab.files import checksum, only_process, remove_unfinished, whole_file, write_text


def test_a_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "numbers.csv"
    with whole_file(path) as temporary:
        temporary.write_text("1")
        assert not path.exists()
    with pytest.raises(KeyboardInterrupt), whole_file(path) as temporary:
        _interrupted(temporary)
    assert path.read_text() == "1"
    assert list(tmp_path.iterdir()) == [path]


def _interrupted(path):
    path.write_text("2")
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["os.open", "os.fsync", "Path.replace"])
def test_a_disk_that_refuses_leaves_the_old_file(tmp_path, monkeypatch, step):
    path = tmp_path / "notes.txt"
    write_text(path, "old")

    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(f"gdlab.files.{step}", refuse)
        with pytest.raises(OSError, match="No space left"):
            write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_content_is_on_the_disk_before_the_file_has_its_name(tmp_path, monkeypatch):
    path, flushed = tmp_path / "notes.txt", []
    monkeypatch.setattr("gdlab.files.os.fsync", lambda _: flushed.append(path.exists()))
    write_text(path, "text")
    assert flushed == [False, True]


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / ".unfinished-7-part-00000.parquet").write_text("")
    (tmp_path / "results" / "part-00000.parquet").write_text("")
    remove_unfinished(tmp_path)
    assert [path.name for path in tmp_path.rglob("*.parquet")] == ["part-00000.parquet"]


def test_a_lock_keeps_others_out_until_its_process_is_killed(tmp_path):
    code = (
        "import pathlib, sys, time\n"
        "from gdlab.files import only_process\n"
        "with only_process(pathlib.Path(sys.argv[1]), 'run'):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(600)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Timeout):
            FileLock(tmp_path / ".locks" / "run.lock").acquire(timeout=0)
        holder.kill()
    with only_process(tmp_path, "run"):
        pass


def test_a_checksum_is_the_same_for_bytes_and_for_their_file(tmp_path):
    path = tmp_path / "bytes"
    path.write_bytes(b"abc")
    assert checksum(path) == checksum(b"abc")
    assert checksum(b"abc").startswith("ba7816bf8f01cfea")
