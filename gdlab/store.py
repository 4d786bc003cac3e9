"""Run folders: written block by block, found again, never mixed up."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from omegaconf import DictConfig, OmegaConf

from gdlab import provenance
from gdlab.descent import Progress
from gdlab.experiment import Experiment
from gdlab.files import checksum, remove_unfinished, whole_file, write_text
from gdlab.identity import decisive, identity
from gdlab.problem import Indices, Status

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FORMAT = 1
"""Of run.json and of the parts; a reader refuses a newer one."""
ROWS_PER_PART = 2**18
"""At least; a part holds whole lanes."""


class StoreError(ValueError):
    """Something in a store that cannot be read or trusted; the text says what and where."""


@dataclass(frozen=True)
class Request:
    """A run that is wanted: its experiment, and what its record has to say of it.

    config : the composed configuration without `hydra`. objective, method : the names chosen.
    overrides : the words of the command line. hydra : Hydra's own node, where Hydra takes part.
    """

    experiment: Experiment
    config: DictConfig
    objective: str
    method: str
    overrides: list[str] = field(default_factory=list)
    hydra: DictConfig | None = None

    @cached_property
    def identity(self) -> str:
        return identity(decisive(self.experiment, self.config))

    @property
    def name(self) -> str:
        """What the folder is called: words for a person, and the identity."""
        experiment = self.experiment
        grid = f"{len(experiment.alpha)}{'+' if experiment.pairs else 'x'}{len(experiment.x0)}"
        objective = self.objective.replace("/", ".")  # a choice may lie in a folder of its own
        return f"{objective}-{grid}-{self.identity}"


@dataclass(frozen=True)
class Run:
    """A finished run.

    path : its folder. record : what run.json holds.
    """

    path: Path
    record: Mapping[str, Any]

    @property
    def config(self) -> dict[str, Any]:
        """The resolved configuration."""
        config: dict[str, Any] = self.record["config"]
        return config

    def table(self) -> pd.DataFrame:
        """The results, one row a lane and tolerance; see `gdlab.results.table`.

        Raises StoreError if a part is missing or damaged.
        """
        from gdlab.reading import read_parts, to_pandas

        return to_pandas(read_parts(self))

    def trace(self) -> pd.DataFrame:
        """Every iterate of a run of a single lane, to the last bit; see `gdlab.following.trace`.

        Raises StoreError if the run has several lanes, or the trace is damaged.
        """
        import pandas as pd

        path = self.path / "trace.csv"
        if "trace" not in self.record:
            raise StoreError(f"{self.path} has no trace: it has {self.record['lanes']} lanes")
        check(path, self.record["trace"])
        texts = pd.read_csv(path, dtype=str)  # pandas' own parser of numbers may be a bit off
        return texts.astype("float64").astype({"iteration": "int64"})


def find(folder: Path) -> Run | None:
    """Give the finished run in `folder`, if there is one.

    Raises StoreError if its record cannot be read or trusted.
    """
    return open_run(folder) if (folder / "run.json").exists() else None


def open_run(folder: Path) -> Run:
    """Read the record of a finished run.

    Raises StoreError if there is none, if it is damaged, or of a newer format.
    """
    path = folder / "run.json"
    if not path.exists():
        raise StoreError(f"{folder} is not a finished run: it has no run.json")
    return Run(folder, read_record(path, "a run"))


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record with its format and a checksum of itself."""
    whole = {"format": FORMAT, **record}
    whole["checksum"] = _checksum_of(whole)
    write_text(path, json.dumps(whole, indent=2) + "\n")


def read_record(path: Path, kind: str) -> dict[str, Any]:
    """Read what `write_record` has written.

    kind : of what it is the record, as in "a run".

    Raises StoreError if it cannot be read, is damaged, or of a newer format.
    """
    try:
        record = json.loads(path.read_bytes())
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise StoreError(f"{path} is damaged: {error}") from None
    if not isinstance(record, dict) or not isinstance(record.get("format"), int):
        raise StoreError(f"{path} is not the record of {kind}")
    if record["format"] > FORMAT:
        raise StoreError(
            f"{path} has format {record['format']}, and this gdlab reads up to {FORMAT}; "
            "read it with the gdlab that wrote it, or a newer one"
        )
    if record.pop("checksum", None) != _checksum_of(record):
        raise StoreError(f"{path} was changed after it was written: its checksum does not fit")
    return record


def compute(
    request: Request, folder: Path, *, anew: bool = False, progress: Progress | None = None
) -> Run:
    """Write the run into `folder`, going on at the first part that is missing.

    anew : compute everything, whatever is there. The caller holds the lock of the folder.
    """
    import pyarrow.parquet as pq

    began, started = time.perf_counter(), datetime.now(UTC)
    results = folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").unlink(missing_ok=True)
    remove_unfinished(folder)
    _save_settings(folder / ".hydra", request)
    tally = _Tally(request.experiment)
    parts: dict[str, dict[str, Any]] = {}
    for name, lanes in _blocks(request.experiment):
        path = results / name
        part = None if anew else _found_part(path, request, lanes)
        if part is None:
            rows = _compute_block(request.experiment, lanes, tally, progress)
            part = _labelled(rows, request, lanes)
            with whole_file(path) as temporary:
                pq.write_table(part, temporary, write_page_checksum=True)
            tally.computed += 1
        tally.add(part)
        parts[name] = {"rows": part.num_rows, "sha256": checksum(path)}
    for stale in set(results.iterdir()) - {results / name for name in parts}:
        stale.unlink()
    record = _record(request, parts, tally)
    if request.experiment.n_lanes == 1:
        record["trace"] = _save_trace(folder / "trace.csv", request.experiment)
    record |= {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - began, 3),
    }
    write_record(folder / "run.json", record)
    return open_run(folder)


