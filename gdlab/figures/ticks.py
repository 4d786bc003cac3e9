"""Round values for the ticks of axes."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator


def tick_values(low: float, high: float, most: int) -> list[float]:
    """Round values from `low` to `high`, evenly spaced, without rounding dust."""
    if not low < high:
        return [low]
    found = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = 1e-9 * (high - low)
    return [float(f"{v:.12g}") for v in found if low - slack <= v <= high + slack]


def round_values(low: float, high: float, most: int, fewest: int = 3) -> list[float]:
    """Values for a logarithmic scale: decades, or 1, 2, 5 where these are too few, or any digit."""
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for digits in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)):
        found = [float(f"{digit}e{ten}") for ten in decades for digit in digits]
        found = [v for v in found if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)]
        if len(found) >= fewest:
            return found[:: -(-len(found) // most)]
    return tick_values(low, high, max(4, fewest))
