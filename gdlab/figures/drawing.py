"""The figures of a run, and those of a sweep, made and written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from gdlab.experiment import Experiment
from gdlab.figures.applicable import FIGURES, FORMATS, applicable
from gdlab.figures.convergence import curves
from gdlab.figures.heatmaps import heatmap
from gdlab.figures.paths import path
from gdlab.figures.sizes import heatmap_layout
from gdlab.figures.style import save
from gdlab.figures.subject import Subject
from gdlab.results.choice import lanes_to_follow
from gdlab.results.overview import Overview, Results, overview_of
from gdlab.results.traces import convergence_curves, paths

LONGEST_PATH = 500
"""Iterations of a path that are drawn."""


def draw(
    experiment: Experiment,
    results: Results,
    folder: str | Path,
    names: Sequence[str] = FIGURES,
    formats: Sequence[str] = FORMATS,
    title: str | None = None,
) -> list[Path]:
    """Draw the named figures of a run into `folder` as <name>.<format>; give their paths.

    results : the experiment's table, whole and in its own order, or an overview of it; one with a
        raster where a heatmap is to be drawn.
    title : what to call an objective that has no name.

    A figure that does not apply is left out; see `gdlab.figures.applicable`. A file appears under
    its name only when it is whole.

    Raises
    ------
    ValueError if a name or a format is not known, or the table is not the experiment's.
    """
    _check("figures", names, FIGURES)
    _check("formats", formats, FORMATS)
    folder = Path(folder)
    subject = Subject.of(experiment, title)
    written = []
    drawn = [name for name in names if name in applicable(experiment)]
    layout = heatmap_layout(experiment) if "heatmap" in drawn else None
    overview = overview_of(experiment, results, layout)
    for name in drawn:
        written += write(_figure(name, experiment, overview, subject), folder, name, formats)
    return written


def _figure(name: str, experiment: Experiment, overview: Overview, subject: Subject) -> Figure:
    if name == "heatmap":
        return heatmap(overview, subject)
    if name == "curves":
        return curves(convergence_curves(experiment, overview), subject)
    followed = paths(experiment, lanes_to_follow(experiment), LONGEST_PATH)
    return path(followed, experiment.objective, subject)


def write(figure: Figure, folder: Path, name: str, formats: Sequence[str]) -> list[Path]:
    """Write a figure into `folder` in all these formats."""
    folder.mkdir(parents=True, exist_ok=True)
    return [save(figure, folder / f"{name}.{kind}") for kind in formats]


def _check(what: str, given: Sequence[str], known: tuple[str, ...]) -> None:
    for name in [given] if isinstance(given, str) else given:
        if name not in known:
            raise ValueError(f"{what}: {name!r} is not known; choose from {', '.join(known)}")
