"""How f falls from iteration to iteration, by step size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gdlab.figures import captions, words
from gdlab.figures.facets import Facets, Loaded, Shown
from gdlab.figures.lines import VERBS, Looks, draw_curves, fate_of, frame, mark_ticks, why_empty
from gdlab.figures.shades import Shades
from gdlab.figures.sheet import note, say_instead, share_labels, sheet
from gdlab.figures.sizes import fitted, panel_size
from gdlab.figures.style import LINES, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.overview import Overview
from gdlab.results.traces import Curves, convergence_curves

ALONE = 6.9, 4.0
"""Inches of a run by itself."""
MOST_ALPHA, MOST_ALPHA_EACH = 24, 12
"""Step sizes of a run by itself, and of one among several."""
MOST_STARTS, MOST_STARTS_EACH = 64, 32
LONGEST = 1000
"""Iterations that are shown where nothing converges."""
ALIKE = 8
"""By what factor ranges of iterations may differ and still be shown as one."""
RIGHT = 0.95
"""Inches of a bar of step sizes."""


@dataclass(frozen=True, eq=False)
class View:
    """What a panel shows of a run, followed up to some iteration; longest : that there is."""

    subject: Subject
    curves: Curves
    followed: int
    longest: int

    @cached_property
    def alphas(self) -> Array:
        return np.unique(self.curves.lanes["alpha"].to_numpy())

    @cached_property
    def frame(self) -> tuple[float, float]:
        return frame(self.curves)

    @property
    def best(self) -> float | None:
        """The best step size: of a quadratic by theory, else of the run; None if none is."""
        return self.curves.best if self.subject.best is None else self.subject.best

    @cached_property
    def last(self) -> int:
        """The last iteration to show: where a line ends, or has left the frame at the top."""
        table, top = self.curves.table, self.frame[1]
        inside = table["iteration"].to_numpy()[(table["median"] < top).to_numpy()]
        return min(int(inside.max(initial=0)) + 1, int(table["iteration"].max()))

    def unit(self, relative: bool) -> float:
        """In what step sizes are measured: the best, or 1."""
        return self.best or 1.0 if relative else 1.0

    def shares_ends(self, other: View) -> bool:
        """Whether both are of one objective, and have values."""
        return _kind(self.subject) == _kind(other.subject) and not why_empty(other.curves)


@styled
def curves(shown: Shown) -> Figure | None:
    """f(x_k) - f* against k on a logarithmic axis: median and middle half over the starts.

    Where minima of several heights are reached, f at the one that each start reaches stands for f*.
    A step size at which every start diverges leaves the frame at the top; values that have fallen
    to rounding leave it at the bottom. Step sizes have the same colours in all panels, and runs of
    an objective the same axes. None where there is no run to draw.
    """
    facets = Facets.one(shown)
    views = _views(facets)
    drawn = [view for view in views if isinstance(view, View)]
    if not drawn:
        return None
    alone, subjects = facets.n == 1, [view.subject for view in drawn]
    size = fitted(ALONE, 1) if alone else panel_size(facets.columns, 0.7)
    alphas = np.unique(np.concatenate([view.alphas for view in drawn]))
    few = max(view.alphas.size for view in drawn) <= len(LINES)
    together = alphas.size <= len(LINES)
    # Where the best differ, colours tell how far a step size is from the best of its panel.
    relative = len({view.best for view in drawn}) > 1
    ratios = np.unique(np.concatenate([v.alphas / v.unit(relative) for v in drawn]))
    shades = Shades.of(ratios, 1.0 if relative else drawn[0].best)
    looks = dict(zip(alphas.tolist(), LINES, strict=False))
    figure, panels = sheet(
        facets.columns,
        size,
        facets.headings(size),
        captions.title(subjects, facets),
        [
            *([_alphas_said(drawn[0])] if alone else captions.runs(subjects, facets)),
            _starts_said(drawn),
            *captions.criterion(subjects),
            *_minima_said([view.curves for view in drawn]),
            *_failing_said([view.curves for view in drawn]),
            *([] if few else shades.said()),
            *_cut_said(drawn),
            *facets.failures(),
        ],
        _handles(looks, drawn[0].curves.lanes if alone else None) if together else [],
        noted=not alone and any(captions.tolerance(s, subjects, facets) for s in subjects),
        right=0.0 if few else RIGHT,
    )
    for axes, view in zip(panels, views, strict=True):
        instead = view if isinstance(view, str) else why_empty(view.curves)
        if isinstance(view, str) or instead is not None:
            say_instead(axes, str(instead))
            continue
        alike = [other for other in drawn if view.shares_ends(other)]
        lows, highs = zip(*(other.frame for other in alike), strict=True)
        last = max(other.last for other in alike if other.followed == view.followed)
        if few:
            own = looks if together else dict(zip(view.alphas.tolist(), LINES, strict=False))
        else:
            own = {a: shades.look(a / view.unit(relative)) for a in view.alphas.tolist()}
        ends = min(lows), max(highs)
        draw_curves(axes, view.curves, view.subject, own, ends, last, view.followed)
        mark_ticks(axes, size)
        if few and not together:
            axes.legend(handles=_handles(own), fontsize=7, handlelength=2.2, loc="upper right")
        for text in captions.tolerance(view.subject, subjects, facets):
            note(axes, text)
    share_labels(figure)
    if not few and any(why_empty(view.curves) is None for view in drawn):
        limits = {(subject.symbols, subject.exact_limit) for subject in subjects}
        symbols, limit = limits.pop() if len(limits) == 1 and not relative else (None, None)
        named = None if limit is None else (symbols or "limit", limit)
        shades.bar(figure, named, relative=relative)
    return figure


def _views(facets: Facets) -> list[View | str]:
    """The run of each panel, or what the panel says instead.

    Runs of an objective are followed equally long, unless one needs much more than another.
    """
    runs = facets.runs()
    worth: dict[tuple[object, ...], list[int]] = {}
    for run in runs:
        if isinstance(run, Loaded):
            worth.setdefault(_kind(run.subject), []).append(_worth_following(run.overview))
    return [run if isinstance(run, str) else _view(run, worth, facets.n == 1) for run in runs]


def _view(run: Loaded, worth: Mapping[tuple[object, ...], list[int]], alone: bool) -> View:
    alike = worth[_kind(run.subject)]
    followed = max(alike)
    if followed > ALIKE * min(alike):
        followed = _worth_following(run.overview)
    found = convergence_curves(
        run.experiment,
        run.overview,
        largest_n_alpha=MOST_ALPHA if alone else MOST_ALPHA_EACH,
        largest_n_x0=MOST_STARTS if alone else MOST_STARTS_EACH,
        longest=followed,
    )
    return View(run.subject, found, followed, run.overview.longest)


def _kind(subject: Subject) -> tuple[object, ...]:
    """What runs of the same objective have in common."""
    return subject.name, subject.facts.formula


def _worth_following(overview: Overview) -> int:
    """Up to which iteration: until the slowest step size that mostly converges has done so.

    To the end where that is not twice as far.
    """
    worth = LONGEST
    for share in (0.75, 0.5):
        ended = np.array([tally.quantile(share) for tally in overview.spread])
        if np.isfinite(ended).any():
            worth = int(1.15 * ended[np.isfinite(ended)].max()) + 5
            break
    return worth if overview.longest > 2 * worth else overview.longest


def _handles(looks: Looks, lanes: pd.DataFrame | None = None) -> list[Artist]:
    """The entries of a legend of step sizes, with what becomes of these lanes."""
    texts = words.numbers(list(looks))
    fates = ["" if lanes is None else fate_of(lanes, alpha) for alpha in looks]
    return [
        Line2D([], [], color=colour, linestyle=dashes, linewidth=1.8, label=f"α = {text}{fate}")
        for (colour, dashes), text, fate in zip(looks.values(), texts, fates, strict=True)
    ]


def _alphas_said(view: View) -> str:
    subject = view.subject
    return f"{subject.method}, {words.shown_of(view.alphas.size, subject.n_alpha, 'α', 'α')}"


def _starts_said(drawn: Sequence[View]) -> str:
    counts = {(view.curves.n_starts, view.subject.n_x0) for view in drawn}
    if all(n == 1 for n, _ in counts):
        return "from one starting point"
    some = "the starting points"
    if len(counts) == 1:
        some = words.shown_of(*counts.pop(), "starting point")
    return f"line: median over {some}; band: the middle half"


def _failing_said(drawn: Sequence[Curves]) -> list[str]:
    """The share of the lanes followed that do not converge, by what they do."""
    statuses = pd.concat([curves.lanes["status"] for curves in drawn])
    counts = {status: int((statuses == status).sum()) for status in VERBS}
    said = [f"{words.share(n, statuses.size)} {VERBS[s]}" for s, n in counts.items() if n]
    whole = ", ".join(said).replace("%", "% of the lanes", 1)
    return [f"{whole} (marks at the edge)"] if said else []


def _minima_said(drawn: Sequence[Curves]) -> list[str]:
    """Of minima of several heights what is subtracted, and that some α have no line then."""
    if not any(curves.own for curves in drawn):
        return []
    fewer = any(len(set(c.lanes["alpha"]) - set(c.table["alpha"])) for c in drawn)
    return [
        "$f_{min}$: f at the minimum that a start reaches",
        *(["no line for α from which under half converge"] if fewer else []),
    ]


def _cut_said(drawn: Sequence[View]) -> list[str]:
    ends = {view.longest for view in drawn if view.followed < view.longest}
    if not ends:
        return []
    end = f", of at most {words.count(max(ends))} iterations"
    return [f"drawn until the step sizes that mostly converge have done so{end}"]
