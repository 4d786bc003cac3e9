"""Where descent ends up over α: at minima, on cycles, or all over in chaos."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from gdlab.figures import captions, words
from gdlab.figures.axis import CellAxis, set_ticks, tick_values
from gdlab.figures.cells import colour_bar
from gdlab.figures.facets import Facets, Loaded, loaded
from gdlab.figures.frame import limits_on, marks, star_at
from gdlab.figures.ramps import Ramps, Scale
from gdlab.figures.sheet import sheet
from gdlab.figures.sizes import HEIGHT, WIDTH, pixels
from gdlab.figures.style import part_of, styled
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.visits import Histogram
from gdlab.store.run import Run

SIZE = WIDTH, HEIGHT
RIGHT = 1.25
"""Inches of the colour bar."""
DENSITY = part_of("magma_r", 0.12, 1.0)
NOBODY, NOTHING = "white", "#e4e4e4"
"""Cells in which no lane is, at a step size of which some are in others, and of which none is."""
ROOM = 0.04
"""Share of the height by which the bins that are shown go on beyond the visited ones."""
EDGE = 0.015
"""How far from the left edge minimisers are marked, as a share of the width."""


@dataclass(frozen=True, eq=False)
class Visits:
    """How densely the cells of the picture are visited: α across, x upward.

    alpha : (m,), that of each row of the histogram, rising. shares : (rows, columns), in per cent
    of the iterations of all lanes of a step size. x : the edges of the bins that are shown.
    block : bins and step sizes that share a cell, which is the unit of the axes.
    """

    subject: Subject
    alpha: Array
    shares: Array
    x: Array
    block: tuple[int, int]

    @classmethod
    def of(cls, subject: Subject, histogram: Histogram) -> Visits:
        counts, edges = histogram.counts, histogram.edges
        whole = counts.sum(axis=1) + histogram.outside
        shown = _shown(counts)
        counts = counts[:, shown]
        width, height = pixels(SIZE)
        block = -(-counts.shape[1] // height), -(-counts.shape[0] // width)
        rows, columns = (
            np.arange(0, n, of) for n, of in zip(counts.shape[::-1], block, strict=True)
        )
        counts = np.add.reduceat(np.add.reduceat(counts, columns, axis=0), rows, axis=1)
        shares = 100.0 * counts.T / np.add.reduceat(whole, columns)
        x = edges[shown.start : shown.stop + 1]
        return cls(subject, histogram.alpha.mean(axis=1), shares, x, block)

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Whether no lane is in any cell of each column, (columns,)."""
        nobody: NDArray[np.bool_] = self.shares.max(axis=0) == 0
        return nobody

    @cached_property
    def across(self) -> CellAxis:
        return CellAxis(self.alpha, SIZE[0], self.block[1])

    @property
    def end(self) -> float:
        """Where the axis of x ends."""
        return (self.x.size - 1) / self.block[0]

    def place(self, x: float) -> float | None:
        """How high x stands; None outside the picture."""
        low, high = self.x[[0, -1]].tolist()
        return (x - low) / (high - low) * self.end if low <= x <= high else None

    @property
    def limits(self) -> list[tuple[float, float]]:
        """Where on the axis of α descent is lost by theory, and at which step sizes."""
        return limits_on(self.across, self.subject)

    @property
    def minimisers(self) -> list[float]:
        """Where the known ones stand that are in the picture."""
        known = self.subject.facts.minimisers
        places = [] if known is None else [self.place(float(point[0])) for point in known]
        return [place for place in places if place is not None]


def _shown(counts: NDArray[np.int64]) -> slice:
    """The bins from the first that is visited to the last, and a little more; else all."""
    n, seen = counts.shape[1], np.flatnonzero(counts.any(axis=0))
    if not seen.size:
        return slice(0, n)
    first, last = seen[[0, -1]].tolist()
    room = max(1, round(ROOM * (last + 1 - first)))
    return slice(max(first - room, 0), min(last + 1 + room, n))


@styled
def bifurcation(run: Run | Loaded) -> Figure:
    """How often lanes are where in the long run, by step size: α across, x upward.

    Of several variables the first is shown. Counted are the iterations of `orbit=stretch`, of all
    starting points together.

    Raises ValueError for a run that counts no visits.
    """
    run = loaded(run)
    if run.visits is None:
        raise ValueError(
            "there is no count of where lanes are: take a run, from its folder, with orbit=stretch "
            "and orbit.bins"
        )
    own = Visits.of(run.subject, run.visits())
    seen = np.where(own.shares > 0, own.shares, np.nan)
    scale = Scale.logarithmic(seen)
    figure, (axes,) = sheet(
        1,
        SIZE,
        [("", "")],
        captions.title([run.subject], Facets.one(run)),
        _said(run, own),
        _legend(own, scale),
        right=RIGHT if scale.norm is not None else 0.25,
    )
    _draw(axes, own, np.where(np.isnan(seen), np.nan, scale.shares(seen)), seen)
    if scale.norm is not None:
        label = "share of the iterations in a cell, %"
        colour_bar(figure, scale.norm, SIZE[1], colours=DENSITY, label=label, extend=scale.extend)
    return figure


def _draw(axes: Axes, own: Visits, shares: Array, seen: Array) -> None:
    labels = np.where(np.isnan(seen), np.where(own.empty, 1, 0)[None], 2)
    Ramps.of([NOBODY, NOTHING, DENSITY]).draw(axes, labels, shares)
    own.across.mark(axes.xaxis, upright=False)
    values = tick_values(float(own.x[0]), float(own.x[-1]), 7)
    places = [place for value in values if (place := own.place(value)) is not None]
    set_ticks(axes.yaxis, places, words.numbers(values))
    axes.set(xlim=(0, own.across.end), ylim=(0, own.end))
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_visible(True)
    axes.set_xlabel(f"step size α{own.across.note}")
    axes.set_ylabel(f"{words.maths(words.symbol(own.subject.facts.variables[0]))} in the long run")
    for place, _ in own.limits:
        axes.axvline(place, color="black", linewidth=1.1, linestyle=(0, (4, 2)))
    for height in own.minimisers:
        star_at(axes, [EDGE * own.across.end, height])


def _said(run: Loaded, own: Visits) -> list[str]:
    """Which lanes are counted, over which iterations, and in which cells."""
    orbit, experiment = run.experiment.orbit, run.experiment
    assert orbit is not None
    first, last = orbit.burn_in + 1, orbit.burn_in + orbit.length
    grouped = len(own.alpha) < len(experiment.step_sizes) or own.block[1] > 1
    return [
        *words.grid(experiment.alpha, experiment.starts, run.subject),
        f"counted: iterations {words.count(first)} to {words.count(last)} of all starting points",
        *(["neighbouring α are counted together"] if grouped else []),
        *([f"{words.plural(own.block[0], 'bin')} to a cell"] if own.block[0] > 1 else []),
    ]


def _legend(own: Visits, scale: Scale) -> list[Artist]:
    entries: list[Artist] = []
    if scale.norm is None and not own.empty.all():
        share = words.number(scale.low, 3)
        label = f"{share}% of the iterations are in a cell"
        entries.append(Patch(facecolor=DENSITY(0.5), label=label))
    if own.empty.any():
        low, high = (words.number(end, 3) for end in own.x[[0, -1]])
        entries.append(Patch(facecolor=NOTHING, label=f"no lane between {low} and {high}"))
    return [*entries, *marks([own])]
