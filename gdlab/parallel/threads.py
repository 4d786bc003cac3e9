"""Threads that do the second half of what this process begins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from typing import TypeVar

from gdlab.objectives.cores import cores

Item = TypeVar("Item")
Begun = TypeVar("Begun")
Result = TypeVar("Result")


def overlapped(
    first: Callable[[Item], Begun],
    second: Callable[[Begun], Result],
    items: Iterable[Item],
) -> Iterator[Result]:
    """Give the results of a task of two halves, each as soon as it is there, in any order.

    The first half of it is done here, one item after another; the second by threads meanwhile, of
    which no more items wait than there are threads. When an exception, or a Ctrl-C, ends the work,
    the second half of what has had its first comes to its end.

    Raises whatever the halves raise.
    """
    threads = cores()
    going: set[Future[Result]] = set()
    with ThreadPoolExecutor(threads) as pool:
        # A pool waits in the end for threads of which it knows; a Ctrl-C as one starts may keep it
        # from that. So they start before there is anything to lose.
        together = threading.Barrier(threads)
        wait([pool.submit(together.wait) for _ in range(threads)])
        for item in items:
            going.add(pool.submit(second, first(item)))
            patience = 0.0 if len(going) <= threads else None
            ended, going = wait(going, patience, FIRST_COMPLETED)
            for future in ended:
                yield future.result()
        for future in as_completed(going):
            yield future.result()
