"""Colours of several kinds of cells, each with shades of its own, and the scales of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import (
    Colormap,
    LinearSegmentedColormap,
    ListedColormap,
    LogNorm,
    Normalize,
    to_rgb,
)
from numpy.typing import NDArray

from gdlab.objectives.base import Array
from gdlab.results.raster import Labels

SHADES = 64
"""Of a kind: more are not told apart."""
MANY, MIDDLE = 1000, 0.98
"""Of so many values a scale spreads over this share; the few that are beyond are at its ends."""


@dataclass(frozen=True, eq=False)
class Ramps:
    """A ramp of colours for each label, all in one map, so that cells are drawn in one layer."""

    ramps: tuple[Colormap, ...]

    @classmethod
    def of(cls, ramps: Sequence[Colormap | str]) -> Ramps:
        """Those given; a name is that of a single colour."""
        return cls(tuple(ListedColormap([r]) if isinstance(r, str) else r for r in ramps))

    def shade_of(self, labels: Labels, shares: Array) -> NDArray[np.int64]:
        """The place in the map of each label at its share of the ramp, from 0 to 1 or NaN."""
        shares = np.nan_to_num(shares, nan=0.5).clip(0, 1)
        return labels.astype(np.int64) * SHADES + np.rint(shares * (SHADES - 1)).astype(np.int64)

    @property
    def map(self) -> ListedColormap:
        steps = np.linspace(0, 1, SHADES)
        return ListedColormap(np.concatenate([ramp(steps) for ramp in self.ramps]), "ramps")

    def draw(self, axes: Axes, labels: Labels, shares: Array) -> None:
        """Draw a matrix of cells, a unit each."""
        import seaborn as sns

        sns.heatmap(
            self.shade_of(labels, shares),
            vmin=-0.5,
            vmax=len(self.ramps) * SHADES - 0.5,
            cmap=self.map,
            cbar=False,
            xticklabels=False,
            yticklabels=False,
            rasterized=True,
            ax=axes,
        )
        rows, columns = labels.shape
        axes.set(xlim=(0, columns), ylim=(0, rows))


def shades_of(colour: str, light: float = 0.3, dark: float = 0.55) -> Colormap:
    """Shades of a colour: mixed with so much white at first, with so much black at last."""
    own = np.array(to_rgb(colour))
    ends = [own + light * (1 - own), own, own * (1 - dark)]
    return LinearSegmentedColormap.from_list(f"shades of {colour}", ends)


@dataclass(frozen=True, eq=False)
class Scale:
    """From values to shares of a ramp.

    norm : None where there are less than two values. extend : at which ends there are values beyond
    it, in Matplotlib's words. low : the least value; NaN where there is none.
    """

    norm: Normalize | None
    extend: str
    low: float

    @classmethod
    def logarithmic(cls, values: NDArray[np.floating[Any]]) -> Scale:
        """Over the middle of these values, of which NaN do not count."""
        seen = values[~np.isnan(values)]
        if not seen.size or seen.min() == seen.max():
            return cls(None, "neither", float(seen.min(initial=np.inf)) if seen.size else np.nan)
        ends = float(seen.min()), float(seen.max())
        low, high = ends
        if seen.size >= MANY:
            low, high = np.quantile(seen, [(1 - MIDDLE) / 2, (1 + MIDDLE) / 2]).tolist()
        if not low < high:
            low, high = ends
        return cls(LogNorm(low, high), _beyond(ends, low, high), ends[0])

    @classmethod
    def around_zero(cls, values: Array, most: float) -> Scale:
        """As far as the largest of these values, or as the least, but there at the most so far."""
        seen = values[~np.isnan(values)]
        if not seen.size:
            return cls(None, "neither", np.nan)
        ends = float(seen.min()), float(seen.max())
        high = max(ends[1], min(-ends[0], most))
        if high <= 0:
            return cls(None, "neither", ends[0])
        return cls(Normalize(-high, high), _beyond(ends, -high, high), ends[0])

    def shares(self, values: NDArray[np.floating[Any]]) -> Array:
        """Of each value, from 0 to 1; NaN where there is no scale."""
        if self.norm is None:
            return np.full(values.shape, np.nan)
        return np.ma.filled(self.norm(values), np.nan)


def _beyond(ends: tuple[float, float], low: float, high: float) -> str:
    return {(True, True): "both", (True, False): "min", (False, True): "max"}.get(
        (ends[0] < low, ends[1] > high), "neither"
    )
