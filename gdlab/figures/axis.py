"""Axes whose unit is a cell, with ticks where the cells' values are; and round values for ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, NullLocator

from gdlab.figures import words
from gdlab.figures.ticks import round_values as round_values
from gdlab.figures.ticks import tick_values as tick_values
from gdlab.objectives.base import Array

TICKS = 12
CHARACTER = 0.088
"""Inches that a character of a tick label takes."""


@dataclass(frozen=True, eq=False)
class CellAxis:
    """Cells side by side, with the values `cells` (n,) that do not fall.

    length : of the axis in inches. block : how many of the cells are drawn as one, which is the
    unit: cell i is drawn from i / block to (i + 1) / block.
    """

    cells: Array
    length: float
    block: int = 1

    def __len__(self) -> int:
        return self.cells.size

    @property
    def end(self) -> float:
        return len(self) / self.block

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
        if self.spacing == "uneven" and value not in self.cells:
            return float(np.searchsorted(self.cells, value).clip(1, len(self) - 1)) / self.block
        scale = np.log if self.spacing == "log" else np.asarray
        middles = np.arange(len(self)) + 0.5
        return float(np.interp(scale(value), scale(self.cells), middles)) / self.block

    def mark(self, axis: Axis, *, upright: bool) -> None:
        """Put ticks on `axis`: one a cell where they fit, else at round values."""
        values, some = self._round(upright), self._some_cells(upright)
        places = [self.position(value) for value in values]
        if len(some) == len(self) or self.spacing == "uneven" or len(places) < 2:
            values, places = self.cells[some].tolist(), [(i + 0.5) / self.block for i in some]
        marks = [(v, place) for v, place in zip(values, places, strict=True) if place is not None]
        set_ticks(axis, [place for _, place in marks], words.numbers([v for v, _ in marks]))

    def _round(self, upright: bool) -> list[float]:
        low, high = self.cells[[0, -1]].tolist()
        if self.spacing == "log":
            return round_values(low, high, 9)
        room = self.length / (0.35 if upright else 0.6)
        return tick_values(low, high, int(np.clip(room, 3, 8)))

    def _some_cells(self, upright: bool) -> list[int]:
        if len(self) > TICKS:
            return np.unique(np.linspace(0, len(self) - 1, 8).round().astype(int)).tolist()
        widest = max(map(len, words.numbers(self.cells.tolist())))
        needed = 0.2 if upright else CHARACTER * widest + 0.08
        return list(range(0, len(self), max(1, int(np.ceil(needed * len(self) / self.length)))))


def set_ticks(axis: Axis, places: Sequence[float], labels: Sequence[str]) -> None:
    """Put ticks at these places and nowhere else."""
    axis.set_major_locator(FixedLocator(list(places)))
    axis.set_minor_locator(NullLocator())
    axis.set_ticklabels(list(labels))


def _even(values: Array) -> bool:
    gaps = np.diff(values)
    return bool(gaps.min() > 0 and np.ptp(gaps) <= 1e-6 * gaps.max())
