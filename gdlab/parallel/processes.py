"""Several processes of this machine."""

from __future__ import annotations

import logging
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

_log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkerKilledError(RuntimeError):
    """A worker process that the system has ended."""


def finished(
    task: Callable[[Item], Result], items: Sequence[Item], n_processes: int
) -> Iterator[Result]:
    """Give the results of a task, each as soon as it is there, in any order.

    With several processes the task and its items are pickled; large arrays in them are shared.
    When an exception, or a Ctrl-C, ends the work, the processes are gone.

    Raises WorkerKilledError where the system has ended a worker; else whatever the task raises.
    """
    if n_processes == 1:
        yield from map(task, items)
        return
    from joblib import Parallel as Workers
    from joblib import delayed
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    # Advice to those who stop early; here it is a Ctrl-C, or a tile that failed, and is said.
    warnings.filterwarnings("ignore", ".*You could benefit from adjusting", UserWarning, "joblib")
    workers = Workers(
        n_processes,
        backend="loky",
        batch_size=1,
        return_as="generator_unordered",
    )
    well = False
    try:
        with _interrupts_ignored():
            results = workers(delayed(task)(item) for item in items)
        yield from results
        well = True
    except TerminatedWorkerError as error:
        _log.info("a worker process was ended by the system; the others end with it")
        raise WorkerKilledError(
            "a worker process was ended by the system, most often for want of memory; "
            f"take fewer than {n_processes} processes (parallel.n_jobs=…)"
        ) from error
    finally:
        if not well:
            get_reusable_executor(n_processes).shutdown(wait=True, kill_workers=True)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let the processes that are started here ignore a Ctrl-C for good.

    It reaches every process of a terminal; the first one ends the others.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
