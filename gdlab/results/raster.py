"""A picture's cells, reduced to as many as there are pixels while the lanes come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Indices, Status
from gdlab.results.layout import Layout, Panel
from gdlab.results.tally import NOTHING, Tally

LARGEST_PIECE = 2**20
"""Cells of one column or row that are held until all are there; a longer one is cut."""


Labels = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Cells:
    """A matrix of cells, rows upward: each has a label, a whole number from 0, and a value.

    In a heatmap the label is the verdict, and the value the iterations, NaN unless converged.
    """

    labels: Labels
    values: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.labels.shape
        return rows, columns

    def blocks(self, rows: int, columns: int) -> Cells:
        """Blocks of rows × columns cells: the commonest label, the median of the values with it.

        Of labels that are equally common it is the least. A value that is NaN does not count. At
        the upper and the right edge a block may be smaller.
        """
        if rows == columns == 1:
            return self
        labels = _blocks(self.labels, rows, columns, -1)
        values = _blocks(self.values, rows, columns, np.nan)
        commonest = np.zeros(labels.shape[:2], self.labels.dtype)
        most = np.zeros(labels.shape[:2], np.int32)
        for label in np.flatnonzero(np.bincount(self.labels.ravel())):
            n = (labels == label).sum(axis=-1, dtype=np.int32)
            np.copyto(commonest, label, where=n > most, casting="same_kind")
            np.maximum(most, n, out=most)
        np.copyto(values, np.nan, where=labels != commonest[..., None])
        values.sort(axis=-1)  # NaN come last
        last = np.maximum(np.count_nonzero(values == values, axis=-1) - 1, 0)[..., None]
        middle = [
            np.take_along_axis(values, i, axis=-1)[..., 0] for i in (last // 2, -(-last // 2))
        ]
        return Cells(commonest, (middle[0] + middle[1]) / 2)


class Mosaic:
    """The cells of a layout's panels, filled part by part in any order.

    counts : (n_labels,), how many of the lanes that are in some panel have each label.

    Blocks of cells are reduced, and their lanes forgotten, as soon as all of a stretch of them are
    there. Where step sizes and starting points rise, few stretches are unfinished at a time.
    """

    def __init__(self, layout: Layout, n_labels: int) -> None:
        self.layout = layout
        self.counts: NDArray[np.int64] = np.zeros(n_labels, np.int64)
        self.canvases: list[_Canvas] = [_Canvas(panel) for panel in layout.panels]

    def add(self, first: int, labels: Labels, values: NDArray[np.float32]) -> None:
        """Take in the lanes from `first` on."""
        for canvas in self.canvases:
            begin = canvas.panel.first - first
            own = slice(max(begin, 0), max(begin + canvas.panel.n_lanes, 0))
            if labels[own].size:
                self.counts += np.bincount(labels[own], minlength=self.counts.size)
                canvas.add(own.start - begin, labels[own], values[own])

    @property
    def cells(self) -> list[Cells]:
        """The cells of each panel, blocks of them where several share a pixel."""
        return [Cells(canvas.labels, canvas.values) for canvas in self.canvases]


class Raster:
    """The cells of a heatmap's panels, filled tile by tile in any order.

    tally : of the lanes that are in some panel.
    """

    def __init__(self, layout: Layout) -> None:
        self.mosaic: Mosaic = Mosaic(layout, len(Status))
        self.tally: Tally = NOTHING

    @property
    def layout(self) -> Layout:
        return self.mosaic.layout

    @property
    def cells(self) -> list[Cells]:
        """The cells of each panel; see `Mosaic`."""
        return self.mosaic.cells

    def add(self, first: int, status: NDArray[np.int8], steps: NDArray[np.int32]) -> None:
        """Take in the lanes from `first` on."""
        for panel in self.layout.panels:
            begin = panel.first - first
            own = slice(max(begin, 0), max(begin + panel.n_lanes, 0))
            if status[own].size:
                self.tally += Tally.of(status[own], steps[own])
        self.mosaic.add(first, status, iterations_of(status, steps))


def iterations_of(status: NDArray[np.int8], steps: NDArray[np.int32]) -> NDArray[np.float32]:
    """The steps as iterations to convergence, NaN for lanes that have not converged."""
    iterations = steps.astype(np.float32)
    iterations[status != Status.converged] = np.nan
    return iterations


class _Canvas:
    """The cells of one panel. Numbered in its way, they are cut into pieces of whole blocks."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        painted = [-(-n // of) for n, of in zip(panel.shape, panel.block, strict=True)]
        self.labels = np.zeros(painted, np.int16)
        self.values = np.full(painted, np.nan, np.float32)
        self.bounds = _bounds(panel)
        self.pieces: dict[int, _Piece] = {}

    def add(self, first: int, labels: Labels, values: NDArray[np.float32]) -> None:
        """Take in lanes of the panel, counted from its first."""
        if self.panel.sample is not None:
            chosen = self.panel.sample
            low, high = np.searchsorted(chosen, (first, first + labels.size))
            if low == high:
                return
            own = chosen[low:high] - first
            first, labels, values = int(low), labels[own], values[own]
        cells = self.panel.cells(first, first + labels.size)
        if isinstance(cells, slice):
            self._fill(self._cut_stretch(cells.start, cells.stop), labels, values)
        else:
            order = np.argsort(cells, kind="stable")
            self._fill(self._cut(cells[order]), labels[order], values[order])

    def _fill(
        self,
        parts: Iterable[tuple[int, slice | Indices, slice]],
        labels: Labels,
        values: NDArray[np.float32],
    ) -> None:
        """Put lanes into pieces: for each its number, which of its cells, and which lanes."""
        for number, where, own in parts:
            if number not in self.pieces:
                self.pieces[number] = _Piece.blank(self.bounds[number + 1] - self.bounds[number])
            piece = self.pieces[number]
            piece.labels[where], piece.values[where] = labels[own], values[own]
            piece.missing -= own.stop - own.start
            if not piece.missing:
                self._reduce(number, self.pieces.pop(number))

    def _cut_stretch(self, first: int, last: int) -> Iterator[tuple[int, slice, slice]]:
        """Part the cells `first` to `last` - 1 by piece."""
        for number in self._pieces_between(first, last - 1):
            low, high = self.bounds[number : number + 2].tolist()
            begin, end = max(low, first), min(high, last)
            yield number, slice(begin - low, end - low), slice(begin - first, end - first)

    def _cut(self, cells: Indices) -> Iterator[tuple[int, Indices, slice]]:
        """Part rising cells by piece."""
        for number in self._pieces_between(*cells[[0, -1]].tolist()):
            low, high = self.bounds[number : number + 2].tolist()
            begin, end = np.searchsorted(cells, (low, high)).tolist()
            if begin < end:
                yield number, cells[begin:end] - low, slice(begin, end)

    def _pieces_between(self, first: int, last: int) -> range:
        """Numbers of the pieces from that of one cell to that of another, both included."""
        begin, end = np.searchsorted(self.bounds, (first, last), side="right").tolist()
        return range(begin - 1, end)

    def _reduce(self, number: int, piece: _Piece) -> None:
        panel, upright = self.panel, self.panel.upright
        length = panel.shape[0 if upright else 1]
        line, place = divmod(int(self.bounds[number]), length)
        lines = -1, min(length, piece.values.size)
        values, labels = piece.values.reshape(lines), piece.labels.reshape(lines)
        cells = Cells(labels.T, values.T) if upright else Cells(labels, values)
        cells = cells.blocks(*panel.block)
        corner = (place, line) if upright else (line, place)
        row, column = (at // of for at, of in zip(corner, panel.block, strict=True))
        where = slice(row, row + cells.shape[0]), slice(column, column + cells.shape[1])
        self.labels[where], self.values[where] = cells.labels, cells.values


@dataclass(eq=False)
class _Piece:
    """Cells that wait for others: labels and values (n,), and how many are missing."""

    labels: Labels
    values: NDArray[np.float32]
    missing: int

    @classmethod
    def blank(cls, n: int) -> _Piece:
        return cls(np.empty(n, np.int16), np.empty(n, np.float32), n)


def _bounds(panel: Panel) -> Indices:
    """Numbers of the first cells of the pieces, and of all cells."""
    shape, block = panel.shape, panel.block
    (length, n_lines), (up, thick) = (shape, block) if panel.upright else (shape[::-1], block[::-1])
    total = length * n_lines
    if block == (1, 1):
        return np.array([0, total])
    if thick > 1 or length <= LARGEST_PIECE:
        return np.append(np.arange(0, total, thick * length), total)
    inside = np.arange(0, length, up * -(-LARGEST_PIECE // (4 * up)))
    lines = np.arange(0, total, length)
    return np.append((lines[:, None] + inside).ravel(), total)


def _blocks(values: NDArray[Any], rows: int, columns: int, filling: float) -> NDArray[Any]:
    """Blocks of a matrix, (n_rows, n_columns, rows * columns), those at the edges filled up."""
    n_rows, n_columns = -(-values.shape[0] // rows), -(-values.shape[1] // columns)
    padded = np.full((n_rows * rows, n_columns * columns), filling, values.dtype)
    padded[: values.shape[0], : values.shape[1]] = values
    parted = padded.reshape(n_rows, rows, n_columns, columns).swapaxes(1, 2)
    return parted.reshape(n_rows, n_columns, rows * columns)
