"""Experiments that the pictures are tried on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gdlab.experiment import Experiment
from gdlab.figures import Subject
from gdlab.objectives.formula import Formula
from gdlab.results import table as results
from gdlab.results import traces as following
from gdlab.store import shares


@dataclass(frozen=True)
class Run:
    """An experiment with its table, and the subject of its pictures."""

    experiment: Experiment

    @cached_property
    def table(self) -> pd.DataFrame:
        return results.table(self.experiment, shares.descend(self.experiment))

    @cached_property
    def subject(self) -> Subject:
        return Subject.of(self.experiment)

    def paths(self, *lanes: int) -> pd.DataFrame:
        return following.paths(self.experiment, lanes)


def quadratic(alpha, x0, **settings) -> Run:
    f = Formula("x**2 + 4*x + 4", name="Shifted quadratic")
    return Run(Experiment(f, alpha, x0, **settings))


def mesh(n: int, low: float, high: float) -> np.ndarray:
    side = np.linspace(low, high, n)
    return np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)


def himmelblau(alpha, x0, **settings) -> Run:
    f = Formula(
        "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        name="Himmelblau",
        minimisers=[[3, 2], [-2.805118086952745, 3.131312518250573]],
    )
    return Run(Experiment(f, alpha, x0, **settings))
