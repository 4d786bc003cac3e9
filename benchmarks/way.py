"""The whole way, cold: from a command to its table on the disk, and to its pictures.

Four things are asked: what the compiled core saves, and what is left above the mere writing of the
table; whether a large grid with pictures is done fast and in little memory; how long a command
takes that has almost nothing to do; and whether memory stays the same when lanes become many.

The rounds alternate between what is held against each other. All processes start from nothing, but
for what gdlab keeps from one to the next: kernels, and what SymPy says of a formula.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.util import find_spec
from math import ceil, isqrt, sqrt
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import arrow, command
from benchmarks.command import Ended
from benchmarks.comparison import Say
from benchmarks.worker import BrokenError

LARGE, LARGE_ROUNDS = 100_000_000, 3
"""Lanes of the large grid, and as many rounds at most, since each takes a minute."""
PLANE, PART = 1_000_000_000, 100
"""Lanes over the plane, of which a hundredth is to need the same memory."""
PER_LANE = 25
"""Bytes on the disk that a lane of one or two variables takes at the most."""
FIRST = 3 * 101
"""Lanes of the first example of `python -m gdlab --help`."""
NO_BEFORE = "no earlier version is given (--before PYTHON)"
NO_NUMBA = "" if find_spec("numba") else "numba is not installed (the extra `fast` has it)"


@dataclass
class Timed:
    """One command, round by round.

    peaks : bytes over all its processes, where they were watched. engine : that computed it.
    absent : why it was not run.
    """

    name: str
    lanes: int
    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)
    engine: str = ""
    absent: str = ""

    @property
    def peak(self) -> int:
        return max(self.peaks, default=0)

    def ratio(self, to: Timed) -> list[float]:
        """How many times longer than the other it took, by round."""
        return [slow / fast for slow, fast in zip(self.seconds, to.seconds, strict=True)]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"median_seconds": median(self.seconds) if self.seconds else None}


Way = Mapping[str, Timed]
"""What was run, by keys of which the bounds know."""
Once = Callable[[], Ended]


def measure(
    lanes: int, rounds: int, most: int, before: str | None, say: Say = lambda text: None
) -> Way:
    """Run all of it.

    lanes : of which 16 times as many go to the disk. most : lanes of the largest grids. before :
    the Python of an environment that has another gdlab.
    """
    side, large = isqrt(16 * lanes), isqrt(min(most, LARGE))
    return (
        _to_disk(side, rounds, say)
        | _with_figures(large, min(rounds, LARGE_ROUNDS), before, say)
        | _from_the_start(rounds, before, say)
        | _over_a_plane(most, say)
    )


def _to_disk(side: int, rounds: int, say: Say) -> dict[str, Timed]:
    """Both engines and bare Arrow, on the same side × side lanes."""
    way = {
        "auto": Timed("engine=auto, figures=none", side * side),
        "processes": Timed("engine=numpy parallel=processes, figures=none", side * side),
        "arrow": Timed("bare Arrow, the same columns from arrays", side * side),
    }
    if NO_NUMBA:
        return _left_out(way, NO_NUMBA)
    words = [*command.linear(side, side), "figures=none"]
    with tempfile.TemporaryDirectory() as source:
        say("engine=numba: a kernel to be kept, and the table for bare Arrow")
        command.run_into(Path(source), [*words, "engine=numba"])
        (results,) = Path(source).glob("*/results")
        _alternate(
            {
                "auto": partial(command.run, [*words, "engine=auto"]),
                "processes": partial(command.run, [*words, "engine=numpy", "parallel=processes"]),
                "arrow": partial(_written_by_arrow, results),
            },
            way,
            rounds,
            say,
        )
    return way


def _written_by_arrow(results: Path) -> Ended:
    with tempfile.TemporaryDirectory() as folder:
        # -P: the script's neighbours are no libraries
        done = command.ended([sys.executable, "-P", arrow.__file__, str(results), folder])
    return done._replace(seconds=float(done.said))


def _with_figures(side: int, rounds: int, before: str | None, say: Say) -> dict[str, Timed]:
    """A large grid with all pictures, watched."""
    way = {
        "figures": Timed("default figures", side * side),
        "figures-before": Timed("default figures, earlier version", side * side),
    }
    lack = _lack_of_room(side * side)
    if lack:
        return _left_out(way, lack)
    words = command.linear(side, side)
    once: dict[str, Once] = {"figures": partial(command.run, words, watched=True)}
    if before is None:
        way["figures-before"].absent = NO_BEFORE
    else:
        once["figures-before"] = partial(command.run, words, python=before, watched=True)
    _alternate(once, way, rounds, say)
    return way


def _from_the_start(rounds: int, before: str | None, say: Say) -> dict[str, Timed]:
    """A command that has next to nothing to do; what can be kept is there from the runs above."""
    way = {
        "start": Timed("first command", FIRST),
        "start-before": Timed("first command, earlier version", FIRST),
        "start-none": Timed("first command, figures=none", FIRST),
    }
    words = ["objective=shifted_quadratic", "alpha=[0.1,0.3,0.9]"]
    once: dict[str, Once] = {"start-none": partial(command.run, [*words, "figures=none"])}
    if before is None:
        way["start"].absent = way["start-before"].absent = NO_BEFORE
    else:
        once["start"] = partial(command.run, words)
        once["start-before"] = partial(command.run, words, python=before)
    _alternate(once, way, rounds, say)
    return way


def _over_a_plane(most: int, say: Say) -> dict[str, Timed]:
    """Many lanes over the plane and a hundredth of them, watched, once."""
    sides = {"plane": ceil(sqrt(most)), "plane-part": ceil(sqrt(most / PART))}
    way = {
        key: Timed("plane, engine=numba, figures=none", side * side) for key, side in sides.items()
    }
    lack = NO_NUMBA or _lack_of_room(way["plane"].lanes)
    if most < PLANE:
        lack = "fewer than 1e9 lanes are asked for (--most 1e9: minutes, and tens of GB)"
    if lack:
        return _left_out(way, lack)
    words = ["objective=himmelblau", "alpha=0.01", "engine=numba", "figures=none"]
    once = {
        key: partial(command.run, [*words, f"x0_grid.num={side}"], watched=True)
        for key, side in sides.items()
    }
    try:
        _alternate(once, way, 1, say)
    except BrokenError as error:  # a machine that cannot
        return _left_out(way, str(error.__cause__))
    return way


def _alternate(once: Mapping[str, Once], way: dict[str, Timed], rounds: int, say: Say) -> None:
    for number in range(1, rounds + 1):
        for key, run in once.items():
            timed = way[key]
            say(f"{timed.lanes:,} lanes, round {number} of {rounds}: {timed.name}")
            try:
                done = run()
            except BrokenError as error:
                raise BrokenError(f"{timed.name}, {timed.lanes:,} lanes: {error}") from error
            timed.seconds.append(done.seconds)
            timed.peaks += [done.peak] if done.peak else []
            timed.engine = done.engine


def _left_out(way: dict[str, Timed], reason: str) -> dict[str, Timed]:
    return {key: Timed(timed.name, timed.lanes, absent=reason) for key, timed in way.items()}


def _lack_of_room(lanes: int) -> str:
    """Why so many lanes cannot have room where temporary folders are, if they cannot."""
    folder = tempfile.gettempdir()
    needed, free = lanes * PER_LANE / 1e9, shutil.disk_usage(folder).free / 1e9
    if needed <= free:
        return ""
    return f"{lanes:,} lanes need up to {needed:,.1f} GB in {folder}, which has {free:,.1f} GB free"
