"""What a process does at a chosen moment of its work: it fails, it dies, it tells, it waits.

Moments are counted and never timed, so that a test meets the same one on any machine. These
functions are given to a new process (`before` of `tests.command.python`), or called in a test with
the patches of its `monkeypatch`.
"""

from __future__ import annotations

import atexit
import errno
import io
import os
import pkgutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

WRITES = (
    "gdlab.files.os.fsync",
    "gdlab.files.Path.replace",
    "gdlab.files.Path.write_text",
    "pathlib.Path.mkdir",
    "pyarrow.parquet.write_table",
    "pandas.DataFrame.to_csv",
    "gdlab.figures.style.FigureCanvasAgg.print_png",
)
"""What changes the disk."""


def small_parts(rows: int) -> None:
    """Cut the table into parts of so many rows."""
    import gdlab.store.computing

    gdlab.store.computing.ROWS_PER_PART = rows


def impatient(seconds: float) -> None:
    """Show progress so soon."""
    import gdlab.summary

    gdlab.summary.PATIENCE = seconds


def without_choice(group: str, name: str) -> None:
    """Take a choice from Hydra's groups, as if the plug-in that brings it were not installed."""
    from hydra.core.config_store import ConfigStore

    node = ConfigStore.instance().repo
    for part in group.split("/"):
        node = node[part]
    del node[f"{name}.yaml"]


class Writes:
    """Lets so many writes pass, and does something in the middle of the next one."""

    def __init__(
        self, passing: int, act: Callable[[Path | None], NoReturn], patch: pytest.MonkeyPatch
    ) -> None:
        self.left, self.act = passing, act
        for target in WRITES:
            patch.setattr(target, self._limited(target))

    def _limited(self, target: str) -> Callable[..., Any]:
        whole = pkgutil.resolve_name(target)

        def write(*arguments: Any, **keywords: Any) -> Any:
            self.left -= 1
            if self.left >= 0:
                return whole(*arguments, **keywords)
            place = next(filter(None, map(_place, arguments)), None)
            if place is not None and place.name.startswith(".unfinished-"):
                place.write_bytes(b"half")
            return self.act(place)

        return write


def _place(argument: object) -> Path | None:
    """The path that an argument is, or that an open file has."""
    if isinstance(argument, io.BufferedWriter):
        return Path(argument.name)
    return argument if isinstance(argument, Path) else None


def no_space(place: Path | None) -> NoReturn:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), place and str(place))


def _die(_: Path | None) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process goes on")


def killed_at_write(passing: int) -> None:
    """Be killed, by the signal that none can catch, in the middle of a write."""
    Writes(passing, _die, pytest.MonkeyPatch())


def counts_writes(file: str) -> None:
    """Leave in a file how many writes there were."""
    most = 10**9
    writes = Writes(most, _die, pytest.MonkeyPatch())

    @atexit.register
    def _() -> None:
        text = str(most - writes.left)
        Path(file).write_bytes(text.encode())


def counts_calls(target: str, file: str) -> None:
    """Write a letter into a file whenever a function is called."""
    whole = pkgutil.resolve_name(target)

    def counting(*arguments: Any, **keywords: Any) -> Any:
        with Path(file).open("a", encoding="ascii") as calls:
            calls.write("I")
        return whole(*arguments, **keywords)

    pytest.MonkeyPatch().setattr(target, counting)


def meets(target: str, tells: str = "", waits: str = "") -> None:
    """Tell, and wait, through named pipes, when a function is called for the first time.

    A pipe is opened by one process for writing and by another for reading, each waiting for the
    other.
    """
    whole, met = pkgutil.resolve_name(target), []

    def meeting(*arguments: Any, **keywords: Any) -> Any:
        if not met:
            met.append(True)
            if tells:
                Path(tells).write_text("here")
            if waits:
                Path(waits).read_text()
        return whole(*arguments, **keywords)

    pytest.MonkeyPatch().setattr(target, meeting)


def never(target: str) -> None:
    """Fail when a function is called."""

    def refusing(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError(f"{target} was called")

    pytest.MonkeyPatch().setattr(target, refusing)
