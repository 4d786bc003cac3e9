"""Pictures of runs: which step sizes converge, how fast, and along which way.

    run = gdlab.run("objective=quartic")
    gdlab.figures.heatmap(run)  # a Matplotlib Figure
    gdlab.figures.save(gdlab.figures.curves(run), "curves.pdf")

    run = gdlab.figures.Loaded.of(experiment, table)  # without a folder

A picture shows one run or many, side by side. What draws is imported when it is asked for.
"""

from importlib import import_module
from typing import Any

from gdlab.figures.applicable import FIGURES, FORMATS, applicable, why_not

_HOMES = {
    "Facets": "facets",
    "Loaded": "facets",
    "Subject": "subject",
    "draw": "drawing",
    "film": "moving",
    "save": "style",
    "settings": "style",
} | {name: f"pictures.{name}" for name in FIGURES}

__all__ = ["FIGURES", "FORMATS", "applicable", "why_not", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
