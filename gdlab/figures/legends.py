"""What the colours of cells mean: the bar of the iterations, the verdicts, and both in words."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator

from gdlab.core.problem import Status
from gdlab.figures import words
from gdlab.figures.axis import round_values
from gdlab.figures.cells import COLOURS, LOOKS
from gdlab.results.tally import Outcome

BAR = 0.17
"""Thickness of a colour bar, in inches."""


def legend_of(
    counts: Sequence[int], max_iter: int | None, *, hatched: bool = True, dots: bool = False
) -> list[Artist]:
    """One entry, with its share, for each verdict other than convergence that occurs.

    max_iter : None where it is not the same for all lanes.
    """
    limit = "max_iter" if max_iter is None else words.plural(max_iter, "iteration")
    said = {
        Status.cycling: "cycling",
        Status.max_iter: f"not converged after {limit}",
        Status.diverged: "diverged",
    }
    entries: list[Artist] = []
    for code, text in said.items():
        look, label = LOOKS[code], f"{text} ({words.share(counts[code], sum(counts))})"
        if not counts[code]:
            continue
        if dots:
            entries.append(
                Line2D(
                    [],
                    [],
                    linestyle="none",
                    marker=look.marker,
                    markerfacecolor=look.colour,
                    markeredgecolor="#404040",
                    label=label,
                )
            )
            continue
        hatch = look.hatch if hatched else ""
        entries.append(
            Patch(
                facecolor=look.colour,
                edgecolor=look.ink if look.hatch else look.colour,
                hatch=hatch,
                linewidth=0.5,
                label=label,
            )
        )
    return entries


def colour_bar(
    figure: Figure, axes: Sequence[Axes], norm: LogNorm, length: float, *, below: bool = False
) -> Colorbar:
    """A bar with ticks at the decades, or at 1, 2, 5 where the counts span less than two.

    length : of the bar, in inches.
    """
    bar = figure.colorbar(
        ScalarMappable(norm, COLOURS),
        ax=list(axes),
        location="bottom" if below else "right",
        pad=0.03,
        aspect=length / BAR,
        fraction=0.12,
        label="iterations to convergence",
    )
    low, high = float(norm.vmin or 1), float(norm.vmax or 1)
    ticks = [
        v
        for v in round_values(low, high, 9 if not below else max(3, int(length / 0.45)))
        if v == round(v)
    ] or [low, high]
    bar.ax.minorticks_off()
    axis = bar.ax.xaxis if below else bar.ax.yaxis
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_ticklabels([words.count(int(v)) for v in ticks])
    bar.outline.set_visible(False)
    return bar


def outcome_said(outcome: Outcome) -> str:
    """How many lanes converged, in words."""
    n, converged = outcome.n, outcome.converged
    if outcome.range is None:
        return "no lane converged" if n > 1 else "not converged"
    low, high = outcome.range
    each = f" after {words.plural(low, 'iteration')}" if low == high else ""
    if converged == n:
        return f"{'all lanes ' if n > 1 else ''}converged{each}"
    return f"{words.share(converged, n)} converged{each}"


def block_said(block: tuple[int, int]) -> list[str]:
    """Say in words that lanes share pixels, where they do."""
    if block == (1, 1):
        return []
    up, across = block
    return [f"each pixel shows the median of {across} × {up} lanes"]
