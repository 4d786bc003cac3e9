"""How many iterations each step size takes: the median, the middle half, and the worst start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from gdlab.figures import captions, words
from gdlab.figures.by_step_size import ByStepSize
from gdlab.figures.facets import Facets, Loaded, Shown
from gdlab.figures.limits import draw_limit, limits_entry
from gdlab.figures.scales import ends_of_counts, mark_counts, scale_step_sizes
from gdlab.figures.sheet import note, say_instead, share_labels, sheet
from gdlab.figures.sizes import panel_size
from gdlab.figures.style import QUIET, styled
from gdlab.objectives.base import Array

ALONE = 6.6, 4.0
"""Inches of a run by itself."""
STRIP = 0.12
"""Share of a panel's height that tells which share of the lanes converges."""
NOTHING = "no lane converged"
HARDLY = "under a quarter of the lanes\nconverge at each step size"
FEW = 30
"""Step sizes that are drawn as dots besides."""

MEDIAN: dict[str, Any] = {"color": "#0173b2", "linewidth": 2.0}
DOTS: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 4, "color": "#0173b2"}
WORST: dict[str, Any] = {"color": "#d55e00", "linewidth": 1.2, "linestyle": (0, (5, 1.5))}
THEORY: dict[str, Any] = {"color": "black", "linewidth": 1.5, "linestyle": (0, (1, 1.6))}
BAND: dict[str, Any] = {"color": "#0173b2", "alpha": 0.2, "linewidth": 0}
SHARE: dict[str, Any] = {"color": "#b4b4b4", "linewidth": 0}
SAID: dict[str, Any] = {"ha": "center", "va": "center", "color": QUIET}
BEST: dict[str, Any] = {"marker": "D", "markerfacecolor": "white", "markeredgecolor": "black"}


@styled
def iterations(shown: Shown) -> Figure | None:
    """Iterations to convergence by step size, at the tightest tolerance.

    Median, middle half and worst over the starting points, of which those that do not converge
    count as infinitely many iterations: a line ends where they do. What theory tells without a
    descent is a line of its own: exactly on quadratics, else of the quadratic model at the
    minimiser that is nearest to a start. A strip below tells the share of the lanes that converges,
    where that is not all. None where there is no run to draw.

    Raises ValueError for a run by itself that has a single step size, or no grid.
    """
    facets = Facets.fit_for("iterations", shown)
    runs = facets.runs("iterations")
    views = [ByStepSize.of(run) if isinstance(run, Loaded) else run for run in runs]
    drawn = [view for view in views if isinstance(view, ByStepSize)]
    if not drawn:
        return None
    alone, subjects = facets.n == 1, [view.subject for view in drawn]
    size = ALONE if alone else panel_size(facets.columns, 0.72)
    strip = any(view.some_fail and not view.none_converges for view in drawn)
    figure, panels = sheet(
        facets.columns,
        size,
        facets.headings(size),
        captions.title(subjects, facets),
        [
            *(_lanes_said(drawn[0]) if alone else captions.runs(subjects, facets)),
            *captions.criterion(subjects),
            *_blocks_said(drawn),
            *(["failures count as infinitely many"] if strip else []),
            *facets.failures(),
        ],
        _legend(drawn, strip=strip),
        noted=not alone,
        right=0.4 if strip and alone else 0.0,
    )
    ends = [view.ends for view in drawn if not view.none_converges]
    for axes, view in zip(panels, views, strict=True):
        if isinstance(view, str) or view.none_converges:
            say_instead(axes, view if isinstance(view, str) else NOTHING)
            continue
        lowest, highest = min(low for low, _ in ends), max(high for _, high in ends)
        bottom, top = ends_of_counts(lowest, highest, below=STRIP + 0.03 if strip else 0.0)
        _draw(axes, view, top)
        label = "iterations to convergence" if alone else "iterations"
        axes.set(yscale="log", ylim=(bottom, top), ylabel=label)
        scale_step_sizes(axes, view.alpha, size[0])
        mark_counts(axes.yaxis, lowest, highest, size[1])
        if view.hardly_converges:
            axes.text(0.5, 0.6, HARDLY, transform=axes.transAxes, **SAID)
            axes.set_yticks([])
        if strip:
            _draw_strip(axes, view, marked=alone)
        _name_best(axes, view, apart=not alone)
        axes.spines[["top", "right"]].set_visible(False)
        for text in captions.tolerance(view.subject, subjects, facets):
            axes.set_title(text, loc="right", fontsize=8)
    share_labels(figure)
    return figure


