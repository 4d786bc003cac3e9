"""Many runs written as one file, however many rows they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gdlab.results.table import to_pandas
from gdlab.store.loading import with_setting
from gdlab.store.members import members, told_apart, types_of
from gdlab.store.run import tiles

ROWS_AT_ONCE = 2**20
"""Rows that are in memory, but for those of a part; they make a row group of the file."""


def join(path: Path, file: Path) -> None:
    """Write what `gdlab.load` gives of the runs of a folder as Parquet, part by part.

    Raises StoreError if a part of a run is missing or damaged.
    """
    found = list(members(path))
    settings = told_apart(found)
    types = types_of(settings)

    def parts(last: int | None = None) -> Iterator[pa.Table]:
        """The parts of all runs, or those that hold their first `last` rows."""
        for member, setting in zip(found, settings, strict=True):
            for _, part in tiles(member.run, rows=None if last is None else (0, last)):
                yield with_setting(part, setting, types)

    first_rows = _together(part.slice(0, 1) for part in parts(last=1))
    schema = _as_pandas_writes(first_rows, None).schema
    # Arrow itself opens no path that the locale cannot spell.
    with file.open("wb") as opened, pq.ParquetWriter(opened, schema) as writer:
        waiting, n = [first_rows.slice(0, 0)], 0  # which has the columns of all runs
        for part in parts():
            waiting.append(part)
            n += part.num_rows
            if n >= ROWS_AT_ONCE:
                writer.write_table(_as_pandas_writes(_together(waiting), schema))
                del waiting[1:]
                n = 0
        if n:
            writer.write_table(_as_pandas_writes(_together(waiting), schema))


def _together(tables: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables, promote_options="permissive")


def _as_pandas_writes(table: pa.Table, schema: pa.Schema | None) -> pa.Table:
    """The table with the types that pandas gives it, and what lets pandas read it again."""
    return pa.Table.from_pandas(to_pandas(table), schema, preserve_index=False)
