"""A stored run tile by tile: as plain arrays, and digested."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.results.breakdown import Ends
from gdlab.results.digest import Digest, digest_of_rows
from gdlab.results.tiles import COLUMNS, Tile, tile_of_part
from gdlab.store.run import Run, tiles


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


def ends_of_run(run: Run, experiment: Experiment) -> Iterator[Ends]:
    """Read how the lanes of a finished run ended at its tightest tolerance, part by part.

    Raises StoreError if a part is missing or damaged.
    """
    n_tol, tightest = len(experiment.tol), int(experiment.tol.argmin())
    for first, part in tiles(run, ("status", "steps", "minimum")):
        own = slice(tightest, None, n_tol)
        status, steps, minimum = (
            part[name].combine_chunks() for name in ("status", "steps", "minimum")
        )
        codes = np.array([Status[name] for name in status.dictionary.to_pylist()], np.int8)
        yield Ends(
            first // n_tol,
            codes[status.indices.to_numpy()[own]],
            steps.to_numpy()[own],
            minimum.fill_null(-1).to_numpy()[own],
        )
