"""The benchmarks' pictures, in gdlab's own look."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from benchmarks.comparison import Comparison
from benchmarks.curve import Point
from benchmarks.peers.known import PEERS, is_gdlab
from gdlab.figures import words
from gdlab.figures.sheet import page
from gdlab.figures.style import GRID, LINES, QUIET, styled

OWN, OTHER = LINES[0][0], LINES[1][0]
MARKERS = "os^"
LEAST_MEMORY = 2**17
"""Bytes below which a difference is the system's own."""
APART = 0.055
"""Least distance of two labels, as a share of the axes' height."""


@styled
def peers(comparisons: Sequence[Comparison], said: Sequence[str]) -> Figure:
    """Nanoseconds per lane-step of every peer, one panel a problem; every round a dot."""
    keys = [key for key in PEERS if any(key in one.measured for one in comparisons)]
    figure = page(
        3.2 + 2.9 * len(comparisons),
        0.8 + 0.32 * len(keys),
        ["Time of one step of one lane"],
        said,
    )
    panels = figure.subplots(1, len(comparisons), sharey=True, squeeze=False)[0]
    for axes, comparison in zip(panels, comparisons, strict=True):
        _draw_peers(axes, comparison, keys)
    panels[0].set_yticks(range(len(keys)), [PEERS[key].name for key in keys])
    panels[0].invert_yaxis()
    return figure


def _draw_peers(axes: Axes, comparison: Comparison, keys: Sequence[str]) -> None:
    for row, key in enumerate(keys):
        if key not in comparison.measured:
            axes.annotate(
                "absent",
                (0.02, row),
                xycoords=("axes fraction", "data"),
                color=QUIET,
                va="center",
                size=8,
            )
            continue
        times = comparison.measured[key].nanoseconds
        colour = OWN if is_gdlab(key) else OTHER
        axes.plot(times, [row] * len(times), "o", color=colour, alpha=0.35, markersize=4, mew=0)
        axes.plot(median(times), row, "|", color=colour, markersize=13, mew=2.4)
        axes.annotate(
            _shown(median(times)),
            (max(times), row),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            size=8.5,
        )
    axes.set_xscale("log")
    _whole_decades(axes)
    axes.grid(axis="x")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(comparison.problem.title.replace(", ", ",\n"), loc="left")
    axes.set_xlabel("ns per lane-step")


def _shown(time: float) -> str:
    return f"{time:,.0f}" if time >= 100 else words.number(time, 3)


def _whole_decades(axes: Axes) -> None:
    low, high = axes.get_xlim()
    # room for the number that stands beside the slowest
    axes.set_xlim(10 ** np.floor(np.log10(low)), 10 ** np.ceil(np.log10(high) + 0.45))
    axes.xaxis.set_major_locator(LogLocator(10, numticks=8))
    axes.xaxis.set_minor_locator(NullLocator())


@styled
def cost(points: Sequence[Point], said: Sequence[str]) -> Figure:
    """Time per lane and peak memory against the number of lanes, a line a peer."""
    figure = page(13.4, 5.2, ["What more lanes cost"], said)
    left, names_left, right, names_right = figure.subplots(1, 4, width_ratios=[3, 1.8, 3, 1.8])
    names_left.axis("off")
    names_right.axis("off")
    looks = _looks([point.key for point in points])
    memory = [point for point in points if point.peak >= LEAST_MEMORY]
    _draw_lines(left, points, [point.per_lane / 1e3 for point in points], looks)
    _draw_lines(right, memory, [point.peak / 2**20 for point in memory], looks)
    left.set_ylabel("microseconds per lane")
    right.set_ylabel("peak memory above the start, MiB")
    return figure


def _looks(keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for number, key in enumerate(dict.fromkeys(keys)):
        colour, dashes = LINES[number % len(LINES)]
        marker = MARKERS[number // len(LINES)]
        found[key] = {"color": colour, "linestyle": dashes, "marker": marker}
    return found


def _draw_lines(
    axes: Axes, points: Sequence[Point], values: Sequence[float], looks: dict[str, dict[str, Any]]
) -> None:
    axes.set(xscale="log", yscale="log")
    ends: dict[str, tuple[float, float]] = {}
    for key, look in looks.items():
        own = [(p.lanes, value) for p, value in zip(points, values, strict=True) if p.key == key]
        if own:
            lanes, heights = zip(*own, strict=True)
            axes.plot(lanes, heights, markersize=4, linewidth=2.6 if is_gdlab(key) else 1.2, **look)
            ends[key] = own[-1]
    names = {point.key: point.name for point in points}
    axes.set_xlabel("lanes")
    axes.grid(color=GRID)
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    _label(axes, {names[key]: (end, looks[key]["color"]) for key, end in ends.items()})


def _label(axes: Axes, ends: dict[str, tuple[tuple[float, float], str]]) -> None:
    """Write each line's name at the right, as near to its end as the other names allow."""
    axes.set_ylim(axes.get_ylim())  # settled, since places in the axes are asked for
    to_share = axes.transScale + axes.transLimits
    ranked = sorted(ends, key=lambda name: ends[name][0][1])
    heights = [float(to_share.transform(ends[name][0])[1]) for name in ranked]
    for name, height in zip(ranked, spread(heights, APART), strict=True):
        (lanes, value), colour = ends[name]
        text = axes.annotate(
            name,
            (lanes, value),
            xytext=(1.04, height),
            textcoords="axes fraction",
            va="center",
            size=8.5,
            color=colour,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.5,
                "alpha": 0.5,
                "relpos": (0, 0.5),
            },
        )
        text.set_in_layout(False)  # it stands in the empty axes beside


def spread(heights: Sequence[float], apart: float) -> list[float]:
    """Move rising heights, shares of 1, as little as keeps them `apart`.

    Those that would overlap stand around their common mean.
    """
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _lowest(groups[-1], apart) < _highest(groups[-2], apart) + apart:
            last = groups.pop()
            groups[-1] += last
    return [
        _lowest(group, apart) + apart * place for group in groups for place in range(len(group))
    ]


def _lowest(group: Sequence[float], apart: float) -> float:
    extent = apart * (len(group) - 1)
    return max(0.0, min(sum(group) / len(group) - extent / 2, 1 - extent))


def _highest(group: Sequence[float], apart: float) -> float:
    return _lowest(group, apart) + apart * (len(group) - 1)
