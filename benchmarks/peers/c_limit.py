"""C, compiled on the spot with OpenMP for this machine's vectors: the limit (`limit.c`)."""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.peers import AbsentError, Answer, Lanes, Run, Solve
from benchmarks.problems import Problem

SOURCE = Path(__file__).with_name("limit.c")
# contraction and the rest of fast maths stay off: every operation rounds as NumPy's does
FLAGS = (
    "-std=gnu11 -O3 -march=native -fopenmp -ffp-contract=off -fno-math-errno -fno-trapping-math "
    "-shared -fPIC"
)


def prepare(problem: Problem) -> Solve:
    """Compile the program for this problem; raise AbsentError where there is no compiler."""
    compiler = (
        shlex.split(os.environ.get("CC", ""))
        or [name for name in ("gcc", "cc", "clang") if shutil.which(name)][:1]
    )
    if not compiler or not shutil.which(compiler[0]):
        raise AbsentError("there is no C compiler (gcc, cc, clang, or the one that CC names)")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "limit.so"
        words = [*compiler, *FLAGS.split(), f"-DDIMENSION={problem.dimension}", str(SOURCE)]
        done = subprocess.run(
            [*words, "-o", str(library), "-lm"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AbsentError(f"{compiler[0]} does not compile it: {done.stderr.strip()[:200]}")
        descend = ctypes.CDLL(str(library)).descend
    descend.restype = None

    def solve(lanes: Lanes) -> Run:
        alpha, x0 = lanes.alpha, lanes.x0

        def run() -> Answer:
            n = alpha.size
            steps, status = np.empty(n, np.int32), np.empty(n, np.int8)
            x, period = np.empty_like(x0), np.empty(n, np.int16)
            descend(
                ctypes.c_int64(n),
                alpha.ctypes,
                x0.ctypes,
                ctypes.c_double(problem.tol),
                ctypes.c_double(problem.escape),
                ctypes.c_int32(problem.max_iter),
                steps.ctypes,
                status.ctypes,
                period.ctypes,
                x.ctypes,
            )
            return Answer(steps, status, x, period)

        return run

    return solve
