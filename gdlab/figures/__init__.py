"""Pictures of runs: which step sizes converge, how fast, and along which way.

    from gdlab import figures
    run = figures.Loaded.of(experiment, table)
    figures.save(figures.heatmap(figures.Facets.one(run)), "heatmap.png")

A picture shows one run or many, side by side. What draws is imported when it is asked for.
"""

from importlib import import_module
from typing import Any

from gdlab.figures.applicable import FIGURES, FORMATS, applicable

_HOMES = {
    "Facets": "facets",
    "Loaded": "facets",
    "Subject": "subject",
    "curves": "convergence",
    "draw": "drawing",
    "heatmap": "heatmaps",
    "path": "paths",
    "save": "style",
    "settings": "style",
}

__all__ = ["FIGURES", "FORMATS", "applicable", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
