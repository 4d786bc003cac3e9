"""What more lanes cost: time and peak memory by number of lanes, each in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isqrt
from statistics import median
from typing import Any

from benchmarks import command
from benchmarks.comparison import Say
from benchmarks.memory import EVERY, Peak, in_use
from benchmarks.peers import AbsentError, Peer
from benchmarks.peers.known import COMMAND, COMMAND_NAME, PEERS
from benchmarks.problems import Problem
from benchmarks.worker import BrokenError, Worker

LONG_ENOUGH = 3 * EVERY
"""Seconds of descents, one after the other, in which the peak of the memory is met."""
LEFT_OUT = ("core-4tol", "compiled-1", "compiled-4tol")
SHORT, REPEATS = 10.0, 3
"""A run of fewer seconds is timed anew so many times; of a longer one, one time counts."""
FLAT = 1.3
"""How much longer a lane may take on one size of grid than on another."""
COMMAND_FROM = 1_000_000
"""Lanes below which the start of the program is most of what a command takes."""


@dataclass(frozen=True)
class Point:
    """What so many lanes cost. peak : bytes above what the peer holds before it knows the lanes."""

    key: str
    name: str
    lanes: int
    seconds: list[float]
    peak: int
    start: float = 0.0
    """Seconds of a command of 4 lanes, to be taken off."""

    @property
    def per_lane(self) -> float:
        """Nanoseconds a lane."""
        return (median(self.seconds) - self.start) / self.lanes * 1e9

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"nanoseconds_per_lane": self.per_lane}


def curve(
    problem: Problem, keys: Sequence[str], most: int, say: Say = lambda text: None
) -> tuple[list[Point], dict[str, str]]:
    """Measure each peer on 1e3, 1e4, … lanes, up to its own limit and `most`; and who is absent."""
    points, skipped = [], {}
    for key in keys:
        if key in LEFT_OUT:
            continue
        peer = PEERS[key]
        for n in sizes(1000, min(most, peer.most)):
            say(f"{peer.name}: {n:,} lanes")
            try:
                points.append(measure(peer, problem, n))
            except AbsentError as error:
                skipped[key] = str(error)
                break
    return points, skipped


def by_command(most: int, say: Say = lambda text: None) -> tuple[list[Point], dict[str, str]]:
    """Measure the command line, which leaves the table on the disk; and what it refuses."""
    points: list[Point] = []
    try:
        say(f"{COMMAND_NAME}: 4 lanes")
        nothing = command.run(command.linear(2, 2), watched=True)
        for n in sizes(COMMAND_FROM, most):
            say(f"{COMMAND_NAME}: {n:,} lanes")
            side = isqrt(n)
            found = command.run(command.linear(side, side), watched=True)
            more = max(found.peak - nothing.peak, 0)
            points.append(
                Point(COMMAND, COMMAND_NAME, side**2, [found.seconds], more, nothing.seconds)
            )
    except BrokenError as error:
        return points, {COMMAND: str(error)}
    return points, {}


def measure(peer: Peer, problem: Problem, n: int) -> Point:
    """Descend about n lanes in a new process: once for the memory, then for the time."""
    with Worker(peer, problem) as worker:
        worker.prepare()
        before = in_use(worker.pid)
        worker.take(n)
        began = time.perf_counter()
        with Peak(worker.pid) as peak:
            first = worker.run().seconds
            while time.perf_counter() - began < LONG_ENOUGH:
                worker.run()
        seconds = [first]
        if first < SHORT:
            seconds = [worker.run().seconds for _ in range(REPEATS)]
    lanes = problem.n_lanes(n)
    return Point(peer.key, peer.name, lanes, seconds, max(peak.bytes - before, 0))


def flatness(points: Sequence[Point], key: str, least: int = 100_000) -> float | None:
    """The longest time a lane over the shortest, from `least` lanes on; None for fewer than two."""
    times = [point.per_lane for point in points if point.key == key and point.lanes >= 0.9 * least]
    return max(times) / min(times) if len(times) > 1 else None


def sizes(least: int, most: int) -> list[int]:
    """The powers of ten from `least` to `most`."""
    return [10**power for power in range(len(str(least)) - 1, 19) if least <= 10**power <= most]
