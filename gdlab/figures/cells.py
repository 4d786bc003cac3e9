"""Lanes as cells: colours for iterations, colours and hatches for the other verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, to_rgba
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray

from gdlab.figures.lanes import CONVERGED, CYCLING, DIVERGED, MAX_ITER, Lanes
from gdlab.figures.style import DPI, INK, part_of

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
    DIVERGED: Look("#161616", "", "white", "X", "div"),
    CYCLING: Look("#b2182b", "////", "white", "D", "cyc"),
    MAX_ITER: Look("#f0f0f0", "...", "#9a9a9a", "s", "max"),
}


@dataclass(frozen=True, eq=False)
class Cells:
    """A matrix of cells, rows upward. iterations (rows, columns) is NaN unless converged."""

    iterations: NDArray[np.float32]
    status: NDArray[np.int8]

    @classmethod
    def of(cls, steps: NDArray[np.int32], status: NDArray[np.int8]) -> Cells:
        converged = status == CONVERGED
        return cls(np.where(converged, steps, np.nan).astype(np.float32), status)

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.status.shape
        return rows, columns

    def blocks(self, rows: int, columns: int) -> Cells:
        """Blocks of rows × columns cells: the commonest status, the median of the iterations.

        At the upper and the right edge a block may be smaller.
        """
        if rows == columns == 1:
            return self
        status = _blocks(self.status, rows, columns, -1)
        iterations = np.sort(_blocks(self.iterations, rows, columns, np.nan), axis=-1)
        n = np.stack([(status == code).sum(axis=-1, dtype=np.int32) for code in range(4)])
        last = np.maximum(n[CONVERGED] - 1, 0)[..., None]
        middle = [
            np.take_along_axis(iterations, i, axis=-1)[..., 0] for i in (last // 2, -(-last // 2))
        ]
        verdict = n.argmax(axis=0).astype(np.int8)
        median = np.where(verdict == CONVERGED, (middle[0] + middle[1]) / 2, np.nan)
        return Cells(median.astype(np.float32), verdict)

    def colours(self, norm: LogNorm | None) -> NDArray[np.uint8]:
        """RGBA (rows, columns, 4)."""
        rgba = np.zeros((*self.shape, 4), np.uint8)
        converged = self.status == CONVERGED
        if converged.any():
            rgba[converged] = colours_of(self.iterations[converged], norm)
        for code, look in LOOKS.items():
            rgba[self.status == code] = np.round(np.multiply(to_rgba(look.colour), 255))
        return rgba


def colours_of(iterations: NDArray[np.float32], norm: LogNorm | None) -> NDArray[np.uint8]:
    """RGBA (n, 4) of iterations (n,)."""
    scaled = np.full(iterations.shape, 0.5) if norm is None else np.asarray(norm(iterations))
    return np.asarray(COLOURS(scaled, bytes=True))


def scale_of(lanes: Lanes, chosen: NDArray[np.intp] | slice = slice(None)) -> LogNorm | None:
    """A logarithmic scale over the iterations to convergence; None for fewer than two counts."""
    return scale_over([lanes.steps[chosen][lanes.status[chosen] == CONVERGED]])


def scale_over(counts: Sequence[NDArray[np.int32]]) -> LogNorm | None:
    """A logarithmic scale over all these counts; None for fewer than two."""
    ends = [(own.min(), own.max()) for own in counts if own.size]
    if not ends:
        return None
    low, high = (float(end) for end in (min(e[0] for e in ends), max(e[1] for e in ends)))
    return LogNorm(low, high) if low < high else None


def block_of(shape: tuple[int, int], size: tuple[float, float]) -> tuple[int, int]:
    """Rows and columns of cells that share a pixel on axes of `size` inches (width, height)."""
    rows, columns = shape
    return -(-rows // int(size[1] * DPI)), -(-columns // int(size[0] * DPI))


def paint(axes: Axes, cells: Cells, norm: LogNorm | None, block: tuple[int, int] = (1, 1)) -> None:
    """Paint the cells, one unit a cell; where several share a pixel, painted are blocks of them."""
    up, across = block
    painted = cells.blocks(up, across)
    n_rows, n_columns = painted.shape
    axes.imshow(
        painted.colours(norm),
        origin="lower",
        extent=(0, n_columns * across, 0, n_rows * up),
        aspect="auto",
        interpolation="none",
    )
    _hatch(axes, painted, across, up)
    axes.set(xlim=(0, cells.shape[1]), ylim=(0, cells.shape[0]))


def annotate(axes: Axes, cells: Cells, norm: LogNorm | None) -> None:
    """Draw few cells with their counts, the other verdicts as short words."""
    rows, columns = cells.shape
    most = float(np.nan_to_num(cells.iterations).max())
    font: dict[str, Any] = {"size": 10 if most < 10_000 else 8}
    if (cells.status == CONVERGED).any():
        import seaborn as sns

        sns.heatmap(
            cells.iterations,
            mask=cells.status != CONVERGED,
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
    for row, column in zip(*np.nonzero(cells.status != CONVERGED), strict=True):
        look = LOOKS[cells.status[row, column]]
        axes.add_patch(
            Rectangle((column, row), 1, 1, facecolor=look.colour, edgecolor="white", linewidth=1.5)
        )
        ink = INK if look.colour == LOOKS[MAX_ITER].colour else "white"
        axes.text(column + 0.5, row + 0.5, look.short, ha="center", va="center", color=ink, **font)
    colours = cells.colours(norm) / 255
    for text in axes.texts:  # in front of a line that may run through the cell
        column, row = (int(place) for place in text.get_position())
        text.set(zorder=4, bbox={"facecolor": colours[row, column], "linewidth": 0, "pad": 1.5})


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


def _blocks(values: NDArray[Any], rows: int, columns: int, filling: float) -> NDArray[Any]:
    """Blocks of a matrix, (n_rows, n_columns, rows * columns), those at the edges filled up."""
    n_rows, n_columns = -(-values.shape[0] // rows), -(-values.shape[1] // columns)
    padded = np.full((n_rows * rows, n_columns * columns), filling, values.dtype)
    padded[: values.shape[0], : values.shape[1]] = values
    parted = padded.reshape(n_rows, rows, n_columns, columns).swapaxes(1, 2)
    return parted.reshape(n_rows, n_columns, rows * columns)
