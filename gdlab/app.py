"""Hydra's door: a configuration comes in, a run goes out."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, OmegaConfBaseException

from gdlab import config as configuration
from gdlab.config import ConfigError

if TYPE_CHECKING:
    from gdlab.store import Run

BAD_INPUT = 2
INTERRUPTED = 130


def main() -> None:
    """Run the command line. What a user can mend ends in one message and a status that is not 0."""
    if not {"", str(Path.cwd())} & set(sys.path):
        sys.path.insert(0, str(Path.cwd()))  # `gdlab` finds a user's modules as `python -m` does
    full_error = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # let Hydra raise its errors instead of printing them
    try:
        _run_hydra(full_error)
    except KeyboardInterrupt:
        sys.exit(_say("interrupted; every file that was finished is whole", INTERRUPTED))
    except Exception as error:
        message = explain(error)
        if full_error or message is None:
            raise
        sys.exit(_say(message, BAD_INPUT))


def _run_hydra(full_error: bool) -> None:
    import hydra
    from hydra._internal.utils import get_args_parser
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    arguments = get_args_parser().parse_args()
    if not arguments.shell_completion:
        configuration.check_words(arguments.overrides, arguments.config_dir)

    def job(config: DictConfig) -> None:
        settings = cast(DictConfig, HydraConfig.get())
        try:
            perform(config, settings, Path(settings.runtime.output_dir))
        except Exception as error:
            message = explain(error)
            if full_error or message is None or settings.mode == RunMode.MULTIRUN:
                raise
            sys.exit(_say(message, BAD_INPUT))  # Hydra would add lines of its own

    folder = str(configuration.conf_folder())
    hydra.main(config_path=folder, config_name="config", version_base="1.3")(job)()


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
        configuration.check_words(overrides)
        with initialize_config_dir(str(configuration.conf_folder()), version_base="1.3"):
            config = compose("config", overrides=list(overrides), return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        settings = config.hydra
        configuration.remove_hydra(config)
        return perform(config, settings, Path(settings.run.dir).absolute(), quiet=True)
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        raise ConfigError(message) from error


def perform(config: DictConfig, hydra: DictConfig, store: Path, *, quiet: bool = False) -> Run:
    """Make the experiment of `config`, descend it, and leave the run in a folder below `store`.

    hydra : the node `hydra` of the composed configuration. quiet : print nothing.

    Raises ConfigError for settings that cannot be used, before anything is computed or written.
    """
    experiment = configuration.experiment_of(config)
    names, formats = configuration.figures_of(config)
    _require_writable(store)
    try:
        experiment.require_memory()
    except ValueError as error:
        raise ConfigError(str(error)) from error

    from gdlab import results, summary
    from gdlab import store as runs

    began = time.perf_counter()
    if quiet:
        descent = results.descend(experiment)
    else:
        with summary.progress_bar(experiment.n_lanes) as progress:
            descent = results.descend(experiment, progress)
    table = results.table(experiment, descent)
    trace = results.trace(experiment) if experiment.n_lanes == 1 else None
    finished = runs.save(
        store / runs.folder_name(experiment, config, hydra.runtime.choices.objective),
        experiment,
        table,
        trace,
        config=config,
        hydra=hydra,
        lane_steps=descent.lane_steps,
        seconds=time.perf_counter() - began,
    )
    if names:
        from gdlab import figures

        folder = finished.path / "figures"
        figures.draw(experiment, table, folder, names, formats, hydra.runtime.choices.objective)
    if not quiet:
        summary.show(experiment, table, trace, finished.path)
    return finished


def explain(error: BaseException) -> str | None:
    """Say in a user's words what is wrong; None for an error that only a traceback explains."""
    from hydra.errors import HydraException

    cause = error.__cause__
    if isinstance(error, ConfigError):
        return str(error)
    if isinstance(cause, ConfigAttributeError) and cause.full_key:
        return configuration.unknown_key(cause)
    if isinstance(error, HydraException | OmegaConfBaseException):
        text = str(error).partition("\nConfig search path:")[0]
        return f"{text}\n{cause}" if isinstance(cause, OmegaConfBaseException) else text
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, MemoryError):
        return f"there is not enough memory: {error}; take fewer points"
    return None


def _require_writable(store: Path) -> None:
    """Raise OSError or ConfigError if nothing can be written below `store`."""
    store.mkdir(parents=True, exist_ok=True)
    if not os.access(store, os.W_OK | os.X_OK):
        raise ConfigError(f"{store} cannot be written; choose another folder with hydra.run.dir=…")


def _say(message: str, status: int) -> int:
    print(f"gdlab: {message}", file=sys.stderr)  # noqa: T201 (the one place that speaks of errors)
    return status
