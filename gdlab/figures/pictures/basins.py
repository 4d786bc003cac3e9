"""Which minimiser each starting point reaches, and how soon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from gdlab.core.problem import Indices, Status
from gdlab.figures import captions, words
from gdlab.figures.cells import LOOKS, colour_bar, draw_dots, draw_hatch, legend_of
from gdlab.figures.facets import Facets, Loaded, loaded
from gdlab.figures.frame import Frame, blocks_said, lanes_said, marks, star_at
from gdlab.figures.ramps import Ramps, Scale, shades_of
from gdlab.figures.sheet import share_labels, sheet
from gdlab.figures.sizes import at_least, columns_of, heatmap_layout, size_of
from gdlab.figures.style import STAR, styled
from gdlab.objectives.base import Array
from gdlab.results.raster import Cells, Labels, Mosaic, iterations_of
from gdlab.store.run import Run

# Okabe and Ito's hues, those first that differ most in grey.
HUES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
ELSEWHERE = "#8c8c8c"
RIGHT = 1.25
"""Inches of the colour bar."""
EDGE = 0.015
"""How far from the left edge minimisers are marked, as a share of the width."""


@dataclass(frozen=True, eq=False)
class Basins:
    """The lanes of a run by what they reach: minimiser i has label i, then come `OTHERS`.

    minimisers : (m, d).
    """

    minimisers: Array
    mosaic: Mosaic

    OTHERS = ("elsewhere", *(code.name for code in LOOKS))

    @classmethod
    def of(cls, run: Loaded) -> Basins:
        minimisers = run.experiment.facts.minimisers
        assert minimisers is not None
        m = len(minimisers)

        def paint(_: int, columns: Mapping[str, NDArray[Any]]) -> tuple[Labels, Any]:
            status, minimum = columns["status"], columns["minimum"]
            labels = np.where(minimum >= 0, minimum, m).astype(np.int16)
            np.copyto(labels, m + status, where=status != Status.converged, casting="same_kind")
            return labels, iterations_of(status, columns["steps"])

        layout = heatmap_layout(run.experiment)
        names = ("status", "steps", "minimum")
        return cls(minimisers, run.mosaic(layout, names, paint, m + len(cls.OTHERS)))

    @property
    def counts(self) -> Indices:
        """How many lanes reach each minimiser."""
        return self.mosaic.counts[: len(self.minimisers)]

    @property
    def elsewhere(self) -> int:
        """How many converge away from every known minimiser."""
        return int(self.mosaic.counts[len(self.minimisers)])

    @property
    def by_status(self) -> list[int]:
        """How many lanes have each verdict."""
        m = len(self.minimisers)
        return [int(self.mosaic.counts[: m + 1].sum()), *self.mosaic.counts[m + 1 :].tolist()]

    @cached_property
    def hues(self) -> list[int]:
        """Which of `HUES` each minimiser has; where there are more, near ones have different ones.

        In their order each takes the hue that is farthest away from it.
        """
        if not self.repeated:
            return list(range(len(self.minimisers)))
        hues = np.zeros(len(self.minimisers), int)
        for i, point in enumerate(self.minimisers):
            away = np.linalg.norm(self.minimisers[:i] - point, axis=1)
            nearest = [away[hues[:i] == hue].min(initial=np.inf) for hue in range(len(HUES))]
            hues[i] = int(np.argmax(nearest))
        return hues.tolist()

    @property
    def repeated(self) -> bool:
        """Whether a hue stands for several minimisers."""
        return len(self.minimisers) > len(HUES)

    @cached_property
    def scale(self) -> Scale:
        """Of the brightness, over all panels."""
        cells = [cells.values.ravel() for cells in self.mosaic.cells]
        return Scale.logarithmic(np.concatenate(cells))

    @cached_property
    def ramps(self) -> Ramps:
        """One for each hue, then for `OTHERS`."""
        hues = [shades_of(hue) for hue in (*HUES, ELSEWHERE)]
        return Ramps.of([*hues, *(look.colour for look in LOOKS.values())])

    def shades(self, cells: Cells) -> tuple[Labels, Array]:
        """Which of the ramps each cell has, and where on it."""
        others = len(HUES) + np.arange(len(self.OTHERS))
        ramp: Labels = np.concatenate([self.hues, others]).astype(np.int64)[cells.labels]
        return ramp, self.scale.shares(cells.values)


@styled
def basins(run: Run | Loaded) -> Figure:
    """The minimiser that each lane converges to, as a colour, darker where it takes longer.

    d = 1: α across, x0 upward. d = 2: the plane of starting points, a panel for each of at most
    nine step sizes. One scale of brightness for all basins and panels. Of more than seven
    minimisers several share a colour, near ones never.
    """
    run = loaded(run)
    own = Basins.of(run)
    layout = own.mosaic.layout
    frame = Frame(run.subject, layout, at_least(1.5, size_of(layout)))
    headings = [(f"α = {words.number(a)}" if layout.planes else "", "") for a in layout.alpha]
    headings = headings[: len(layout.panels)]
    columns, alone = columns_of(len(headings)), Facets.one(run)
    figure, panels = sheet(
        columns,
        frame.size,
        headings,
        captions.title([run.subject], alone),
        [
            *lanes_said(run, layout),
            *captions.criterion([run.subject]),
            *_reached_said(own),
            *blocks_said([layout], "commonest end and median"),
        ],
        _legend(own, frame),
        right=RIGHT if own.scale.norm is not None else 0.25,
    )
    for axes, cells in zip(panels, own.mosaic.cells, strict=True):
        _draw(axes, own, frame, cells)
    share_labels(figure)
    if own.scale.norm is not None:
        height = min(frame.size[1] * -(-len(panels) // columns), 6.0)
        colour_bar(
            figure,
            own.scale.norm,
            height,
            colours=shades_of(ELSEWHERE),
            extend=own.scale.extend,
        )
    return figure


def _draw(axes: Axes, own: Basins, frame: Frame, cells: Cells) -> None:
    ramp, shares = own.shades(cells)
    if frame.dotted:
        shades = own.ramps.map(own.ramps.shade_of(ramp, shares)[0])
        draw_dots(axes, shades, frame.layout.sampled)
    else:
        own.ramps.draw(axes, ramp, shares)
        for code, look in LOOKS.items():
            if look.hatch:
                draw_hatch(axes, cells.labels == len(own.minimisers) + code, look)
    frame.furnish(axes)
    _number_minimisers(axes, own, frame)


def _number_minimisers(axes: Axes, own: Basins, frame: Frame) -> None:
    """Write its number beside each minimiser in the picture; mark those on the axis of x0."""
    edge = [withStroke(linewidth=2.5, foreground="white")]
    for i, point in enumerate(own.minimisers):
        if frame.layout.planes:
            place = frame.place(point)
        else:
            height = frame.axes[1].position(float(point[0]))
            place = None if height is None else [EDGE * frame.axes[0].end, height]
            if place is not None:
                star_at(axes, place)
        if place is not None and not own.repeated:
            axes.annotate(
                str(i + 1),
                (place[0], place[1]),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                size=10,
                path_effects=edge,
            )


def _reached_said(own: Basins) -> list[str]:
    """What the colours mean."""
    m, reached = len(own.minimisers), int((own.counts > 0).sum())
    minimisers = f"{words.shown_of(reached, m, 'known minimiser')} reached"
    bright = ", lighter where sooner" if own.scale.norm is not None else ""
    said = [f"coloured by the minimiser reached{bright}"]
    if not own.repeated:
        return said
    return [*said, minimisers, "colours repeat, near ones differ"]


def _legend(own: Basins, frame: Frame) -> list[Artist]:
    """The minimisers with their shares, the other verdicts, and the limits."""
    whole = int(own.mosaic.counts.sum())
    entries: list[Artist] = []
    if not own.repeated:
        for i, (point, n) in enumerate(zip(own.minimisers, own.counts.tolist(), strict=True)):
            name = f"{i + 1}: {words.point(point)} ({words.share(n, whole)})"
            entries.append(Patch(facecolor=HUES[i], label=name))
    if own.elsewhere:
        share = words.share(own.elsewhere, whole)
        entries.append(Patch(facecolor=ELSEWHERE, label=f"another point ({share})"))
    entries += legend_of(own.by_status, frame.subject.max_iter, hatched=not frame.dotted)
    found = marks([frame])
    if not frame.layout.planes and len(own.minimisers):
        found.append(Line2D([], [], linestyle="none", markersize=10, label="minimiser", **STAR))
    return [*entries, *found]
