"""Which pictures there are of an experiment; known without importing what draws them."""

from __future__ import annotations

from gdlab.experiment import Experiment

FIGURES = ("heatmap", "curves", "path")
FORMATS = ("png", "svg")


def applicable(experiment: Experiment) -> tuple[str, ...]:
    """Names of the figures that can be drawn of an experiment.

    Pairs have no grid to show; descent paths are drawn of one and of two variables.
    """
    if experiment.pairs:
        return ()
    return FIGURES if experiment.dimension <= 2 else ("heatmap", "curves")
