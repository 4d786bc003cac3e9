"""The real command line, as a user types it."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.forks import HERE, ROOT, Forked, Request, Server

LIMIT = 120
"""Seconds that a command may take."""

Done = subprocess.CompletedProcess[str]

__all__ = ["ROOT", "cold", "gdlab", "needs_forks", "python", "runs_in", "started", "verify"]

needs_forks = pytest.mark.skipif(not HERE, reason="only a fork can be prepared for a moment")


def runs_in(folder: Path) -> list[Path]:
    """Folders of the runs below `folder`/outputs."""
    return sorted(path.parent for path in (folder / "outputs").rglob("run.json"))


def gdlab(*words: str, folder: Path, **how: Any) -> Done:
    """Run `python -m gdlab WORDS` in `folder`; see `python` for the other arguments."""
    return python("-m", "gdlab", *words, folder=folder, **how)


def verify(*words: str, folder: Path, status: int | None = 0) -> Done:
    """Run `python -m gdlab.verify WORDS` in `folder`; it must end with `status`."""
    return python("-m", "gdlab.verify", *words, folder=folder, status=status)


def python(
    *words: str,
    folder: Path,
    status: int | None = 0,
    before: Sequence[Callable[[], object]] = (),
    **environment: str,
) -> Done:
    """Run `python WORDS` in `folder`, in a process that is forked where that makes no difference.

    status : with which it must end, if it matters. environment : variables besides those of here.
    before : called first in the new process; see `tests.forks.Request`.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = started(
            *words, folder=folder, stdout=out, stderr=err, before=before, **environment
        )
        try:
            process.wait(timeout=LIMIT)
        finally:
            process.kill()
        texts = [_text(stream) for stream in (out, err)]
    return _checked(Done(words, process.returncode, *texts), status)


def cold(*words: str, folder: Path, status: int | None = 0, **environment: str) -> Done:
    """Run `python WORDS` in `folder`, in a process that starts from nothing."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=_environment(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT,
        check=False,
    )
    return _checked(done, status)


def started(
    *words: str,
    folder: Path,
    stdout: Any = subprocess.DEVNULL,
    stderr: Any = subprocess.DEVNULL,
    before: Sequence[Callable[[], object]] = (),
    session: bool = False,
    **environment: str,
) -> Forked | subprocess.Popen[bytes]:
    """Start `python WORDS` in `folder`; it writes to these streams, files or descriptors.

    session : whether it leads a session of its own, as at a terminal of its own.
    """
    whole = _environment(environment)
    if not HERE or not _server().serves(whole):
        assert not before, "only a fork can do something before it starts"
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=folder,
            env=whole,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=session,
        )
    request = Request(tuple(map(str, words)), str(folder), whole, tuple(before), session)
    with Path(os.devnull).open("r+b") as null:
        streams = [
            null.fileno()
            if stream is subprocess.DEVNULL
            else stream if isinstance(stream, int) else stream.fileno()
            for stream in (null, stdout, stderr)
        ]  # fmt: skip
        return _server().start(request, streams)


@cache
def _server() -> Server:
    server = Server()
    atexit.register(server.close)
    return server


def _environment(own: dict[str, str]) -> dict[str, str]:
    return os.environ | {"COLUMNS": "100"} | own


def _text(stream: Any) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8").replace(os.linesep, "\n")


def _checked(done: Done, status: int | None) -> Done:
    assert status is None or done.returncode == status, done.stdout + done.stderr
    return done
