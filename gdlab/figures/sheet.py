"""A sheet: a heading, panels in rows and columns that share their labels, and a legend below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

from gdlab.figures import words
from gdlab.figures.sizes import DPI, Size
from gdlab.figures.style import GRID, QUIET

MARGIN = 0.12
TITLES = 13.0, 11.5, 9.5
"""Sizes of a title, of which the largest that fits is taken."""
SUBTITLE = 9.5
SUBTITLE_CHARACTER, LEGEND_CHARACTER = 0.067, 0.072
"""Inches that a character takes, a little more than on average."""
LONGEST_NAME = 60
LINE = 1.45 / 72
"""Inches that a line of text takes, for each point of its size."""
NARROWEST = 5.6
BETWEEN = "  ·  "
HIGHEST = 1e200
"""Values of f beyond it are not drawn: axes and contours need room above them."""
NO_VALUE = "f has no value within ±10²⁰⁰ here"


def sheet(
    shape: tuple[int, int],
    size: Size,
    title: words.Title,
    said: Sequence[str],
    legend: Sequence[Artist] = (),
    *,
    above: float = 0.0,
    right: float = 0.0,
    below: float = 0.0,
) -> tuple[Figure, Any]:
    """A figure with rows and columns of axes of about `size` inches, and the array of these.

    above : inches of what stands above each of them. right, below : of what stands beside all.
    """
    (n_rows, n_columns), (width, height) = shape, size
    body = n_rows * (height + above + 0.15) + 0.6 + below
    figure = page(
        max(n_columns * (width + 0.2) + 0.75 + right, NARROWEST), body, title, said, legend
    )
    return figure, figure.subplots(n_rows, n_columns, squeeze=False)


def page(
    width: float,
    body: float,
    title: words.Title,
    said: Sequence[str],
    legend: Sequence[Artist] = (),
) -> Figure:
    """A figure with its title, what is `said` below it, and a legend at the foot.

    width, body : inches; `body` is the height left for the axes, which constrained layout fills.
    """
    figure = Figure(figsize=(width, body), dpi=DPI)
    room = width - 2 * MARGIN
    heading = _titles(figure, title, room)
    heights = [_extent(text)[1] + 0.06 for text in heading]  # a fraction is taller than a line
    for line in _packed(said, int(room / SUBTITLE_CHARACTER)):
        heading.append(figure.text(0, 0, line, size=SUBTITLE, color=QUIET))
        heights.append(LINE * SUBTITLE)
    columns = _columns(legend, room)
    foot = MARGIN + 0.25 * -(-len(legend) // columns) if legend else 0.0
    height = MARGIN + sum(heights) + body + foot
    figure.set_size_inches(width, height)
    for text, down in zip(heading, MARGIN + np.cumsum([0, *heights]), strict=False):
        text.set(x=MARGIN / width, y=1 - down / height, ha="left", va="top", in_layout=False)
    if legend:
        figure.legend(
            handles=list(legend),
            loc="lower left",
            bbox_to_anchor=(MARGIN / width, 0.06 / height),
            ncols=columns,
            borderaxespad=0,
            borderpad=0.2,
            handlelength=1.8,
            columnspacing=1.6,
        ).set_in_layout(False)
    figure.set_layout_engine(
        ConstrainedLayoutEngine(
            rect=(0.04 / width, foot / height, 1 - 0.08 / width, body / height),
            h_pad=0.05,
            w_pad=0.05,
        )
    )
    return figure


def _titles(figure: Figure, title: words.Title, room: float) -> list[Text]:
    """The name and the formula on one line or on two, as large as the width allows."""
    name = None if title.name is None else words.plain(title.name)
    if name is not None and len(name) > LONGEST_NAME:
        name = name[:LONGEST_NAME].rstrip("\\ ") + " …"
    apart = [part for part in (name, title.formula) if part]
    for lines in ([": ".join(apart)], apart):
        texts = [figure.text(0, 0, line, size=TITLES[0]) for line in lines if line]
        widest = max((_extent(text)[0] for text in texts), default=np.inf)
        for size in TITLES:
            if widest * size / TITLES[0] <= room:
                for text in texts:
                    text.set_fontsize(size)
                return texts
        for text in texts:
            text.remove()
    return [figure.text(0, 0, name or title.otherwise, size=TITLES[-1] if name else TITLES[0])]


def _extent(text: Text) -> tuple[float, float]:
    """Width and height in inches."""
    box = text.get_window_extent()
    return box.width / DPI, box.height / DPI


def _packed(said: Sequence[str], fits: int) -> list[str]:
    """What is said in as few lines of so many characters as possible."""
    lines: list[str] = []
    for piece in said:
        if lines and len(lines[-1] + BETWEEN + piece) <= fits:
            lines[-1] += BETWEEN + piece
        else:
            lines.append(piece)
    return lines


def _columns(legend: Sequence[Artist], room: float) -> int:
    """How many entries of a legend stand side by side."""
    widths = [LEGEND_CHARACTER * len(str(entry.get_label())) + 0.6 for entry in legend]
    fitting = (n for n in range(len(widths), 1, -1) if _width(widths, n) <= room)
    return next(fitting, 1)


def _width(widths: Sequence[float], n: int) -> float:
    """Of n columns, which are filled one after another."""
    rows = -(-len(widths) // n)
    return sum(max(widths[i : i + rows]) for i in range(0, len(widths), rows))


def share_labels(figure: Figure, *, always: bool = True) -> None:
    """Leave out of each panel what the one below or the one at its left says too.

    always : wherever two say the same; else only where all panels do.
    """
    said = {_place(axes): _said(axes) for axes in figure.axes}
    drawn = [own for own in said.values() if own[0].name or own[1].name]
    across, up = (always or len({own[i] for own in drawn}) == 1 for i in (0, 1))
    for axes in figure.axes:
        row, column = _place(axes)
        x, y = said[row, column]
        below, left = said.get((row + 1, column)), said.get((row, column - 1))
        if across and below and below[0].name:
            axes.set_xlabel("" if below[0].name == x.name else x.name)
            axes.tick_params(labelbottom=below[0] != x)
        if up and left and left[1].name:
            axes.set_ylabel("" if left[1].name == y.name else y.name)
            axes.tick_params(labelleft=left[1] != y)


def _place(axes: Axes) -> tuple[int, int]:
    """Row and column."""
    where = axes.get_subplotspec()
    assert where is not None
    return where.rowspan.start, where.colspan.start


class _Said(NamedTuple):
    """What stands at an axis of a panel."""

    name: str
    limits: tuple[float, ...]
    ticks: tuple[str, ...]


def _said(axes: Axes) -> tuple[_Said, _Said]:
    x, y = (
        _Said(
            axis.get_label_text(),
            tuple(axis.get_view_interval()),
            tuple(axis.get_major_formatter().format_ticks(list(axis.get_majorticklocs()))),
        )
        for axis in (axes.xaxis, axes.yaxis)
    )
    return x, y


def say_instead(axes: Axes, text: str) -> None:
    """Leave axes empty but for what is to be said in their place."""
    axes.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
    for side in axes.spines.values():
        side.set(visible=True, color=GRID)
    axes.text(0.5, 0.5, text, ha="center", va="center", color=QUIET, size=10)
