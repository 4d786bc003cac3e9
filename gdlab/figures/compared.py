"""The pictures of a sweep: its runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gdlab.figures.applicable import FORMATS
from gdlab.figures.compared_curves import compared_curves
from gdlab.figures.compared_heatmaps import compared_heatmaps
from gdlab.figures.facets import Job
from gdlab.figures.style import save

COMPARED = {"heatmap": ("heatmaps", compared_heatmaps), "curves": ("curves", compared_curves)}
"""For each figure of a run what compares it over a sweep, and the name of that."""


def compare(
    jobs: Sequence[Job],
    folder: str | Path,
    names: Sequence[str] = tuple(COMPARED),
    formats: Sequence[str] = FORMATS,
) -> list[Path]:
    """Draw the runs of a sweep side by side into `folder`; give the paths of the files.

    jobs : in their order. names : figures of a run; those that are not compared are passed over.

    A panel each for at most 16 runs, evenly chosen. A failed run has an empty panel.
    """
    folder, written = Path(folder), []
    for name, (together, draw) in COMPARED.items():
        figure = draw(jobs) if name in names else None
        if figure is None:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        written += [save(figure, folder / f"{together}.{kind}") for kind in formats]
    return written
