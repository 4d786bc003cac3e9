"""Contours of f in the plane, at logarithmic levels above its minimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure

from gdlab.figures import words
from gdlab.figures.axis import round_values, set_ticks
from gdlab.figures.sheet import HIGHEST
from gdlab.figures.style import part_of
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array, values

SAMPLES = 201
FEWEST_LEVELS, MOST_LEVELS = 8, 24
MOST_LABELS = 9
MOST_DECADES = 6
SEA = part_of("GnBu_r", 0.0, 0.95)


@dataclass(frozen=True, eq=False)
class Contours:
    """f on a grid of the plane, above its minimum or its least value there, which `label` tells."""

    x: Array
    y: Array
    above: np.ma.MaskedArray
    levels: Array
    label: str

    @classmethod
    def of(cls, subject: Subject, extent: Array) -> Contours:
        """Sample f between the ends of both axes (2, 2)."""
        x, y = (np.linspace(low, high, SAMPLES) for low, high in extent)
        points = np.stack(np.meshgrid(x, y)).reshape(2, -1)
        f = values(subject.experiment.objective, points).reshape(SAMPLES, SAMPLES)
        f = np.ma.masked_where(~(np.abs(f) < HIGHEST), f)
        name, minimum = words.function(subject), subject.facts.minimum
        above = f - (f.min() if minimum is None else minimum)
        label = words.maths(f"{name} - f^*")
        if minimum is None:
            label = f"{words.maths(name)} minus its least value here"
        return cls(x, y, above, _levels(above), label)

    @property
    def has_values(self) -> bool:
        return bool(self.above.count())

    @property
    def norm(self) -> BoundaryNorm:
        return BoundaryNorm(self.levels, SEA.N, extend="both")

    def draw(self, axes: Axes) -> None:
        look: dict[str, Any] = {"levels": self.levels, "norm": self.norm, "extend": "both"}
        axes.contourf(self.x, self.y, self.above, cmap=SEA, **look).set_rasterized(True)

    def bar(self, figure: Figure) -> None:
        """Add what the colours mean."""
        colours = ScalarMappable(self.norm, SEA)
        bar = figure.colorbar(
            colours, ax=figure.axes, pad=0.02, aspect=30, fraction=0.06, label=self.label
        )
        decades = [level for level in self.levels.tolist() if f"{level:e}".startswith("1.000000")]
        some = self.levels[:: -(-self.levels.size // MOST_LABELS)].tolist()
        ticks = decades if len(decades) >= 4 else some
        set_ticks(bar.ax.yaxis, ticks, words.numbers(ticks))


def corners(places: Array, stayed: Array) -> Array:
    """The ends of both axes (2, 2): of places (2, n), and where bounded iterates go, near by."""
    low, high = places.min(axis=1), places.max(axis=1)
    wide = np.maximum(high - low, 0.05 * (high - low).max())
    wide = np.where(wide > 0, wide, 2.0)
    centre = (low + high) / 2
    low, high = centre - wide / 2, centre + wide / 2
    farthest = 0.5 * wide
    if stayed.size:
        low = np.minimum(low, np.maximum(stayed.min(axis=1), low - farthest))
        high = np.maximum(high, np.minimum(stayed.max(axis=1), high + farthest))
    room = 0.08 * (high - low)
    return np.stack([low - room, high + room], axis=1)


def _levels(above: np.ma.MaskedArray) -> Array:
    """Values at which contours are drawn: 1, 2, 5 and so on, or where f varies little even."""
    seen = above.compressed()
    positive = seen[seen > 1 / HIGHEST]
    if positive.size < 2 or positive.min() == positive.max():
        return np.linspace(0, 1, MOST_LEVELS)
    high = float(np.quantile(positive, 0.98))
    low = max(float(np.quantile(positive, 0.002)), high * 10.0**-MOST_DECADES)
    return np.array(round_values(low, high, MOST_LEVELS, FEWEST_LEVELS))
