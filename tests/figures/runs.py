"""Experiments that the pictures are tried on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gdlab.experiment import Experiment
from gdlab.figures import Facets, Loaded
from gdlab.objectives.formula import Formula
from gdlab.results import rows
from gdlab.results import table as results
from gdlab.store import shares


@dataclass(frozen=True)
class Run:
    """An experiment with its table, as pictures of it take it."""

    experiment: Experiment

    @cached_property
    def table(self) -> pd.DataFrame:
        if self.experiment.orbit is not None:
            return rows.block(self.experiment, range(self.experiment.n_lanes)).to_pandas()
        return results.table(self.experiment, shares.descend(self.experiment))

    @cached_property
    def loaded(self) -> Loaded:
        return Loaded.of(self.experiment, self.table)

    @property
    def alone(self) -> Facets:
        return Facets.one(self.loaded)


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


def legend_texts(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def heading(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts)
