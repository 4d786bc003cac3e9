"""A few ways to take steps, timed in turn in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple

from benchmarks.bounds import Found, Limit


@dataclass
class Way:
    """One way: what is timed, and how many lane-steps it gives back.

    worked : whether the processor's time counts, which other work on the machine disturbs less.
    """

    name: str
    run: Callable[[], int]
    worked: bool = False
    nanoseconds: list[float] = field(default_factory=list)

    def time(self) -> None:
        """Run once, and note what a lane-step took."""
        clock = time.process_time if self.worked else time.perf_counter
        began = clock()
        steps = self.run()
        self.nanoseconds.append((clock() - began) / steps * 1e9)

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "nanoseconds_per_lane_step": self.nanoseconds}


class Ratio(NamedTuple):
    """How many times longer a lane-step of one way takes than one of another."""

    of: str
    to: str
    limit: Limit


def measure(
    ways: dict[str, Way], rounds: int, say: Callable[[str], None] = lambda text: None
) -> None:
    """Take each way once unmeasured, to compile and to warm, and then in turn."""
    for number in range(rounds + 1):
        for way in ways.values():
            say(f"round {number} of {rounds}, {way.name}")
            way.time()
            if number == 0:
                way.nanoseconds.clear()


def judged(ways: dict[str, Way], ratios: Sequence[Ratio], where: str) -> list[Found]:
    """The medians of the rounds' ratios; None for a way that could not be had."""
    found = []
    for ratio in ratios:
        pair = [ways[key] for key in (ratio.of, ratio.to) if key in ways]
        measured = None
        if len(pair) == 2:
            of, to = (way.nanoseconds for way in pair)
            measured = median(a / b for a, b in zip(of, to, strict=True))
        names = [ways[key].name if key in ways else key for key in (ratio.of, ratio.to)]
        found.append(Found(" / ".join(names), where, ratio.limit, measured))
    return found
