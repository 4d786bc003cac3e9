"""Part files: the results of one tile, written whole, found again, never mixed up."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from gdlab.core.descent import Progress
from gdlab.experiment import Experiment
from gdlab.files import checksum, whole_file
from gdlab.objectives.base import ObjectiveError
from gdlab.results.digest import Digest, digest_of_rows
from gdlab.results.tiles import tile_of_part
from gdlab.store.records import FORMAT, REMEDY, StoreError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

LEAST_PER_ROW = 4
"""Bytes that a row takes at least; 6 to 25 were measured."""


class TileError(RuntimeError):
    """A tile that cannot be computed or written; the text names it and says why."""


class Span(NamedTuple):
    """A tile to be worked on: the name of its part file, and its lanes."""

    name: str
    lanes: range


@dataclass(frozen=True)
class Work:
    """What any process needs to make the parts of a run.

    identity : of the run. folder : where the parts are. anew : whether to compute those that are
    there already. raw : whether a raster needs what became of each lane.
    """

    experiment: Experiment
    identity: str
    folder: Path
    anew: bool = False
    raw: bool = False


@dataclass(frozen=True)
class Part:
    """A part that is on the disk.

    computed : whether it was not there before.
    """

    name: str
    lanes: range
    rows: int
    sha256: str
    computed: bool


def make_part(work: Work, span: Span, progress: Progress | None = None) -> tuple[Part, Digest]:
    """Compute a tile into its part file, unless it is there; digest it.

    Raises TileError where the objective fails, or the file cannot be written.
    """
    path, lanes = work.folder / span.name, span.lanes
    part = None if work.anew else found_part(path, work.identity, lanes)
    computed = part is None
    if part is None:
        part = _labelled(_rows(work.experiment, span, progress), work.identity, lanes)
        try:
            with whole_file(path) as temporary, temporary.open("wb") as file:
                _write(part, file)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise TileError(
                f"{path}: {reason}; what is finished stays, and the same command goes on with it"
            ) from error
    tile = tile_of_part(part, len(work.experiment.tol), lanes.start)
    digest = digest_of_rows(work.experiment, *tile, raw=work.raw)
    return Part(span.name, lanes, part.num_rows, checksum(path), computed), digest


def found_part(path: Path, identity: str, lanes: range) -> pa.Table | None:
    """Give the part if it is there, undamaged, and this one.

    Checksums of pages leave out headers and footer, so the bytes are held against those that
    writing the part again gives; and the label, which survives that, against what it should be.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    content, again = path.read_bytes(), pa.BufferOutputStream()
    try:
        part = pq.read_table(pa.BufferReader(content), page_checksum_verification=True)
        _write(part, again)
        metadata = part.schema.metadata
        whole = again.getvalue().to_pybytes() == content
    except (pa.ArrowException, OSError, ValueError):
        return None
    return part if whole and metadata[b"gdlab"] == _label(identity, lanes, metadata) else None


def read_part(path: Path, stated: Mapping[str, Any], columns: Sequence[str] | None) -> pa.Table:
    """Read a part of a finished run, of which the record says this.

    columns : those to read, as far as they are there, or else the first.

    Raises StoreError if it is missing, damaged or has the wrong rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise StoreError(f"{path} is missing; {REMEDY}") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}") from None
    if checksum(content) != stated["sha256"]:
        raise StoreError(f"{path} is damaged: its checksum does not fit; {REMEDY}")
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        there = file.schema_arrow.names
        chosen = None if columns is None else [n for n in there if n in columns] or there[:1]
        part = file.read(columns=chosen, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise StoreError(f"{path} cannot be read: {error}; {REMEDY}") from None
    if part.num_rows != stated["rows"]:
        raise StoreError(f"{path} has {part.num_rows} rows instead of {stated['rows']}; {REMEDY}")
    return part


def _write(part: pa.Table, where: BinaryIO | pa.BufferOutputStream) -> None:
    import pyarrow.parquet as pq

    # Arrow itself opens no path that the locale cannot spell: `where` is an open file.
    # Where hardly a value recurs, looking for a dictionary of them takes half the time.
    own = [name for name in part.column_names if name not in ("x", "f", "gap")]
    recurring = [name for name in own if not name.startswith("x_")]
    pq.write_table(part, where, use_dictionary=recurring, write_page_checksum=True)


def _rows(experiment: Experiment, span: Span, progress: Progress | None) -> pd.DataFrame:
    from gdlab.results.table import block

    lanes = span.lanes
    try:
        return block(experiment, np.arange(lanes.start, lanes.stop), progress)[0]
    except MemoryError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, ObjectiveError):
            objective = experiment.facts.name or type(experiment.objective).__name__
            reason = f"the objective {objective}: {error}"
        raise TileError(
            f"{span.name} (lanes {lanes.start:,} to {lanes.stop - 1:,}): {reason}"
        ) from error


def _label(identity: str, lanes: range, metadata: Mapping[bytes, bytes]) -> bytes:
    """What a part says of itself, so that a part of anything else is never taken for it."""
    label = {
        "format": FORMAT,
        "identity": identity,
        "lanes": [lanes.start, lanes.stop - 1],
        "columns": hashlib.sha256(metadata[b"pandas"]).hexdigest(),
    }
    return json.dumps(label).encode()


def _labelled(rows: pd.DataFrame, identity: str, lanes: range) -> pa.Table:
    import pyarrow as pa

    table = pa.Table.from_pandas(rows, preserve_index=False)
    place = table.schema.get_field_index("status")
    status = table["status"].combine_chunks()
    names = status.dictionary.cast(pa.string())  # of one type, whichever the pandas
    ordered = pa.DictionaryArray.from_arrays(status.indices, names, ordered=True)
    table = table.set_column(place, "status", ordered)
    metadata = table.schema.metadata
    return table.replace_schema_metadata({**metadata, b"gdlab": _label(identity, lanes, metadata)})
