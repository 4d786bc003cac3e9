"""Runs that several pictures are tried on."""

from __future__ import annotations

import numpy as np
import pytest

from gdlab.experiment import Experiment
from gdlab.objectives.formula import Formula
from tests.figures.runs import Run, quadratic


@pytest.fixture(scope="session")
def small() -> Run:
    return quadratic(np.linspace(0.15, 1.2, 8), np.linspace(-10, 10, 8))


@pytest.fixture(scope="session")
def large() -> Run:
    return quadratic(np.linspace(0.0125, 1.25, 100), np.linspace(-10, 10, 41))


@pytest.fixture(scope="session")
def well() -> Run:
    f = Formula("x**4/4 - x**2/2 + x/5")
    return Run(Experiment(f, np.linspace(0.1, 1.6, 16), np.linspace(-2, 2, 17), max_iter=200))
