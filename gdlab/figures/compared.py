"""A sheet on which runs stand side by side: what they share is said above, the rest at each.

The panels themselves are drawn by what draws a single run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gdlab.figures import sheet, words
from gdlab.figures.facets import Facet, Facets, called
from gdlab.figures.sizes import Size
from gdlab.figures.style import QUIET
from gdlab.figures.subject import Subject

NOTE = 8.5
"""Size of the line between the heading of a panel and the panel."""
LINE = 0.17
"""Inches that a line of a heading takes."""


@dataclass(frozen=True, eq=False)
class Panel:
    """The axes of a facet."""

    axes: Axes
    facet: Facet

    def say_instead(self, text: str) -> None:
        """Leave the panel empty but for a word in its place."""
        sheet.say_instead(self.axes, text)

    def note(self, *said: str) -> None:
        """Say something between the heading and the panel."""
        if not said:
            return
        self.axes.set_title(self.axes.get_title(), pad=18)
        _beside(self.axes, ", ".join(said), (0.5, 1), (0, 4), size=NOTE, color=QUIET, va="bottom")


def _beside(
    axes: Axes, text: str, at: tuple[float, float], away: tuple[float, float], **look: Any
) -> None:
    axes.annotate(
        text,
        at,
        xycoords="axes fraction",
        xytext=away,
        textcoords="offset points",
        **{"ha": "center", "va": "center"} | look,
    )


def size_of(facets: Facets, sizes: Mapping[int, Size]) -> Size:
    """Inches of a panel by how many stand side by side."""
    return sizes[min(len(facets.rows[0]), max(sizes))]


def sheet_of(
    facets: Facets,
    size: Size,
    subjects: Sequence[Subject],
    said: Sequence[str],
    legend: Sequence[Artist],
    *,
    right: float,
) -> tuple[Figure, list[Panel]]:
    """A figure with a panel of `size` inches for each facet, under its heading."""
    for subject in subjects:
        words.title(subject)  # whose names may need another font
    methods = {subject.method for subject in subjects}
    method = methods.pop() if len(methods) == 1 else ""
    if len({(subject.name, subject.facts.formula) for subject in subjects}) == 1:
        heading = words.title(subjects[0])
        first = f"{method}: {facets.said()}" if method else facets.said()
    else:
        heading, first = words.Title(facets.said()), method
    lines = max(_headings(facets, at, size)[0].count("\n") + 1 for at in _places(facets))
    figure, grid = sheet.sheet(
        (len(facets.rows), len(facets.rows[0])),
        size,
        heading,
        [text for text in (first, *said) if text],
        legend,
        above=0.3 if facets.crossed else 0.35 + LINE * lines,
        right=right + 0.3 * facets.crossed,
        below=LINE * lines if facets.crossed else 0.0,
    )
    panels = []
    for (row, column), axes in zip(_places(facets), grid.flat, strict=False):
        above, beside = _headings(facets, (row, column), size)
        axes.set_title(above)
        if beside:
            _beside(axes, beside, (1, 0.5), (7, 0), size=10.5, ha="left", rotation=270)
        facet = facets.rows[row][column]
        assert facet is not None
        panels.append(Panel(axes, facet))
    for axes in grid.flat[len(panels) :]:
        axes.remove()
    return figure, panels


def _places(facets: Facets) -> Iterator[tuple[int, int]]:
    """Where there are facets: empty places are the last of the last row."""
    for row, facets_of_row in enumerate(facets.rows):
        for column, facet in enumerate(facets_of_row):
            if facet is not None:
                yield row, column


def _headings(facets: Facets, at: tuple[int, int], size: Size) -> tuple[str, str]:
    """What stands above a panel and at its right."""
    row, column = at
    facet = facets.rows[row][column]
    assert facet is not None
    if not facets.crossed:
        lines = 1 if len(facets.names) > 1 else 2
        return "\n".join(called(n, facet.swept[n], size[0], lines) for n in facets.names), ""
    down, across = facets.names
    above = called(across, facet.swept[across], size[0]) if row == 0 else ""
    last = column == len(facets.rows[0]) - 1
    return above, called(down, facet.swept[down], size[1] + 0.4) if last else ""


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


def failures(facet: Facet) -> list[str]:
    """How many of the runs of a facet failed."""
    return [f"{words.plural(facet.failed, 'run')} failed"] if facet.failed else []
