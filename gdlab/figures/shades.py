"""Colours of many step sizes: from the best to too small, and to too large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from gdlab.figures import words
from gdlab.figures.axis import round_values, set_ticks
from gdlab.figures.style import AROUND_BEST
from gdlab.objectives.base import Array


@dataclass(frozen=True)
class Shades:
    """Colours of step sizes by where they stand around the best: below it blue, above it red.

    Half of the colours belong to each side, on a logarithmic scale.
    """

    low: float
    middle: float
    high: float
    best: float | None

    @classmethod
    def of(cls, alphas: Array, best: float | None) -> Shades:
        low, high = float(alphas[0]), float(alphas[-1])
        return cls(low, float(np.clip(best or np.sqrt(low * high), low, high)), high, best)

    def said(self) -> list[str]:
        """What dashes mean, where there are some."""
        return ["dashed: α above the best"] if self.high > (self.best or np.inf) else []

    def share(self, alpha: float) -> float:
        """Where on the scale a step size stands, from 0 to 1."""
        if alpha <= self.middle:
            return 0.5 * _between(self.low, alpha, self.middle)
        return 0.5 + 0.5 * _between(self.middle, alpha, self.high)

    def look(self, alpha: float) -> tuple[str, Any]:
        """Colour and dashes of a step size; those above the best are dashed."""
        dashed = self.best is not None and alpha > self.best
        return to_hex(AROUND_BEST(self.share(alpha))), (0, (4, 1.2)) if dashed else "-"

    def bar(
        self, figure: Figure, limit: tuple[str, float] | None, *, relative: bool = False
    ) -> None:
        """A bar of the step sizes, with the best and the limit on it where they are among them.

        limit : its name, and where it is.
        """
        label = "α / best α of the panel" if relative else "step size α"
        bar = figure.colorbar(
            ScalarMappable(cmap=AROUND_BEST), ax=figure.axes, pad=0.02, aspect=28, label=label
        )
        values = [
            value
            for low, high in ((self.low, self.middle), (self.middle, self.high))
            if low < high
            for value in round_values(low, high, 5)
        ]
        places = [self.share(value) for value in values]
        kept = [i for i, p in enumerate(places) if not any(p - q < 0.03 for q in places[:i])]
        set_ticks(bar.ax.yaxis, [places[i] for i in kept], words.numbers([values[i] for i in kept]))
        bar.ax.set_ylim(self.share(self.low), self.share(self.high))
        bar.outline.set_visible(False)
        marked = [] if self.best is None else [("best", self.best)]
        for name, alpha in [*marked, *([] if limit is None else [limit])]:
            if self.low <= alpha <= self.high:
                place = self.share(alpha)
                bar.ax.axhline(place, color="white", linewidth=2.4)
                bar.ax.axhline(place, color="black", linewidth=1.2, linestyle=(0, (2, 1)))
                across = bar.ax.get_yaxis_transform()
                bar.ax.text(
                    -0.25, place, name, transform=across, ha="right", va="center", size="small"
                )


def _between(low: float, value: float, high: float) -> float:
    return float(np.log(value / low) / np.log(high / low)) if low < high else 1.0
