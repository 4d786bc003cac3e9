"""Giving lanes to the kernel on all threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from gdlab.core.compiled import loop
from gdlab.core.compiled.building import Run, built
from gdlab.core.compiled.kernels import Kernel, kernel
from gdlab.core.compiled.loop import WIDTH
from gdlab.core.cycles import WATCH
from gdlab.core.descent import Progress
from gdlab.core.problem import LaneNumbers, Problem, Verdicts
from gdlab.objectives.cores import cores

TICKS = 4096
"""Steps of a block between two looks at whether to stop."""
FEWEST, MOST = 4 * WIDTH, 2**16
"""Lanes that a thread takes at a time."""
REPORT = 0.1
"""Seconds between two reports of progress."""


def descend(
    problem: Problem,
    lanes: LaneNumbers | None = None,
    *,
    pool: int = 0,
    threads: int = 0,
    progress: Progress | None = None,
) -> Verdicts:
    """Follow the lanes of these numbers, by default all of `problem`, to their verdicts.

    As `gdlab.core.descent.descend`, compiled. pool : how many of a block's lanes are used, by
    default all. threads : by default one for each core that this process may use. Only the speed
    depends on them.

    Raises ValueError for an objective or a method that has no compiled form.
    """
    if lanes is None:
        lanes = range(problem.n_lanes)
    n_lanes = len(lanes)
    verdicts = Verdicts.blank(problem, n_lanes)
    made = kernel(problem.objective, problem.method, problem.criterion, problem.dimension)
    run = built(made.text)
    threads = min(threads or cores(), max(n_lanes // FEWEST, 1))
    shares = _Shares(n_lanes, threads)
    blocks = [_Block(problem, made, verdicts, pool) for _ in range(threads)]
    stop = threading.Event()

    def follow(block: _Block) -> None:
        for first, last in shares:
            if stop.is_set():
                return
            for _ in block.follow(run, lanes[first:last], first):
                if stop.is_set():
                    return
        for _ in block.follow(run, range(0), n_lanes, last=True):
            if stop.is_set():
                return

    with ThreadPoolExecutor(threads) as executor:
        going = {executor.submit(follow, block) for block in blocks}
        try:
            while going:
                ended, going = wait(going, timeout=REPORT)
                for future in ended:
                    future.result()
                counts = np.sum([block.counts for block in blocks], axis=0)
                verdicts.lane_steps = int(counts[loop.LANE_STEPS])
                if progress is not None:
                    progress(int(counts[loop.DONE]), verdicts.lane_steps)
        finally:
            stop.set()
    return verdicts


class _Shares:
    """Shares of the lanes for threads that ask: smaller and smaller, so that all end at once."""

    def __init__(self, n_lanes: int, threads: int) -> None:
        self.n_lanes, self.threads = n_lanes, threads
        self.first = 0
        self.lock = threading.Lock()

    def __iter__(self) -> Iterator[tuple[int, int]]:
        while True:
            with self.lock:
                first = self.first
                size = (self.n_lanes - first) // (4 * self.threads)
                self.first = last = min(first + min(max(size, FEWEST), MOST), self.n_lanes)
            if first == last:
                return
            yield first, last


class _Block:
    """The arrays of one thread, see `gdlab.core.compiled.loop`, and what they go through."""

    def __init__(self, problem: Problem, made: Kernel, verdicts: Verdicts, pool: int) -> None:
        columns = min(pool or WIDTH, WIDTH)
        self.counts = np.zeros(8, np.int64)
        self.counts[[loop.DUE, loop.COLUMNS, loop.N_PARKED]] = problem.max_iter, columns, columns
        tags = np.zeros((5, WIDTH), np.int64)
        tags[loop.BORN], tags[loop.PARKED] = loop.NEVER, np.arange(WIDTH)
        state, late = np.zeros((2, made.n_rows * WIDTH))
        state.reshape(-1, WIDTH)[problem.dimension + 1] = -np.inf
        orbit = np.empty((WATCH + 1, problem.dimension * WIDTH))
        bits = np.left_shift(np.int64(1), np.arange(WIDTH))
        self.starts, self.is_defined = problem.starts, problem.is_defined
        self.problem = [
            problem.thresholds,
            problem.max_iter,
            problem.escape,
            made.known,
        ]
        self.block = [bits, state, late, tags, self.counts, orbit, TICKS]
        self.verdicts = [verdicts.status, verdicts.steps, verdicts.period, verdicts.x]

    def follow(
        self, run: Run, lanes: LaneNumbers, first: int, last: bool = False
    ) -> Iterator[None]:
        """Follow these lanes; with the last ones to the end, or else while some wait."""
        alpha, x0, i_x0 = self.starts(lanes)
        own = [
            np.require(array, requirements=["C", "W"])
            for array in (alpha, x0, self.is_defined(i_x0, x0))
        ]
        self.counts[loop.TAKEN] = 0
        while run(*own, first, *self.problem, *self.block, last, *self.verdicts):
            yield
