"""Axes of numbers: step sizes as their grid spaces them, counts and factors by powers.

Scales are set when all is drawn: seaborn takes values through a logarithm and back.
"""

from __future__ import annotations

import sys

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis

from gdlab.figures import words
from gdlab.figures.axis import CHARACTER, CellAxis, round_values, set_ticks, tick_values
from gdlab.objectives.base import Array

WIDE = 30.0
"""How many times the least step size the largest is where an uneven grid is drawn by powers."""
ROOM = 0.02
"""Share of an axis that is left at either end."""
LEAST, LARGEST = sys.float_info.min, sys.float_info.max / 4


def is_logarithmic(alpha: Array) -> bool:
    """Whether step sizes, which rise, are spaced by factors rather than by differences."""
    spacing = CellAxis(alpha, 1.0).spacing
    return spacing == "log" or (spacing == "uneven" and bool(alpha[-1] / WIDE > alpha[0]))


def scale_step_sizes(axes: Axes, alpha: Array, width: float) -> None:
    """Let the axis across, of so many inches, reach from the least to the largest step size."""
    low, high = float(alpha[0]), float(alpha[-1])
    longest = max(map(len, words.numbers([low, high])))
    most = int(np.clip(width / max(0.6, CHARACTER * longest + 0.25), 2, 9))
    axes.set_xlabel("step size α")
    if is_logarithmic(alpha):
        values = round_values(low, high, most, _fewest(most))
        room = ROOM * (np.log10(high) - np.log10(low))
        ends = np.clip([np.log10(low) - room, np.log10(high) + room], *np.log10([LEAST, LARGEST]))
        axes.set_xlim(*(10.0**ends).tolist())  # first: the scale's own ends may be beyond doubles
        axes.set_xscale("log")
    else:
        values = tick_values(low, high, most)
        room = ROOM * (high - low) or ROOM * high
        axes.set_xlim(low - room, high + room)
    set_ticks(axes.xaxis, values, words.numbers(values))


def ends_of_counts(low: float, high: float, below: float = 0.0) -> tuple[float, float]:
    """Where an axis by powers begins and ends that shows counts from `low` to `high`.

    below : share of its length that is left empty at its lower end.
    """
    first, last = np.log10(max(low, 1.0) / 1.6), np.log10(max(high, 2.0) * 1.25)
    first -= below / (1 - below) * (last - first)
    return float(10.0**first), float(10.0**last)


def mark_counts(axis: Axis, low: float, high: float, length: float) -> None:
    """Put ticks at round whole numbers on an axis by powers of so many inches."""
    most = int(np.clip(length / 0.45, 3, 9))
    found = round_values(max(low / 1.6, 1.0), max(high, 2.0), most, _fewest(most))
    values = [value for value in found if value % 1 == 0]
    set_ticks(axis, values, [count_said(value) for value in values])


def _fewest(most: int) -> int:
    """Ticks that are few enough to be decades alone, where there is room for so many."""
    return 2 if most <= 4 else 3


def count_said(count: float) -> str:
    """Write a count, large ones by powers of ten."""
    return words.count(int(count)) if count < 1e5 else words.number(count)


def mark_shares(axis: Axis) -> None:
    """Put ticks at quarters of the whole."""
    set_ticks(axis, [0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
