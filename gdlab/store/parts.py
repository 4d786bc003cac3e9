"""Part files: the results of one tile, written whole, found again, never mixed up."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gdlab.core.descent import Progress
from gdlab.experiment import Experiment
from gdlab.files import checksum, whole_file
from gdlab.objectives.base import ObjectiveError
from gdlab.results import rows, visits
from gdlab.results.digest import Digest, digest_of_rows
from gdlab.results.rows import Rows
from gdlab.results.tiles import tile_of_part
from gdlab.store.records import FORMAT, REMEDY, StoreError

if TYPE_CHECKING:
    import pyarrow as pa

VISITED = "visited"
"""Folder beside that of the parts, with a histogram for each where visits are counted."""
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

    @property
    def visited(self) -> Path:
        """Where the histograms are."""
        return self.folder.parent / VISITED


@dataclass(frozen=True)
class Part:
    """A part that is on the disk.

    computed : whether it was not there before. visited : what the run's record states of the
    histogram beside it, where there is one.
    """

    name: str
    lanes: range
    rows: int
    sha256: str
    computed: bool
    visited: Mapping[str, Any] | None = None

    @property
    def record(self) -> dict[str, Any]:
        """What the run's record states of it."""
        return {"rows": self.rows, "sha256": self.sha256}


def make_part(work: Work, span: Span) -> tuple[Part, Digest]:
    """Compute a tile into its part file, unless it is there; digest it.

    Raises TileError where the objective fails, or the file cannot be written.
    """
    return known(work, span) or stored(work, span, descended(work, span))


def known(work: Work, span: Span) -> tuple[Part, Digest] | None:
    """Give and digest the part of a tile that is there already, and is not to be made anew."""
    path = work.folder / span.name
    found = None if work.anew else found_part(path, work.identity, span.lanes)
    if found is None:
        return None
    part, sha256 = found
    visited = None
    if work.experiment.bins is not None:
        beside = found_part(work.visited / span.name, work.identity, span.lanes)
        if beside is None:
            return None
        visited = {"rows": beside[0].num_rows, "sha256": beside[1]}
    if work.experiment.prediction is not None and "predicted" not in part.column_names:
        return None  # of an earlier version; the parts of a run have the same columns
    tile = tile_of_part(part, len(work.experiment.tol), span.lanes.start)
    digest = digest_of_rows(work.experiment, *tile, raw=work.raw)
    return Part(span.name, span.lanes, part.num_rows, sha256, False, visited), digest


def descended(work: Work, span: Span, progress: Progress | None = None) -> Rows:
    """Descend the lanes of a tile: all that is asked of the objective and the method.

    Raises TileError where they fail.
    """
    lanes = span.lanes
    try:
        return rows.block(work.experiment, lanes, progress)
    except MemoryError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, ObjectiveError):
            experiment = work.experiment
            name = experiment.facts.name or type(experiment.objective).__name__
            reason = f"the objective {name}: {error}"
        raise TileError(
            f"{span.name} (lanes {lanes.start:,} to {lanes.stop - 1:,}): {reason}"
        ) from error


def stored(work: Work, span: Span, made: Rows) -> tuple[Part, Digest]:
    """Write the rows of a tile into its part file, and digest them.

    Raises TileError where the file cannot be written.
    """
    visited = None
    if made.orbits is not None and made.orbits.visited is not None:
        histogram = visits.to_arrow(work.experiment, made.orbits.visited)
        sha256 = _written(work.visited / span.name, histogram, work.identity, span.lanes)
        visited = {"rows": histogram.num_rows, "sha256": sha256}
    sha256 = _written(work.folder / span.name, made.to_arrow(), work.identity, span.lanes)
    digest = digest_of_rows(work.experiment, *made.tile(), raw=work.raw)
    return Part(span.name, span.lanes, made.f.size, sha256, True, visited), digest


def _written(path: Path, table: pa.Table, identity: str, lanes: range) -> str:
    """Write a file of a tile; give its checksum.

    Raises TileError where that cannot be.
    """
    content = _encoded(_labelled(table, identity, lanes), lanes)
    try:
        with whole_file(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise TileError(
            f"{path}: {reason}; what is finished stays, and the same command goes on with it"
        ) from error
    return checksum(content)


def found_part(path: Path, identity: str, lanes: range) -> tuple[pa.Table, str] | None:
    """Give the part and its checksum if it is there, undamaged, and this one.

    Checksums of pages leave out headers and footer, so the bytes are held against those that
    writing the part again gives; and the label, which survives that, against what it should be.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    content = path.read_bytes()
    try:
        part = pq.read_table(pa.BufferReader(content), page_checksum_verification=True)
        metadata = part.schema.metadata
        whole = _encoded(part, lanes) == content
    except (pa.ArrowException, OSError, ValueError):
        return None
    if whole and metadata[b"gdlab"] == _label(identity, lanes, metadata):
        return part, checksum(content)
    return None


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
    # Parts of earlier versions do not say in which columns nothing is ever missing.
    fields = [field.with_nullable(True) for field in part.schema]
    return pa.table(part.columns, schema=pa.schema(fields, part.schema.metadata))


def _encoded(part: pa.Table, lanes: range) -> bytes:
    """The file of a part.

    Measured for rows of one and of two variables, of lanes that converge and that diverge (ns and
    bytes a row and column): floats whose bytes of the same place stand together (12 to 16 ns, 1 to
    7 bytes) are written in half the time that looking for recurring ones takes (45 to 60 ns, 7 to 9
    bytes), and need less room; what hardly changes from row to row is left to the compression. Of
    47 to 63 ns for a whole row, pages of version 2 save 10, and columns that say of themselves that
    nothing is missing 20.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Where lanes have several rows, starting points recur from row to row.
    own = ("x0", "x", "f", "gap") if part.num_rows == len(lanes) else ("x", "f", "gap")
    floats = [name for name in part.column_names if name.partition("_")[0] in own]
    file = pa.BufferOutputStream()
    pq.write_table(
        part,
        file,
        compression="lz4",
        use_dictionary=[name for name in part.column_names if name == "status"],
        column_encoding=dict.fromkeys(floats, "BYTE_STREAM_SPLIT"),
        data_page_version="2.0",
        write_batch_size=2**16,
        write_page_checksum=True,
    )
    content: bytes = file.getvalue().to_pybytes()
    return content


def _label(identity: str, lanes: range, metadata: Mapping[bytes, bytes]) -> bytes:
    """What a part says of itself, so that a part of anything else is never taken for it."""
    label = {
        "format": FORMAT,
        "identity": identity,
        "lanes": [lanes.start, lanes.stop - 1],
        "columns": hashlib.sha256(metadata[b"pandas"]).hexdigest(),
    }
    return json.dumps(label).encode()


def _labelled(part: pa.Table, identity: str, lanes: range) -> pa.Table:
    metadata = part.schema.metadata
    return part.replace_schema_metadata({**metadata, b"gdlab": _label(identity, lanes, metadata)})
