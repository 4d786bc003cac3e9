"""Axes of a page: their values, whether they are logarithmic, and their ticks."""

from __future__ import annotations

from typing import Any

import numpy as np

from gdlab.figures.numbers import numbers
from gdlab.figures.ticks import round_values, tick_values
from gdlab.objectives.base import Array

FEW = 8
"""Values that all have a tick."""
MOST_TICKS = 7


def cells(values: Array, low: float, high: float) -> dict[str, Any]:
    """An axis with a cell for each of these rising values.

    low, high : its ends where there is a single value, for the slider.
    """
    log = _is_logarithmic(values)
    knots = [low, values.item(), high] if values.size == 1 else values.tolist()
    first, last = float(values[0]), float(values[-1])
    if values.size <= FEW:
        ticks = values.tolist()
    else:
        ticks = round_values(first, last, MOST_TICKS) if log else _rounds(first, last)
    return {
        "values": values.tolist(),
        "knots": sorted(set(knots)),
        "log": log,
        "ticks": _written(ticks),
    }


def line(low: float, high: float) -> dict[str, Any]:
    """An axis between two ends."""
    ends = [low, high]
    return {"values": ends, "knots": ends, "log": False, "ticks": _written(_rounds(low, high))}


def _is_logarithmic(values: Array) -> bool:
    """Whether the middle one of these values is nearer to the geometric mean of the ends."""
    if values.size < 3 or not values[0] > 0:
        return False
    middle = values.size // 2
    even = middle / (values.size - 1)
    linear, log = (
        (scaled[middle] - scaled[0]) / (scaled[-1] - scaled[0])
        for scaled in (values / 2, np.log(values))  # halves, lest their difference overflow
    )
    return bool(abs(log - even) < abs(linear - even))


def _rounds(low: float, high: float) -> list[float]:
    if not np.isfinite(4 * (high - low)):
        return [low, high]
    return tick_values(low, high, MOST_TICKS) or [low, high]


def _written(values: list[float]) -> list[tuple[float, str]]:
    return list(zip(values, numbers(values), strict=True))
