"""A sheet: a heading, panels in rows and columns that share their labels, and a legend below."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Annotation, Text

from gdlab.figures.fonts import MAIN
from gdlab.figures.sizes import DPI, Size, page_width
from gdlab.figures.style import GRID, POINTS, QUIET

MARGIN = 0.12
TITLES = 13.0, 11.5, 9.5
"""Sizes of a title, of which the largest that fits is taken."""
SUBTITLE, NOTE = 9.5, 8.5
"""Sizes of what is said below the title, and above a panel."""
SUBTITLE_CHARACTER, LEGEND_CHARACTER = 0.067, 0.072
"""Inches that a character takes, a little more than on average."""
LINE = 1.45 / 72
"""Inches that a line of text takes, for each point of its size."""
SAMPLE = "gradient descent on 100 step sizes, converged once it is small"
NARROWEST = 5.6
BETWEEN = "  ·  "
HIGHEST = 1e200
"""Values of f beyond it are not drawn: axes and contours need room above them."""
NO_VALUE = "f has no value within ±10²⁰⁰ here"


def sheet(
    n_columns: int,
    size: Size,
    headings: Sequence[tuple[str, str]],
    title: Sequence[str],
    said: Sequence[str],
    legend: Sequence[Artist] = (),
    *,
    noted: bool = False,
    right: float = 0.0,
    below: float = 0.0,
) -> tuple[Figure, list[Axes]]:
    """A figure with a panel of about `size` inches for each heading, row by row.

    headings : what stands above each panel, and at its right. noted : whether panels have notes.
    right, below : inches of what stands beside all panels.
    """
    n_rows = -(-len(headings) // n_columns)
    lines = [
        max((above.count("\n") + 1 for above, _ in headings[i : i + n_columns] if above), default=0)
        for i in range(0, len(headings), n_columns)
    ]
    scale = text_scale()
    around = scale * (n_rows * (0.2 + 0.25 * noted) + 0.18 * sum(lines) + 0.5 + below)
    right += 0.3 * any(beside for _, beside in headings)
    width = page_width(n_columns)
    if width is None:
        width = max(n_columns * (size[0] + 0.2) + 0.75 + right, scale * NARROWEST)
    figure = page(width, n_rows * size[1] + around, title, said, legend)
    panels = list(figure.subplots(n_rows, n_columns, squeeze=False).flat)
    for axes in panels[len(headings) :]:
        axes.remove()
    for axes, (above, beside) in zip(panels, headings, strict=False):
        axes.set_title(above, pad=scale * 18 if noted else None)
        if beside:
            axes.annotate(
                beside,
                (1, 0.5),
                xycoords="axes fraction",
                xytext=(7, 0),
                textcoords="offset points",
                ha="left",
                va="center",
                rotation=270,
                size=scale * 10.5,
            )
    return figure, panels[: len(headings)]


def text_scale() -> float:
    """How large text is by the style, as a share of that of the house."""
    return float(mpl.rcParams["font.size"]) / POINTS


def note(axes: Axes, text: str) -> Annotation:
    """Say something between the heading of a panel and the panel."""
    look: dict[str, Any] = {"size": text_scale() * NOTE, "color": QUIET}
    place: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    return axes.annotate(text, (0.5, 1), xytext=(0, 4), ha="center", va="bottom", **look, **place)


def say_instead(axes: Axes, text: str) -> None:
    """Leave axes empty but for what is to be said in their place."""
    axes.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
    for side in axes.spines.values():
        side.set(visible=True, color=GRID)
    axes.text(0.5, 0.5, text, ha="center", va="center", color=QUIET, size="medium")


def page(
    width: float,
    body: float,
    title: Sequence[str],
    said: Sequence[str],
    legend: Sequence[Artist] = (),
) -> Figure:
    """A figure with its title, what is `said` below it, and a legend at the foot.

    width, body : inches; `body` is the height left for the axes, which constrained layout fills.
    title : in one line, or in several where it is long; the first part has to be there.
    """
    figure, scale = Figure(figsize=(width, body), dpi=DPI), text_scale()
    room = width - 2 * MARGIN
    heading = _titles(figure, title, room)
    heights = [_extent(text)[1] + 0.06 for text in heading]  # a fraction is taller than a line
    for line in _packed(said, int(room / (scale * _character(figure)))):
        heading.append(figure.text(0, 0, line, size=scale * SUBTITLE, color=QUIET))
        heights.append(LINE * scale * SUBTITLE)
    widths = [scale * (LEGEND_CHARACTER * len(str(own.get_label())) + 0.6) for own in legend]
    columns = len(widths) if sum(widths) <= room else max(int(room / max(widths)), 1)
    foot = 0.08 + scale * 0.25 * -(-len(legend) // columns) if legend else 0.0
    height = MARGIN + sum(heights) + body + foot
    figure.set_size_inches(width, height)
    for text, down in zip(heading, MARGIN + np.cumsum([0, *heights]), strict=False):
        text.set(x=MARGIN / width, y=1 - down / height, ha="left", va="top", in_layout=False)
    if legend:
        figure.legend(handles=list(legend), loc="outside lower left", ncols=columns)
    top = (body + foot) / height
    figure.set_layout_engine(ConstrainedLayoutEngine(rect=(0, 0, 1, top), h_pad=0.05, w_pad=0.09))
    return figure


def _titles(figure: Figure, title: Sequence[str], room: float) -> list[Text]:
    """The title on one line, or on one for each part, as large as the width allows."""
    for lines in ([": ".join(title)], title):
        for size in TITLES:
            texts = [figure.text(0, 0, line, size=text_scale() * size) for line in lines]
            if max(_extent(text)[0] for text in texts) <= room:
                return texts
            for text in texts:
                text.remove()
    return [figure.text(0, 0, title[0], size=text_scale() * TITLES[-1])]


def _extent(text: Text) -> tuple[float, float]:
    """Width and height in inches."""
    box = text.get_window_extent()
    return box.width / DPI, box.height / DPI


def _character(figure: Figure) -> float:
    """Inches that a character of what is said takes in the font of the style."""
    if mpl.rcParams["font.family"][0] == MAIN:
        return SUBTITLE_CHARACTER
    text = figure.text(0, 0, SAMPLE, size=SUBTITLE)
    width = _extent(text)[0]
    text.remove()
    return 1.05 * width / len(SAMPLE)


def _packed(said: Sequence[str], fits: int) -> list[str]:
    """What is said in as few lines of so many characters as possible."""
    lines: list[str] = []
    for piece in (part for whole in said for part in textwrap.wrap(whole, max(fits, 20))):
        if lines and len(lines[-1] + BETWEEN + piece) <= fits:
            lines[-1] += BETWEEN + piece
        else:
            lines.append(piece)
    return lines


def share_labels(figure: Figure) -> None:
    """Leave out of each panel what the one below or the one at its left says too."""
    panels = {_place(axes): axes for axes in figure.axes}
    x, y = (
        {place: _said(getattr(axes, axis)) for place, axes in panels.items()}
        for axis in ("xaxis", "yaxis")
    )
    for (row, column), axes in panels.items():
        name, *ticks = x[row, column]
        name_below, *ticks_below = x.get((row + 1, column), [None])
        if name == name_below:
            axes.set_xlabel("")
            axes.tick_params(labelbottom=ticks != ticks_below)
        name, *ticks = y[row, column]
        name_left, *ticks_left = y.get((row, column - 1), [None])
        if name == name_left:
            axes.set_ylabel("")
            axes.tick_params(labelleft=ticks != ticks_left)


def _place(axes: Axes) -> tuple[int, int]:
    """Row and column."""
    where = axes.get_subplotspec()
    assert where is not None
    return where.rowspan.start, where.colspan.start


def _said(axis: Any) -> tuple[object, ...]:
    """What stands at an axis of a panel: its name, its ends and its ticks."""
    ticks = axis.get_major_formatter().format_ticks(list(axis.get_majorticklocs()))
    return axis.get_label_text(), *axis.get_view_interval(), *ticks