def _draw(axes: Axes, view: ByStepSize, top: float) -> None:
    lower, median, upper = view.quartiles
    axes.grid(axis="y")
    for limit in view.limits:
        draw_limit(axes, limit)
    if view.several:
        # Where a quartile is not reached the band goes on upward.
        highest = np.where(np.isfinite(upper), upper, 10 * top)
        axes.fill_between(view.alpha, lower, highest, where=np.isfinite(lower), **BAND)
        draw_pieces(axes, view.alpha, view.found.worst, WORST)
    draw_pieces(axes, view.alpha, median, MEDIAN)
    if view.alpha.size <= FEW:
        axes.plot(view.alpha, median, label="_dots", **DOTS)
    if view.expected is not None:
        draw_pieces(axes, view.alpha, view.expected, THEORY)


def draw_pieces(axes: Axes, x: Array, y: Array, look: dict[str, Any]) -> None:
    """Draw a line that has gaps where y is not finite; a dot where a piece is a single point."""
    import seaborn as sns

    there = np.isfinite(y)
    if not there.any():
        return
    piece = np.cumsum(np.diff(there, prepend=False))
    table = pd.DataFrame({"x": x, "y": y, "piece": piece})[there]
    sns.lineplot(table, x="x", y="y", units="piece", estimator=None, legend=False, ax=axes, **look)
    single = table.drop_duplicates("piece", keep=False)
    dot = {"linestyle": "none", "marker": "o", "markersize": 3, "color": look["color"]}
    axes.plot(single["x"], single["y"], label="_single", **dot)


def _draw_strip(axes: Axes, view: ByStepSize, *, marked: bool) -> None:
    """Fill a strip at the foot of a panel as high as the share of the lanes that converges."""
    across = axes.get_xaxis_transform()
    axes.fill_between(
        view.alpha, 0, STRIP * view.found.share, transform=across, step="mid", **SHARE
    )
    axes.plot([0, 1], [STRIP, STRIP], transform=axes.transAxes, color=QUIET, linewidth=0.6)
    for share, text in ((0.0, "0%"), (STRIP, "100%")) if marked else ():
        axes.annotate(
            text,
            (1, share),
            xycoords="axes fraction",
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            size=7,
            color=QUIET,
        )


def _name_best(axes: Axes, view: ByStepSize, *, apart: bool) -> None:
    """Mark the best step size, and name it below, or `apart`, above the panel."""
    best, tally = view.run.overview.best, view.run.overview.tally_at_best
    if apart:
        note(axes, view.best_said())
    if not np.isfinite(tally.median):
        return
    axes.plot([best], [tally.median], linestyle="none", markersize=6, zorder=5, **BEST)
    if apart:
        return
    place = axes.transLimits.transform(axes.transScale.transform((best, tally.median)))[0]
    axes.annotate(
        view.best_said(),
        (best, tally.median),
        xytext=(0, -9),
        textcoords="offset points",
        ha="left" if place < 0.25 else "right" if place > 0.75 else "center",
        va="top",
        size=9,
        zorder=6,
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
    )


def _lanes_said(view: ByStepSize) -> list[str]:
    experiment, found = view.run.experiment, view.found
    converged, n = int(found.converged.sum()), int(found.n.sum())
    some = "all lanes" if converged == n else words.share(converged, n)
    return [
        *words.grid(experiment.alpha, experiment.starts, view.subject),
        f"{some} converged" if converged else NOTHING,
    ]


def _blocks_said(drawn: Sequence[ByStepSize]) -> list[str]:
    """Say in words that step sizes share a point, where they do."""
    most = max(view.block for view in drawn)
    return [f"each point stands for {most} neighbouring α"] if most > 1 else []


def _legend(drawn: Sequence[ByStepSize], *, strip: bool) -> list[Artist]:
    some = [view for view in drawn if not view.none_converges]
    if not some:
        return []
    counted = [view for view in some if not view.hardly_converges]
    several = any(view.several for view in counted)
    entries: list[Artist] = []
    if counted:
        look = MEDIAN | ({"marker": "o", "markersize": 4} if counted[0].alpha.size <= FEW else {})
        entries.append(Line2D([], [], label="median" if several else "iterations", **look))
    if several:
        entries.append(Patch(label="middle half of the starting points", **BAND))
        entries.append(Line2D([], [], label="worst", **WORST))
    entries += [Line2D([], [], label=said, **THEORY) for said in _theories(some)]
    entries += limits_entry([(view.subject, view.limits) for view in some])
    if strip:
        entries.append(Patch(label="share converged, below", **SHARE))
    return entries


def _theories(drawn: Iterable[ByStepSize]) -> list[str]:
    """What the line of theory is, where there is one."""
    exact = {view.told is not None for view in drawn if view.expected is not None}
    if not exact:
        return []
    if exact == {True}:
        return ["predicted by theory"]
    model = "predicted by the quadratic model at $x^*$"
    return [model if exact == {False} else f"predicted by theory, or {model[13:]}"]
