"""Axes whose unit is a cell, with ticks where the cells' values are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from gdlab.figures import words
from gdlab.objectives.base import Array

TICKS = 12
CHARACTER = 0.088
"""Inches that a character of a tick label takes."""


@dataclass(frozen=True, eq=False)
class CellAxis:
    """Cells side by side, cell i from i to i + 1, with the values `cells` (n,) that do not fall.

    `length` is that of the axis in inches.
    """

    cells: Array
    length: float

    def __len__(self) -> int:
        return self.cells.size

    @cached_property
    def spacing(self) -> str:
        """linear, log, or uneven: how the values follow each other."""
        if len(self) < 3 or _even(self.cells):
            return "linear"
        if self.cells[0] > 0 and _even(np.log(self.cells)):
            return "log"
        return "uneven"

    @property
    def note(self) -> str:
        """What a label has to add where lengths on the axis mean nothing."""
        many = len(self) > TICKS
        return " (in order, not to scale)" if self.spacing == "uneven" and many else ""

    def position(self, value: float) -> float | None:
        """Where on the axis a value stands; None outside the values."""
        first, last = self.cells[0], self.cells[-1]
        slack = 1e-9 * (last - first)
        if not first - slack <= value <= last + slack or len(self) == 1:
            return None
        values, at = self.cells, value
        if self.spacing == "uneven" and value not in values:
            return float(np.searchsorted(values, value).clip(1, len(self) - 1))
        if self.spacing == "log":
            values, at = np.log(values), np.log(value)
        return float(np.interp(at, values, np.arange(len(self)) + 0.5))

    def mark(self, axis: Axis, *, upright: bool) -> None:
        """Put ticks on `axis`: one a cell where they fit, else at round values."""
        values = self._marked(upright)
        places = [self.position(value) for value in values]
        cells = self._some_cells(upright)
        if self.spacing == "uneven" or len(self) == len(cells) or len(places) < 2:
            values, places = self.cells[cells].tolist(), [i + 0.5 for i in cells]
        axis.set_major_locator(FixedLocator([place for place in places if place is not None]))
        axis.set_minor_locator(NullLocator())
        kept = [v for v, place in zip(values, places, strict=True) if place is not None]
        axis.set_ticklabels(words.numbers(kept))

    def _marked(self, upright: bool) -> list[float]:
        low, high = self.cells[[0, -1]].tolist()
        if self.spacing == "log":
            return round_values(low, high, 9)
        room = self.length / (0.35 if upright else 0.6)
        return tick_values(low, high, int(np.clip(room, 3, 8)))

    def _some_cells(self, upright: bool) -> list[int]:
        if len(self) > TICKS:
            wanted = np.linspace(0, len(self) - 1, 8).round()
            return np.unique(wanted.astype(int)).tolist()
        cell = self.length / len(self)
        widest = max(map(len, words.numbers(self.cells.tolist())))
        needed = 0.2 if upright else CHARACTER * widest + 0.08
        every = max(1, int(np.ceil(needed / cell)))
        return list(range(0, len(self), every))


def tick_values(low: float, high: float, most: int) -> list[float]:
    """Round values from `low` to `high`, evenly spaced, without rounding dust."""
    if not low < high:
        return [low]
    found = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = 1e-9 * (high - low)
    return [float(f"{v:.12g}") for v in found if low - slack <= v <= high + slack]


def round_values(low: float, high: float, most: int) -> list[float]:
    """Values for a logarithmic scale: decades, or 1, 2, 5 where these are too few, or any digit."""
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for digits in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)):
        found = [float(f"{digit}e{ten}") for ten in decades for digit in digits]
        found = [v for v in found if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)]
        if len(found) >= 3:
            return found[:: -(-len(found) // most)]
    return tick_values(low, high, 4)


def _even(values: Array) -> bool:
    gaps = np.diff(values)
    return bool(gaps.min() > 0 and np.ptp(gaps) <= 1e-6 * gaps.max())
