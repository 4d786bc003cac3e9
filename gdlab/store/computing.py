"""Computing a run tile by tile into its folder, and going on where it was interrupted."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Generator
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from gdlab.core.descent import Progress
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.files import checksum, remove_unfinished, whole_file, write_text
from gdlab.parallel.processes import finished
from gdlab.parallel.threads import overlapped
from gdlab.results.digest import Digest
from gdlab.results.overview import Overview
from gdlab.store import provenance
from gdlab.store.identity import decisive
from gdlab.store.parts import VISITED, Part, Span, Work, descended, known, make_part, stored
from gdlab.store.records import write_record
from gdlab.store.request import Request
from gdlab.store.run import Run, open_run

_log = logging.getLogger(__name__)

ROWS_PER_PART = 2**18
"""At least; a part holds whole lanes."""


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
    experiment.problem, experiment.choice  # noqa: B018 (once, here, and for all processes)
    name = folder.name
    _log.info(
        "%s: %s lanes in %d parts, by %s; processes: %d",
        *(name, f"{experiment.n_lanes:,}", len(tiles), experiment.engine, processes),
    )
    try:
        results.mkdir(parents=True, exist_ok=True)
        if experiment.bins is not None:
            work.visited.mkdir(exist_ok=True)
        (folder / "run.json").unlink(missing_ok=True)
        remove_unfinished(folder)
        _save_settings(folder / ".hydra", request)
        with closing(_made(work, tiles, processes, told.within_a_tile)) as made:
            for part, digest in made:
                parts.append(part)
                done = "written" if part.computed else "was there"
                _log.info("%s: %s %s, %d of %d", name, part.name, done, len(parts), len(tiles))
                overview.add(digest)
                told.tile(digest)
    finally:
        remove_unfinished(folder)  # of processes that were ended
        _remove_fruitless(folder)
    for own in (results, *([work.visited] if experiment.bins is not None else [])):
        for stale in set(own.iterdir()) - {own / part.name for part in parts}:
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
    _log.info("%s: finished in %.1f s", name, record["seconds"])
    return open_run(folder)


def _made(
    work: Work, tiles: list[Span], processes: int, progress: Progress
) -> Generator[tuple[Part, Digest]]:
    """Make the parts of tiles, by several processes, or by this one, which writes in threads.

    Whatever is code of a user's, an objective or a method, is called by the main thread alone.
    """
    if processes > 1:
        yield from finished(partial(make_part, work), tiles, processes)
        return
    there = [span for span in tiles if (work.folder / span.name).exists()]
    sound = set()
    for span, found in overlapped(lambda span: span, lambda span: (span, known(work, span)), there):
        if found is not None:
            sound.add(span)
            yield found
    lacking = [span for span in tiles if span not in sound]
    yield from overlapped(
        lambda span: (span, descended(work, span, progress)),
        lambda begun: stored(work, *begun),
        lacking,
    )


def _remove_fruitless(folder: Path) -> None:
    """Remove the folder of a run of which no part is finished, but for what others put there."""
    if any(folder.glob("results/*")):
        return
    for owned in (".hydra", VISITED):
        shutil.rmtree(folder / owned, ignore_errors=True)
    for emptied in (folder / "results", folder):
        with suppress(OSError):
            emptied.rmdir()


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
        "engine": experiment.engine,
        "lanes": experiment.n_lanes,
        "rows": experiment.n_rows,
        "counts": {status.name: int(overview.tally.counts[status]) for status in Status},
        "lane_steps": overview.lane_steps,
        "parts": {part.name: part.record for part in parts},
        **({} if experiment.bins is None else {"visited": {p.name: p.visited for p in parts}}),
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
