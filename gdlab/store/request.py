"""A run that is wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from omegaconf import DictConfig

from gdlab.experiment import Experiment
from gdlab.store.identity import decisive, identity


@dataclass(frozen=True)
class Request:
    """A run that is wanted: its experiment, and what its record has to say of it.

    config : the composed configuration without `hydra`. objective, method : the names chosen.
    overrides : the words of the command line. hydra : Hydra's own node, where Hydra takes part.
    """

    experiment: Experiment
    config: DictConfig
    objective: str
    method: str
    overrides: list[str] = field(default_factory=list)
    hydra: DictConfig | None = None

    @cached_property
    def identity(self) -> str:
        return identity(decisive(self.experiment, self.config))

    @property
    def name(self) -> str:
        """What the folder is called: words for a person, and the identity."""
        experiment = self.experiment
        grid = f"{len(experiment.alpha)}{'+' if experiment.pairs else 'x'}{len(experiment.starts)}"
        objective = self.objective.replace("/", ".")  # a choice may lie in a folder of its own
        return f"{objective}-{grid}-{self.identity}"
