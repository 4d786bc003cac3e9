"""Axes on which lanes stand as cells: their values, theory's limits, minimisers, what is said."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gdlab.figures import words
from gdlab.figures.axis import CellAxis
from gdlab.figures.facets import Loaded
from gdlab.figures.limits import draw_limit, limits_entry, limits_of
from gdlab.figures.sizes import Size
from gdlab.figures.style import STAR
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.layout import Layout
from gdlab.results.tally import Tally


@dataclass(frozen=True, eq=False)
class Frame:
    """Where the lanes of a run stand: all in one panel, or planes of starts in one for each α.

    size : of a panel, in inches.
    """

    subject: Subject
    layout: Layout
    size: Size

    @property
    def dotted(self) -> bool:
        """Whether starting points are dots at their places, since they make no mesh."""
        return self.layout.planes and self.layout.mesh is None

    @cached_property
    def axes(self) -> tuple[CellAxis, CellAxis]:
        """The cells across and upward."""
        own = self.layout
        if own.mesh is not None:
            x, y = own.mesh.x, own.mesh.y
        elif own.heights is not None:
            x, y = own.alpha, own.heights
        else:
            x, y = own.alpha, np.arange(1.0, len(own.starts) + 1)
        across, up = self.size
        return CellAxis(x, across, own.block[1]), CellAxis(y, up, own.block[0])

    @cached_property
    def limits(self) -> list[tuple[float, float]]:
        """Where on the axis of α descent is lost by theory, and at which step sizes."""
        return [] if self.layout.planes else limits_on(self.axes[0], self.subject)

    @property
    def minimisers(self) -> Array:
        """Those to be marked, (n, 2)."""
        points = self.subject.facts.minimisers
        return points if self.layout.planes and points is not None else np.empty((0, 2))

    def place(self, point: Sequence[float]) -> list[float] | None:
        """Where a point of the plane stands; None outside the starts."""
        if self.dotted:
            return list(point)
        found = [axis.position(value) for axis, value in zip(self.axes, point, strict=True)]
        places = [value for value in found if value is not None]
        return places if len(places) == len(found) else None

    def furnish(self, axes: Axes) -> None:
        """Name the axes of a panel in which the cells are drawn, and mark limits and minimisers."""
        layout, subject = self.layout, self.subject
        x, y = self.axes
        if not self.dotted:
            x.mark(axes.xaxis, upright=False)
            y.mark(axes.yaxis, upright=True)
            axes.set(xlim=(0, x.end), ylim=(0, y.end))
            axes.spines[:].set_visible(False)
        if layout.planes:
            axes.set_xlabel(f"starting point {words.start(subject)}")
            axes.set_ylabel(words.start(subject, 1))
            self._mark_minimisers(axes)
            return
        axes.set_xlabel(f"step size α{x.note}")
        for place, _ in self.limits:
            draw_limit(axes, place)
        on_line = subject.facts.dimension == 1
        start = words.start(subject) if on_line else "number"
        if len(y) == 1:
            # An axis of one cell is too short for its name beside it.
            axes.set_yticks([y.end / 2], [f"{start} = {words.number(y.cells[0])}"])
        else:
            name = f"starting point {start}" if on_line else "starting point, by number"
            axes.set_ylabel(name + y.note)

    def _mark_minimisers(self, axes: Axes) -> None:
        """Mark the known minimisers that lie in the picture, without widening it."""
        axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
        for text in axes.texts:  # whose boxes would hide them
            text.set_bbox(None)
        for point in self.minimisers:
            place = self.place(point)
            if place is not None:
                star_at(axes, place)


class Marked(Protocol):
    """Axes with theory's limits on that of α, as `limits_on` has them, and with minimisers."""

    @property
    def subject(self) -> Subject: ...
    @property
    def limits(self) -> Sequence[tuple[float, float]]: ...
    @property
    def minimisers(self) -> Sized: ...


def limits_on(axis: CellAxis, subject: Subject) -> list[tuple[float, float]]:
    """Where on an axis of α descent is lost by theory, and at which step sizes."""
    found = [(axis.position(alpha), alpha) for alpha in limits_of(subject)]
    return [(place, alpha) for place, alpha in found if place is not None]


def star_at(axes: Axes, place: Sequence[float]) -> None:
    """Mark a minimiser."""
    axes.plot(*place, linestyle="none", markersize=9, markeredgewidth=0.7, **STAR)


def marks(frames: Sequence[Marked]) -> list[Artist]:
    """What the dashed lines and the stars are, for a legend."""
    entries = limits_entry([(own.subject, [alpha for _, alpha in own.limits]) for own in frames])
    if any(len(frame.minimisers) for frame in frames):
        entries.append(Line2D([], [], linestyle="none", markersize=10, label="minimiser", **STAR))
    return entries


def lanes_said(run: Loaded, layout: Layout) -> list[str]:
    """Which lanes a run has, which of them are drawn, and what became of all."""
    n, alpha = len(layout.panels), run.experiment.alpha
    return [
        *words.grid(alpha, layout.starts, run.subject),
        *([f"{n} of the α drawn"] if layout.planes and n < len(alpha) else []),
        *sample_said(layout),
        tally_said(run.overview.tally),
    ]


def tally_said(tally: Tally) -> str:
    """How many lanes converged, in words."""
    if tally.range is None:
        return "no lane converged"
    low, high = tally.range
    each = f" after {words.plural(low, 'iteration')}" if low == high else ""
    some = "all lanes" if tally.converged == tally.n else words.share(tally.converged, tally.n)
    return f"{some if tally.n > 1 else ''} converged{each}".lstrip()


def sample_said(layout: Layout) -> list[str]:
    """Say in words that some of the starting points are drawn only, where that is so."""
    n, of = len(layout.sampled), len(layout.starts)
    return [f"{words.shown_of(n, of, 'starting point')} drawn"] if n < of else []


def blocks_said(layouts: Sequence[Layout], shown: str = "median") -> list[str]:
    """Say in words that lanes share pixels, where they do."""
    blocks = {layout.block for layout in layouts} - {(1, 1)}
    if len(blocks) == 1:
        ((up, across),) = blocks
        return [f"each pixel shows the {shown} of {across} × {up} lanes"]
    return [f"some pixels show {shown}s of several lanes"] if blocks else []
