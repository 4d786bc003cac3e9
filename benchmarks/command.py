"""Commands in processes that start from nothing: gdlab's own, timed, and their memory watched."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks.memory import Peak
from benchmarks.worker import BrokenError


class Ended(NamedTuple):
    """A command that has ended well.

    peak : bytes, over all its processes; 0 if not watched. engine : which computed, of gdlab's.
    """

    seconds: float
    peak: int
    said: str
    engine: str = ""


def run(words: Sequence[str], *, python: str = sys.executable, watched: bool = False) -> Ended:
    """Run `python -m gdlab WORDS` into a new folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        return run_into(Path(folder), words, python=python, watched=watched)


def run_into(
    folder: Path, words: Sequence[str], *, python: str = sys.executable, watched: bool = False
) -> Ended:
    """Run `python -m gdlab WORDS`, the run's folder being in that one.

    Raises BrokenError with what it says if it fails.
    """
    done = ended([python, "-m", "gdlab", *words, f"hydra.run.dir={folder}"], watched=watched)
    (record,) = folder.glob("*/run.json")
    said = json.loads(record.read_text(encoding="utf-8"))
    return done._replace(engine=said.get("engine", ""))  # which an earlier version may not say


def ended(command: Sequence[str], *, watched: bool = False) -> Ended:
    """Wait for a command; raise BrokenError with what it says if it fails."""
    with ExitStack() as stack:
        out, err = (
            stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(2)
        )
        # begun in no checkout, so that a gdlab of another environment is not hidden by one that
        # lies in the folder where the benchmarks were started
        elsewhere = stack.enter_context(tempfile.TemporaryDirectory())
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=elsewhere, stdout=out, stderr=err)
        peak = stack.enter_context(Peak(process.pid)) if watched else None
        status = process.wait()
        seconds = time.perf_counter() - began
        for stream in (out, err):
            stream.seek(0)
        if status:
            raise BrokenError(err.read().strip() or f"{command[0]} ended with status {status}")
        return Ended(seconds, peak.bytes if peak else 0, out.read())


def linear(n_alpha: int, n_x0: int) -> list[str]:
    """The words for the problem `linear`."""
    return [
        "objective=shifted_quadratic",
        "alpha_grid=linear",
        "alpha_grid.start=0.005",
        "alpha_grid.stop=0.995",
        f"alpha_grid.num={n_alpha}",
        "x0_grid=line",
        "x0_grid.start=-10",
        "x0_grid.stop=10",
        f"x0_grid.num={n_x0}",
        "tol=1e-7",
        "max_iter=1000",
    ]
