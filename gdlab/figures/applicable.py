"""Which pictures there are of an experiment; known without importing what draws them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gdlab.experiment import Experiment

FORMATS = ("png", "svg", "pdf", "gif")
DEFAULT = ("heatmap", "curves", "path")
DEFAULT_FORMATS = ("png", "svg")
MOVING = ("path",)
"""Pictures of which there is a film, which is what a GIF is."""


def why_not(name: str, experiment: Experiment) -> str | None:
    """Say in a few words why a figure cannot be drawn of an experiment; None if it can."""
    if experiment.pairs:
        return "pairs of α and x0 have no grid"
    return FIGURES[name](experiment)


def applicable(experiment: Experiment) -> tuple[str, ...]:
    """Names of the figures that can be drawn of an experiment."""
    return tuple(name for name in FIGURES if why_not(name, experiment) is None)


def formats_of(name: str, formats: Sequence[str]) -> list[str]:
    """Those of the formats in which there is a figure of this name."""
    return [kind for kind in formats if kind != "gif" or name in MOVING]


def _several_lanes(experiment: Experiment) -> str | None:
    return "there is a single lane" if experiment.n_lanes == 1 else None


def _several_step_sizes(experiment: Experiment) -> str | None:
    return "there is a single step size" if len(experiment.step_sizes) == 1 else None


def _two_variables_at_most(experiment: Experiment) -> str | None:
    d = experiment.dimension
    return f"it shows one variable or two, of {d}" if d > 2 else None


def _known_minimisers(experiment: Experiment) -> str | None:
    known = experiment.facts.minimisers
    if known is None or not len(known):
        return "no minimiser is known"
    return _several_lanes(experiment) or _two_variables_at_most(experiment)


def _counted_visits(experiment: Experiment) -> str | None:
    if experiment.orbit is None:
        return "it needs orbit=stretch"
    return "orbit.bins=0 counts no visits" if experiment.bins is None else None


def _any(experiment: Experiment) -> str | None:
    return None


FIGURES: dict[str, Callable[[Experiment], str | None]] = {
    "heatmap": _several_lanes,
    "curves": _any,
    "path": _two_variables_at_most,
    "iterations": _several_step_sizes,
    "runtime": _several_lanes,
    "basins": _known_minimisers,
    "regimes": _several_lanes,
    "bifurcation": _counted_visits,
    "rates": _any,
}
"""The names of all pictures, each with what it needs."""
