"""What a finished run shows of itself: its pictures and its report, made where they are missing."""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig

from gdlab.figures.applicable import FIGURES, FORMATS, applicable, formats_of
from gdlab.files import checksum, only_process, remove_unfinished
from gdlab.given import ConfigError
from gdlab.objectives.base import ObjectiveError
from gdlab.report.due import REPORT, is_current
from gdlab.results.overview import Overview
from gdlab.settings import plain
from gdlab.store.captions import Caption, drawing, is_drawn
from gdlab.store.request import Request
from gdlab.store.run import Run
from gdlab.terminal import process as terminal

LEAST_WIDTH, MOST_WIDTH = 2.5, 12.0
"""Inches of a column of print."""


def require_settings(config: DictConfig) -> None:
    """Raise ConfigError for a figure, a format, a style or a width that cannot be."""
    is_reported(config)
    for key, known in (("names", FIGURES), ("formats", FORMATS)):
        given = plain(config.figures[key])
        if not isinstance(given, list) or not set(map(str, given)) <= set(known):
            raise ConfigError(
                f"figures.{key}={given} must be a list of some of: {', '.join(known)}"
            )
    look_of(config)


def look_of(config: DictConfig) -> tuple[str | None, float | None]:
    """The style of pictures, and the width of the column they fit into.

    Raises ConfigError for what is none.
    """
    style, width = (plain(config.figures.get(key)) for key in ("style", "width"))
    if width is not None and not (
        isinstance(width, int | float) and LEAST_WIDTH <= width <= MOST_WIDTH
    ):
        raise ConfigError(
            f"figures.width={width} is no width of a column, from {LEAST_WIDTH} to {MOST_WIDTH} "
            "inches; a column of two on a page has about 3.4"
        )
    if style is not None:
        from gdlab.figures.style import read_style

        try:
            read_style(str(style))
        except ValueError as error:
            raise ConfigError(str(error)) from error
    return style and str(style), width


def missing(request: Request, path: Path, caption: Caption) -> list[str]:
    """Names of the figures that are asked for, can be drawn, and are not there as they would be."""
    chosen, caption = request.config.figures, _with_look(caption, request.config)
    return [
        name
        for name in applicable(request.experiment)
        if name in chosen.names
        and (kinds := formats_of(name, chosen.formats))
        and (request.config.force or not is_drawn(path, name, kinds, caption))
    ]


def caption_of(request: Request) -> Caption:
    """What the pictures of a run say that its identity leaves open, and the signs they cannot."""
    facts = request.experiment.facts
    name, without = facts.name or request.objective, ""
    texts = (name, *facts.variables)
    if not "".join(texts).isascii():
        from gdlab.figures.fonts import undrawable

        without = "".join(undrawable(texts))
    return {"name": name, "formula": facts.formula, "without": without}


def _with_look(caption: Caption, config: DictConfig) -> Caption:
    """A caption, the style of pictures, known by what its file holds, and the width they fit."""
    style, width = (plain(config.figures.get(key)) for key in ("style", "width"))
    if style is not None and Path(style).is_file():
        style = f"{style} {checksum(Path(style))}"
    return {**caption, "style": style, "width": None if width is None else f"{width:g}"}


def draw(
    request: Request, finished: Run, overview: Overview, names: list[str], caption: Caption
) -> None:
    """Draw these figures of a run in all formats that are asked for, and record their captions.

    Raises ConfigError where the objective cannot be evaluated.
    """
    from gdlab import figures

    terminal.tidy_at_ctrl_c()
    path, formats = finished.path, list(request.config.figures.formats)
    with only_process(path.parent, path.name):
        remove_unfinished(path)
        try:
            files = [f"{name}.{kind}" for name in names for kind in formats_of(name, formats)]
            with drawing(path, files, _with_look(caption, request.config)):
                title = caption["name"]
                run = figures.Loaded.of_run(finished, title, request.experiment, overview)
                with figures.settings(*look_of(request.config)):
                    figures.draw(run, path / "figures", names, formats)
        except ObjectiveError as error:
            raise ConfigError(
                f"the results are whole, and their pictures cannot be drawn: objective: {error}; "
                "figures=none leaves the pictures out"
            ) from error


def is_reported(config: DictConfig) -> bool:
    """Whether a page is to be made.

    Raises ConfigError where that is neither true nor false.
    """
    given = config.get("report", True)  # older records do not say
    if not isinstance(given, bool):
        raise ConfigError(f"report={given} is neither true nor false")
    return given


def report(finished: Run, overview: Overview, caption: Caption, remarks: list[str]) -> str:
    """Write the report, unless the one that is there says the same; say where it is."""
    path = finished.path
    if not is_current(path, caption):
        from gdlab.report import runs

        terminal.tidy_at_ctrl_c()
        with only_process(path.parent, path.name):
            remove_unfinished(path)
            runs.write(finished, overview, caption, remarks)
    return f"report: {path / REPORT}"
