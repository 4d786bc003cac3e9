"""How large the cells of a heatmap are, and so which lanes share a pixel: known before drawing."""

from __future__ import annotations

import numpy as np

from gdlab.core.starts import Starts
from gdlab.core.stepsizes import spread
from gdlab.experiment import Experiment
from gdlab.results.layout import Layout, Pixels, grid_layout, planes_layout

DPI = 150
Size = tuple[float, float]
"""Width and height in inches."""

WIDTH, HEIGHT = 5.75, 4.1
"""Inches of the cells of a whole run, at most."""
NARROWEST = 3.45
"""Inches of the cells at least: with less the heading would be wider than the picture."""
MOST_PLANES = 9


def heatmap_layout(experiment: Experiment) -> Layout:
    """The layout of an experiment's heatmap.

    Raises ValueError for pairs, which are no grid.
    """
    n_alpha, n_x0 = len(experiment.alpha), len(experiment.starts)
    if experiment.dimension == 2:
        shown = spread(n_alpha, MOST_PLANES)
        return planes_layout(experiment, shown, pixels(plane_size(experiment.starts, shown.size)))
    return grid_layout(experiment, pixels(grid_size(n_alpha, n_x0)))


def size_of(layout: Layout) -> Size:
    """Inches of a panel of `heatmap_layout`."""
    if layout.planes:
        return plane_size(layout.starts, layout.alpha.size)
    return grid_size(layout.alpha.size, len(layout.starts))


def pixels(size: Size) -> Pixels:
    """How many whole pixels there are on so many inches."""
    return int(size[0] * DPI), int(size[1] * DPI)


def grid_size(n_alpha: int, n_x0: int) -> Size:
    """Inches of the cells of a grid, room for their counts where they are few."""
    return (
        min(max(0.72 * n_alpha, NARROWEST), WIDTH),
        0.6 if n_x0 == 1 else min(max(0.5 * n_x0, 1.5), HEIGHT),
    )


def columns_of(n: int) -> int:
    """How many of n panels stand side by side."""
    return n if n <= 3 else int(np.ceil(np.sqrt(n)))


def plane_size(starts: Starts, n_planes: int) -> Size:
    """Inches of a plane of starting points, of its shape where its sides are of a like length."""
    width = {1: 4.4, 2: 3.1}.get(columns_of(n_planes), 2.35)
    low, high = starts.bounds()
    wide, tall = high - low
    ratio = tall / wide if 0 < wide <= 3 * tall <= 9 * wide else 0.85
    return width, float(width * np.clip(ratio, 0.6, 1.15))
