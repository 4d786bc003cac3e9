"""The figures of a run, and those of a sweep, made and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from gdlab.experiment import Experiment
from gdlab.figures.applicable import FIGURES, FORMATS, applicable
from gdlab.figures.convergence import curves
from gdlab.figures.facets import Facets, Loaded
from gdlab.figures.heatmaps import heatmap
from gdlab.figures.paths import path
from gdlab.figures.sizes import heatmap_layout
from gdlab.figures.style import save
from gdlab.results.overview import Results, overview_of

PICTURES: dict[str, Callable[[Loaded], Figure | None]] = {
    "heatmap": lambda run: heatmap(Facets.one(run)),
    "curves": lambda run: curves(Facets.one(run)),
    "path": path,
}


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
    drawn = [name for name in names if name in applicable(experiment)]
    layout = heatmap_layout(experiment) if "heatmap" in drawn else None
    overview = overview_of(experiment, results, layout)
    run = Loaded.of(experiment, overview, experiment.facts.name or title)
    written = []
    for name in drawn:
        written += write(PICTURES[name](run), Path(folder), name, formats)
    return written


def write(figure: Figure | None, folder: Path, name: str, formats: Sequence[str]) -> list[Path]:
    """Write a figure, if there is one, into `folder` in all these formats; give their paths."""
    if figure is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    return [save(figure, folder / f"{name}.{kind}") for kind in formats]


def _check(what: str, given: Sequence[str], known: tuple[str, ...]) -> None:
    for name in [given] if isinstance(given, str) else given:
        if name not in known:
            raise ValueError(f"{what}: {name!r} is not known; choose from {', '.join(known)}")
