"""Pictures of runs: which step sizes converge, how fast, and along which way.

    from gdlab import figures
    subject = figures.Subject.of(experiment)
    figures.save(figures.heatmap(table, subject), "heatmap.png")

What draws is imported when it is asked for.
"""

from importlib import import_module
from typing import Any

from gdlab.figures.applicable import FIGURES, FORMATS, applicable

_HOMES = {
    "Subject": "subject",
    "curves": "convergence",
    "draw": "drawing",
    "heatmap": "heatmaps",
    "heatmap_layout": "sizes",
    "path": "paths",
    "save": "style",
    "settings": "style",
}

__all__ = ["FIGURES", "FORMATS", "applicable", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
