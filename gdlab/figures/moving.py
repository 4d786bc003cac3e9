"""The picture of paths as a film, in which they grow iteration by iteration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from gdlab.figures import words
from gdlab.figures.facets import Loaded, loaded
from gdlab.figures.gif import Pixels, write_gif
from gdlab.figures.pictures.path import FIRST, LINE, Way
from gdlab.figures.scene import DOT, Panel, Scene
from gdlab.figures.sheet import note
from gdlab.figures.style import freeze, styled
from gdlab.files import whole_file
from gdlab.objectives.base import Array
from gdlab.store.run import Run

DPI = 100
ONE_BY_ONE, MOST_FRAMES = 20, 60
"""Iterations that have a frame each, and frames in all: later ones take longer and longer strides,
unless there is room for all."""
EACH, AT_FIRST, AT_LAST = 0.12, 0.6, 3.0
"""Seconds that a frame is shown."""
MOVING = 3
"""The order in which moving artists are drawn begins here."""


@styled
def film(run: Run | Loaded, path: str | Path, lanes: Sequence[int] | None = None) -> Path:
    """Write the paths of `gdlab.figures.path` as an animated GIF; the same bytes each time.

    All panels go through the iterations together; each counts them, and says in the end what has
    become of its lanes.
    """
    path = Path(path)
    scene = Scene.of(loaded(run), lanes)
    shown = moments(scene.last)
    with whole_file(path) as temporary:
        frames = Frames(scene)
        seconds = [AT_FIRST, *[EACH] * (len(shown) - 2), AT_LAST][-len(shown) :]
        write_gif(temporary, frames.of(shown), frames.at(shown[-1]), seconds)
    return path


def moments(last: int) -> list[int]:
    """The iterations that have a frame: 0 and `last`, and most of the early ones."""
    if last < MOST_FRAMES:
        return list(range(last + 1))
    strides = np.geomspace(ONE_BY_ONE + 1, last, MOST_FRAMES - ONE_BY_ONE - 1).round()
    return list(range(ONE_BY_ONE + 1)) + np.unique(strides.astype(int)).tolist()


@dataclass(frozen=True, eq=False)
class Paths:
    """Those of a panel, drawn together, and the note above it."""

    panel: Panel
    ways: list[Way]
    line: Line2D
    dots: Line2D
    note: Annotation

    @classmethod
    def of(cls, panel: Panel, extent: Array) -> Paths:
        axes = panel.axes
        ways = [Way.of(points, extent) for points in panel.lanes]
        (line,), (dots,) = axes.plot([], [], **LINE), axes.plot([], [], zorder=4, **DOT)
        for way in ways:
            axes.plot(*way.points[:, :1], zorder=5, **FIRST)
        return cls(panel, ways, line, dots, note(axes, panel.verdict))

    def go_to(self, k: int, last: int) -> None:
        """Show them up to iteration k, of which there are no more than `last`."""
        gap = np.full((2, 1), np.nan)
        if self.ways:
            lines = [part for way in self.ways for part in (way.line(k), gap)]
            self.line.set_data(*np.concatenate(lines, axis=1))
            self.dots.set_data(*np.concatenate([way.dots(k) for way in self.ways], axis=1))
        ended = k >= min(self.panel.steps, last)
        self.note.set_text(self.panel.verdict if ended else f"k = {words.count(k)}")


class Frames:
    """A scene drawn at some iterations: what does not move once, the rest again and again."""

    last: int

    def __init__(self, scene: Scene) -> None:
        figure, self.last = scene.figure, scene.last
        figure.set_dpi(DPI)
        self.canvas: Any = FigureCanvasAgg(figure)
        self.paths: list[Paths] = [Paths.of(panel, scene.extent) for panel in scene.panels]
        freeze(figure)
        lines = [line for panel in scene.panels for line in panel.axes.lines]
        self.moving: list[Artist] = [
            *sorted((line for line in lines if line.zorder >= MOVING), key=lambda own: own.zorder),
            *(own.note for own in self.paths),
        ]
        for artist in self.moving:
            artist.set_animated(True)
        self.canvas.draw()  # type: ignore[no-untyped-call]
        self.still: Any = self.canvas.copy_from_bbox(figure.bbox)  # type: ignore[no-untyped-call]

    def of(self, iterations: Sequence[int]) -> Iterator[Pixels]:
        """A frame for each of these iterations."""
        for k in iterations:
            yield self.at(k)

    def at(self, k: int) -> Pixels:
        """What is seen at iteration k."""
        for own in self.paths:
            own.go_to(k, self.last)
        self.canvas.restore_region(self.still)
        renderer = self.canvas.get_renderer()
        for artist in self.moving:
            artist.draw(renderer)
        return np.array(self.canvas.buffer_rgba())
