"""Finished runs as one dataset, of which is read what is asked for, when it is asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdlab.store.members import Member, types_of
from gdlab.store.records import REMEDY, StoreError
from gdlab.store.run import Run

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds


def dataset(found: list[Member], settings: list[dict[str, Any]]) -> ds.Dataset:
    """The parts of all runs, with the columns that `gdlab.load` gives.

    What tells a run from the others is known of its parts as of the folders of a partitioned
    dataset: a question about some runs opens no file of the others. A run with a part that is
    missing is left out and named in a warning; checksums are left to `gdlab.load` and
    `gdlab.verify`.

    Raises StoreError if no run is left.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds
    from pyarrow.fs import LocalFileSystem

    types, parquet, here = types_of(settings), ds.ParquetFileFormat(), LocalFileSystem()
    fragments, schemas = [], []
    for member, setting in zip(found, settings, strict=True):
        try:
            paths = _parts(member.run)
            schemas.append(_schema(paths[0], types))
        except StoreError as error:
            warnings.warn(f"left out: {error}", stacklevel=3)
            continue
        own = _holds(setting, types)
        fragments += [
            parquet.make_fragment(str(path), here, partition_expression=own) for path in paths
        ]
    if not fragments:
        raise StoreError("there is no finished run whose parts are all there")
    schema = pa.unify_schemas(schemas, promote_options="permissive")
    return ds.FileSystemDataset(fragments, schema, parquet, here)


def _parts(run: Run) -> list[Path]:
    """The files with the results of a run.

    Raises StoreError if one is missing.
    """
    paths = [(run.path / "results" / name).absolute() for name in run.record["parts"]]
    for path in paths:
        if not path.is_file():
            raise StoreError(f"{path} is missing; {REMEDY}")
    return paths


def _schema(part: Path, types: dict[str, pa.DataType]) -> pa.Schema:
    """The columns of a run: those of its parts, and those that tell it from the others.

    Raises StoreError if the part cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with part.open("rb") as opened:  # Arrow itself opens no path that the locale cannot spell
            stored = pq.read_schema(opened)
    except (pa.ArrowException, OSError) as error:
        raise StoreError(f"{part} cannot be read: {error}; {REMEDY}") from None
    own = [field.with_nullable(True) for field in stored]
    told = [pa.field(name, type_) for name, type_ in types.items()]
    return pa.schema([*own, *told], {b"pandas": stored.metadata[b"pandas"]})


def _holds(setting: dict[str, Any], types: dict[str, pa.DataType]) -> ds.Expression:
    """What holds of every row of a run."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    def each() -> Iterator[ds.Expression]:
        for name, value in setting.items():
            column = ds.field(name)
            yield column.is_null() if value is None else column == pa.scalar(value, types[name])

    return reduce(and_, each())
