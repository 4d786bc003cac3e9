"""A peer in a process of its own: its threads, its memory and its crashes meet nobody else."""

from __future__ import annotations

import atexit
import multiprocessing
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers import AbsentError, Answer, Lanes, Peer, Run
from benchmarks.problems import Problem

Chosen = NDArray[np.int64] | None


class Timed(NamedTuple):
    """Seconds that a run took, and of them those of this process alone; what it gave."""

    seconds: float
    processor: float
    answer: Answer | None


class BrokenError(Exception):
    """A peer failed; the text is its traceback."""


class Worker:
    """Runs one peer on one problem; a context manager that ends its process."""

    def __init__(self, peer: Peer, problem: Problem) -> None:
        self.peer = peer
        # spawned, so that the peer starts without anything of ours, and not a daemon, so that it
        # may have processes of its own
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, peer, problem), daemon=False)
        self.process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        assert self.process.pid is not None  # it has been started
        return self.process.pid

    def prepare(self) -> float:
        """Import and compile; give the seconds. Raises AbsentError."""
        return float(self._ask("prepare"))

    def take(self, n: int, chosen: Chosen = None) -> float:
        """Make ready for the chosen lanes of a grid of about n; give the seconds."""
        return float(self._ask("take", n, chosen))

    def run(self, *, answer: bool = False) -> Timed:
        """Descend, once."""
        return Timed(*self._ask("run", answer))

    def _ask(self, *request: Any) -> Any:
        try:
            self._connection.send(request)
            kind, reply = self._connection.recv()
        except (EOFError, BrokenPipeError) as error:
            self.process.join()
            raise BrokenError(f"its process ended with status {self.process.exitcode}") from error
        if kind == "absent":
            raise AbsentError(reply)
        if kind == "broken":
            raise BrokenError(reply)
        return reply

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        self.process.join(timeout=10)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _serve(connection: Connection, peer: Peer, problem: Problem) -> None:
    """Answer requests until the other end is closed; leave no process of the peer's behind."""
    try:
        _answer(connection, peer, problem)
    finally:
        atexit._run_exitfuncs()  # which multiprocessing does not


def _answer(connection: Connection, peer: Peer, problem: Problem) -> None:
    session = _Session(peer, problem)
    asked: dict[str, Callable[..., Any]] = {
        "prepare": session.prepare,
        "take": session.take,
        "run": session.run,
    }
    while True:
        try:
            name, *arguments = connection.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            reply = "done", asked[name](*arguments)
        except AbsentError as error:
            reply = "absent", str(error)
        except KeyboardInterrupt:
            return
        except Exception:  # whatever a peer's library may raise; who asked is told all of it
            reply = "broken", traceback.format_exc()
        connection.send(reply)


class _Session:
    """What the peer's process remembers between two requests."""

    def __init__(self, peer: Peer, problem: Problem) -> None:
        self.peer, self.problem = peer, problem

    def prepare(self) -> float:
        began = time.perf_counter()
        self.solve = self.peer.prepare(self.problem)
        return time.perf_counter() - began

    def take(self, n: int, chosen: Chosen) -> float:
        grid = self.problem.grid(n)
        if self.peer.whole:  # makes the lanes from the grid itself, as part of what is timed
            nothing = np.empty(0)
            lanes = Lanes(nothing, nothing, grid)
        else:
            lanes = Lanes(*self.problem.lanes(n, chosen), grid)
        began = time.perf_counter()
        self.descend: Run = self.solve(lanes)
        return time.perf_counter() - began

    def run(self, answer: bool) -> Timed:
        began, worked = time.perf_counter(), time.process_time()
        found = self.descend()
        took = time.perf_counter() - began, time.process_time() - worked
        return Timed(*took, found if answer else None)
