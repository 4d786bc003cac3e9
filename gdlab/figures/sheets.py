"""A sheet of panels that compares runs: headings, empty panels, and axes that panels share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gdlab.figures import words
from gdlab.figures.facets import Facets, called
from gdlab.figures.page import page, say_instead
from gdlab.figures.style import QUIET
from gdlab.figures.subject import Subject

NOTE = 8.5
"""Size of the line between the heading of a panel and the panel."""
LINE = 0.17
"""Inches that a line of a heading takes."""
NARROWEST = 5.6


@dataclass(frozen=True)
class Label:
    """What an axis of a panel shows, equal where panels can share it, and its name."""

    shown: object
    name: str


@dataclass(frozen=True)
class Panel:
    """What stands around a panel: a line above it and its axes; or what it says instead."""

    note: str = ""
    across: Label | None = None
    up: Label | None = None
    instead: str | None = None


def title(subjects: Sequence[Subject], facets: Facets) -> tuple[words.Title, list[str]]:
    """The objective that all runs share, else what the runs differ by; and what is said below."""
    for subject in subjects:
        words.title(subject)  # whose names may need another font
    methods = {subject.method for subject in subjects}
    method = methods.pop() if len(methods) == 1 else ""
    if len({(subject.name, subject.facts.formula) for subject in subjects}) == 1:
        said = facets.said()
        return words.title(subjects[0]), [f"{method}: {said}" if method else said]
    return words.Title(facets.said()), [method] if method else []


def criterion(subjects: Sequence[Subject]) -> list[str]:
    """When lanes count as converged, as far as it is the same in all runs."""
    if len({words.criterion_and_limit(subject) for subject in subjects}) == 1:
        return [words.criterion_and_limit(subjects[0])]
    tolerances = {subject.tightest for subject in subjects}
    below = words.number(tolerances.pop()) if len(tolerances) == 1 else "tol"
    said = {words.criterion(subject, below) for subject in subjects}
    limits = {subject.max_iter for subject in subjects}
    most = f", in at most {words.plural(max(limits), 'iteration')}" if len(limits) == 1 else ""
    if len(said) == 1:
        return [said.pop() + most]
    general = "|xₖ − xₖ₋₁|" if {subject.criterion for subject in subjects} == {"step"} else ""
    return [f"converged once {general} < {below}{most}"] if general else []


def tolerance(subject: Subject, subjects: Sequence[Subject], facets: Facets) -> list[str]:
    """The tolerance of a panel, where panels differ in it and the headings do not tell."""
    same = len({other.tightest for other in subjects}) == 1
    return [] if same or "tol" in facets.names else [f"tol = {words.number(subject.tightest)}"]


def sheet(
    facets: Facets,
    size: tuple[float, float],
    heading: words.Title,
    said: Sequence[str],
    legend: Sequence[Artist],
    *,
    bar: bool,
) -> tuple[Figure, Any]:
    """A figure with axes for each place, panels of `size` inches, and room for a colour bar."""
    n_rows, n_columns = len(facets.rows), len(facets.rows[0])
    width = n_columns * (size[0] + 0.3) + 0.6 + (0.95 if bar else 0) + 0.3 * facets.crossed
    lines = _lines(facets, size)
    above = 0.22 + LINE * lines
    body = n_rows * (size[1] + 0.4 + (0.1 if facets.crossed else above)) + above
    figure = page(max(width, NARROWEST), body, heading, said, legend, body_width=width)
    return figure, figure.subplots(n_rows, n_columns, squeeze=False)


def finish(facets: Facets, grid: Any, panels: Sequence[Panel], size: tuple[float, float]) -> None:
    """Put headings above the panels, and what axes share at the outermost of them only."""
    at = dict(zip(_places(facets), panels, strict=True))
    # A wrapped row has nothing to do with the one below, unless all panels are alike.
    drawn = [panel for panel in panels if panel.instead is None]
    columns = facets.crossed or len({panel.across for panel in drawn}) == 1
    rows = facets.crossed or len({panel.up for panel in drawn}) == 1
    for place in np.ndindex(grid.shape):
        axes = grid[place]
        panel = at.get(place)
        if panel is None:
            axes.remove()
            continue
        if panel.instead is not None:
            say_instead(axes, panel.instead)
        row, column = place
        left = at.get((row, column - 1)) if rows else None
        below = at.get((row + 1, column)) if columns else None
        _share(axes, panel, left, below)
        _head(axes, facets, place, panel.note, size)


def _places(facets: Facets) -> Iterator[tuple[int, int]]:
    for row, facets_of_row in enumerate(facets.rows):
        for column, facet in enumerate(facets_of_row):
            if facet is not None:
                yield row, column


def _share(axes: Axes, panel: Panel, left: Panel | None, below: Panel | None) -> None:
    """Leave out what the panel at the left or the one below shows too."""
    if panel.across is None or panel.up is None:
        return
    across = None if below is None else below.across
    up = None if left is None else left.up
    if across is None or across.name != panel.across.name:
        axes.set_xlabel(panel.across.name)
    if up is None or up.name != panel.up.name:
        axes.set_ylabel(panel.up.name)
    axes.tick_params(labelbottom=across != panel.across, labelleft=up != panel.up)


def _headings(facets: Facets, place: tuple[int, int], size: tuple[float, float]) -> tuple[str, str]:
    """What stands above a panel and at its right."""
    row, column = place
    facet = facets.rows[row][column]
    assert facet is not None
    if not facets.crossed:
        several = len(facets.names) > 1
        texts = [
            called(name, facet.swept[name], size[0], 1 if several else 2) for name in facets.names
        ]
        return "\n".join(texts), ""
    down, across = facets.names
    above = called(across, facet.swept[across], size[0]) if row == 0 else ""
    last = column == len(facets.rows[0]) - 1
    return above, called(down, facet.swept[down], size[1] + 0.4) if last else ""


def _lines(facets: Facets, size: tuple[float, float]) -> int:
    return max(_headings(facets, place, size)[0].count("\n") + 1 for place in _places(facets))


def _head(
    axes: Axes, facets: Facets, place: tuple[int, int], note: str, size: tuple[float, float]
) -> None:
    above, right = _headings(facets, place, size)
    axes.set_title(above, pad=18 if note else 6)
    if note:
        axes.annotate(
            note,
            (0.5, 1),
            xycoords="axes fraction",
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=NOTE,
            color=QUIET,
        )
    if right:
        axes.annotate(
            right,
            (1, 0.5),
            xycoords="axes fraction",
            xytext=(7, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            rotation=270,
            size=10.5,
        )
