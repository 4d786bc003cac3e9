"""Hydra's door: a configuration comes in, a run goes out."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from gdlab import config as configuration
from gdlab.config import ConfigError
from gdlab.given import shown
from gdlab.terminal import process as terminal

if TYPE_CHECKING:
    from gdlab.results.overview import Overview
    from gdlab.store.parallel import Parallel
    from gdlab.store.run import Request, Run

BAD_INPUT = 2


def main() -> None:
    """Run the command line. What a user can mend ends in one message and a status that is not 0."""
    if not {"", str(Path.cwd())} & set(sys.path):
        sys.path.insert(0, str(Path.cwd()))  # `gdlab` finds a user's modules as `python -m` does
    full_error = os.environ.get("HYDRA_FULL_ERROR") == "1"
    logging.raiseExceptions = False  # a line of the log that nobody reads stops no sweep
    os.environ["HYDRA_FULL_ERROR"] = "1"  # let Hydra raise its errors instead of printing them
    try:
        if "--from" in sys.argv:
            _run_again(sys.argv[1:])
        else:
            _run_hydra(full_error)
    except BrokenPipeError:
        raise  # nobody reads the output any more, and no message
    except Exception as error:
        message = explain(error)
        if full_error or message is None:
            raise
        sys.exit(say(message, BAD_INPUT))
    finally:
        _forget_refused_sweep()


def _forget_refused_sweep() -> None:
    sweep = sys.modules.get("gdlab.sweeps.callback")
    if sweep is not None:
        sweep.forget_refused()


def _run_hydra(full_error: bool) -> None:
    import hydra
    from hydra._internal.utils import get_args_parser

    parser = get_args_parser()
    parser.error = _refuse_option  # type: ignore[method-assign]
    arguments = parser.parse_args()
    if arguments.help:
        print(configuration.help_text(arguments.config_dir))  # noqa: T201 (what was asked for)
        return
    if not arguments.shell_completion:
        configuration.check_words(arguments.overrides, arguments.config_dir)
        sys.argv = configuration.with_parameters(sys.argv)
    if arguments.multirun:
        sys.argv += configuration.sweep_folder(arguments.overrides)
    folder = str(configuration.conf_folder())
    job = _job(full_error)
    hydra.main(config_path=folder, config_name="config", version_base="1.3")(job)()


def _refuse_option(message: str) -> NoReturn:
    raise ConfigError(
        f"{message}; a setting is written name=value, as in alpha=0.1; --help lists what there is"
    )


def _job(full_error: bool) -> Callable[[DictConfig], float | None]:
    def job(config: DictConfig) -> float | None:
        from hydra.core.hydra_config import HydraConfig
        from hydra.types import RunMode

        hydra = cast(DictConfig, HydraConfig.get())
        if hydra.mode == RunMode.MULTIRUN:
            from gdlab.sweeps import jobs as sweep

            return sweep.job(config, hydra)
        try:
            perform(config, hydra)
        except Exception as error:
            message = explain(error)
            if full_error or message is None:
                raise
            sys.exit(say(message, BAD_INPUT))  # Hydra would add lines of its own
        return None

    return job


def run(*overrides: str) -> Run:
    """Do what `python -m gdlab OVERRIDES` does, and give the finished run.

    Parameters
    ----------
    overrides : the words of the command line, as in `gdlab.run("objective=quadratic", "tol=1e-3")`.

    Raises
    ------
    ValueError with the text that the command line would print.

    Returns
    -------
    The run: `.path` is its folder, `.table()` its results, `.config` its resolved configuration.
    """
    from hydra import compose, initialize_config_dir
    from hydra.core.hydra_config import HydraConfig

    try:
        for word in overrides:
            if not isinstance(word, str):
                raise ConfigError(
                    f"{shown(word)} is not a setting; gdlab.run takes the words of the command "
                    "line one by one, as in gdlab.run('objective=quadratic', 'alpha=0.1')"
                )
            if word.startswith("-"):
                raise ConfigError(f"{word}: gdlab.run does one run and takes settings alone")
        configuration.check_words(overrides)
        words = configuration.with_parameters(overrides)
        with initialize_config_dir(str(configuration.conf_folder()), version_base="1.3"):
            config = compose("config", overrides=words, return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        hydra = config.hydra
        configuration.remove_hydra(config)
        return perform(config, hydra, quiet=True)[0]
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        raise ConfigError(message) from error


def _run_again(words: Sequence[str]) -> None:
    """`--from PATH [name=value …]`: do a run again from its own record, without conf/."""
    from gdlab.store.room import require_possible
    from gdlab.store.run import Request, open_run

    at = words.index("--from")
    if at + 1 == len(words):
        raise ConfigError("--from needs the folder of a run, as in --from outputs/NAME")
    path = Path(words[at + 1])
    record = open_run(path.parent if path.name == "run.json" else path).record
    config = configuration.changed(record["config"], [*words[:at], *words[at + 2 :]])
    store = Path("outputs").absolute()
    require_possible(config, store)
    request = Request(
        configuration.experiment_of(config),
        config,
        objective=record["objective"],
        method=record["method"],
        overrides=record["overrides"],
    )
    fulfil(request, store)


def perform(config: DictConfig, hydra: DictConfig, *, quiet: bool = False) -> tuple[Run, Overview]:
    """Fulfil what a composed configuration asks for, in a folder below `hydra.run.dir`.

    hydra : the node `hydra` of the composed configuration. quiet : print nothing.

    Raises ConfigError for settings that cannot be used, before anything is computed or written.
    """
    from gdlab.store.room import require_possible
    from gdlab.store.run import Request

    store = Path(hydra.run.dir).absolute()
    require_possible(config, store)
    request = Request(
        configuration.experiment_of(config),
        config,
        objective=hydra.runtime.choices.objective,
        method=hydra.runtime.choices.method,
        overrides=list(hydra.overrides.task),
        hydra=hydra,
    )
    return fulfil(request, store, quiet=quiet)


def fulfil(request: Request, store: Path, *, quiet: bool = False) -> tuple[Run, Overview]:
    """Find the run that is wanted below `store`, or compute what is missing of it; draw; show.

    Returns the run and what its lanes did.

    Raises ConfigError or OSError where that cannot be.
    """
    from gdlab import summary
    from gdlab.results.layout import heatmap_layout
    from gdlab.results.overview import Overview
    from gdlab.store.run import find
    from gdlab.store.tiles import digests

    configuration.check_figures(request.config)
    parallel = configuration.parallel_of(request.config)
    experiment, folder = request.experiment, store / request.name
    missing = _missing_figures(request, folder)
    heatmap = heatmap_layout(experiment) if "heatmap" in missing else None
    overview = Overview(experiment, heatmap)
    found = None if request.config.force else find(folder)
    finished = found or _compute(request, store, parallel, overview, quiet=quiet)
    if not overview.n_lanes:
        for digest in digests(finished, experiment, raw=heatmap is not None):
            overview.add(digest)
    if missing:
        _draw(request, finished, overview, missing)
    if not quiet:
        summary.show_origin(finished, found=found is not None)
        if experiment.n_lanes == 1:
            summary.show_lane(experiment, finished.trace(), finished.table(), finished.path)
        else:
            summary.show(experiment, overview, finished.path)
        summary.show_left_out(experiment, list(request.config.figures.names))
    return finished, overview


def _compute(
    request: Request, store: Path, parallel: Parallel, overview: Overview, *, quiet: bool
) -> Run:
    """Compute what is missing of a run into `overview`, unless another process is faster."""
    from gdlab import summary
    from gdlab.files import only_process
    from gdlab.store import run as runs
    from gdlab.store.room import require_room, require_writable

    experiment = request.experiment
    terminal.tidy_at_ctrl_c()
    require_writable(store)
    require_room(experiment, store / request.name)
    force = bool(request.config.force)
    try:
        processes = parallel.n_processes(experiment, len(runs.cut(experiment)))
    except ValueError as error:
        raise ConfigError(str(error)) from error
    with (
        only_process(store, request.name),
        summary.progress_bar(experiment.n_lanes, quiet=quiet) as progress,
    ):
        finished = None if force else runs.find(store / request.name)  # by another process
        if finished is None:
            finished = runs.compute(
                request,
                store / request.name,
                anew=force,
                processes=processes,
                overview=overview,
                progress=progress,
            )
    return finished


def _missing_figures(request: Request, path: Path) -> list[str]:
    """Names of the figures that are asked for, can be drawn, and are not there."""
    from gdlab.figures.applicable import applicable

    chosen, folder = request.config.figures, path / "figures"
    return [
        name
        for name in applicable(request.experiment)
        if name in chosen.names
        and (
            request.config.force
            or not all((folder / f"{name}.{kind}").exists() for kind in chosen.formats)
        )
    ]


def _draw(request: Request, finished: Run, overview: Overview, names: list[str]) -> None:
    from gdlab import figures
    from gdlab.files import only_process, remove_unfinished
    from gdlab.objectives.base import ObjectiveError

    terminal.tidy_at_ctrl_c()
    path, formats = finished.path, list(request.config.figures.formats)
    with only_process(path.parent, path.name):
        remove_unfinished(path)
        try:
            figures.draw(
                request.experiment, overview, path / "figures", names, formats, request.objective
            )
        except ObjectiveError as error:
            raise ConfigError(
                f"the results are whole, and their pictures cannot be drawn: objective: {error}; "
                "figures=none leaves the pictures out"
            ) from error


def explain(error: BaseException) -> str | None:
    """Say in a user's words what is wrong; None for an error that only a traceback explains."""
    from hydra.errors import HydraException

    from gdlab.store.parallel import WorkerKilledError
    from gdlab.store.parts import TileError
    from gdlab.store.run import StoreError

    cause = error.__cause__
    if isinstance(error, ConfigError | StoreError | TileError):
        return str(error)
    if isinstance(error, WorkerKilledError):
        return f"{error}; the same command goes on with the tiles that are missing"
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.full_key:
        return configuration.unknown_key(cause)
    if isinstance(error, HydraException | OmegaConfBaseException):
        text = configuration.unknown_choice(str(error))
        return f"{text}\n{cause}" if isinstance(cause, OmegaConfBaseException) else text
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename is not None else ""
        return f"{where}{error.strerror or error}"
    if isinstance(error, MemoryError):
        return f"there is not enough memory: {error}; take fewer points"
    return None


def say(message: str, status: int) -> int:
    """Print what is wrong; give the status to end with."""
    print(f"gdlab: {message}", file=sys.stderr)  # noqa: T201 (the one place that speaks of errors)
    return status
