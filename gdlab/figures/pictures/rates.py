"""How fast descent converges in the end: rates measured beside those of theory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gdlab.core.problem import Indices
from gdlab.figures import captions, words
from gdlab.figures.axis import set_ticks, tick_values
from gdlab.figures.facets import Facets, Loaded, Shown
from gdlab.figures.limits import draw_limit, limits_entry, limits_of
from gdlab.figures.scales import is_logarithmic, scale_step_sizes
from gdlab.figures.sheet import say_instead, share_labels, sheet
from gdlab.figures.sizes import Size, panel_size
from gdlab.figures.style import LINES, QUIET, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.rates import LONGEST, Rates, measured_rates, most_starts
from gdlab.theory import local_rates
from gdlab.theory import rates as rates_of_quadratic

ALONE = 6.6, 4.0
"""Inches of a run by itself."""
POINTS = 400
"""Step sizes at which theory's line is drawn."""
MOST_MINIMA = 4
"""Minimisers with rates of their own that are told apart."""
HIGHEST = 1.6
"""The largest rate that is drawn, unless all are larger."""
SAME = 1e-6
LEAST_SPAN = 0.05
"""Of rates, on the axis."""
NOTHING = "no rate can be measured, and theory tells none"
MARKERS = "oD^s"
ONE: dict[str, Any] = {"color": QUIET, "linewidth": 0.9}


@dataclass(frozen=True, eq=False)
class Valley:
    """Minimisers at which theory tells the same rates.

    minima : their numbers, and -1 where lanes that are at none are counted too. theory : (m,) at
    the step sizes of `View.alpha`; None where it tells none. label : where they are.
    """

    minima: Indices
    theory: Array | None
    label: str = ""


