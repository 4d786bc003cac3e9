"""One run, from its configuration to its folder: found or computed, drawn and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from gdlab import summary
from gdlab.figures.applicable import FIGURES, FORMATS, applicable, formats_of
from gdlab.figures.sizes import heatmap_layout
from gdlab.files import checksum, only_process, remove_unfinished
from gdlab.given import ConfigError, one_line
from gdlab.objectives.base import ObjectiveError
from gdlab.report.due import REPORT, is_current
from gdlab.results.overview import Overview
from gdlab.settings import experiment_of, plain
from gdlab.store.captions import Caption, drawing, is_drawn
from gdlab.store.computing import compute, cut
from gdlab.store.parallel import Parallel, WorkerKilledError
from gdlab.store.parts import TileError
from gdlab.store.records import StoreError
from gdlab.store.request import Request
from gdlab.store.room import require_possible, require_room, require_writable
from gdlab.store.run import Run, find
from gdlab.store.tiles import digests
from gdlab.terminal import process as terminal

LEAST_WIDTH, MOST_WIDTH = 2.5, 12.0
"""Inches of a column of print."""


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
    _check_figures(request.config)
    _is_reported(request.config)
    parallel = _parallel_of(request.config)
    experiment, folder = request.experiment, store / request.name
    caption = _caption(request)
    missing = _missing_figures(request, folder, caption)
    heatmap = heatmap_layout(experiment) if "heatmap" in missing else None
    overview = Overview(experiment, heatmap)
    finished = None if request.config.force else find(folder)
    finished = finished or _compute(request, store, parallel, overview, quiet=quiet)
    found = not overview.n_lanes  # before, or by another process meanwhile
    if found:
        for digest in digests(finished, experiment, raw=heatmap is not None):
            overview.add(digest)
    if missing:
        _draw(request, finished, overview, missing, caption)
    names = list(request.config.figures.names)
    remarks = [
        *summary.left_out(experiment, names, list(request.config.figures.formats)),
        summary.without(caption["without"] or "") if names else "",
    ]
    reported = ""
    if _is_reported(request.config):
        try:
            reported = _report(finished, overview, caption, remarks)
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


def _missing_figures(request: Request, path: Path, caption: Caption) -> list[str]:
    """Names of the figures that are asked for, can be drawn, and are not there as they would be."""
    chosen = request.config.figures
    return [
        name
        for name in applicable(request.experiment)
        if name in chosen.names
        and (kinds := formats_of(name, chosen.formats))
        and (request.config.force or not is_drawn(path, name, kinds, caption))
    ]


def _caption(request: Request) -> Caption:
    """What the pictures of a run say that its identity leaves open, and the signs they cannot."""
    facts = request.experiment.facts
    name, without = facts.name or request.objective, ""
    texts = (name, *facts.variables)
    if not "".join(texts).isascii():
        from gdlab.figures.fonts import undrawable

        without = "".join(undrawable(texts))
    look = _look(request.config)
    return {"name": name, "formula": facts.formula, "without": without, **look}


def _look(config: DictConfig) -> dict[str, str | None]:
    """The style of pictures, known by what its file holds, and the column they fit into."""
    style, width = (plain(config.figures.get(key)) for key in ("style", "width"))
    if style is not None and Path(style).is_file():
        style = f"{style} {checksum(Path(style))}"
    return {"style": style, "width": None if width is None else f"{width:g}"}


def _draw(
    request: Request, finished: Run, overview: Overview, names: list[str], caption: Caption
) -> None:
    from gdlab import figures

    terminal.tidy_at_ctrl_c()
    path, formats = finished.path, list(request.config.figures.formats)
    with only_process(path.parent, path.name):
        remove_unfinished(path)
        try:
            files = [f"{name}.{kind}" for name in names for kind in formats_of(name, formats)]
            with drawing(path, files, caption):
                title = caption["name"]
                run = figures.Loaded.of_run(finished, title, request.experiment, overview)
                with figures.settings(*look_of(request.config)):
                    figures.draw(run, path / "figures", names, formats)
        except ObjectiveError as error:
            raise ConfigError(
                f"the results are whole, and their pictures cannot be drawn: objective: {error}; "
                "figures=none leaves the pictures out"
            ) from error


def _is_reported(config: DictConfig) -> bool:
    """Whether a page is to be made.

    Raises ConfigError where that is neither true nor false.
    """
    given = config.get("report", True)  # older records do not say
    if not isinstance(given, bool):
        raise ConfigError(f"report={given} is neither true nor false")
    return given


def _report(finished: Run, overview: Overview, caption: Caption, remarks: list[str]) -> str:
    """Write the report, unless the one that is there says the same; say where it is."""
    path = finished.path
    if not is_current(path, caption):
        from gdlab.report import runs

        terminal.tidy_at_ctrl_c()
        with only_process(path.parent, path.name):
            remove_unfinished(path)
            runs.write(finished, overview, caption, remarks)
    return f"report: {path / REPORT}"


def _check_figures(config: DictConfig) -> None:
    """Raise ConfigError for a figure or a format that does not exist."""
    for key, known in (("names", FIGURES), ("formats", FORMATS)):
        given = plain(config.figures[key])
        if not isinstance(given, list) or not set(map(str, given)) <= set(known):
            raise ConfigError(
                f"figures.{key}={given} must be a list of some of: {', '.join(known)}"
            )
    look_of(config)


def look_of(config: DictConfig) -> tuple[str | None, float | None]:
    """The style of pictures, and the width of the column they fit into.

    Raises ConfigError for what is none.
    """
    style, width = (plain(config.figures.get(key)) for key in ("style", "width"))
    if width is not None and not (
        isinstance(width, int | float) and LEAST_WIDTH <= width <= MOST_WIDTH
    ):
        raise ConfigError(
            f"figures.width={width} is no width of a column, from {LEAST_WIDTH} to {MOST_WIDTH} "
            "inches; a column of two on a page has about 3.4"
        )
    if style is not None:
        from gdlab.figures.style import read_style

        try:
            read_style(str(style))
        except ValueError as error:
            raise ConfigError(str(error)) from error
    return style and str(style), width


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
