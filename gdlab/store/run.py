"""Run folders: written block by block, found again, never mixed up."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from gdlab.core.descent import Progress
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.files import checksum, remove_unfinished, whole_file, write_text
from gdlab.results.digest import Digest
from gdlab.results.overview import Overview
from gdlab.store import provenance
from gdlab.store.identity import decisive, identity
from gdlab.store.parallel import finished
from gdlab.store.parts import FORMAT, Part, Span, Work, make_part

if TYPE_CHECKING:
    import pandas as pd

ROWS_PER_PART = 2**18
"""At least; a part holds whole lanes."""

REMEDY = "the command that made this run computes it anew with force=true"
"""What can be done about a damaged run."""
REMEDIES = {"a run": REMEDY, "a sweep": "the command that made this sweep writes it anew"}


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
        from gdlab.store.reading import read_parts, to_pandas

        return to_pandas(read_parts(self))

    def trace(self) -> pd.DataFrame:
        """Every iterate of a run of a single lane, to the last bit; see `gdlab.trace`.

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
        raise StoreError(f"{path} is damaged: {error}; {REMEDIES[kind]}") from None
    if not isinstance(record, dict) or not isinstance(record.get("format"), int):
        raise StoreError(f"{path} is not the record of {kind}; {REMEDIES[kind]}")
    if record["format"] > FORMAT:
        raise StoreError(
            f"{path} has format {record['format']}, and this gdlab reads up to {FORMAT}; "
            "read it with the gdlab that wrote it, or a newer one"
        )
    if record.pop("checksum", None) != _checksum_of(record):
        raise StoreError(
            f"{path} was changed after it was written: its checksum does not fit; {REMEDIES[kind]}"
        )
    return record


def compute(
    request: Request,
    folder: Path,
    *,
    anew: bool = False,
    processes: int = 1,
    overview: Overview | None = None,
    progress: Progress | None = None,
) -> Run:
    """Write the run into `folder`, tile by tile, going on with those that are missing.

    anew : compute everything, whatever is there. processes : how many work on it. overview : takes
    in what becomes of the lanes. The caller holds the lock of the folder.
    """
    began, started = time.perf_counter(), datetime.now(UTC)
    experiment, results = request.experiment, folder / "results"
    overview = overview or Overview(experiment)
    work = Work(experiment, request.identity, results, anew, raw=overview.raster is not None)
    tiles = cut(experiment)
    parts: list[Part] = []
    told = _Told(progress)
    task = partial(make_part, work, progress=told.within_a_tile if processes == 1 else None)
    experiment.problem  # noqa: B018 (made once, here, and shared by all processes)
    try:
        results.mkdir(parents=True, exist_ok=True)
        (folder / "run.json").unlink(missing_ok=True)
        remove_unfinished(folder)
        _save_settings(folder / ".hydra", request)
        for part, digest in finished(task, tiles, processes):
            parts.append(part)
            overview.add(digest)
            told.tile(digest)
    finally:
        remove_unfinished(folder)  # of processes that were ended
        _remove_fruitless(folder)
    for stale in set(results.iterdir()) - {results / part.name for part in parts}:
        stale.unlink()
    parts.sort(key=lambda part: part.lanes.start)
    record = _record(request, parts, overview, processes)
    if experiment.n_lanes == 1:
        record["trace"] = _save_trace(folder / "trace.csv", experiment)
    record |= {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - began, 3),
    }
    write_record(folder / "run.json", record)
    return open_run(folder)


def _remove_fruitless(folder: Path) -> None:
    """Remove the folder of a run of which no part is finished, but for what others put there."""
    if any(folder.glob("results/*")):
        return
    shutil.rmtree(folder / ".hydra", ignore_errors=True)
    for emptied in (folder / "results", folder):
        with suppress(OSError):
            emptied.rmdir()


def check(path: Path, sha256: str) -> None:
    """Raise StoreError unless the file is there and has this checksum."""
    if not path.is_file():
        raise StoreError(f"{path} is missing; {REMEDY}")
    if checksum(path) != sha256:
        raise StoreError(f"{path} is damaged: its checksum does not fit; {REMEDY}")


def cut(experiment: Experiment) -> list[Span]:
    """Cut an experiment into tiles, of a size that nothing but the number of tolerances decides."""
    size = -(-ROWS_PER_PART // len(experiment.tol))
    firsts = range(0, experiment.n_lanes, size)
    return [
        Span(f"part-{number:05d}.parquet", range(first, min(first + size, experiment.n_lanes)))
        for number, first in enumerate(firsts)
    ]


class _Told:
    """Tells how far a run has come, tile by tile and within the one that this process works on."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress or (lambda done, lane_steps: None)
        self._lanes = self._lane_steps = 0

    def within_a_tile(self, done: int, lane_steps: int) -> None:
        self._progress(self._lanes + done, self._lane_steps + lane_steps)

    def tile(self, digest: Digest) -> None:
        self._lanes += digest.n
        self._lane_steps += digest.lane_steps
        self.within_a_tile(0, 0)


def _record(
    request: Request, parts: list[Part], overview: Overview, processes: int
) -> dict[str, Any]:
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
        "counts": {status.name: int(overview.outcome.counts[status]) for status in Status},
        "lane_steps": overview.lane_steps,
        "parts": {part.name: {"rows": part.rows, "sha256": part.sha256} for part in parts},
        "parts_computed": sum(part.computed for part in parts),
        "processes": processes,
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
    from gdlab.results.traces import trace

    with whole_file(path) as temporary:
        trace(experiment).to_csv(temporary, index=False)
    return checksum(path)


def _checksum_of(record: Mapping[str, Any]) -> str:
    text = json.dumps(record, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
