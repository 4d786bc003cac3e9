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
from gdlab.given import ConfigError, shown
from gdlab.terminal import process as terminal

if TYPE_CHECKING:
    from gdlab.store.run import Run


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
        terminal.refuse(message)
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
            from gdlab.sweeps.jobs import job as job_of_sweep

            return job_of_sweep(config, hydra)
        from gdlab.job import perform

        try:
            perform(config, hydra)
        except Exception as error:
            message = explain(error)
            if full_error or message is None:
                raise
            terminal.refuse(message)  # Hydra would add lines of its own
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

    from gdlab.job import perform

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
    from gdlab.job import fulfil
    from gdlab.settings import experiment_of
    from gdlab.store.request import Request
    from gdlab.store.room import require_possible
    from gdlab.store.run import open_run

    at = words.index("--from")
    if at + 1 == len(words):
        raise ConfigError("--from needs the folder of a run, as in --from outputs/NAME")
    path = Path(words[at + 1])
    record = open_run(path.parent if path.name == "run.json" else path).record
    config = configuration.changed(record["config"], [*words[:at], *words[at + 2 :]])
    store = Path("outputs").absolute()
    require_possible(config, store)
    request = Request(
        experiment_of(config),
        config,
        objective=record["objective"],
        method=record["method"],
        overrides=record["overrides"],
    )
    fulfil(request, store)


def explain(error: BaseException) -> str | None:
    """Say in a user's words what is wrong; None for an error that only a traceback explains."""
    from hydra.errors import HydraException

    from gdlab import job

    cause = error.__cause__
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.full_key:
        return configuration.unknown_key(cause)
    if isinstance(error, HydraException):
        text = configuration.unknown_choice(str(error))
        return f"{text}\n{cause}" if isinstance(cause, OmegaConfBaseException) else text
    return job.explain(error)
