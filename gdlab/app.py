"""Hydra's door: a configuration comes in, a run goes out."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, OmegaConfBaseException

from gdlab import config as configuration
from gdlab.config import ConfigError

if TYPE_CHECKING:
    from gdlab.drawn import Caption
    from gdlab.experiment import Experiment
    from gdlab.results.overview import Overview
    from gdlab.store.parallel import Parallel
    from gdlab.store.run import Request, Run

BAD_INPUT = 2
INTERRUPTED = 130

_interrupted = False


def main() -> None:
    """Run the command line. What a user can mend ends in one message and a status that is not 0."""
    if not {"", str(Path.cwd())} & set(sys.path):
        sys.path.insert(0, str(Path.cwd()))  # `gdlab` finds a user's modules as `python -m` does
    full_error = os.environ.get("HYDRA_FULL_ERROR") == "1"
    signal.signal(signal.SIGINT, _interrupt)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # let Hydra raise its errors instead of printing them
    try:
        if "--from" in sys.argv:
            _run_again(sys.argv[1:])
        else:
            _run_hydra(full_error)
    except KeyboardInterrupt:
        _say("interrupted; the same command goes on from here", INTERRUPTED)
        atexit._run_exitfuncs()  # as at any end; then the status, whatever came before
        sys.stdout.flush()
        sys.stderr.flush()
        # Where the interrupt passed through an exec, as in many imports, CPython would end the
        # process by the signal instead of this status, although it was caught.
        os._exit(INTERRUPTED)
    except Exception as error:
        message = explain(error)
        if full_error or message is None:
            raise
        _forget_refused_sweep()
        sys.exit(_say(message, BAD_INPUT))


def _interrupt(*_: object) -> NoReturn:
    """Remember a Ctrl-C: a library that is being imported may swallow the exception."""
    global _interrupted
    _interrupted = True
    raise KeyboardInterrupt


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
            sys.exit(_say(message, BAD_INPUT))  # Hydra would add lines of its own
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
            if word.startswith("-"):
                raise ConfigError(f"{word}: gdlab.run does one run and takes settings alone")
        configuration.check_words(overrides)
        with initialize_config_dir(str(configuration.conf_folder()), version_base="1.3"):
            config = compose("config", overrides=list(overrides), return_hydra_config=True)
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
    from gdlab.store.run import Request, open_run

    at = words.index("--from")
    if at + 1 == len(words):
        raise ConfigError("--from needs the folder of a run, as in --from outputs/NAME")
    path = Path(words[at + 1])
    record = open_run(path.parent if path.name == "run.json" else path).record
    config = configuration.changed(record["config"], [*words[:at], *words[at + 2 :]])
    request = Request(
        configuration.experiment_of(config),
        config,
        objective=record["objective"],
        method=record["method"],
        overrides=record["overrides"],
    )
    fulfil(request, Path("outputs").absolute())


def perform(config: DictConfig, hydra: DictConfig, *, quiet: bool = False) -> tuple[Run, Overview]:
    """Fulfil what a composed configuration asks for, in a folder below `hydra.run.dir`.

    hydra : the node `hydra` of the composed configuration. quiet : print nothing.

    Raises ConfigError for settings that cannot be used, before anything is computed or written.
    """
    from gdlab.store.run import Request

    experiment = configuration.experiment_of(config)
    request = Request(
        experiment,
        config,
        objective=hydra.runtime.choices.objective,
        method=hydra.runtime.choices.method,
        overrides=list(hydra.overrides.task),
        hydra=hydra,
    )
    return fulfil(request, Path(hydra.run.dir).absolute(), quiet=quiet)


def fulfil(request: Request, store: Path, *, quiet: bool = False) -> tuple[Run, Overview]:
    """Find the run that is wanted below `store`, or compute what is missing of it; draw; show.

    Returns the run and what its lanes did.

    Raises ConfigError or OSError where that cannot be.
    """
    from gdlab import summary
    from gdlab.figures.sizes import heatmap_layout
    from gdlab.results.overview import Overview
    from gdlab.store.run import find
    from gdlab.store.tiles import digests

    configuration.check_figures(request.config)
    parallel = configuration.parallel_of(request.config)
    experiment, folder = request.experiment, store / request.name
    caption = _caption(request)
    missing = _missing_figures(request, folder, caption)
    heatmap = heatmap_layout(experiment) if "heatmap" in missing else None
    overview = Overview(experiment, heatmap)
    found = None if request.config.force else find(folder)
    finished = found or _compute(request, store, parallel, overview, quiet=quiet)
    if not overview.n_lanes:
        for digest in digests(finished, experiment, raw=heatmap is not None):
            overview.add(digest)
    if missing:
        _draw(request, finished, overview, missing, caption)
    if not quiet:
        summary.show_origin(finished, found=found is not None)
        if experiment.n_lanes == 1:
            summary.show_lane(experiment, finished.trace(), finished.table(), finished.path)
        else:
            summary.show(experiment, overview, finished.path)
        names = list(request.config.figures.names)
        summary.show_left_out(experiment, names)
        if names:
            summary.show_without(caption["without"] or "")
    return finished, overview


def _compute(
    request: Request, store: Path, parallel: Parallel, overview: Overview, *, quiet: bool
) -> Run:
    """Compute what is missing of a run into `overview`, unless another process is faster."""
    from gdlab import summary
    from gdlab.files import only_process
    from gdlab.store import run as runs

    experiment = request.experiment
    if _interrupted:
        raise KeyboardInterrupt
    _require_writable(store)
    _require_room(experiment, store / request.name)
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


def _missing_figures(request: Request, path: Path, caption: Caption) -> list[str]:
    """Names of the figures that are asked for, can be drawn, and are not there as they would be."""
    from gdlab.drawn import is_drawn
    from gdlab.figures.applicable import applicable

    chosen = request.config.figures
    return [
        name
        for name in applicable(request.experiment)
        if name in chosen.names
        and (request.config.force or not is_drawn(path, name, chosen.formats, caption))
    ]


def _caption(request: Request) -> Caption:
    """What the pictures of a run say that its identity leaves open, and the signs they cannot."""
    facts = request.experiment.facts
    name, without = facts.name or request.objective, ""
    texts = (name, *facts.variables)
    if not "".join(texts).isascii():
        from gdlab.figures.fonts import undrawable

        without = "".join(undrawable(texts))
    return {"name": name, "formula": facts.formula, "without": without}


def _draw(
    request: Request, finished: Run, overview: Overview, names: list[str], caption: Caption
) -> None:
    from gdlab import figures
    from gdlab.drawn import drawing
    from gdlab.files import only_process, remove_unfinished

    path, formats = finished.path, list(request.config.figures.formats)
    with only_process(path.parent, path.name):
        remove_unfinished(path)
        with drawing(path, names, formats, caption):
            figures.draw(
                request.experiment, overview, path / "figures", names, formats, request.objective
            )


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
    if isinstance(cause, ConfigAttributeError) and cause.full_key:
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


def _require_writable(store: Path) -> None:
    """Raise OSError or ConfigError if nothing can be written below `store`."""
    store.mkdir(parents=True, exist_ok=True)
    if not os.access(store, os.W_OK | os.X_OK):
        raise ConfigError(f"{store} cannot be written; choose another folder with hydra.run.dir=…")


def _require_room(experiment: Experiment, folder: Path) -> None:
    """Raise ConfigError if the results cannot have room on the disk."""
    from gdlab.store.parts import LEAST_PER_ROW

    there = sum(path.stat().st_size for path in folder.glob("results/*"))
    needed = experiment.n_rows * LEAST_PER_ROW - there
    free = shutil.disk_usage(folder.parent).free
    if needed > free:
        raise ConfigError(
            f"the grid is too large: {experiment.n_rows:,} rows (step sizes: "
            f"{len(experiment.alpha):,}, starting points: {len(experiment.x0):,}, tolerances: "
            f"{len(experiment.tol)}) need at least {needed / 1e9:,.1f} GB on the disk of "
            f"{folder.parent}, which has {free / 1e9:,.1f} GB free; take fewer points "
            "(alpha_grid.num, x0_grid.num), or another disk with hydra.run.dir=…"
        )


def _say(message: str, status: int) -> int:
    print(f"gdlab: {message}", file=sys.stderr)  # noqa: T201 (the one place that speaks of errors)
    return status
