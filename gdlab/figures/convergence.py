"""How f falls from iteration to iteration, by step size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from gdlab.figures import words
from gdlab.figures.axis import round_values
from gdlab.figures.page import HIGHEST, NO_VALUE, page, say_instead
from gdlab.figures.style import LINES, part_of, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.traces import Curves

SHADES: Colormap = part_of("plasma", 0.0, 0.88)
MOST_DECADES = 20
MOST_DECADES_UP = 3
"""Decades above the first values that the frame leaves to lanes that rise."""
TINY = float(np.finfo(float).tiny)
EPS = float(np.finfo(float).eps)


@styled
def curves(curves: Curves, subject: Subject, also: Sequence[str] = ()) -> Figure:
    """f(x_k) - f* against k on a logarithmic axis: median and middle half over the starts.

    also : more to say above it.

    A step size at which most starts diverge leaves the frame at the top; values that have fallen
    to rounding leave it at the bottom.
    """
    table = curves.table
    alphas = np.unique(table["alpha"].to_numpy())
    few = alphas.size <= len(LINES)
    bottom, top = frame(curves)
    last, beyond = last_shown(table, top)
    figure = page(
        7.9,
        4.5,
        words.title(subject),
        [
            *_said(curves, alphas.size, subject),
            words.criterion_and_limit(subject),
            *(
                [f"level from k = {words.count(last)} to {words.count(beyond)}"]
                if beyond > last
                else []
            ),
            *also,
        ],
    )
    axes = figure.add_subplot()
    if not has_values(curves):
        say_instead(axes, NO_VALUE)
        return figure
    norm = None if few else LogNorm(alphas[0], alphas[-1])
    draw_lines(axes, table, looks_of(alphas, norm), (bottom, top), last)
    axes.set_xlabel("iteration $k$")
    axes.set_ylabel(measured(curves, subject))
    mark_ticks(axes)
    if norm is None:
        axes.legend(
            title="step size α",
            loc="center left",
            bbox_to_anchor=(1.02, 0.5),
            handlelength=3,
            alignment="left",
        )
    else:
        shade_bar(figure, [axes], norm, subject.exact_limit)
    return figure


def looks_of(alphas: Array, norm: LogNorm | None) -> dict[float, tuple[Any, Any]]:
    """Colour and dashes of each step size: shades of a scale where there is one."""
    if norm is None:
        return dict(zip(alphas.tolist(), LINES, strict=False))
    return {alpha: (SHADES(norm(alpha)), "-") for alpha in alphas.tolist()}


def draw_lines(
    axes: Axes,
    table: pd.DataFrame,
    looks: dict[float, tuple[Any, Any]],
    frame: tuple[float, float],
    last: int,
    followed: int | None = None,
) -> None:
    """Draw the median and the middle half of each step size, up to iteration `last`.

    A dot marks where a line ends, unless it goes on after iteration `followed`.
    """
    bottom, top = frame
    few = len(looks) <= len(LINES)
    for alpha, (colour, dashes) in looks.items():
        own = table[table["alpha"] == alpha]
        if own.empty:
            continue
        k = own["iteration"].to_numpy()
        lower, median, upper = (
            np.clip(own[name].to_numpy(), bottom / 100, top * 100)
            for name in ("lower", "median", "upper")
        )
        band = axes.fill_between(
            k,
            lower,
            upper,
            where=few | (own["upper"].to_numpy() < np.inf),
            color=colour,
            alpha=0.16 if few else 0.05,
            linewidth=0,
        )
        band.set_rasterized(not few)
        axes.plot(
            k,
            median,
            color=colour,
            linestyle=dashes,
            linewidth=1.8 if few else 1.3,
            label=words.number(alpha) + _fate(own["median"].to_numpy()),
        )
        if followed is None or k[-1] < followed:
            axes.plot(k[-1:], median[-1:], marker="o", markersize=4 if few else 2.5, color=colour)
    axes.set_yscale("log")
    axes.set(xlim=(0, max(last, 1)), ylim=(bottom, top))
    axes.grid(axis="y")
    axes.spines[["top", "right"]].set_visible(False)


def has_values(curves: Curves) -> bool:
    """Whether there is a value that can be drawn."""
    return bool((curves.table[["lower", "median", "upper"]].abs() < HIGHEST).any(axis=None))


def frame(curves: Curves) -> tuple[float, float]:
    """The lower and upper end of the axis, whatever diverges and whatever falls to rounding."""
    table = curves.table
    values = table[["lower", "median", "upper"]].to_numpy()
    settled = table.groupby("alpha")["median"].transform("last").to_numpy() < HIGHEST
    first = values[(table["iteration"] == 0).to_numpy()]
    highest = _largest(first, 1.0)
    inside = values[settled & (values[:, 2] < HIGHEST)] if settled.any() else first
    top = float(np.clip(_largest(inside, highest), highest, highest * 10.0**MOST_DECADES_UP))
    if not settled.all():
        top *= 10
    floor = max(EPS * max(abs(curves.reference), TINY), top * 10.0**-MOST_DECADES)
    seen = values[(values >= floor) & (values < HIGHEST)]
    bottom = max(float(seen.min(initial=top)) / 2, floor)
    return min(bottom, top / 1e3) if not settled.any() else min(bottom, top / 10), 2 * top


def _largest(values: Array, otherwise: float) -> float:
    sensible = values[(values > 0) & (values < HIGHEST)]
    return float(sensible.max()) if sensible.size else otherwise


def last_shown(table: pd.DataFrame, top: float) -> tuple[int, int]:
    """The last k to show and the last there is: what only goes on level is left out."""
    medians = [own["median"].to_numpy() for _, own in table.groupby("alpha")]
    # A rising curve counts up to where it leaves the frame.
    medians = [m if m[-1] < np.inf else m[: int(np.argmax(m > top)) + 1] for m in medians]
    longest = max(median.size for median in medians) - 1
    ended = max((m.size - 1 for m in medians if m.size - 1 < longest), default=longest)
    cut = int(1.15 * ended) + 5
    if longest < 2 * cut:
        return longest, longest
    for median in medians:
        before, after = median[cut // 2 : cut], median[cut:]
        if after.size and not (
            before.min() * 0.9 <= after.min() and after.max() <= before.max() * 1.1
        ):
            return longest, longest
    return cut, longest


def mark_ticks(axes: Axes, across: int = 8, up: int = 9) -> None:
    """Put at most so many ticks on the axes: whole iterations, and decades where there are some."""
    bottom, top = axes.get_ylim()
    axes.xaxis.set_major_locator(MaxNLocator(across, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_minor_locator(NullLocator())
    low, high = int(np.ceil(np.log10(bottom))), int(np.floor(np.log10(top)))
    every = -(-(high - low + 1) // up)
    tens = [ten for ten in range(low, high + 1) if ten % every == 0]
    if len(tens) >= 3:
        values, labels = [10.0**ten for ten in tens], [words.power(ten) for ten in tens]
    else:
        values = round_values(bottom, top, up - 1)
        labels = words.numbers(values)
    axes.yaxis.set_major_locator(FixedLocator(values))
    axes.yaxis.set_ticklabels(labels)


def shade_bar(figure: Figure, axes: list[Axes], norm: LogNorm, limit: float | None) -> None:
    """A bar of the step sizes, with 2/L on it where that is the limit."""
    bar = figure.colorbar(
        ScalarMappable(norm, SHADES), ax=axes, pad=0.02, aspect=28, label="step size α"
    )
    values = round_values(float(norm.vmin or 1), float(norm.vmax or 1), 9)
    bar.ax.minorticks_off()
    bar.ax.yaxis.set_major_locator(FixedLocator(values))
    bar.ax.yaxis.set_ticklabels(words.numbers(values))
    bar.outline.set_visible(False)
    if limit is not None and (norm.vmin or 0) <= limit <= (norm.vmax or 0):
        bar.ax.axhline(limit, color="white", linewidth=2.4)
        bar.ax.axhline(limit, color="black", linewidth=1.2, linestyle=(0, (2, 1)))
        bar.ax.text(
            -0.25,
            limit,
            "2/L",
            transform=bar.ax.get_yaxis_transform(),
            ha="right",
            va="center",
            size=9,
        )


def _fate(median: Array) -> str:
    return " (diverges)" if median[-1] == np.inf else ""


def measured(curves: Curves, subject: Subject) -> str:
    x = words.x(subject)
    if curves.known:
        return words.maths(f"f({x}) - f^*")
    return f"{words.maths(f'f({x})')} minus the least value seen"


def _said(curves: Curves, n_alpha: int, subject: Subject) -> list[str]:
    if curves.n_starts == 1:
        starts = "from one starting point"
    else:
        name = f"{words.sign(subject)}₀" if subject.facts.dimension == 1 else "starting points"
        some = words.shown_of(curves.n_starts, subject.n_x0, name, name)
        starts = f"line: median over {some}; band: the middle half"
    return [f"{subject.method}, {words.shown_of(n_alpha, subject.n_alpha, 'α', 'α')}", starts]
