"""Seconds to read many runs with `gdlab.load`, beside pyarrow alone on the same files, in one run.

    python -m benchmarks.reading [--runs 200] [--rows 10000] [--rounds 5]

The runs: the shifted quadratic from `rows` starting points, each run with a limit of its own on the
iterations. pyarrow reads their Parquet files one after the other, puts them together and makes the
pandas table; gdlab.load does that and checks every file, and adds what tells the runs apart. The
rounds alternate between the two, so that a change in the machine's speed meets both; the ratio is
the median of the rounds'.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from omegaconf import OmegaConf

import gdlab
from gdlab.settings import experiment_of
from gdlab.store.computing import compute
from gdlab.store.request import Request

BOUND = 2.0


def make_runs(folder: Path, n_runs: int, n_rows: int) -> list[Path]:
    """Compute runs that differ in max_iter; give their Parquet files."""
    files: list[Path] = []
    for i in range(n_runs):
        config = OmegaConf.create(
            {
                "objective": {"_target_": "gdlab.Formula", "expr": "x**2 + 4*x + 4"},
                "method": {"_target_": "gdlab.GradientDescent"},
                "tolerance": {"criterion": "step", "escape": 1e8},
                "alpha": {"_target_": "numpy.linspace", "start": 0.01, "stop": 1.1, "num": 100},
                "x0": {
                    "_target_": "numpy.linspace",
                    "start": -10,
                    "stop": 10,
                    "num": -(-n_rows // 100),
                },
                "tol": 1e-6,
                "max_iter": 20 + i,
                "pairs": False,
            }
        )
        request = Request(experiment_of(config), config, "shifted_quadratic", "gradient_descent")
        run = compute(request, folder / request.name)
        files += sorted((run.path / "results").iterdir())
    return files


def plainly(files: Sequence[Path]) -> pd.DataFrame:
    """Read the files with pyarrow alone."""
    return pa.concat_tables([pq.read_table(file) for file in files]).to_pandas()


def seconds(read: Callable[[], pd.DataFrame]) -> float:
    began = time.perf_counter()
    read()
    return time.perf_counter() - began


def main() -> None:
    """Make the runs, check, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--runs", type=int, default=200)
    arguments.add_argument("--rows", type=int, default=10_000, help="of each run, in hundreds")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = make_runs(folder, options.runs, options.rows)
        ways: dict[str, Callable[[], pd.DataFrame]] = {
            "gdlab.load": lambda: gdlab.load(folder),
            "pyarrow alone": lambda: plainly(files),
        }
        ours, theirs = (read() for read in ways.values())
        if len(ours) != len(theirs) or ours["steps"].sum() != theirs["steps"].sum():
            raise SystemExit("the two ways do not read the same rows; nothing was timed")
        spent: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, read in ways.items():
                spent[way].append(seconds(read))

    print(f"{options.runs:,} runs, {len(ours):,} rows")
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, "
        f"pyarrow {pa.__version__}, pandas {pd.__version__}, {datetime.now(UTC):%Y-%m-%d}"
    )
    for way, times in spent.items():
        print(f"{way:20}{median(times):8.3f} s")
    ratio = median(a / b for a, b in zip(*spent.values(), strict=True))
    print(f"ratio {ratio:.2f} (bound: {BOUND:g})")


if __name__ == "__main__":
    main()
