"""Shares that rise in steps from nothing to what is solved in the end, on one pair of axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gdlab.figures import words
from gdlab.figures.scales import ends_of_counts, mark_counts, mark_shares
from gdlab.figures.sheet import sheet
from gdlab.figures.style import LINES
from gdlab.objectives.base import Array
from gdlab.results.distributions import Distributions

SIZE = 6.6, 4.0
"""Inches of the axes."""


@dataclass(frozen=True, eq=False)
class Rise:
    """A share that rises at these counts (k,) to those of `shares` (k,).

    label : what it is of. solved : the share in the end, as said.
    """

    label: str
    counts: Array
    shares: Array
    solved: str

    @classmethod
    def of(cls, label: str, found: Distributions, group: int = 0) -> Rise:
        """That of the lanes of a group, as they are solved."""
        counts, shares = found.solved(group)
        solved = words.share(int(found.converged[group]), int(found.n[group]))
        return cls(label, counts.astype(float), shares, solved)


def rises_sheet(
    title: Sequence[str], said: Sequence[str], rises: Sequence[Rise]
) -> tuple[Figure, Axes]:
    """A sheet for at most eight rises, with a legend of them."""
    entries: list[Artist] = [
        Line2D([], [], color=colour, linestyle=dashes, linewidth=2.0, label=label)
        for (colour, dashes), label in zip(
            LINES, [f"{c.label} ({c.solved} solved)" for c in rises], strict=False
        )
    ]
    figure, (axes,) = sheet(1, SIZE, [("", "")], title, said, entries)
    return figure, axes


def draw_over_counts(axes: Axes, rises: Sequence[Rise], counted: str) -> None:
    """Draw rises over what is counted, on a logarithmic scale."""
    found = np.concatenate([rise.counts for rise in rises])
    low, high = float(found.min()), float(found.max())
    draw_rises(axes, rises, *ends_of_counts(low, high))
    mark_counts(axes.xaxis, low, high, SIZE[0])
    axes.set_xlabel(counted)
    axes.set_ylabel("starting points solved within $k$")


def draw_rises(axes: Axes, rises: Sequence[Rise], start: float, end: float) -> None:
    """Draw rises as steps from `start` to `end`, with a dot where some are not solved by then.

    On a logarithmic axis.
    """
    import seaborn as sns

    look: dict[str, Any] = {"drawstyle": "steps-post", "linewidth": 2.0, "estimator": None}
    for rise, (colour, dashes) in zip(rises, LINES, strict=False):
        last = rise.shares[-1] if rise.shares.size else 0.0
        first = [] if rise.counts.size and rise.counts[0] <= start else [start]
        table = pd.DataFrame(
            {
                "k": [*first, *rise.counts, end],
                "share": [*np.zeros(len(first)), *rise.shares, last],
            }
        )
        sns.lineplot(
            table, x="k", y="share", color=colour, linestyle=dashes, legend=False, ax=axes, **look
        )
        axes.lines[-1].set_label(rise.label)
        if last < 1:
            dot: dict[str, Any] = {
                "marker": "o",
                "markersize": 5,
                "color": colour,
                "clip_on": False,
            }
            axes.plot([end], [last], label="_end", zorder=4, **dot)
    axes.set_xscale("log")
    axes.set(xlim=(start, end), ylim=(0, 1.02))
    mark_shares(axes.yaxis)
    axes.grid()
    axes.spines[["top", "right"]].set_visible(False)
