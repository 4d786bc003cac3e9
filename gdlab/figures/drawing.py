"""The figures of a run, and those of a sweep, made and written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from pathlib import Path

from matplotlib.figure import Figure

from gdlab.figures.applicable import (
    DEFAULT,
    DEFAULT_FORMATS,
    FIGURES,
    FORMATS,
    formats_of,
    why_not,
)
from gdlab.figures.facets import Loaded
from gdlab.figures.moving import film
from gdlab.figures.style import save


def picture(name: str) -> Callable[[Loaded], Figure | None]:
    """What draws the picture of this name; its module is imported now."""
    drawn: Callable[[Loaded], Figure | None]
    drawn = getattr(import_module(f"gdlab.figures.pictures.{name}"), name)
    return drawn


def draw(
    run: Loaded,
    folder: str | Path,
    names: Sequence[str] = DEFAULT,
    formats: Sequence[str] = DEFAULT_FORMATS,
) -> list[Path]:
    """Draw the named figures of a run into `folder` as <name>.<format>; give their paths.

    A figure that does not apply is left out; see `gdlab.figures.why_not`. As a GIF, which is a
    film, there is the path alone. A file appears under its name only when it is whole.

    Raises
    ------
    ValueError if a name or a format is not known, or the table is not the experiment's.
    """
    _check("figures", names, FIGURES)
    _check("formats", formats, FORMATS)
    written = []
    for name in names:
        if why_not(name, run.experiment) is None:
            kinds = formats_of(name, formats)
            still = [kind for kind in kinds if kind != "gif"]
            if still:
                written += write(picture(name)(run), Path(folder), name, still)
            if "gif" in kinds:
                Path(folder).mkdir(parents=True, exist_ok=True)
                written.append(film(run, Path(folder) / f"{name}.gif"))
    return written


def write(figure: Figure | None, folder: Path, name: str, formats: Sequence[str]) -> list[Path]:
    """Write a figure, if there is one, into `folder` in all these formats; give their paths."""
    if figure is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    return [save(figure, folder / f"{name}.{kind}") for kind in formats]


def _check(what: str, given: Sequence[str], known: Collection[str]) -> None:
    for name in [given] if isinstance(given, str) else given:
        if name not in known:
            raise ValueError(f"{what}: {name!r} is not known; choose from {', '.join(known)}")
