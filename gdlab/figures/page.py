"""A sheet with a heading above, room for the axes, and a legend below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.legend import Legend
from matplotlib.text import Text

from gdlab.figures import words
from gdlab.figures.style import GRID, QUIET
from gdlab.results.layout import DPI

MARGIN = 0.12
TITLE = 13.0
SMALLEST_TITLE = 9.5
SUBTITLE = 9.5
LONGEST_NAME = 60
LEGEND_ROW = 0.25
BETWEEN = "  ·  "
HIGHEST = 1e200
"""Values of f beyond it are not drawn: axes and contours need room above them."""
NO_VALUE = "f has no value within ±10²⁰⁰ here"


def page(
    width: float,
    body: float,
    title: words.Title,
    said: Sequence[str],
    legend: Sequence[Artist] = (),
    body_width: float | None = None,
) -> Figure:
    """Give a figure: its title, what is `said` below, a legend at the foot.

    width, body : inches; `body` is the height left for the axes, which constrained layout fills.
    body_width : inches from the left that the axes may take, by default all.
    """
    figure = Figure(figsize=(width, body))
    FigureCanvasAgg(figure)
    heading = [*_titles(figure, title), *_subtitles(figure, said)]
    heights = [_size(text)[1] for text in heading]
    gap = 0.06
    top = MARGIN + sum(heights) + gap * len(heading) + 0.04

    foot = _legend(figure, legend) if legend else None
    bottom = MARGIN / 2 if foot is None else MARGIN + LEGEND_ROW * _rows(foot)

    height = top + body + bottom
    figure.set_size_inches(width, height)
    down = MARGIN
    for text, tall in zip(heading, heights, strict=True):
        text.set_position((MARGIN / width, 1 - down / height))
        down += tall + gap
    if foot is not None:
        foot.set_bbox_to_anchor((MARGIN / width, 0.06 / height), figure.transFigure)
    figure.set_layout_engine(
        ConstrainedLayoutEngine(
            rect=(
                0.04 / width,
                bottom / height,
                (body_width or width) / width - 0.08 / width,
                body / height,
            ),
            h_pad=0.05,
            w_pad=0.05,
        )
    )
    return figure


def _titles(figure: Figure, title: words.Title) -> list[Text]:
    """The name and the formula on one line or on two, as large as the width allows."""
    name = None if title.name is None else words.plain(title.name)
    if name is not None and len(name) > LONGEST_NAME:
        name = name[:LONGEST_NAME].rstrip("\\ ") + " …"
    apart = [part for part in (name, title.formula) if part]
    together = [": ".join(apart)] if apart else []
    for lines in (together, apart):
        for size in (TITLE, TITLE - 1.5, SMALLEST_TITLE):
            texts = [_text(figure, line, size) for line in lines]
            if texts and all(_fits(figure, text) for text in texts):
                return texts
            for text in texts:
                text.remove()
    return [_text(figure, name or title.otherwise, SMALLEST_TITLE if name else TITLE)]


def _subtitles(figure: Figure, said: Sequence[str]) -> list[Text]:
    """Pack what is said into as few lines as the width allows."""
    lines: list[Text] = []
    current = ""
    for piece in said:
        longer = current + BETWEEN + piece if current else piece
        trial = _text(figure, longer, SUBTITLE, QUIET)
        if lines and _fits(figure, trial):
            lines.pop().remove()
            current = longer
        elif lines:
            trial.set_text(piece)
            current = piece
        else:
            current = longer
        lines.append(trial)
    return lines


def _text(figure: Figure, text: str, size: float, colour: str = "black") -> Text:
    return figure.text(0, 0, text, size=size, color=colour, ha="left", va="top")


def _size(artist: Text | Legend) -> tuple[float, float]:
    """Width and height in inches."""
    box = artist.get_window_extent()
    return box.width / DPI, box.height / DPI


def _fits(figure: Figure, artist: Text | Legend) -> bool:
    return _size(artist)[0] <= figure.get_figwidth() - 2 * MARGIN


def _legend(figure: Figure, handles: Sequence[Artist]) -> Legend:
    """All entries side by side, or in as many columns as the width allows."""
    for columns in range(len(handles), 0, -1):
        legend = figure.legend(
            handles=list(handles),
            loc="lower left",
            bbox_to_anchor=(0, 0),
            ncols=columns,
            borderaxespad=0,
            borderpad=0.2,
            handlelength=1.8,
            columnspacing=1.6,
        )
        legend.set_in_layout(False)
        if columns == 1 or _fits(figure, legend):
            break
        legend.remove()
    return legend


def _rows(legend: Legend) -> int:
    n, columns = len(legend.get_texts()), legend._ncols  # type: ignore[attr-defined]
    return -(-n // columns)


def say_instead(axes: Axes, text: str) -> None:
    """Leave axes empty but for what is to be said in their place."""
    axes.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
    for side in axes.spines.values():
        side.set(visible=True, color=GRID)
    axes.text(0.5, 0.5, text, ha="center", va="center", color=QUIET, size=10)


def label_outside(panels: Any, n: int, across: str, up: str) -> None:
    """Name the axes at the left and below the lowest of the first `n` panels; remove the others."""
    for row, column in np.ndindex(panels.shape):
        number, axes = row * panels.shape[1] + column, panels[row, column]
        if number >= n:
            axes.remove()
            continue
        if number + panels.shape[1] >= n:
            axes.set_xlabel(across)
            axes.xaxis.set_tick_params(labelbottom=True)
        if column == 0:
            axes.set_ylabel(up)
