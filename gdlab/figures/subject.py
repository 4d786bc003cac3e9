"""What a picture has to say besides what its table holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdlab.experiment import Experiment
from gdlab.methods import GradientDescent, name_of
from gdlab.objectives.base import Array, Facts
from gdlab.theory import best_step_size, exact_limit, stability_limits


@dataclass(frozen=True, eq=False)
class Subject:
    """What captions, axes and theory lines need to know of an experiment.

    experiment : whose lanes are drawn.
    limits : (m,) the step size 2/L at each known minimiser; empty where that does not apply.
    exact_limit : 2/L where it holds from every start, else None.
    best : the fastest step size where theory knows it, else None.
    name : what to call the objective, or None.
    method : how steps are taken, in words.
    """

    experiment: Experiment
    limits: Array
    exact_limit: float | None = None
    best: float | None = None
    name: str | None = None
    method: str = "gradient descent"

    @classmethod
    def of(cls, experiment: Experiment, title: str | None = None) -> Subject:
        """Describe `experiment`; `title` stands for the name of its objective."""
        # 2/L is the limit of plain descent; other methods have their own.
        plain = type(experiment.method) is GradientDescent
        return cls(
            experiment,
            limits=stability_limits(experiment.objective) if plain else np.empty(0),
            exact_limit=exact_limit(experiment.objective) if plain else None,
            best=best_step_size(experiment.objective) if plain else None,
            name=title or experiment.facts.name,
            method=name_of(experiment.method),
        )

    @property
    def facts(self) -> Facts:
        return self.experiment.facts

    @property
    def criterion(self) -> str:
        return self.experiment.criterion

    @property
    def tol(self) -> Array:
        return self.experiment.tol

    @property
    def max_iter(self) -> int:
        return self.experiment.max_iter

    @property
    def n_alpha(self) -> int:
        """Distinct step sizes."""
        return len(self.experiment.step_sizes)

    @property
    def n_x0(self) -> int:
        return len(self.experiment.starts)

    @property
    def tightest(self) -> float:
        return float(self.tol.min())
