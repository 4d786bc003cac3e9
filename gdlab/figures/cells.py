"""Lanes as cells: colours for iterations, colours and hatches for the other verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, to_rgba
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray

from gdlab.core.problem import Status
from gdlab.figures.style import INK, part_of
from gdlab.results.layout import Layout
from gdlab.results.raster import Cells
from gdlab.results.tally import Outcome

COLOURS = part_of("viridis", 0.08, 1.0)
"""Without its darkest end: one iteration is not to be taken for divergence."""
ANNOTATED = 12
"""Rows and columns up to which cells hold their counts."""
MOST_VECTORS = 1500
"""Hatched strips that are drawn as shapes; more are drawn as pixels."""


@dataclass(frozen=True)
class Look:
    """How a verdict other than convergence is painted."""

    colour: str
    hatch: str
    ink: str
    marker: str
    short: str


# Told apart on viridis under the three colour-vision deficiencies and in grey.
LOOKS = {
    Status.diverged: Look("#161616", "", "white", "X", "div"),
    Status.cycling: Look("#b2182b", "////", "white", "D", "cyc"),
    Status.max_iter: Look("#f0f0f0", "...", "#9a9a9a", "s", "max"),
}


def colours(cells: Cells, norm: LogNorm | None) -> NDArray[np.uint8]:
    """RGBA (rows, columns, 4)."""
    rgba = np.zeros((*cells.shape, 4), np.uint8)
    converged = cells.status == Status.converged
    if converged.any():
        rgba[converged] = colours_of(cells.iterations[converged], norm)
    for code, look in LOOKS.items():
        rgba[cells.status == code] = np.round(np.multiply(to_rgba(look.colour), 255))
    return rgba


def colours_of(iterations: NDArray[np.float32], norm: LogNorm | None) -> NDArray[np.uint8]:
    """RGBA (n, 4) of iterations (n,)."""
    scaled = np.full(iterations.shape, 0.5) if norm is None else np.asarray(norm(iterations))
    return np.asarray(COLOURS(scaled, bytes=True))


def scale_of(outcomes: Iterable[Outcome]) -> LogNorm | None:
    """A logarithmic scale over the iterations to convergence; None for fewer than two counts."""
    ends = [own.range for own in outcomes if own.range is not None]
    if not ends:
        return None
    low, high = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
    return LogNorm(low, high) if low < high else None


def paint(axes: Axes, cells: Cells, norm: LogNorm | None, layout: Layout) -> None:
    """Paint cells that may each be a block of those of the layout, one unit a cell of these."""
    up, across = layout.block
    n_rows, n_columns = cells.shape
    axes.imshow(
        colours(cells, norm),
        origin="lower",
        extent=(0, n_columns * across, 0, n_rows * up),
        aspect="auto",
        interpolation="none",
    )
    _hatch(axes, cells, across, up)
    axes.set(xlim=(0, layout.shape[1]), ylim=(0, layout.shape[0]))


def annotate(axes: Axes, cells: Cells, norm: LogNorm | None) -> None:
    """Draw few cells with their counts, the other verdicts as short words."""
    rows, columns = cells.shape
    most = float(np.nan_to_num(cells.iterations).max())
    font: dict[str, Any] = {"size": 10 if most < 10_000 else 8}
    if (cells.status == Status.converged).any():
        import seaborn as sns

        sns.heatmap(
            cells.iterations,
            mask=cells.status != Status.converged,
            norm=norm or LogNorm(0.5 * most, 2 * most),
            cmap=COLOURS,
            annot=True,
            fmt=".0f",
            annot_kws=font,
            linewidths=1.5,
            cbar=False,
            xticklabels=False,
            yticklabels=False,
            ax=axes,
        )
    axes.set(xlim=(0, columns), ylim=(0, rows))
    for row, column in zip(*np.nonzero(cells.status != Status.converged), strict=True):
        look = LOOKS[cells.status[row, column]]
        axes.add_patch(
            Rectangle((column, row), 1, 1, facecolor=look.colour, edgecolor="white", linewidth=1.5)
        )
        ink = INK if look.colour == LOOKS[Status.max_iter].colour else "white"
        axes.text(column + 0.5, row + 0.5, look.short, ha="center", va="center", color=ink, **font)
    below = colours(cells, norm) / 255
    for text in axes.texts:  # in front of a line that may run through the cell
        column, row = (int(place) for place in text.get_position())
        text.set(zorder=4, bbox={"facecolor": below[row, column], "linewidth": 0, "pad": 1.5})


def _hatch(axes: Axes, cells: Cells, across: int, up: int) -> None:
    for code, look in LOOKS.items():
        if not look.hatch or not (cells.status == code).any():
            continue
        outline = _strips(cells.status == code, across, up)
        patch = PathPatch(
            outline, facecolor="none", edgecolor=look.ink, linewidth=0, hatch=look.hatch
        )
        patch.set_rasterized(len(outline) > 5 * MOST_VECTORS)
        axes.add_patch(patch)


def _strips(inside: NDArray[np.bool_], across: int, up: int) -> Path:
    """The cells that are `inside`, as rectangles one column wide and as tall as possible."""
    columns = np.zeros((inside.shape[1], inside.shape[0] + 2), np.int8)
    columns[:, 1:-1] = inside.T
    steps = np.diff(columns, axis=1)
    left, low = np.nonzero(steps == 1)
    high = np.nonzero(steps == -1)[1]
    x = np.stack([left, left + 1, left + 1, left, left], axis=1) * across
    y = np.stack([low, low, high, high, low], axis=1) * up
    codes = np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(left))
    return Path(np.stack([x, y], axis=-1).reshape(-1, 2).astype(float), codes)
