"""Which pictures there are of an experiment; known without importing what draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gdlab.experiment import Experiment

FIGURES = ("heatmap", "curves", "path")
FORMATS = ("png", "svg")


def applicable(experiment: Experiment) -> tuple[str, ...]:
    """Names of the figures that can be drawn of an experiment.

    Pairs and a single lane have no grid to show; descent paths are drawn of one and of two
    variables.
    """
    if experiment.pairs:
        return ()
    left_out = set()
    if experiment.n_lanes == 1:
        left_out.add("heatmap")
    if experiment.dimension > 2:
        left_out.add("path")
    return tuple(name for name in FIGURES if name not in left_out)
