"""What a user writes, as type checkers see it: CI has mypy and pyright look, and nobody runs it."""

from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import gdlab
from gdlab import grids, methods, theory

Array = NDArray[np.float64]


class Bowl:
    """An objective of one's own."""

    def __call__(self, x: Array) -> Array:
        return np.square(x).sum(axis=0)

    def grad(self, x: Array) -> Array:
        return 2 * x


class Halved:
    """A method of one's own."""

    def memory(self, dimension: int) -> int:
        return 0

    def step(self, at: methods.Iterates, out: Array) -> None:
        out[...] = at.x - at.alpha * at.gradient / 2


f = gdlab.Formula("x**2 + 4*x + 4")
assert_type(f.minimisers, Array | None)
assert_type(f.variables, tuple[str, ...])
assert_type(f(np.zeros((1, 3))), Array)

found = gdlab.descend(f, alpha=[0.1, 0.5], x0=10.0, tol=[1e-3, 1e-7], method=methods.Momentum(0.5))
assert_type(found, gdlab.Descent)
assert_type(found.iterations, Array)
assert_type(found.status, NDArray[np.int8])
assert_type(found.lane_steps, int)

assert_type(gdlab.table(Bowl(), 0.1, np.linspace(-1, 1, 5), method=Halved()), pd.DataFrame)
assert_type(gdlab.table(f, 0.1, grids.plane(5, objective=f)), pd.DataFrame)
assert_type(gdlab.trace(f, 0.1, 10.0), pd.DataFrame)
assert_type(gdlab.orbit(f, 1.1, 0.3).lyapunov, Array)

run = gdlab.run("objective=quadratic", "alpha=0.1")
assert_type(run, gdlab.Run)
assert_type(run.path, Path)
assert_type(run.table(), pd.DataFrame)
assert_type(run.config, dict[str, Any])

assert_type(gdlab.load("outputs"), pd.DataFrame)
assert_type(gdlab.load(Path("outputs"), ["alpha"], [("alpha", "<", 0.5)]), pd.DataFrame)
assert_type(gdlab.runs("outputs"), pd.DataFrame)
rows: int = gdlab.load("outputs", as_="arrow").num_rows
count: int = gdlab.load("outputs", as_="dataset").count_rows()

assert_type(theory.exact_limit(f, methods.Momentum(0.5)), float | None)
