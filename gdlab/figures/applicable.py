"""Which pictures there are of an experiment; known without importing what draws them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gdlab.experiment import Experiment

FORMATS = ("png", "svg")
DEFAULT = ("heatmap", "curves", "path")
DEFAULT_FORMATS = ("png", "svg")


def why_not(name: str, experiment: Experiment) -> str | None:
    """Say in a few words why a figure cannot be drawn of an experiment; None if it can."""
    if experiment.pairs:
        return "pairs of α and x0 have no grid"
    return FIGURES[name](experiment)


def applicable(experiment: Experiment) -> tuple[str, ...]:
    """Names of the figures that can be drawn of an experiment."""
    return tuple(name for name in FIGURES if why_not(name, experiment) is None)


def _several_lanes(experiment: Experiment) -> str | None:
    return "there is a single lane" if experiment.n_lanes == 1 else None


def _several_step_sizes(experiment: Experiment) -> str | None:
    return "there is a single step size" if len(experiment.step_sizes) == 1 else None


def _two_variables_at_most(experiment: Experiment) -> str | None:
    d = experiment.dimension
    return f"it shows one variable or two, of {d}" if d > 2 else None


def _any(experiment: Experiment) -> str | None:
    return None


FIGURES: dict[str, Callable[[Experiment], str | None]] = {
    "heatmap": _several_lanes,
    "curves": _any,
    "path": _two_variables_at_most,
    "iterations": _several_step_sizes,
    "runtime": _several_lanes,
    "rates": _any,
}
"""The names of all pictures, each with what it needs."""
