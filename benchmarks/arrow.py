"""Bare Arrow: in how many seconds it writes the tables of a run from arrays that are in memory.

    python benchmarks/arrow.py RESULTS FOLDER

reads the Parquet files of RESULTS into NumPy arrays, all of them at once (60 bytes a row), then
writes each file's columns as a file of the same name in FOLDER: lz4, else pyarrow's defaults, by
two threads. It prints the seconds of the writing alone, without imports and reading.

What it leaves out of what gdlab does: it descends nothing, forces nothing to the disk, takes no
checksum, keeps no digest for summaries and pictures, and has no process to start.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

THREADS = 2


class Column(NamedTuple):
    """Values (n,), where they are missing, if any are; of a category the codes, and its names."""

    values: NDArray[Any]
    missing: NDArray[np.bool_] | None
    names: pa.Array | None = None

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Column:
        array = column.combine_chunks()
        if pa.types.is_dictionary(array.type):
            return cls(array.indices.to_numpy(), None, array.dictionary)
        if not array.null_count:
            return cls(array.to_numpy(), None)
        values = array.fill_null(0).to_numpy()
        return cls(values, array.is_null().to_numpy(zero_copy_only=False))

    def to_arrow(self) -> pa.Array:
        array = pa.array(self.values, mask=self.missing)
        if self.names is None:
            return array
        return pa.DictionaryArray.from_arrays(array, self.names, ordered=True)


def read(file: Path) -> dict[str, Column]:
    table = pq.read_table(file, use_threads=False)
    return {name: Column.of(table[name]) for name in table.column_names}


def write(columns: dict[str, Column], file: Path) -> None:
    table = pa.table({name: column.to_arrow() for name, column in columns.items()})
    pq.write_table(table, file, compression="lz4")


def seconds(tiles: Sequence[dict[str, Column]], files: Sequence[Path]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(write, tiles, files))
    return time.perf_counter() - began


def main(results: str, folder: str) -> None:
    """Read, write, print."""
    files = sorted(Path(results).glob("*.parquet"))
    tiles = [read(file) for file in files]
    print(seconds(tiles, [Path(folder, file.name) for file in files]))


if __name__ == "__main__":
    main(*sys.argv[1:])
