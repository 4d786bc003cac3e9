"""Tiles: the rows of some lanes that follow each other, as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Counts, Status
from gdlab.experiment import Experiment
from gdlab.objectives.base import Array

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

COLUMNS = ("status", "steps", "f", "minimum", "predicted")
"""Of the table, those that a tile is made from; not every table has the last."""


class Tile(NamedTuple):
    """What pictures and summaries need of whole lanes, each with all its tolerances.

    first : number of the first lane. status (codes of `gdlab.core.problem.Status`), steps, f and
    at_no_minimum (whether x is near no known minimiser) : (n, n_tol), tolerances as given.
    predicted : (n, n_tol), iterations by theory, 0 where there are none; None where theory is not
    exact, or the table says nothing of it.
    """

    first: int
    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    f: Array
    at_no_minimum: NDArray[np.bool_]
    predicted: Counts | None = None

    def between(self, first: int, last: int) -> Tile:
        """The lanes `first` to `last` - 1, as far as they are here."""
        low = min(max(first - self.first, 0), len(self.status))
        own = slice(low, max(last - self.first, low))
        return Tile(
            self.first + low,
            self.status[own],
            self.steps[own],
            self.f[own],
            self.at_no_minimum[own],
            None if self.predicted is None else self.predicted[own],
        )


def tile_of_frame(rows: pd.DataFrame, n_tol: int, first: int = 0) -> Tile:
    """Make a tile of rows of the table that `gdlab.results.table` gives, in their own order."""
    names = [status.name for status in Status]
    status = rows["status"].cat.set_categories(names).cat.codes.to_numpy().astype(np.int8)
    predicted = None
    if "predicted" in rows:
        predicted = rows["predicted"].to_numpy(np.int32, na_value=0).reshape(-1, n_tol)
    return Tile(
        first,
        status.reshape(-1, n_tol),
        rows["steps"].to_numpy(np.int32).reshape(-1, n_tol),
        rows["f"].to_numpy(np.float64).reshape(-1, n_tol),
        rows["minimum"].isna().to_numpy().reshape(-1, n_tol),
        predicted,
    )


def tile_of_part(part: pa.Table, n_tol: int, first: int) -> Tile:
    """Make a tile of a part of a run as it is stored, of which `COLUMNS` are read."""
    status, steps, f, minimum = (part[name].combine_chunks() for name in COLUMNS[:4])
    predicted = None
    if "predicted" in part.column_names:
        predicted = _filled(part["predicted"].combine_chunks(), 0).reshape(-1, n_tol)
    codes: NDArray[np.int8] = np.array([Status[n] for n in status.dictionary.to_pylist()], np.int8)
    return Tile(
        first,
        codes[status.indices.to_numpy()].reshape(-1, n_tol),
        steps.to_numpy().reshape(-1, n_tol),
        f.to_numpy(zero_copy_only=False).reshape(-1, n_tol),  # NaN is null there
        minimum.is_null().to_numpy(zero_copy_only=False).reshape(-1, n_tol),
        predicted,
    )


def columns_of_part(part: pa.Table, names: Sequence[str], n_tol: int) -> dict[str, NDArray[Any]]:
    """Columns of a part of a run as arrays (n, n_tol); see `gdlab.figures.facets.Columns`."""
    columns = {}
    for name in names:
        if name not in part.column_names:
            continue
        column = part[name].combine_chunks()
        if name == "status":
            codes = np.array([Status[n] for n in column.dictionary.to_pylist()], np.int8)
            values = codes[column.indices.to_numpy()]
        elif column.null_count and column.type not in ("double", "float"):
            values = _filled(column, -1 if name == "minimum" else 0)
        else:
            values = column.to_numpy(zero_copy_only=False)  # NaN is null there
        columns[name] = values.reshape(-1, n_tol)
    return columns


def _filled(column: pa.Array, missing: int) -> NDArray[Any]:
    """Whole numbers, this one where there is none. (Arrow's own `fill_null` imports pandas.)"""
    dtype = np.dtype(column.type.to_pandas_dtype())
    numbers = np.frombuffer(column.buffers()[1], dtype)[column.offset :][: len(column)]
    return np.where(column.is_null().to_numpy(zero_copy_only=False), dtype.type(missing), numbers)


def columns_of_frame(
    experiment: Experiment,
    table: pd.DataFrame,
    names: Sequence[str],
    first: int = 0,
    last: int | None = None,
) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
    """Columns of an experiment's own table as arrays; see `gdlab.figures.facets.Columns`.

    Raises ValueError if it is not the whole table.
    """
    import pyarrow as pa

    require_whole(experiment, table)
    n_tol, last = len(experiment.tol), experiment.n_lanes if last is None else last
    own = [name for name in names if name in table]
    rows = table[own].iloc[first * n_tol : last * n_tol]
    part = pa.Table.from_pandas(rows, preserve_index=False)
    yield first, columns_of_part(part, own, n_tol)


def tiles_of_frame(
    experiment: Experiment, table: pd.DataFrame, first: int = 0, last: int | None = None
) -> Iterator[Tile]:
    """Give the lanes of an experiment's own table as one tile.

    Raises ValueError if it is not the whole table.
    """
    require_whole(experiment, table)
    last = experiment.n_lanes if last is None else last
    yield tile_of_frame(table, len(experiment.tol)).between(first, last)


def require_whole(experiment: Experiment, table: pd.DataFrame) -> None:
    """Raise ValueError if a table has not as many rows as the experiment makes."""
    n_alpha, n_x0, n_tol = len(experiment.alpha), len(experiment.starts), len(experiment.tol)
    if len(table) != experiment.n_rows:
        starts = "" if experiment.pairs else f" × {n_x0:,} starting points"
        raise ValueError(
            f"the table has {len(table):,} rows, and {n_alpha:,} step sizes{starts} × "
            f"{n_tol} tolerances make {experiment.n_rows:,}; "
            "give the whole table, in its own order"
        )
