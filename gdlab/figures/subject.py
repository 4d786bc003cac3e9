"""What a picture has to say besides what its table holds."""

from __future__ import annotations

from dataclasses import dataclass

from gdlab.experiment import Experiment
from gdlab.methods import name_of
from gdlab.objectives.base import Array, Facts
from gdlab.theory import best_step_size, exact_limit, stability_limits, symbols_of


@dataclass(frozen=True, eq=False)
class Subject:
    """What captions, axes and theory lines need to know of an experiment.

    experiment : whose lanes are drawn.
    limits : (m,) the largest stable step size at each known minimiser; empty where theory knows
        none.
    exact_limit : that where it holds from every start, else None.
    symbols : how theory writes it, as in "2/L", or None.
    best : the fastest step size where theory knows it, else None.
    name : what to call the objective, or None.
    method : how steps are taken, in words.
    """

    experiment: Experiment
    limits: Array
    exact_limit: float | None = None
    symbols: str | None = None
    best: float | None = None
    name: str | None = None
    method: str = "gradient descent"

    @classmethod
    def of(cls, experiment: Experiment, title: str | None = None) -> Subject:
        """Describe `experiment`; `title` stands for the name of its objective."""
        objective, method = experiment.objective, experiment.method
        return cls(
            experiment,
            limits=stability_limits(objective, method),
            exact_limit=exact_limit(objective, method),
            symbols=symbols_of(method),
            best=best_step_size(objective, method),
            name=title or experiment.facts.name,
            method=name_of(method),
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
