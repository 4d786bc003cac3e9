"""A stored run tile by tile: as plain arrays, and digested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from gdlab.experiment import Experiment
from gdlab.results.breakdown import Ends
from gdlab.results.digest import Digest, digest_of_rows
from gdlab.results.tiles import COLUMNS, Tile, columns_of_part, tile_of_part
from gdlab.results.visits import Histogram, from_arrow
from gdlab.store.run import Run, tiles, visits


def tiles_of_run(run: Run, first: int = 0, last: int | None = None) -> Iterator[Tile]:
    """Read the lanes `first` to `last` - 1 of a run, by default all, tile by tile in their order.

    Only the parts that hold some of them are read and checked.

    Raises StoreError if a part is missing, damaged or has the wrong rows.
    """
    n_tol = run.record["rows"] // run.record["lanes"]
    last = run.record["lanes"] if last is None else last
    for begin, part in tiles(run, COLUMNS, rows=(first * n_tol, last * n_tol)):
        yield tile_of_part(part, n_tol, begin // n_tol).between(first, last)


def columns_of_run(
    run: Run, names: Sequence[str], first: int = 0, last: int | None = None
) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
    """Read columns of a run as arrays, part by part; see `gdlab.figures.facets.Columns`.

    Only the parts that hold some of the lanes `first` to `last` - 1 are read and checked.

    Raises StoreError if a part is missing, damaged or has the wrong rows.
    """
    n_tol = run.record["rows"] // run.record["lanes"]
    last = run.record["lanes"] if last is None else last
    for begin, part in tiles(run, names, rows=(first * n_tol, last * n_tol)):
        low = max(first - begin // n_tol, 0)
        own = part.slice(low * n_tol, (last - begin // n_tol - low) * n_tol)
        yield begin // n_tol + low, columns_of_part(own, names, n_tol)


def histogram_of_run(run: Run, experiment: Experiment) -> Histogram:
    """Add up where the lanes of a run were.

    Raises StoreError if that is not counted, or a file is missing or damaged.
    """
    return Histogram.of(experiment, (from_arrow(experiment, part) for part in visits(run)))


def digests(run: Run, experiment: Experiment, *, raw: bool = False) -> Iterator[Digest]:
    """Digest a finished run, part by part.

    Raises StoreError if a part is missing or damaged.
    """
    for tile in tiles_of_run(run):
        yield digest_of_rows(experiment, *tile, raw=raw)


def ends_of_run(run: Run, experiment: Experiment) -> Iterator[Ends]:
    """Read how the lanes of a finished run ended at its tightest tolerance, part by part.

    Raises StoreError if a part is missing or damaged.
    """
    tightest = int(experiment.tol.argmin())
    names = ("status", "steps", "minimum")
    for first, columns in columns_of_run(run, names):
        yield Ends(first, *(columns[name][:, tightest] for name in names))
