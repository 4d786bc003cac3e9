"""How f falls from iteration to iteration, by step size: of a run, and of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gdlab.figures import compared, words
from gdlab.figures.facets import Facets, Loaded
from gdlab.figures.lines import (
    Looks,
    draw_curves,
    fate_of,
    frame,
    has_values,
    last_shown,
    mark_ticks,
)
from gdlab.figures.shades import Shades
from gdlab.figures.sheet import NO_VALUE, page, say_instead, share_labels
from gdlab.figures.style import LINES, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.overview import Overview
from gdlab.results.table import STATUS
from gdlab.results.traces import Curves, convergence_curves

CONVERGED, CYCLING, MAX_ITER, DIVERGED = STATUS.categories
VERBS = {DIVERGED: "diverge", CYCLING: "cycle", MAX_ITER: "go on"}
SIZES = {1: (4.4, 2.6), 2: (3.4, 2.3), 3: (2.65, 1.9), 4: (2.2, 1.6)}
"""Inches of a run among several, by how many there are side by side."""
MOST_ALPHA = 12
"""Step sizes of a run among several."""
MOST_STARTS = 32
LONGEST = 1000
"""Iterations that are shown where nothing converges."""
ALIKE = 8
"""By what factor ranges of iterations may differ and still be shown as one."""
RIGHT = 0.95
"""Inches of a bar of step sizes."""


@styled
def curves(curves: Curves, subject: Subject, also: Sequence[str] = ()) -> Figure:
    """f(x_k) - f* against k on a logarithmic axis: median and middle half over the starts.

    Where minima of several heights are reached, f at the one that each start reaches stands for f*.
    also : more to say above it.

    A step size at which every start diverges leaves the frame at the top; values that have fallen
    to rounding leave it at the bottom.
    """
    table, alphas = curves.table, np.unique(curves.lanes["alpha"].to_numpy())
    few, shades = alphas.size <= len(LINES), Shades.of(alphas, best_of(curves, subject))
    ends = frame(curves)
    last, beyond = last_shown(table, ends[1])
    level = f"level from k = {words.count(last)} to {words.count(beyond)}"
    said = [
        f"{subject.method}, {words.shown_of(alphas.size, subject.n_alpha, 'α', 'α')}",
        _starts_said(curves, subject),
        words.criterion_and_limit(subject),
        *_minima_said([curves]),
        *_failing_said([curves]),
        *([] if few else shades.said()),
        *([level] if beyond > last else []),
        *also,
    ]
    figure = page(7.9, 4.5, words.title(subject), said)
    axes = figure.add_subplot()
    if not has_values(curves):
        say_instead(axes, NO_VALUE)
        return figure
    looks = _few(alphas) if few else {alpha: shades.look(alpha) for alpha in alphas.tolist()}
    draw_curves(axes, curves, subject, looks, ends, last)
    mark_ticks(axes)
    if few:
        axes.legend(
            handles=_handles(looks, curves.lanes),
            title="step size α",
            loc="center left",
            bbox_to_anchor=(1.03, 0.5),
            handlelength=3,
            alignment="left",
        )
    else:
        shades.bar(figure, [axes], subject.exact_limit)
    return figure


def _few(alphas: Array) -> Looks:
    return dict(zip(alphas.tolist(), LINES, strict=False))


def _handles(looks: Looks, lanes: pd.DataFrame | None = None) -> list[Artist]:
    """The entries of a legend of step sizes, drawn or not, with what becomes of these lanes."""
    texts = words.numbers(list(looks))
    if lanes is None:
        texts = [f"α = {text}" for text in texts]
    else:
        texts = [t + fate_of(lanes, alpha) for t, alpha in zip(texts, looks, strict=True)]
    return [
        Line2D([], [], color=colour, linestyle=dashes, linewidth=1.8, label=text)
        for (colour, dashes), text in zip(looks.values(), texts, strict=True)
    ]


def best_of(curves: Curves, subject: Subject) -> float | None:
    """The best step size: of a quadratic by theory, else the best of the run; None if none is."""
    return curves.best if subject.best is None else subject.best


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


def _starts_said(curves: Curves, subject: Subject) -> str:
    if curves.n_starts == 1:
        return "from one starting point"
    name = f"{words.sign(subject)}₀" if subject.facts.dimension == 1 else "starting points"
    some = words.shown_of(curves.n_starts, subject.n_x0, name, name)
    return f"line: median over {some}; band: the middle half"


@dataclass(frozen=True, eq=False)
class View:
    """What a panel shows of a run among several, followed up to some iteration."""

    subject: Subject
    curves: Curves
    followed: int
    cut: bool

    @property
    def alphas(self) -> Array:
        return np.unique(self.curves.lanes["alpha"].to_numpy())

    @cached_property
    def frame(self) -> tuple[float, float]:
        return frame(self.curves)

    @property
    def best(self) -> float | None:
        return best_of(self.curves, self.subject)

    def unit(self, relative: bool) -> float:
        """In what step sizes are measured: the best, or 1."""
        return self.best or 1.0 if relative else 1.0

    @property
    def last(self) -> int:
        return int(self.curves.table["iteration"].max())

    @property
    def kind(self) -> tuple[object, ...]:
        """What runs of the same objective have in common."""
        return _kind(self.subject)


@styled
def curves_compared(facets: Facets) -> Figure | None:
    """The convergence curves of several runs; None where there is none to draw.

    Step sizes have the same colours in all panels, and runs of an objective the same axes. A single
    facet gives the curves as of a run.
    """
    if facets.n == 1:
        (facet,) = facets.shown
        loaded = facet.load()
        if loaded is None or loaded.experiment.pairs:
            return None
        found = convergence_curves(loaded.experiment, loaded.overview)
        return curves(found, loaded.subject, compared.failures(facet))
    views = _views([facet.load() for facet in facets.shown])
    drawn = [view for view in views if isinstance(view, View)]
    if not drawn:
        return None
    size, subjects = compared.size_of(facets, SIZES), [view.subject for view in drawn]
    alphas = np.unique(np.concatenate([view.alphas for view in drawn]))
    few = max(view.alphas.size for view in drawn) <= len(LINES)
    together = alphas.size <= len(LINES)
    # Where the best differ, colours tell how far a step size is from the best of its panel.
    relative = len({view.best for view in drawn}) > 1
    ratios = np.unique(np.concatenate([v.alphas / v.unit(relative) for v in drawn]))
    shades = Shades.of(ratios, 1.0 if relative else drawn[0].best)
    figure, panels = compared.sheet_of(
        facets,
        size,
        subjects,
        [
            _all_starts_said(drawn),
            *compared.criterion(subjects),
            *_minima_said([view.curves for view in drawn]),
            *_failing_said([view.curves for view in drawn]),
            *([] if few else shades.said()),
            *_cut_said(drawn),
        ],
        _handles(_few(alphas)) if together else [],
        right=0.0 if few else RIGHT,
    )
    for panel, view in zip(panels, views, strict=True):
        if isinstance(view, str):
            panel.say_instead(view)
            continue
        alike = [other for other in drawn if other.kind == view.kind]
        frames = np.array([other.frame for other in alike])
        ends = float(frames[:, 0].min()), float(frames[:, 1].max())
        last = max(other.last for other in alike if other.followed == view.followed)
        if few:
            looks = _few(alphas if together else view.alphas)
        else:
            unit = view.unit(relative)
            looks = {alpha: shades.look(alpha / unit) for alpha in view.alphas.tolist()}
        draw_curves(panel.axes, view.curves, view.subject, looks, ends, max(last, 1), view.followed)
        mark_ticks(panel.axes, *((5, 6) if size[0] > 2.5 else (4, 6)))
        if few and not together:
            panel.axes.legend(
                handles=_handles(looks, view.curves.lanes),
                fontsize=7,
                handlelength=2.2,
                loc="upper right",
                borderaxespad=0.1,
            )
        panel.note(*compared.tolerance(view.subject, subjects, facets))
    share_labels(figure, always=facets.crossed)
    if not few:
        limits = {subject.exact_limit for subject in subjects}
        limit = limits.pop() if len(limits) == 1 and not relative else None
        shades.bar(figure, figure.axes, limit, relative=relative)
    return figure


def _views(runs: Sequence[Loaded | None]) -> list[View | str]:
    """The run of each panel, or what the panel says instead.

    Runs of an objective are followed equally long, unless one needs much more than another.
    """
    worth: dict[int, tuple[object, int]] = {}
    for number, loaded in enumerate(runs):
        if loaded is not None and not loaded.experiment.pairs:
            longest = _worth_following(loaded.overview)
            worth[number] = _kind(loaded.subject), min(longest, loaded.overview.longest)
    views: list[View | str] = []
    for number, loaded in enumerate(runs):
        if loaded is None:
            views.append("failed")
        elif number not in worth:
            views.append("not drawn:\npairs of α and x₀")
        else:
            kind, own = worth[number]
            all_of_it = [longest for other, longest in worth.values() if other == kind]
            alike = max(all_of_it) <= ALIKE * min(all_of_it)
            followed = max(all_of_it) if alike else own
            found = convergence_curves(
                loaded.experiment,
                loaded.overview,
                largest_n_alpha=MOST_ALPHA,
                largest_n_x0=MOST_STARTS,
                longest=followed,
            )
            view = View(loaded.subject, found, followed, followed < loaded.overview.longest)
            views.append(view if has_values(found) else NO_VALUE)
    return views


def _kind(subject: Subject) -> tuple[object, ...]:
    return subject.name, subject.facts.formula


def _worth_following(overview: Overview) -> int:
    """Up to which iteration: until the slowest step size that mostly converges has done so."""
    for share in (0.75, 0.5):
        ended = np.array([tally.quantile(share) for tally in overview.spread])
        if np.isfinite(ended).any():
            return int(1.15 * ended[np.isfinite(ended)].max()) + 5
    return LONGEST


def _all_starts_said(drawn: Sequence[View]) -> str:
    if all(view.curves.n_starts == 1 for view in drawn):
        return "from one starting point each"
    counts = {view.curves.n_starts for view in drawn}
    some = f"{counts.pop()} " if len(counts) == 1 else ""
    return f"line: median over {some}starting points; band: the middle half"


def _cut_said(drawn: Sequence[View]) -> list[str]:
    cut = any(view.cut for view in drawn)
    return ["drawn until the step sizes that mostly converge have done so"] if cut else []
