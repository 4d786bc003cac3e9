"""How f falls from iteration to iteration, by step size: of a run, and of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gdlab.figures import compared, words
from gdlab.figures.axis import round_values, set_ticks
from gdlab.figures.facets import Facets, Loaded
from gdlab.figures.sheet import HIGHEST, NO_VALUE, page, say_instead, share_labels
from gdlab.figures.style import AROUND_BEST, LINES, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.overview import Overview
from gdlab.results.table import STATUS
from gdlab.results.traces import Curves, convergence_curves

CONVERGED, CYCLING, MAX_ITER, DIVERGED = STATUS.categories
FATES = {DIVERGED: "diverges", CYCLING: "cycles", MAX_ITER: "not yet"}
PLURAL = {DIVERGED: "diverge", CYCLING: "cycle", MAX_ITER: "go on"}
MOST_DECADES = 20
MOST_DECADES_UP = 3
"""Decades above the first values that the frame leaves to lanes that rise."""
TINY = float(np.finfo(float).tiny)
EPS = float(np.finfo(float).eps)

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


@dataclass(frozen=True)
class Shades:
    """Colours of step sizes by where they stand around the best: below it blue, above it red.

    Half of the colours belong to each side, on a logarithmic scale.
    """

    low: float
    best: float
    high: float

    @classmethod
    def of(cls, alphas: Array, best: float | None) -> Shades:
        low, high = float(alphas[0]), float(alphas[-1])
        return cls(low, float(np.clip(best or np.sqrt(low * high), low, high)), high)

    def share(self, alpha: float) -> float:
        """Where on the scale a step size stands, from 0 to 1."""
        if alpha < self.best or self.low < alpha == self.best:
            return 0.5 * _between(self.low, alpha, self.best)
        return 0.5 + 0.5 * _between(self.best, alpha, self.high)

    def look(self, alpha: float) -> tuple[str, Any]:
        """Colour and dashes of a step size; those above the best are dashed."""
        return to_hex(AROUND_BEST(self.share(alpha))), "" if alpha <= self.best else (4, 1.2)

    def bar(
        self,
        figure: Figure,
        axes: Sequence[Axes],
        best: float | None,
        limit: float | None,
        *,
        relative: bool = False,
    ) -> None:
        """A bar of the step sizes, with the best and 2/L on it where they are among them."""
        label = "step size α" + (" / the best of its panel" if relative else "")
        label += "  (dashed: above the best)" if best is not None else ""
        bar = figure.colorbar(
            ScalarMappable(cmap=AROUND_BEST), ax=list(axes), pad=0.02, aspect=28, label=label
        )
        values = [
            value
            for low, high in ((self.low, self.best), (self.best, self.high))
            if low < high
            for value in round_values(low, high, 5)
        ]
        places = [self.share(value) for value in values]
        kept = [i for i, p in enumerate(places) if not any(p - q < 0.03 for q in places[:i])]
        set_ticks(bar.ax.yaxis, [places[i] for i in kept], words.numbers([values[i] for i in kept]))
        bar.ax.set_ylim(self.share(self.low), self.share(self.high))
        bar.outline.set_visible(False)
        for name, alpha in (("best", best), ("2/L", limit)):
            if alpha is not None and self.low <= alpha <= self.high:
                place = self.share(alpha)
                bar.ax.axhline(place, color="white", linewidth=2.4)
                bar.ax.axhline(place, color="black", linewidth=1.2, linestyle=(0, (2, 1)))
                across = bar.ax.get_yaxis_transform()
                bar.ax.text(-0.25, place, name, transform=across, ha="right", va="center", size=9)


def _between(low: float, value: float, high: float) -> float:
    return float(np.log(value / low) / np.log(high / low)) if low < high else 0.0


Looks = dict[float, tuple[str, Any]]
"""Colour and dashes of each step size."""


@styled
def curves(curves: Curves, subject: Subject, also: Sequence[str] = ()) -> Figure:
    """f(x_k) - f* against k on a logarithmic axis: median and middle half over the starts.

    Where minima of several heights are reached, f at the one that each start reaches stands for f*.
    also : more to say above it.

    A step size at which every start diverges leaves the frame at the top; values that have fallen
    to rounding leave it at the bottom.
    """
    table, alphas = curves.table, np.unique(curves.lanes["alpha"].to_numpy())
    ends = frame(curves)
    last, beyond = last_shown(table, ends[1])
    level = (
        [f"level from k = {words.count(last)} to {words.count(beyond)}"] if beyond > last else []
    )
    said = [
        f"{subject.method}, {words.shown_of(alphas.size, subject.n_alpha, 'α', 'α')}",
        _starts_said(curves, subject),
        words.criterion_and_limit(subject),
        *_minima_said([curves]),
        *_failing_said([curves]),
        *level,
        *also,
    ]
    figure = page(7.9, 4.5, words.title(subject), said)
    axes = figure.add_subplot()
    if not has_values(curves):
        say_instead(axes, NO_VALUE)
        return figure
    few = alphas.size <= len(LINES)
    shades = Shades.of(alphas, best_of(curves, subject))
    looks = _few(alphas) if few else {alpha: shades.look(alpha) for alpha in alphas.tolist()}
    draw_curves(axes, curves, looks, ends, last)
    axes.set_xlabel("iteration $k$")
    axes.set_ylabel(measured(curves, subject))
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
        shades.bar(figure, [axes], best_of(curves, subject), subject.exact_limit)
    return figure


def _few(alphas: Array) -> Looks:
    looks = [(colour, "" if line == "-" else line[1]) for colour, line in LINES]
    return dict(zip(alphas.tolist(), looks, strict=False))


def _handles(looks: Looks, lanes: pd.DataFrame) -> list[Artist]:
    """The entries of a legend of few step sizes, drawn or not."""
    texts = dict(zip(looks, words.numbers(list(looks)), strict=True))
    return [
        Line2D(
            [],
            [],
            color=colour,
            linestyle=(0, dashes) if dashes else "-",
            linewidth=1.8,
            label=texts[alpha] + _fate(lanes, alpha),
        )
        for alpha, (colour, dashes) in looks.items()
    ]


def best_of(curves: Curves, subject: Subject) -> float | None:
    """The best step size: of a quadratic by theory, else the best of the run; None if none is."""
    return curves.best if subject.best is None else subject.best


def draw_curves(
    axes: Axes,
    curves: Curves,
    looks: Looks,
    frame: tuple[float, float],
    last: int,
    followed: int | None = None,
) -> None:
    """Draw the median and the middle half of each step size, up to iteration `last`.

    A dot marks where a line ends, unless it goes on after iteration `followed`; a tick at the upper
    edge where a lane diverges, one at the right edge where a lane is that has not converged.
    """
    import seaborn as sns

    bottom, top = frame
    few = len(looks) <= len(LINES)
    quartiles = ["lower", "median", "upper"]
    table = curves.table[curves.table["iteration"] <= last]
    table = table.assign(**table[quartiles].clip(bottom / 100, top * 100))
    axes.set_yscale("log")
    sns.lineplot(
        table,
        x="iteration",
        y="median",
        hue="alpha",
        style="alpha",
        palette={alpha: colour for alpha, (colour, _) in looks.items()},
        dashes={alpha: dashes for alpha, (_, dashes) in looks.items()},
        linewidth=1.8 if few else 1.3,
        estimator=None,
        legend=False,
        ax=axes,
    )
    lines = list(axes.lines)
    for line, (alpha, own) in zip(lines, table.groupby("alpha"), strict=True):
        colour, k = looks[alpha][0], own["iteration"].to_numpy()
        line.set_label(words.number(alpha) + _fate(curves.lanes, alpha))
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
        if followed is None or k[-1] < followed:
            end = own["median"].to_numpy()[-1:]
            axes.plot(k[-1:], end, marker="o", markersize=4 if few else 2.5, color=colour)
    axes.set(xlim=(0, max(last, 1)), ylim=(bottom, top))
    _mark_failing(axes, curves.lanes, looks)
    axes.grid(axis="y")
    axes.spines[["top", "right"]].set_visible(False)


def _mark_failing(axes: Axes, lanes: pd.DataFrame, looks: Looks) -> None:
    """Put a rug at the edges: above where lanes diverge, at the right where others do not converge."""
    (bottom, top), last = axes.get_ylim(), axes.get_xlim()[1]
    across, up = axes.get_xaxis_transform(), axes.get_yaxis_transform()
    rug: dict[str, Any] = {"linestyle": "none", "markersize": 6, "alpha": 0.6, "clip_on": False}
    for (alpha, status), own in lanes.groupby(["alpha", "status"], observed=True):
        look = {"color": looks[alpha][0], "label": f"_{status}"} | rug
        if status == DIVERGED:
            k = own["steps"][own["steps"] <= last].unique()
            axes.plot(k, np.full(k.size, 1.015), "|", transform=across, **look)
        elif status != CONVERGED:
            f = own["value"][own["value"].between(bottom, top)].unique()
            axes.plot(np.full(f.size, 1.01), f, "_", transform=up, **look)


def has_values(curves: Curves) -> bool:
    """Whether there is a value that can be drawn."""
    return bool((curves.table[["lower", "median", "upper"]].abs() < HIGHEST).any(axis=None))


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


def last_shown(table: pd.DataFrame, top: float) -> tuple[int, int]:
    """The last k to show and the last there is: what only goes on level is left out."""
    medians = [own["median"].to_numpy() for _, own in table.groupby("alpha")]
    # A rising curve counts up to where it leaves the frame.
    medians = [m if m[-1] < np.inf else m[: int(np.argmax(m > top)) + 1] for m in medians]
    longest = max(median.size for median in medians) - 1
    ended = max((m.size - 1 for m in medians if m.size - 1 < longest), default=longest)
    cut = int(1.15 * ended) + 5
    if longest < 2 * cut:
        return longest, longest
    for median in medians:
        before, after = median[cut // 2 : cut], median[cut:]
        if after.size and not (
            before.min() * 0.9 <= after.min() and after.max() <= before.max() * 1.1
        ):
            return longest, longest
    return cut, longest


def mark_ticks(axes: Axes, across: int = 8, up: int = 9) -> None:
    """Put at most so many ticks on the axes: whole iterations, and decades where there are some."""
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


def _fate(lanes: pd.DataFrame, alpha: float) -> str:
    """What becomes of the lanes of a step size, where they do not all converge."""
    statuses = lanes["status"][lanes["alpha"] == alpha]
    converge = int((statuses == CONVERGED).sum())
    if converge == statuses.size:
        return ""
    if converge:
        return f" ({words.share(converge, statuses.size)} converge)"
    found = statuses.unique()
    return f" ({FATES[found[0]]})" if len(found) == 1 else " (none converges)"


def _failing_said(drawn: Sequence[Curves]) -> list[str]:
    """The share of the lanes followed that do not converge, by what they do, and what marks them."""
    statuses = pd.concat([curves.lanes["status"] for curves in drawn])
    counts = {status: int((statuses == status).sum()) for status in PLURAL}
    parts = [
        f"{words.share(n, statuses.size)} {PLURAL[status]}" for status, n in counts.items() if n
    ]
    return [f"of the lanes {', '.join(parts)} (marks at the edge)"] if parts else []


def _minima_said(drawn: Sequence[Curves]) -> list[str]:
    own = any(curves.own for curves in drawn)
    return ["$f_{min}$: f at the minimum that a start reaches"] if own else []


def measured(curves: Curves, subject: Subject) -> str:
    """What the curves show, in words."""
    f = f"f({words.x(subject)}_k)"
    if curves.own:
        return f"${f} - f_{{min}}$"
    return f"${f} - f^*$" if curves.known else f"${f}$ minus the least value seen"


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
    figure, panels = compared.sheet_of(
        facets,
        size,
        subjects,
        [
            _all_starts_said(drawn),
            *compared.criterion(subjects),
            *_minima_said([view.curves for view in drawn]),
            *_failing_said([view.curves for view in drawn]),
            *_cut_said(drawn),
        ],
        _legend(alphas) if together else [],
        right=0.0 if few else RIGHT,
    )
    # Where the best differ, colours tell how far a step size is from the best of its panel.
    bests = [best_of(view.curves, view.subject) for view in drawn]
    relative = len(set(bests)) > 1
    units = dict(
        zip(map(id, drawn), [best or 1.0 if relative else 1.0 for best in bests], strict=True)
    )
    best = 1.0 if relative else bests[0]
    ratios = [view.alphas / units[id(view)] for view in drawn]
    shades = Shades.of(np.unique(np.concatenate(ratios)), best)
    for panel, view in zip(panels, views, strict=True):
        if isinstance(view, str):
            panel.say_instead(view)
            continue
        alike = [other for other in drawn if other.kind == view.kind]
        frames = np.array([frame(other.curves) for other in alike])
        ends = float(frames[:, 0].min()), float(frames[:, 1].max())
        last = max(other.last for other in alike if other.followed == view.followed)
        if few:
            looks = _few(alphas if together else view.alphas)
        else:
            looks = {alpha: shades.look(alpha / units[id(view)]) for alpha in view.alphas.tolist()}
        draw_curves(panel.axes, view.curves, looks, ends, max(last, 1), view.followed)
        mark_ticks(panel.axes, *((5, 6) if size[0] > 2.5 else (4, 6)))
        panel.axes.set_xlabel("iteration $k$")
        panel.axes.set_ylabel(measured(view.curves, view.subject))
        if few and not together:
            panel.axes.legend(fontsize=7, handlelength=2.2, loc="upper right", borderaxespad=0.1)
        panel.note(*compared.tolerance(view.subject, subjects, facets))
    share_labels(figure, always=facets.crossed)
    if not few:
        limits = {subject.exact_limit for subject in subjects}
        limit = limits.pop() if len(limits) == 1 and not relative else None
        shades.bar(figure, figure.axes, best, limit, relative=relative)
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
        ended = np.array([outcome.quantile(share) for outcome in overview.spread])
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


def _legend(alphas: Array) -> list[Artist]:
    texts = words.numbers(alphas.tolist())
    return [
        Line2D([], [], color=colour, linestyle=line, linewidth=1.8, label=f"α = {text}")
        for (colour, line), text in zip(LINES, texts, strict=False)
    ]