def check(path: Path, sha256: str) -> None:
    """Raise StoreError unless the file is there and has this checksum."""
    if not path.is_file():
        raise StoreError(f"{path} is missing")
    if checksum(path) != sha256:
        raise StoreError(f"{path} is damaged: its checksum does not fit")


class _Tally:
    """Verdicts and steps over the parts of a run."""

    def __init__(self, experiment: Experiment) -> None:
        self.n_tol = len(experiment.tol)
        self.tightest = int(experiment.tol.argmin())
        self.counts: dict[str, int] = {}
        self.lane_steps = 0
        self.lanes = 0
        self.computed = 0

    def add(self, columns: pa.Table) -> None:
        import pyarrow.compute as pc

        tight = columns.select(["status", "steps"]).take(
            np.arange(self.tightest, columns.num_rows, self.n_tol)
        )
        for count in pc.value_counts(tight["status"].cast("string")).to_pylist():
            name = count["values"]
            self.counts[name] = self.counts.get(name, 0) + count["counts"]
        self.lane_steps += pc.sum(tight["steps"]).as_py()
        self.lanes += tight.num_rows


def _blocks(experiment: Experiment) -> Iterator[tuple[str, Indices]]:
    """Names of the parts and the lanes that each holds."""
    size = -(-ROWS_PER_PART // len(experiment.tol))
    for number, first in enumerate(range(0, experiment.n_lanes, size)):
        last = min(first + size, experiment.n_lanes)
        yield f"part-{number:05d}.parquet", np.arange(first, last)


def _compute_block(
    experiment: Experiment, lanes: Indices, tally: _Tally, progress: Progress | None
) -> pd.DataFrame:
    from gdlab.results import block

    before = tally.lanes, tally.lane_steps

    def report(done: int, lane_steps: int) -> None:
        if progress is not None:
            progress(before[0] + done, before[1] + lane_steps)

    rows, _ = block(experiment, lanes, report)
    return rows


def _label(request: Request, lanes: Indices, metadata: Mapping[bytes, bytes]) -> bytes:
    """What a part says of itself, so that a part of anything else is never taken for it."""
    label = {
        "format": FORMAT,
        "identity": request.identity,
        "lanes": [int(lanes[0]), int(lanes[-1])],
        "columns": hashlib.sha256(metadata[b"pandas"]).hexdigest(),
    }
    return json.dumps(label).encode()


def _labelled(rows: pd.DataFrame, request: Request, lanes: Indices) -> pa.Table:
    import pyarrow as pa

    table = pa.Table.from_pandas(rows, preserve_index=False)
    place = table.schema.get_field_index("status")
    status = table["status"].combine_chunks()
    names = status.dictionary.cast(pa.string())  # of one type, whichever the pandas
    ordered = pa.DictionaryArray.from_arrays(status.indices, names, ordered=True)
    table = table.set_column(place, "status", ordered)
    metadata = table.schema.metadata
    return table.replace_schema_metadata({**metadata, b"gdlab": _label(request, lanes, metadata)})


def _found_part(path: Path, request: Request, lanes: Indices) -> pa.Table | None:
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
        pq.write_table(part, again, write_page_checksum=True)
        metadata = part.schema.metadata
        whole = again.getvalue().to_pybytes() == content
    except (pa.ArrowException, OSError, ValueError):
        return None
    return part if whole and metadata[b"gdlab"] == _label(request, lanes, metadata) else None


def _record(request: Request, parts: dict[str, dict[str, Any]], tally: _Tally) -> dict[str, Any]:
    experiment = request.experiment
    return {
        "identity": request.identity,
        "objective": request.objective,
        "method": request.method,
        "experiment": decisive(experiment, request.config),
        "config": OmegaConf.to_container(request.config, resolve=True),
        "overrides": request.overrides,
        "command": provenance.command(),
        "lanes": experiment.n_lanes,
        "rows": experiment.n_rows,
        "counts": {status.name: tally.counts.get(status.name, 0) for status in Status},
        "lane_steps": tally.lane_steps,
        "parts": parts,
        "parts_computed": tally.computed,
        "versions": provenance.versions(),
        "machine": provenance.machine(),
        "git": provenance.git(Path.cwd()),
        "git_of_gdlab": provenance.git(Path(__file__).resolve().parent),
    }


def _save_settings(folder: Path, request: Request) -> None:
    """Write the files that Hydra itself leaves beside a job."""
    folder.mkdir(exist_ok=True)
    files: dict[str, Any] = {"config.yaml": request.config, "overrides.yaml": request.overrides}
    if request.hydra is not None:
        files["hydra.yaml"] = OmegaConf.create({"hydra": request.hydra})
    for name, content in files.items():
        write_text(folder / name, OmegaConf.to_yaml(content))


def _save_trace(path: Path, experiment: Experiment) -> str:
    from gdlab.following import trace

    with whole_file(path) as temporary:
        trace(experiment).to_csv(temporary, index=False)
    return checksum(path)


def _checksum_of(record: Mapping[str, Any]) -> str:
    text = json.dumps(record, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
