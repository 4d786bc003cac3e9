"""The runs of a sweep by how f falls, a panel a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gdlab.figures import sheets, words
from gdlab.figures.convergence import (
    curves,
    draw_lines,
    frame,
    has_values,
    looks_of,
    mark_ticks,
    measured,
    shade_bar,
)
from gdlab.figures.facets import Facet, Facets, Job, Loaded
from gdlab.figures.page import NO_VALUE
from gdlab.figures.sheets import Label, Panel
from gdlab.figures.style import LINES, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.overview import Overview
from gdlab.results.traces import Curves, convergence_curves

SIZES = {1: (4.4, 2.6), 2: (3.4, 2.3), 3: (2.65, 1.9), 4: (2.2, 1.6)}
"""Inches of a panel by how many there are side by side."""
MOST_ALPHA = 12
"""Step sizes in a panel."""
MOST_STARTS = 32
LONGEST = 1000
"""Iterations that are shown where nothing converges."""
ALIKE = 8
"""By what factor ranges of iterations may differ and still be shown as one."""


@dataclass(frozen=True, eq=False)
class View:
    """What a panel shows of a run, followed up to some iteration."""

    subject: Subject
    curves: Curves
    followed: int
    cut: bool

    @classmethod
    def of(cls, loaded: Loaded, followed: int) -> View:
        found = convergence_curves(
            loaded.experiment,
            loaded.overview,
            largest_n_alpha=MOST_ALPHA,
            largest_n_x0=MOST_STARTS,
            longest=followed,
        )
        return cls(loaded.subject, found, followed, followed < loaded.overview.longest)

    @property
    def alphas(self) -> Array:
        return np.unique(self.curves.table["alpha"].to_numpy())

    @property
    def last(self) -> int:
        return int(self.curves.table["iteration"].max())


@styled
def compared_curves(jobs: Sequence[Job]) -> Figure | None:
    """f(x_k) - f* against k by step size; None where there is no run to draw.

    Step sizes have the same colours in all panels. Runs that differ only in α make one panel.
    """
    facets = Facets.of(jobs, ("alpha",))
    if facets.n == 1:
        return _single(facets.shown[0])
    views = _views(facets.shown)
    drawn = [view for view in views if isinstance(view, View)]
    if not drawn:
        return None
    size = SIZES.get(len(facets.rows[0]), SIZES[4])
    subjects = [view.subject for view in drawn]
    alphas = np.unique(np.concatenate([view.alphas for view in drawn]))
    few = max(view.alphas.size for view in drawn) <= len(LINES)
    together = alphas.size <= len(LINES)
    norm = None if few else LogNorm(alphas[0], alphas[-1])
    heading, said = sheets.title(subjects, facets)
    said += [_starts_said(drawn), *sheets.criterion(subjects), *_cut_said(drawn)]
    legend = _legend(alphas) if together else []
    figure, grid = sheets.sheet(facets, size, heading, said, legend, bar=norm is not None)
    lasts, frames = _common_lasts(drawn), _common_frames(drawn)
    ticks = (5, 6) if size[0] > 2.5 else (4, 6)
    panels = []
    for axes, view in zip(grid.flat, views, strict=False):
        if isinstance(view, str):
            panels.append(Panel(instead=view))
            continue
        last, ends = lasts[_kind(view.subject), view.followed], frames[_kind(view.subject)]
        looks = looks_of(alphas if norm or together else view.alphas, norm)
        draw_lines(axes, view.curves.table, looks, ends, last, view.followed)
        mark_ticks(axes, *ticks)
        if few and not together:
            axes.legend(fontsize=7, handlelength=2.2, loc="upper right", borderaxespad=0.1)
        note = sheets.tolerance(view.subject, subjects, facets)
        panels.append(
            Panel(
                ", ".join(note),
                Label(last, "iteration $k$"),
                Label(ends, measured(view.curves, view.subject)),
            )
        )
    sheets.finish(facets, grid, panels, size)
    if norm is not None:
        limits = {view.subject.exact_limit for view in drawn}
        shade_bar(figure, figure.axes, norm, limits.pop() if len(limits) == 1 else None)
    return figure


def _single(facet: Facet) -> Figure | None:
    loaded = facet.load()
    if loaded is None or loaded.experiment.pairs:
        return None
    failed = [f"{words.plural(facet.failed, 'run')} failed"] if facet.failed else []
    found = convergence_curves(loaded.experiment, loaded.overview)
    return curves(found, loaded.subject, failed)


def _views(facets: Sequence[Facet]) -> list[View | str]:
    """The run of each panel, or what the panel says instead.

    Runs of an objective are followed equally long, unless one needs much more than another.
    """
    worth: dict[int, tuple[object, int]] = {}
    runs = [facet.load() for facet in facets]
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
            view = View.of(loaded, max(all_of_it) if alike else own)
            views.append(view if has_values(view.curves) else NO_VALUE)
    return views


def _kind(subject: Subject) -> tuple[object, ...]:
    """What runs of the same objective have in common."""
    return subject.name, subject.facts.formula


def _worth_following(overview: Overview) -> int:
    """Up to which iteration: until the slowest step size that mostly converges has done so."""
    for share in (0.75, 0.5):
        ended = np.array([outcome.quantile(share) for outcome in overview.spread])
        if np.isfinite(ended).any():
            return int(1.15 * ended[np.isfinite(ended)].max()) + 5
    return LONGEST


def _starts_said(drawn: Sequence[View]) -> str:
    if all(view.curves.n_starts == 1 for view in drawn):
        return "from one starting point each"
    counts = {view.curves.n_starts for view in drawn}
    some = f"{counts.pop()} " if len(counts) == 1 else ""
    return f"line: median over {some}starting points; band: the middle half"


def _cut_said(drawn: Sequence[View]) -> list[str]:
    cut = any(view.cut for view in drawn)
    return ["drawn until the step sizes that mostly converge have done so"] if cut else []


def _common_lasts(drawn: Sequence[View]) -> dict[tuple[object, int], int]:
    """The last iteration shown of runs of an objective that are followed equally long."""
    found: dict[tuple[object, int], int] = {}
    for view in drawn:
        key = _kind(view.subject), view.followed
        found[key] = max(found.get(key, 1), view.last)
    return found


def _common_frames(drawn: Sequence[View]) -> dict[object, tuple[float, float]]:
    """The ends of the axis of f, the same for all runs of an objective."""
    found: dict[object, tuple[float, float]] = {}
    for view in drawn:
        ends = frame(view.curves)
        low, high = found.get(_kind(view.subject), ends)
        found[_kind(view.subject)] = min(low, ends[0]), max(high, ends[1])
    return found


def _legend(alphas: Array) -> list[Artist]:
    return [
        Line2D([], [], color=colour, linestyle=dashes, linewidth=1.8, label=f"α = {text}")
        for (colour, dashes), text in zip(LINES, words.numbers(alphas.tolist()), strict=False)
    ]
