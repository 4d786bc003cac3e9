"""How large panels are, and so which lanes of a heatmap share a pixel: known before drawing."""

from __future__ import annotations

from contextvars import ContextVar

import numpy as np

from gdlab.core.starts import Starts
from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array
from gdlab.results.layout import Layout, Pixels, grid_layout, planes_layout

DPI = 150
Size = tuple[float, float]
"""Width and height in inches."""

WIDTH, HEIGHT = 5.75, 4.1
"""Inches of the cells of a whole run, at most."""
NARROWEST = 3.45
"""Inches of the cells at least: with less the heading would be wider than the picture."""
MOST_PLANES = 9
COLUMN: ContextVar[float | None] = ContextVar("column", default=None)
"""Inches of a column of print that pictures fit into; None where they take what they need."""
GUTTER = 0.25
"""Inches between two columns, both of which a picture with panels side by side spans."""
BESIDE, BETWEEN = 1.6, 0.16
"""Inches of what stands beside all panels, and between them, where pictures fit into a column."""
LOWEST = 0.45
"""Share of its own height that a panel keeps at least where a column makes it narrower."""


def page_width(n_columns: int) -> float | None:
    """Inches of a picture with so many panels side by side, where there is a column to fit into."""
    column = COLUMN.get()
    return column if column is None or n_columns == 1 else 2 * column + GUTTER


def fitted(size: Size, n_columns: int) -> Size:
    """A panel of this size, or smaller where there is a column that it has to fit into."""
    page = page_width(n_columns)
    if page is None:
        return size
    across = min(max((page - BESIDE) / n_columns - BETWEEN, 0.9), size[0])
    return across, size[1] * max(across / size[0], LOWEST)


def heatmap_layout(experiment: Experiment) -> Layout:
    """The layout of an experiment's heatmap.

    Raises ValueError for pairs, which are no grid.
    """
    if experiment.dimension == 2:
        shown = spread(len(experiment.alpha), MOST_PLANES)
        size = plane_size(_extent(experiment.starts), shown.size)
        return planes_layout(experiment, shown, pixels(size))
    size = _grid_size(len(experiment.alpha), len(experiment.starts))
    return grid_layout(experiment, pixels(size))


def size_of(layout: Layout) -> Size:
    """Inches of a panel of `heatmap_layout`."""
    if layout.planes:
        return plane_size(_extent(layout.starts), layout.alpha.size)
    return _grid_size(layout.alpha.size, len(layout.starts))


def pixels(size: Size) -> Pixels:
    """How many whole pixels there are on so many inches."""
    return int(size[0] * DPI), int(size[1] * DPI)


def columns_of(n: int) -> int:
    """How many of n panels stand side by side."""
    return n if n <= 3 else int(np.ceil(np.sqrt(n)))


def panel_size(n_columns: int, ratio: float) -> Size:
    """Inches of one of so many panels side by side, `ratio` times as high as wide."""
    width = {1: 4.5, 2: 3.3, 3: 2.65}.get(n_columns, 2.2)
    return fitted((width, ratio * width), n_columns)


def plane_size(extent: Array, n: int) -> Size:
    """Inches of one of n planes, of its shape where its sides (2,) are of a like length."""
    wide, tall = extent
    ratio = tall / wide if 0 < wide <= 3 * tall <= 9 * wide else 0.85
    return panel_size(columns_of(n), float(np.clip(ratio, 0.6, 1.15)))


def _extent(starts: Starts) -> Array:
    """How far apart starting points are in each coordinate, (d,)."""
    low, high = starts.bounds()
    extent: Array = high - low
    return extent


def _grid_size(n_alpha: int, n_x0: int) -> Size:
    """Inches of the cells of a grid, room for their counts where they are few."""
    across = min(max(0.72 * n_alpha, NARROWEST), WIDTH)
    return fitted((across, 0.6 if n_x0 == 1 else min(max(0.5 * n_x0, 1.5), HEIGHT)), 1)


def at_least(height: float, size: Size) -> Size:
    """The same width, and not less than this height."""
    return size[0], max(size[1], height)
