"""The memory of a process and of all that it started."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import psutil

EVERY = 0.1
"""Seconds between two looks."""


def in_use(process: int) -> int:
    """Bytes that a process and its descendants hold; pages that they share count for each."""
    try:
        parent = psutil.Process(process)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(map(_held, family))


def _held(process: psutil.Process) -> int:
    try:
        # the exact share of each (PSS) takes so long to ask for that it slows down what is measured
        return int(process.memory_info().rss)
    except psutil.Error:  # it has ended
        return 0


class Peak:
    """The largest memory in use while the block runs, in `bytes`."""

    def __init__(self, process: int) -> None:
        self.process, self.bytes = process, in_use(process)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            self.bytes = max(self.bytes, in_use(self.process))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self.bytes = max(self.bytes, in_use(self.process))