@dataclass(frozen=True, eq=False)
class View:
    """What a panel shows of a run.

    shown : the step sizes on the axis. alpha : (m,), those at which theory is drawn.
    """

    run: Loaded
    shown: Array
    alpha: Array
    measured: Rates
    valleys: list[Valley]

    @classmethod
    def of(cls, run: Loaded) -> View:
        shown = run.experiment.step_sizes.distinct
        if shown.size == 1:  # a line needs room
            shown = np.array([shown[0] / 2, min(1.5 * shown[0], np.finfo(float).max)])
        alpha = _between(shown, run.subject)
        theory, linear = _theory(run, alpha)
        measured = measured_rates(run.experiment, linear=linear)
        return cls(run, shown, alpha, measured, _valleys(run.subject, theory, measured))

    @property
    def subject(self) -> Subject:
        return self.run.subject

    @property
    def limits(self) -> list[float]:
        low, high = self.alpha[[0, -1]]
        return [alpha for alpha in limits_of(self.subject) if low <= alpha <= high]

    @cached_property
    def quartiles(self) -> list[Array]:
        """Lower, median and upper, (3, n_alpha), of each valley."""
        return [self.measured.of(valley.minima) for valley in self.valleys]

    @property
    def has_values(self) -> bool:
        known = any(valley.theory is not None for valley in self.valleys)
        return known or any(np.isfinite(own).any() for own in self.quartiles)

    @property
    def flat(self) -> bool:
        """Whether f has no curvature at a minimiser, by theory."""
        return any(v.theory is not None and (v.theory == 1).all() for v in self.valleys)

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest rate that is drawn."""
        drawn = [own[1] for own in self.quartiles]
        drawn += [valley.theory for valley in self.valleys if valley.theory is not None]
        found = np.concatenate(drawn)
        found = found[np.isfinite(found)]
        low = float(found.min())
        return min(low, 1.0), float(np.clip(found.max(), 1.0, HIGHEST if low <= 1 else 2.5 * low))


@styled
def rates(shown: Shown) -> Figure | None:
    """By what factor the error shrinks at a step in the end, by step size.

    Dots are measured: medians over a sample of the starting points, of the last steps before
    rounding counts, whatever the tolerance. Lines are theory's, where it knows the method and the
    curvature at the minimisers that lanes reach. None where there is no run to draw.

    Raises ValueError for a run by itself whose lanes are no grid.
    """
    facets = Facets.fit_for("rates", shown)
    views = [View.of(run) if isinstance(run, Loaded) else run for run in facets.runs("rates")]
    drawn = [view for view in views if isinstance(view, View)]
    if not drawn:
        return None
    alone, subjects = facets.n == 1, [view.subject for view in drawn]
    size = ALONE if alone else panel_size(facets.columns, 0.72)
    figure, panels = sheet(
        facets.columns,
        size,
        facets.headings(size),
        captions.title(subjects, facets),
        [
            *(_lanes_said(drawn[0]) if alone else captions.runs(subjects, facets)),
            *_measured_said(drawn),
            *facets.failures(),
        ],
        _legend(drawn, alone=alone),
    )
    ends = [view.ends for view in drawn if view.has_values]
    for axes, view in zip(panels, views, strict=True):
        if isinstance(view, str) or not view.has_values:
            say_instead(axes, view if isinstance(view, str) else NOTHING)
            continue
        low, high = min(low for low, _ in ends), max(high for _, high in ends)
        _draw(axes, view, 28 if alone else 12)
        _scale(axes, view, (low, high), size)
    share_labels(figure)
    return figure


def _between(shown: Array, subject: Subject) -> Array:
    """Step sizes from the least to the largest, as they are spaced, and those where lines bend."""
    low, high = float(shown[0]), float(shown[-1])
    space = np.geomspace if is_logarithmic(shown) else np.linspace
    bends = [*shown, subject.best or low, *(limit / 2 for limit in subject.limits)]
    alpha = np.union1d(space(low, high, POINTS), bends)
    return alpha[(low <= alpha) & (alpha <= high)]


def _theory(run: Loaded, alpha: Array) -> tuple[Array | None, bool]:
    """Rates (m, n) by theory at each known minimiser, or of a quadratic (1, n); None if it tells
    none. Whether they hold everywhere.
    """
    objective, method = run.experiment.objective, run.experiment.method
    try:
        return rates_of_quadratic(objective, alpha, method).max(axis=1)[None], True
    except ValueError:
        pass
    try:
        return local_rates(objective, alpha, method), False
    except ValueError:
        return None, False


def _valleys(subject: Subject, theory: Array | None, measured: Rates) -> list[Valley]:
    """The minimisers that lanes come down to, by the rates that theory tells there."""
    if theory is None or len(theory) == 1 or not np.isfinite(theory).any():
        line = None if theory is None or not np.isfinite(theory[0]).all() else theory[0]
        return [Valley(np.unique(np.append(measured.minimum, -1)), line)]
    reached, times = np.unique(measured.minimum[~np.isnan(measured.rate)], return_counts=True)
    groups: list[list[int]] = []
    for i in reached[np.argsort(-times, kind="stable")]:
        if i < 0:
            continue
        same = [g for g in groups if np.allclose(theory[g[0]], theory[i], SAME, SAME)]
        (same[0].append(int(i)) if same else groups.append([int(i)]))
    points = subject.facts.minimisers
    assert points is not None
    valleys = []
    for group in groups[:MOST_MINIMA]:
        line = theory[group[0]] if np.isfinite(theory[group[0]]).all() else None
        where = " and ".join(words.point(points[i]) for i in group[:2])
        more = " …" if len(group) > 2 else ""
        valleys.append(Valley(np.array(group), line, f"{words.sign(subject)}* = {where}{more}"))
    return valleys or [Valley(np.array([-1]), None)]


def _draw(axes: Axes, view: View, dot: float) -> None:
    import seaborn as sns

    axes.grid(axis="y")
    axes.axhline(1.0, label="_one", **ONE)
    for limit in view.limits:
        draw_limit(axes, limit)
    looks = _looks(len(view.valleys))
    for valley, quartiles, (dots, line) in zip(view.valleys, view.quartiles, looks, strict=True):
        if valley.theory is not None:
            table = pd.DataFrame({"alpha": view.alpha, "rate": valley.theory})
            sns.lineplot(table, x="alpha", y="rate", estimator=None, legend=False, ax=axes, **line)
        there = ~np.isnan(quartiles[1])
        alpha, (lower, median, upper) = view.measured.alpha[there], quartiles[:, there]
        axes.vlines(alpha, lower, upper, color=dots["color"], linewidth=1.0, alpha=0.6)
        sns.scatterplot(x=alpha, y=median, s=dot, linewidth=0, zorder=4, ax=axes, **dots)


def _looks(n: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """How the dots and the line of each of n valleys look."""
    if n == 1:
        return [({"marker": "o", "color": LINES[0][0]}, {"color": "black", "linewidth": 1.2})]
    return [
        (
            {"marker": marker, "color": colour},
            {"color": colour, "linestyle": dashes, "linewidth": 1.4},
        )
        for (colour, dashes), marker in zip(LINES[:n], MARKERS, strict=False)
    ]


def _scale(axes: Axes, view: View, ends: tuple[float, float], size: Size) -> None:
    low, high = ends
    low = 0.0 if low < 0.5 else min(low, high - LEAST_SPAN)
    room = 0.04 * (high - low)
    axes.set_ylim(low - room, high + room)
    values = tick_values(low, high, int(np.clip(size[1] / 0.45, 3, 8)))
    set_ticks(axes.yaxis, values, words.numbers(values))
    axes.set_ylabel("rate")
    scale_step_sizes(axes, view.shown, size[0])
    axes.spines[["top", "right"]].set_visible(False)


def _lanes_said(view: View) -> list[str]:
    n, subject = len(view.measured.alpha), view.subject
    alphas = words.shown_of(n, subject.n_alpha, "α", "α")
    starts = min(most_starts(view.run.experiment), subject.n_x0)
    return [
        f"{subject.method}, {alphas}",
        f"dots: median over {words.shown_of(starts, subject.n_x0, 'starting point')}",
    ]


def _measured_said(drawn: Sequence[View]) -> list[str]:
    """How rates were measured, and what some of them mean."""
    most = max(min(view.subject.max_iter, LONGEST) for view in drawn)
    said = [
        "rate: error after a step / error before it",
        f"measured on the last half of up to {words.count(most)} steps, before rounding counts",
    ]
    if any(view.measured.landed for view in drawn):
        said.append("rate 0: a step lands on the minimum")
    if any(view.flat for view in drawn):
        said.append("no curvature at the minimiser: slower than any rate below 1")
    if any(len(view.valleys) > 1 for view in drawn):
        said.append("a colour for each minimiser")
    return said


def _legend(drawn: Sequence[View], *, alone: bool) -> list[Artist]:
    entries: list[Artist] = []
    valleys = [view.valleys for view in drawn if view.has_values]
    several = any(len(own) > 1 for own in valleys)
    dots, line = _looks(1)[0]
    if any(np.isfinite(own).any() for view in drawn for own in view.quartiles):
        look = dots | ({"color": QUIET} if several else {})
        entries.append(Line2D([], [], linestyle="none", markersize=5, label="measured", **look))
    if any(valley.theory is not None for own in valleys for valley in own):
        entries.append(Line2D([], [], label="theory", **line))
    if several and alone:
        for valley, (dots, line) in zip(valleys[0], _looks(len(valleys[0])), strict=True):
            entries.append(Line2D([], [], markersize=5, label=valley.label, **(dots | line)))
    return entries + limits_entry([(view.subject, view.limits) for view in drawn])
