"""Lanes as cells: colours for iterations, colours and hatches for other verdicts, a legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Colormap, ListedColormap, LogNorm, Normalize, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from gdlab.core.problem import Status
from gdlab.figures import words
from gdlab.figures.axis import round_values, set_ticks, tick_values
from gdlab.figures.looks import LOOKS as LOOKS
from gdlab.figures.looks import Look
from gdlab.figures.sizes import Size
from gdlab.figures.style import part_of
from gdlab.objectives.base import Array
from gdlab.results.raster import Cells
from gdlab.results.tally import Tally

COLOURS = part_of("viridis", 0.08, 1.0)
"""Without its darkest end: one iteration is not to be taken for divergence."""
ANNOTATED = 12
"""Rows and columns up to which cells hold their counts."""
LARGEST, SMALLEST = 10.0, 7.0
"""Points of the counts in cells."""
MOST_VECTORS = 1500
"""Hatched strips, or dots, that are drawn as shapes; more are drawn as pixels."""
BAR = 0.17
"""Thickness of a colour bar, in inches."""


VERDICTS = ListedColormap(["none", *(LOOKS[code].colour for code in sorted(LOOKS))])
SHORT = np.array(["", *(LOOKS[code].short for code in sorted(LOOKS))])


def scale_of(tallies: Iterable[Tally]) -> LogNorm | None:
    """A logarithmic scale over the iterations to convergence; None for fewer than two counts."""
    ends = [own.range for own in tallies if own.range is not None]
    if not ends:
        return None
    low, high = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
    return LogNorm(low, high) if low < high else None


def draw_cells(axes: Axes, cells: Cells, norm: LogNorm | None, size: Size) -> bool:
    """Draw cells on axes of `size` inches, a unit each; say whether they have room for counts."""
    most = float(np.nan_to_num(cells.values).max(initial=1.0))
    points = font_of(cells.shape, size, most)
    converged = cells.labels == Status.converged
    scale = norm or LogNorm(0.5 * most, 2 * most)
    _layer(axes, cells.values, ~converged, points, ".0f", norm=scale, cmap=COLOURS)
    _layer(axes, cells.labels, converged, points, "", vmin=0, vmax=len(LOOKS), cmap=VERDICTS)
    if points is None:
        for code, look in LOOKS.items():
            if look.hatch:
                draw_hatch(axes, cells.labels == code, look)
    axes.set(xlim=(0, cells.shape[1]), ylim=(0, cells.shape[0]))
    return points is not None


def font_of(shape: tuple[int, int], size: Size, most: float) -> float | None:
    """The size of counts up to `most` that cells have room for; None where they have not."""
    (rows, columns), (width, height) = shape, size
    digits = max(len(f"{most:.0f}"), 3)
    points = min(72 * (width / columns - 0.06) / (0.64 * digits), LARGEST)
    few = max(shape) <= ANNOTATED and height / rows >= 0.2
    return points if few and points >= SMALLEST else None


def _layer(
    axes: Axes,
    values: NDArray[Any],
    masked: NDArray[np.bool_],
    points: float | None,
    form: str,
    **look: Any,
) -> None:
    """Draw the cells that are not `masked`, with counts or words in letters of `points`."""
    if masked.all():
        return
    import seaborn as sns

    counts = values if form else SHORT[values]
    texts = len(axes.texts)
    sns.heatmap(
        values,
        mask=masked,
        annot=False if points is None else counts,
        fmt=form,
        annot_kws={"size": points},
        linewidths=0 if points is None else 1.5,
        cbar=False,
        xticklabels=False,
        yticklabels=False,
        rasterized=points is None,
        ax=axes,
        **look,
    )
    colours = axes.collections[-1].get_facecolor()
    for text in axes.texts[texts:]:  # in front of a line that may run through the cell
        column, row = map(int, text.get_position())
        below = colours[row * values.shape[1] + column]
        text.set(zorder=4, bbox={"facecolor": below, "linewidth": 0, "pad": 1.5})


def draw_hatch(axes: Axes, inside: NDArray[np.bool_], look: Look) -> None:
    """Hatch the cells that are `inside`, in strips one column wide and as tall as possible."""
    columns = np.zeros((inside.shape[1], inside.shape[0] + 2), np.int8)
    columns[:, 1:-1] = inside.T
    steps = np.diff(columns, axis=1)
    left, low = np.nonzero(steps == 1)
    high = np.nonzero(steps == -1)[1]
    if not left.size:
        return
    x = np.stack([left, left + 1, left + 1, left, left], axis=1)
    y = np.stack([low, low, high, high, low], axis=1)
    codes = np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(left))
    outline = Path(np.stack([x, y], axis=-1).reshape(-1, 2).astype(float), codes)
    patch = PathPatch(outline, facecolor="none", edgecolor=look.ink, linewidth=0, hatch=look.hatch)
    patch.set_rasterized(len(left) > MOST_VECTORS)
    axes.add_patch(patch)


def verdict_colours(cells: Cells, norm: LogNorm | None) -> Array:
    """The colours (n, 4) of a row of cells that are dots."""
    (status,), (iterations,) = cells.labels, cells.values
    colours: Array = COLOURS(np.full(status.shape, 0.5) if norm is None else norm(iterations))
    for code, look in LOOKS.items():
        colours[status == code] = to_rgba(look.colour)
    return colours


def draw_dots(axes: Axes, colours: Array, x0: Array) -> None:
    """Draw dots of these colours (n, 4) at the starting points x0 (n, 2)."""
    axes.scatter(
        x0[:, 0],
        x0[:, 1],
        c=colours,
        s=float(np.clip(6000 / len(x0), 5, 45)),
        linewidths=0.4,
        edgecolors="#404040",
        rasterized=len(x0) > MOST_VECTORS,
    )


def legend_of(counts: Sequence[int], max_iter: int | None, *, hatched: bool) -> list[Artist]:
    """One entry, with its share, for each verdict other than convergence that occurs.

    max_iter : None where it is not the same for all lanes.
    """
    limit = "max_iter" if max_iter is None else words.plural(max_iter, "iteration")
    entries: list[Artist] = []
    for code, look in LOOKS.items():
        if counts[code]:
            name = look.name + (limit if code == Status.max_iter else "")
            entries.append(
                Patch(
                    label=f"{name} ({words.share(counts[code], sum(counts))})",
                    facecolor=look.colour,
                    edgecolor=look.ink if look.hatch else look.colour,
                    hatch=look.hatch if hatched else "",
                    linewidth=0.5,
                )
            )
    return entries


def colour_bar(
    figure: Figure,
    norm: Normalize,
    length: float,
    *,
    below: bool = False,
    colours: Colormap = COLOURS,
    label: str = "iterations to convergence",
    extend: str = "neither",
    panels: Sequence[Axes] | None = None,
) -> Colorbar:
    """A bar at the right of all panels, or below them.

    For counts its ticks are at the decades, or at 1, 2, 5 where they span less than two.

    length : of the bar, in inches. extend : at which ends there are values beyond it, as
    Matplotlib says it. panels : beside which it is, by default all axes.
    """
    bar = figure.colorbar(
        ScalarMappable(norm, colours),
        ax=list(figure.axes if panels is None else panels),
        location="bottom" if below else "right",
        pad=0.03,
        aspect=length / BAR,
        fraction=0.12,
        label=label,
        extend=extend,
    )
    most = max(3, int(length / 0.45)) if below else 9
    ticks, texts = _ticks_of(norm, most)
    set_ticks(bar.ax.xaxis if below else bar.ax.yaxis, ticks, texts)
    bar.outline.set_visible(False)
    return bar


def _ticks_of(norm: Normalize, most: int) -> tuple[list[float], list[str]]:
    """Ticks of a bar, whole numbers on a logarithmic scale, and what they say."""
    low, high = float(norm.vmin or 0), float(norm.vmax or 0)
    if not isinstance(norm, LogNorm):
        ticks = tick_values(low, high, most)
        return ticks, words.numbers(ticks)
    ticks = round_values(low, high, most)
    if low >= 1:  # of counts
        ticks = [v for v in ticks if v == round(v)] or [low, high]
    return ticks, [words.count(int(v)) if v == round(v) else words.number(v, 3) for v in ticks]
