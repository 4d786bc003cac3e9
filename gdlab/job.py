"""One run, from its configuration to its folder: found or computed, drawn and shown."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from gdlab import summary
from gdlab.figures.sizes import heatmap_layout
from gdlab.files import only_process
from gdlab.given import ConfigError, one_line
from gdlab.parallel.plan import Parallel
from gdlab.parallel.processes import WorkerKilledError
from gdlab.report import illustrating
from gdlab.results.overview import Overview
from gdlab.settings import experiment_of, plain
from gdlab.store.computing import compute, cut
from gdlab.store.parts import TileError
from gdlab.store.records import StoreError
from gdlab.store.request import Request
from gdlab.store.room import require_possible, require_room, require_writable
from gdlab.store.run import Run, find
from gdlab.store.tiles import digests
from gdlab.terminal import process as terminal

_log = logging.getLogger(__name__)


@contextmanager
def _nothing_ends_the_process() -> Iterator[None]:
    """Let no code of a user's, as of an objective, end the command without a word.

    Raises ConfigError where it tries to.
    """
    try:
        yield
    except terminal.Ended:
        raise
    except SystemExit as ended:
        code = "" if ended.code is None else repr(ended.code)
        raise ConfigError(
            "there is no run, since code that it calls, most likely of the objective, called "
            f"sys.exit({code}); an objective gives values or raises an error"
        ) from ended


@_nothing_ends_the_process()
def perform(config: DictConfig, hydra: DictConfig, *, quiet: bool = False) -> tuple[Run, Overview]:
    """Fulfil what a composed configuration asks for, in a folder below `hydra.run.dir`.

    hydra : the node `hydra` of the composed configuration. quiet : print nothing.

    Raises ConfigError for settings that cannot be used, before anything is computed or written.
    """
    store = Path(hydra.run.dir).absolute()
    require_possible(config, store)
    request = Request(
        experiment_of(config),
        config,
        objective=hydra.runtime.choices.objective,
        method=hydra.runtime.choices.method,
        overrides=list(hydra.overrides.task),
        hydra=hydra,
    )
    return fulfil(request, store, quiet=quiet)


@_nothing_ends_the_process()
def repeat(record: Mapping[str, Any], config: DictConfig, store: Path) -> None:
    """Do the run of a record again in a folder below `store`, with this configuration.

    Raises ConfigError for settings that cannot be used, before anything is computed or written.
    """
    require_possible(config, store)
    request = Request(
        experiment_of(config),
        config,
        objective=record["objective"],
        method=record["method"],
        overrides=record["overrides"],
    )
    fulfil(request, store)


def fulfil(request: Request, store: Path, *, quiet: bool = False) -> tuple[Run, Overview]:
    """Find the run that is wanted below `store`, or compute what is missing of it; draw; show.

    Returns the run and what its lanes did.

    Raises ConfigError or OSError where that cannot be.
    """
    illustrating.require_settings(request.config)
    parallel = _parallel_of(request.config)
    experiment, folder = request.experiment, store / request.name
    caption = illustrating.caption_of(request)
    missing = illustrating.missing(request, folder, caption)
    heatmap = heatmap_layout(experiment) if "heatmap" in missing else None
    overview = Overview(experiment, heatmap)
    finished = None if request.config.force else find(folder)
    finished = finished or _compute(request, store, parallel, overview, quiet=quiet)
    found = not overview.n_lanes  # before, or by another process meanwhile
    if found:
        _log.info("%s: found, computed on %s", request.name, finished.record["started"])
        for digest in digests(finished, experiment, raw=heatmap is not None):
            overview.add(digest)
    if missing:
        _log.info("%s: drawing %s", request.name, ", ".join(missing))
        illustrating.draw(request, finished, overview, missing, caption)
    names = list(request.config.figures.names)
    remarks = [
        *summary.left_out(experiment, names, list(request.config.figures.formats)),
        summary.without(caption["without"] or "") if names else "",
    ]
    reported = ""
    if illustrating.is_reported(request.config):
        try:
            reported = illustrating.report(finished, overview, caption, remarks)
        except OSError as error:
            if not found:
                raise
            reported = f"no report: {explain(error)}"  # of a run in a folder that is only read
    if not quiet:
        summary.show_origin(finished, found=found)
        if not found:
            summary.show_remarks([experiment.choice.remark])
        if experiment.n_lanes == 1:
            summary.show_lane(experiment, finished.trace(), finished.table(), finished.path)
        else:
            summary.show(experiment, overview, finished.path, finished.engine)
        summary.show_remarks([reported, *remarks])
    return finished, overview


def explain(error: BaseException) -> str | None:
    """Say in a line why there is no run; None for what only a traceback explains."""
    if isinstance(error, ConfigError | StoreError | TileError | OmegaConfBaseException):
        return one_line(str(error))
    if isinstance(error, WorkerKilledError):
        return f"{error}; the same command goes on with the tiles that are missing"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename is not None else ""
        return f"{where}{error.strerror or error}"
    if isinstance(error, MemoryError):
        return f"there is not enough memory: {error}; take fewer points"
    return None


def _compute(
    request: Request, store: Path, parallel: Parallel, overview: Overview, *, quiet: bool
) -> Run:
    """Compute what is missing of a run into `overview`, unless another process is faster."""
    experiment, folder = request.experiment, store / request.name
    terminal.tidy_at_ctrl_c()
    require_writable(store)
    require_room(experiment, folder)
    force = bool(request.config.force)
    try:
        processes = parallel.n_processes(experiment, len(cut(experiment)))
    except ValueError as error:
        raise ConfigError(str(error)) from error
    with (
        only_process(store, request.name),
        summary.progress_bar(experiment.n_lanes, quiet=quiet) as progress,
    ):
        finished = None if force else find(folder)  # by another process
        if finished is None:
            finished = compute(
                request,
                folder,
                anew=force,
                processes=processes,
                overview=overview,
                progress=progress,
            )
    return finished


def _parallel_of(config: DictConfig) -> Parallel:
    """How the run's tiles are worked on.

    Raises ConfigError for what cannot be.
    """
    try:
        return Parallel(**plain(config.get("parallel", {})))  # older records do not say
    except ValueError as error:
        raise ConfigError(f"parallel.{error}") from error
    except TypeError as error:
        raise ConfigError(str(error)) from error
