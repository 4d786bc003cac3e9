"""A stored run tile by tile: as plain arrays, and digested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.results.breakdown import Ends
from gdlab.results.digest import Digest, digest_of_rows
from gdlab.results.tiles import COLUMNS, Tile, tile_of_part
from gdlab.store.run import Run, tiles

if TYPE_CHECKING:
    import pyarrow as pa


def tiles_of_run(run: Run, first: int = 0, last: int | None = None) -> Iterator[Tile]:
    """Read the lanes `first` to `last` - 1 of a run, by default all, tile by tile in their order.

    Only the parts that hold some of them are read and checked.

    Raises StoreError if a part is missing, damaged or has the wrong rows.
    """
    n_tol = run.record["rows"] // run.record["lanes"]
    last = run.record["lanes"] if last is None else last
    for begin, part in tiles(run, COLUMNS, rows=(first * n_tol, last * n_tol)):
        yield tile_of_part(part, n_tol, begin // n_tol).between(first, last)


def digests(run: Run, experiment: Experiment, *, raw: bool = False) -> Iterator[Digest]:
    """Digest a finished run, part by part.

    Raises StoreError if a part is missing or damaged.
    """
    for tile in tiles_of_run(run):
        yield digest_of_rows(experiment, *tile, raw=raw)


def columns_of_run(run: Run, names: Sequence[str]) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
    """Read some columns of a finished run, part by part, with the number of each first lane.

    Each is an array (n, n_tol): statuses are their codes, missing whole numbers -1, other missing
    numbers NaN.

    Raises StoreError if a part is missing or damaged.
    """
    n_tol = run.record["rows"] // run.record["lanes"]
    for first, part in tiles(run, names):
        yield (
            first // n_tol,
            {name: _numbers(part[name].combine_chunks()).reshape(-1, n_tol) for name in names},
        )


def _numbers(column: pa.Array) -> NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        codes = np.array([Status[name] for name in column.dictionary.to_pylist()], np.int8)
        return codes[column.indices.to_numpy()]
    if pa.types.is_integer(column.type):
        column = column.fill_null(-1)
    return column.to_numpy(zero_copy_only=False)


def ends_of_run(run: Run, experiment: Experiment) -> Iterator[Ends]:
    """Read how the lanes of a finished run ended at its tightest tolerance, part by part.

    Raises StoreError if a part is missing or damaged.
    """
    tightest = int(experiment.tol.argmin())
    names = ("status", "steps", "minimum")
    for first, columns in columns_of_run(run, names):
        yield Ends(first, *(columns[name][:, tightest] for name in names))
