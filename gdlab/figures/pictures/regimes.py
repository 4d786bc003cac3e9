"""Which lanes converge, stay bounded or diverge, each on a scale of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from gdlab.core.problem import Status
from gdlab.figures import captions, words
from gdlab.figures.cells import LOOKS, colour_bar, draw_dots, draw_hatch, legend_of
from gdlab.figures.facets import Facets, Loaded, loaded
from gdlab.figures.frame import Frame, blocks_said, lanes_said, marks
from gdlab.figures.ramps import Ramps, Scale
from gdlab.figures.sheet import share_labels, sheet
from gdlab.figures.sizes import at_least, columns_of, heatmap_layout, size_of
from gdlab.figures.style import part_of, styled
from gdlab.objectives.base import Array
from gdlab.results.escape import escape_times
from gdlab.results.raster import Cells, Labels, Mosaic
from gdlab.results.rows import numbered
from gdlab.store.run import Run


class Regime(IntEnum):
    """What a lane does; those that stay bounded without an exponent go by their verdicts."""

    converged = 0
    bounded = 1
    cycling = 2
    max_iter = 3
    diverged = 4


# In grey each has a part of the brightness to itself: converged lanes are light, those that
# stay bounded neither, and those that diverge dark.
CONVERGED = part_of("viridis", 0.66, 1.0)
BOUNDED = LinearSegmentedColormap.from_list("exponents", ["#1c4fa0", "#7a7776", "#d98a3a"])
DIVERGED = part_of("magma", 0.03, 0.38)
BAR, LOWEST = 1.0, 2.6
"""Inches of a colour bar: what it takes at the right, and how high it is at least."""
SETTLED = 1.0
"""An orbit that contracts by e in a step is as settled as the scale tells."""
EARLIEST = 0.5
"""Iterations of the scale of escape times, which is logarithmic, at least."""


@dataclass(eq=False)
class Regimes:
    """The lanes of a run by their regimes, filled while they are read.

    mosaic : its labels are those of `Regime`, its values iterations, exponents and escape times.
    known : how many of the escape times lie between whole iterations.
    """

    run: Loaded
    mosaic: Mosaic = field(init=False)
    known: int = 0

    def __post_init__(self) -> None:
        experiment = self.run.experiment
        self._x = numbered("x", np.empty(experiment.dimension))
        names = ("status", "steps", "lyapunov", *self._x)
        layout = heatmap_layout(experiment)
        self.mosaic = self.run.mosaic(layout, names, self._paint, len(Regime))

    def _paint(
        self, first: int, columns: Mapping[str, NDArray[Any]]
    ) -> tuple[Labels, NDArray[np.float32]]:
        status, steps = columns["status"], columns["steps"]
        labels: Labels = np.array(
            [Regime.converged, Regime.cycling, Regime.max_iter, Regime.diverged], np.int8
        )[status]
        values = steps.astype(np.float32)
        bounded = (status == Status.cycling) | (status == Status.max_iter)
        values[bounded] = np.nan
        exponents = columns.get("lyapunov")
        if exponents is not None:
            bounded &= ~np.isnan(exponents)
            labels[bounded], values[bounded] = Regime.bounded, exponents[bounded]
        diverged = np.flatnonzero(status == Status.diverged)
        if diverged.size:
            experiment = self.run.experiment
            alpha = experiment.alpha[(first + diverged) // len(experiment.starts)]
            x = np.stack([columns[name][diverged] for name in self._x])
            times = escape_times(experiment, alpha, x, steps[diverged])
            known = ~np.isnan(times)
            self.known += int(known.sum())
            values[diverged[known]] = np.maximum(times[known], EARLIEST)
        return labels, values

    def values(self, regime: Regime) -> Array:
        """Those of the cells of a regime in all panels."""
        found = [cells.values[cells.labels == regime] for cells in self.mosaic.cells]
        return np.concatenate(found).astype(float)

    def count(self, *regimes: Regime) -> int:
        """How many lanes are in any of these."""
        return int(self.mosaic.counts[list(regimes)].sum())

    def share(self, *regimes: Regime) -> str:
        """Which share of the lanes is in any of these, in words."""
        return words.share(self.count(*regimes), int(self.mosaic.counts.sum()))


@dataclass(frozen=True, eq=False)
class Key:
    """What the shades of a regime mean.

    name : what is on the scale. whose : which lanes, with their share.
    """

    regime: Regime
    ramp: Colormap
    scale: Scale
    name: str
    whose: str

    def bar(self, figure: Figure, panels: list[Axes], length: float) -> None:
        """Add the scale, where there is one."""
        if self.scale.norm is None:
            return
        colour_bar(
            figure,
            self.scale.norm,
            length,
            colours=self.ramp,
            label=f"{self.whose}: {self.name}",
            extend=self.scale.extend,
            panels=panels,
        )

    def patch(self) -> list[Artist]:
        """An entry for the legend, where all lanes of the regime have the same value."""
        if self.scale.norm is not None or np.isnan(self.scale.low):
            return []
        value = words.number(self.scale.low, 3)
        return [Patch(facecolor=self.ramp(0.5), label=f"{self.whose}: {self.name} = {value}")]


@styled
def regimes(run: Run | Loaded) -> Figure:
    """Lanes that converge, stay bounded and diverge, in one picture with a scale for each.

    Converged: iterations. Bounded, with `orbit=stretch`: the largest Lyapunov exponent, 0 in the
    middle of the scale; else cycling and max_iter in a colour each. Diverged: the time of escape,
    between whole iterations where it is known; see `gdlab.results.escape`. The axes are those of
    the heatmap.
    """
    run = loaded(run)
    own = Regimes(run)
    layout = own.mosaic.layout
    frame = Frame(run.subject, layout, at_least(LOWEST, size_of(layout)))
    keys = _keys(own)
    bars = sum(key.scale.norm is not None for key in keys)
    headings = [(f"α = {words.number(a)}" if layout.planes else "", "") for a in layout.alpha]
    headings = headings[: len(layout.panels)]
    columns = columns_of(len(headings))
    figure, panels = sheet(
        columns,
        frame.size,
        headings,
        captions.title([run.subject], Facets.one(run)),
        [
            *lanes_said(run, layout),
            *captions.criterion([run.subject]),
            *_scales_said(own),
            *blocks_said([layout], "commonest regime and median"),
        ],
        _legend(own, keys, frame),
        right=BAR * bars + 0.25,
    )
    alike = (LOOKS[code].colour for code in (Status.cycling, Status.max_iter))
    ramps = Ramps.of([CONVERGED, BOUNDED, *alike, DIVERGED])
    scales = {key.regime: key.scale for key in keys}
    for axes, cells in zip(panels, own.mosaic.cells, strict=True):
        _draw(axes, ramps, scales, frame, cells)
    share_labels(figure)
    height = min(frame.size[1] * -(-len(panels) // columns), 6.0)
    for key in reversed(keys):  # the last is next to the panels
        key.bar(figure, panels, height)
    return figure


def _keys(own: Regimes) -> list[Key]:
    """Of the regimes that have a scale."""
    escape = "escape time" if own.known else "iterations to escape"
    bounded = f"bounded ({own.share(Regime.bounded)})"
    exponents = Scale.around_zero(own.values(Regime.bounded), SETTLED)
    found = [Key(Regime.bounded, BOUNDED, exponents, "Lyapunov exponent", bounded)]
    for regime, ramp, name in (
        (Regime.converged, CONVERGED, "iterations"),
        (Regime.diverged, DIVERGED, escape),
    ):
        scale = Scale.logarithmic(own.values(regime))
        found.append(Key(regime, ramp, scale, name, f"{regime.name} ({own.share(regime)})"))
    return sorted(found, key=lambda key: key.regime)


def _draw(
    axes: Axes, ramps: Ramps, scales: Mapping[Regime, Scale], frame: Frame, cells: Cells
) -> None:
    shares = np.full(cells.shape, np.nan)
    for regime, scale in scales.items():
        own = cells.labels == regime
        shares[own] = scale.shares(cells.values[own])
    if frame.dotted:
        draw_dots(axes, ramps.map(ramps.shade_of(cells.labels, shares)[0]), frame.layout.sampled)
    else:
        ramps.draw(axes, cells.labels, shares)
        for regime, code in (
            (Regime.cycling, Status.cycling),
            (Regime.max_iter, Status.max_iter),
        ):
            draw_hatch(axes, cells.labels == regime, LOOKS[code])
    frame.furnish(axes)


def _scales_said(own: Regimes) -> list[str]:
    """Over which iterations exponents are taken, and what an escape time is."""
    said = []
    orbit = own.run.experiment.orbit
    if orbit is not None and own.count(Regime.bounded):
        first, last = orbit.burn_in + 1, orbit.burn_in + orbit.length
        said.append(
            f"exponents of iterations {words.count(first)} to {words.count(last)}, above 0 in chaos"
        )
    if own.count(Regime.diverged):
        size = f"|{words.sign(own.run.subject)}ₖ|"
        size = size if own.run.experiment.dimension == 1 else f"max {size}"
        radius = words.number(own.run.experiment.escape)
        said.append(f"diverged once {size} > {radius}")
        if own.known:
            said.append("escape times are interpolated between iterations")
    return said


def _legend(own: Regimes, keys: list[Key], frame: Frame) -> list[Artist]:
    """Regimes without a scale, with their shares, minimisers and limits."""
    counts = [
        own.count(Regime.converged, Regime.bounded, Regime.diverged),
        own.count(Regime.cycling),
        own.count(Regime.max_iter),
        0,
    ]
    entries = [entry for key in keys for entry in key.patch()]
    entries += legend_of(counts, frame.subject.max_iter, hatched=not frame.dotted)
    return [*entries, *marks([frame])]
