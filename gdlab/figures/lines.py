"""Curves of convergence on axes: their lines, bands and rugs, and the frame that holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.markers import TICKDOWN, TICKLEFT
from matplotlib.ticker import MaxNLocator

from gdlab.figures import words
from gdlab.figures.axis import round_values, set_ticks
from gdlab.figures.sheet import HIGHEST, NO_VALUE
from gdlab.figures.sizes import Size
from gdlab.figures.style import LINES
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.table import STATUS
from gdlab.results.traces import Curves
from gdlab.theory import bounded_step_sizes, gap_bound

CONVERGED, CYCLING, MAX_ITER, DIVERGED = STATUS.categories
VERBS = {DIVERGED: "diverge", CYCLING: "cycle", MAX_ITER: "go on"}
FATES = {DIVERGED: "diverges", CYCLING: "cycles", MAX_ITER: "not yet"}
MOST_DECADES = 20
MOST_DECADES_UP = 3
"""Decades above the first values that the frame leaves to lanes that rise."""
TINY = float(np.finfo(float).tiny)
EPS = float(np.finfo(float).eps)

BOUND = (0, (1, 1.5))

Looks = dict[float, tuple[str, Any]]
"""Colour and dashes of each step size."""


def fate_of(lanes: pd.DataFrame, alpha: float) -> str:
    """What becomes of the lanes of a step size, where they do not all converge."""
    statuses = lanes["status"][lanes["alpha"] == alpha]
    converge = int((statuses == CONVERGED).sum())
    if converge == statuses.size:
        return ""
    if converge:
        return f" ({words.share(converge, statuses.size)} converge)"
    found = statuses.unique()
    return f" ({FATES[found[0]]})" if len(found) == 1 else " (none converges)"


def draw_curves(
    axes: Axes,
    curves: Curves,
    subject: Subject,
    looks: Looks,
    frame: tuple[float, float],
    last: int,
    followed: int,
) -> None:
    """Draw the median and the middle half of each step size, with room up to iteration `last`.

    A dot marks where a line ends, unless it goes on after iteration `followed`; a tick at the upper
    edge where a lane diverges, one at the right edge where a lane is that has not converged.
    """
    import seaborn as sns

    bottom, top = frame
    few = len(looks) <= len(LINES)
    quartiles = ["lower", "median", "upper"]
    table = curves.table.assign(**curves.table[quartiles].clip(bottom / 100, top * 100))
    axes.set_xlabel("iteration $k$")
    axes.set_ylabel(_measured(curves, subject))
    axes.set_yscale("log")
    axes.set(xlim=(0, max(last, 1)), ylim=(bottom, top))  # before lines that may be level
    sns.lineplot(
        table,
        x="iteration",
        y="median",
        hue="alpha",
        palette={alpha: colour for alpha, (colour, _) in looks.items()},
        linewidth=1.8 if few else 1.3,
        estimator=None,
        legend=False,
        ax=axes,
    )
    lines = list(axes.lines)
    for line, (_, own) in zip(lines, table.groupby("alpha"), strict=True):
        alpha, k = float(own["alpha"].iloc[0]), own["iteration"].to_numpy()
        colour, dashes = looks[alpha]
        line.set_linestyle(dashes)
        line.set_label(words.number(alpha) + fate_of(curves.lanes, alpha))
        band = axes.fill_between(
            k,
            own["lower"],
            own["upper"],
            where=few | (own["upper"] < top * 100),
            color=colour,
            alpha=0.16 if few else 0.05,
            linewidth=0,
        )
        band.set_rasterized(not few)
        if k[-1] < followed:
            end = own["median"].to_numpy()[-1:]
            axes.plot(k[-1:], end, marker="o", markersize=4 if few else 2.5, color=colour)
    _draw_bound(axes, curves, subject)
    _mark_failing(axes, curves.lanes, looks)
    axes.grid(axis="y")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_bound(axes: Axes, curves: Curves, subject: Subject) -> None:
    """Draw what f - f* cannot exceed, at the largest step size for which theory bounds it."""
    alphas = curves.table["alpha"].unique()
    bounded = bounded_step_sizes(subject.experiment.objective, subject.experiment.method, alphas)
    if not curves.known or curves.own or curves.farthest is None or not bounded.size:
        return
    alpha, (bottom, top), last = float(bounded.max()), axes.get_ylim(), axes.get_xlim()[1]
    k = np.geomspace(1, last, 200)
    bound = gap_bound(k, alpha, curves.farthest)
    if not ((bottom < bound) & (bound < top)).any():
        return
    axes.plot(k, bound, color="0.35", linewidth=0.9, linestyle=BOUND, label="_bound", zorder=1.5)
    x = words.sign(subject)
    said = f"≤ |{x}₀ − {x}*|²/(2αk), α = {words.number(alpha)}"
    axes.annotate(
        said,
        (last, bound[-1]),
        (-4, 4),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=7,
        color="0.25",
    )


def _measured(curves: Curves, subject: Subject) -> str:
    """What the curves show, in words."""
    f = f"f({words.x(subject)})"
    if curves.own:
        return words.maths(f"{f} - f_{{min}}")
    if curves.known:
        return words.maths(f"{f} - f^*")
    return f"{words.maths(f)} minus the least value seen"


def _mark_failing(axes: Axes, lanes: pd.DataFrame, looks: Looks) -> None:
    """Put a rug at the edges: above where lanes diverge, at the right where others go on."""
    (bottom, top), last = axes.get_ylim(), axes.get_xlim()[1]
    across, up = axes.get_xaxis_transform(), axes.get_yaxis_transform()
    rug: dict[str, Any] = {"linestyle": "none", "markersize": 5, "alpha": 0.6}
    for _, own in lanes.groupby(["alpha", "status"], observed=True):
        alpha, status = float(own["alpha"].iloc[0]), own["status"].iloc[0]
        look = {"color": looks[alpha][0], "label": f"_{status}"} | rug
        if status == DIVERGED:
            k = own["steps"][own["steps"] <= last].unique()
            axes.plot(k, np.ones(k.size), marker=TICKDOWN, transform=across, **look)
        elif status != CONVERGED:
            f = own["value"][own["value"].between(bottom, top)].unique()
            axes.plot(np.ones(f.size), f, marker=TICKLEFT, transform=up, **look)


def why_empty(curves: Curves) -> str | None:
    """Say in a few words why there is no curve; None where there is."""
    values = curves.table[["lower", "median", "upper"]].abs()
    if not (values < HIGHEST).any(axis=None):
        return NO_VALUE
    if not values.any(axis=None):
        return "every lane is at the least value of f from the start"
    return None


def frame(curves: Curves) -> tuple[float, float]:
    """The lower and upper end of the axis, whatever diverges and whatever falls to rounding."""
    table = curves.table
    values = table[["lower", "median", "upper"]].to_numpy()
    settled = table.groupby("alpha")["median"].transform("last").to_numpy() < HIGHEST
    first = values[(table["iteration"] == 0).to_numpy()]
    highest = _largest(first, 1.0)
    inside = values[settled & (values[:, 2] < HIGHEST)] if settled.any() else first
    top = float(np.clip(_largest(inside, highest), highest, highest * 10.0**MOST_DECADES_UP))
    if not settled.all():
        top *= 10
    floor = max(EPS * max(abs(curves.reference), TINY), top * 10.0**-MOST_DECADES)
    seen = values[(values >= floor) & (values < HIGHEST)]
    bottom = max(float(seen.min(initial=top)) / 2, floor)
    return min(bottom, top / 1e3) if not settled.any() else min(bottom, top / 10), 2 * top


def _largest(values: Array, otherwise: float) -> float:
    sensible = values[(values > 0) & (values < HIGHEST)]
    return float(sensible.max()) if sensible.size else otherwise


def mark_ticks(axes: Axes, size: Size) -> None:
    """Put ticks on axes of `size` inches: whole iterations, and decades where there are some."""
    across, up = (int(np.clip(inches / 0.45, 4, 9)) for inches in size)
    bottom, top = axes.get_ylim()
    axes.xaxis.set_major_locator(MaxNLocator(across, integer=True, steps=[1, 2, 5, 10]))
    low, high = int(np.ceil(np.log10(bottom))), int(np.floor(np.log10(top)))
    every = -(-(high - low + 1) // up)
    tens = [ten for ten in range(low, high + 1) if ten % every == 0]
    if len(tens) >= 3:
        set_ticks(axes.yaxis, [10.0**ten for ten in tens], [words.power(ten) for ten in tens])
    else:
        values = round_values(bottom, top, up - 1)
        set_ticks(axes.yaxis, values, words.numbers(values))
