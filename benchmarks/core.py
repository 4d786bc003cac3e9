"""Lane-steps a second of the core, beside what one would write without it, in one run.

    python benchmarks/core.py [--lanes 1000] [--rounds 5]

The problem: the shifted quadratic x² + 4x + 4, N step sizes from 0.005 to 0.995, N starting points
from -10 to 10, tolerance 1e-7 on the step, at most 1000 iterations. Before anything is timed, all
three ways must agree on the iterations of every lane that they share. The rounds alternate between
the ways, so that a change in the machine's speed meets all of them; the ratios are medians.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

import numpy as np
from numpy.typing import NDArray

from gdlab import Experiment, Formula
from gdlab.descent import descend

TOL, MAX_ITER = 1e-7, 1000
Counts = NDArray[np.int64]


def pool(experiment: Experiment) -> Counts:
    """Count with gdlab's core, verdicts and all."""
    verdicts = descend(experiment.problem)
    return np.where(verdicts.status[0] == 0, verdicts.steps[0], 0).astype(np.int64)


def masked(experiment: Experiment) -> Counts:
    """Count with the whole grid at once, under a mask of the lanes that still go on."""
    alpha, x = (
        grid.ravel() for grid in np.meshgrid(experiment.alpha, experiment.x0, indexing="ij")
    )
    iterations = np.zeros(x.size, np.int64)
    going = np.ones(x.size, bool)
    for k in range(1, MAX_ITER + 1):
        new = np.where(going, x - alpha * (2 * x + 4), x)
        stopped = going & (np.abs(new - x) < TOL)
        iterations[stopped] = k
        going &= ~stopped
        x = new
        if not going.any():
            break
    return iterations


def loop(experiment: Experiment) -> Counts:
    """Count with plain Python, lane after lane."""
    iterations = []
    for alpha in experiment.alpha.tolist():
        for start in experiment.x0[:, 0].tolist():
            x = start
            count = 0
            for k in range(1, MAX_ITER + 1):
                new = x - alpha * (2 * x + 4)
                step = abs(new - x)
                x = new
                if step < TOL:
                    count = k
                    break
            iterations.append(count)
    return np.array(iterations)


def grid(n_alpha: int, n_x0: int) -> Experiment:
    """The benchmark's problem on n_alpha × n_x0 lanes."""
    return Experiment(
        Formula("x**2 + 4*x + 4"),
        np.linspace(0.005, 0.995, n_alpha),
        np.linspace(-10, 10, n_x0),
        tol=TOL,
        max_iter=MAX_ITER,
    )


def seconds(count: Callable[[Experiment], Counts], experiment: Experiment) -> float:
    began = time.perf_counter()
    count(experiment)
    return time.perf_counter() - began


def main() -> None:
    """Check, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--lanes", type=int, default=1000, help="step sizes and starting points")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()

    whole, few = (
        grid(options.lanes, options.lanes),
        grid(options.lanes, max(options.lanes // 20, 1)),
    )
    expected = pool(whole)
    if not np.array_equal(expected, masked(whole)) or not np.array_equal(pool(few), loop(few)):
        raise SystemExit("the three ways do not agree on the iterations; nothing was timed")
    steps = {True: int(np.where(expected, expected, MAX_ITER).sum())}
    some = pool(few)
    steps[False] = int(np.where(some, some, MAX_ITER).sum())

    ways: dict[str, tuple[Callable[[Experiment], Counts], bool]] = {
        "pool (gdlab)": (pool, True),
        "masked whole grid": (masked, True),
        "plain Python loop": (loop, False),
    }
    nanoseconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, (count, all_lanes) in ways.items():
            spent = seconds(count, whole if all_lanes else few)
            nanoseconds[name].append(spent / steps[all_lanes] * 1e9)

    print(f"{whole.n_lanes:,} lanes, {steps[True]:,} lane-steps; the loop: {few.n_lanes:,}")
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, {datetime.now(UTC):%Y-%m-%d}; one process"
    )
    own = nanoseconds["pool (gdlab)"]
    print(f"{'':20}{'lane-steps/s':>14}{'ns a step':>12}{'slower than the pool':>24}")
    for name, times in nanoseconds.items():
        ratio = median(theirs / ours for theirs, ours in zip(times, own, strict=True))
        print(f"{name:20}{1e9 / median(times):14,.0f}{median(times):12.1f}{ratio:22.1f} ×")


if __name__ == "__main__":
    main()
