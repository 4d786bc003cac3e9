"""The whole way: from the command line to the table on the disk and the pictures, cold."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks.memory import Peak
from benchmarks.worker import BrokenError

SIDE = 2000
WITHIN = 12.0
"""Seconds in which SIDE × SIDE lanes are to be done."""


class Command(NamedTuple):
    """A run from the command line. peak : bytes, over all its processes; 0 if not watched."""

    lanes: int
    seconds: float
    peak: int


def run(n_alpha: int, n_x0: int, *, watched: bool = False) -> Command:
    """Run the problem `linear` in a new process, into a new folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        command = [sys.executable, "-m", "gdlab", *words(n_alpha, n_x0, folder)]
        said = stack.enter_context(Path(folder, "said").open("w+", encoding="utf-8"))
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        peak = stack.enter_context(Peak(process.pid)) if watched else None
        status = process.wait()
        seconds = time.perf_counter() - began
        if status:
            said.seek(0)
            raise BrokenError(
                f"python -m gdlab with {n_alpha:,} × {n_x0:,} lanes: {said.read().strip()}"
            )
        return Command(n_alpha * n_x0, seconds, peak.bytes if peak else 0)


def words(n_alpha: int, n_x0: int, folder: str) -> list[str]:
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
        f"hydra.run.dir={folder}/store",
    ]
