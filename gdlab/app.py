"""Hydra's door: a configuration comes in, a run goes out."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from gdlab import config as configuration
from gdlab.given import ConfigError, one_line, shown
from gdlab.terminal import completion
from gdlab.terminal import process as terminal

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from gdlab.store.run import Run


def main() -> None:
    """Run the command line. What a user can mend ends in one message and a status that is not 0."""
    full_error = os.environ.get("HYDRA_FULL_ERROR") == "1"
    logging.raiseExceptions = False  # a line of the log that nobody reads stops no sweep
    os.environ["HYDRA_FULL_ERROR"] = "1"  # let Hydra raise its errors instead of printing them
    try:
        if "--from" in sys.argv:
            _import_from_here()
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

    arguments = _parser().parse_args()
    if arguments.help:
        with terminal.Writing():
            print(configuration.help_text(arguments.config_dir))  # noqa: T201 (what was asked for)
        return
    _import_from_here()
    if arguments.shell_completion:
        script = completion.script(arguments.overrides)
        if script is not None:
            with terminal.Writing():
                print(script)  # noqa: T201 (what was asked for)
            return
    else:
        configuration.check_words(arguments.overrides, arguments.config_dir)
        sys.argv = configuration.with_parameters(sys.argv)
    sweeps = arguments.multirun or configuration.asks_for_sweep(arguments.overrides)
    if sweeps:
        sys.argv += configuration.sweep_folder(arguments.overrides)
    folder = str(configuration.conf_folder())
    job = _job(full_error)
    command = hydra.main(config_path=folder, config_name="config", version_base="1.3")(job)
    if arguments.cfg and arguments.package:
        _show_part(command, arguments.package)
    elif sweeps:
        command()
    else:
        with configuration.composed_once():
            command()


def _show_part(command: Callable[[], None], package: str) -> None:
    """Let Hydra show a part of the configuration; of one that is not there it says too little."""
    try:
        with redirect_stderr(StringIO()):
            command()
    except SystemExit as ended:
        if not ended.code:
            raise
        raise ConfigError(
            f"--package {package}: the configuration has no such part; --cfg job alone shows it all"
        ) from None


def _parser() -> ArgumentParser:
    """Hydra's parser, with gdlab's words for what cannot be read and for its version."""
    import hydra
    from hydra._internal.utils import get_args_parser

    from gdlab import __version__

    parser: ArgumentParser = get_args_parser()
    parser.error = _refuse_option  # type: ignore[method-assign]
    version = cast(Any, parser._option_string_actions["--version"])
    version.version = f"gdlab {__version__} (Hydra {hydra.__version__})"
    return parser


def _import_from_here() -> None:
    """Let `gdlab` find a user's modules where it was started, as `python -m` does."""
    here = str(configuration.working_folder())
    if not {"", here} & set(sys.path):
        sys.path.insert(0, here)


def _refuse_option(message: str) -> NoReturn:
    raise ConfigError(
        f"{message}; a setting is written name=value, as in alpha=0.1; --help lists what there is"
    )


def _job(full_error: bool) -> Callable[[DictConfig], float | None]:
    def job(config: DictConfig) -> float | None:
        from hydra.core.hydra_config import HydraConfig
        from hydra.types import RunMode

        hydra = cast(DictConfig, HydraConfig.get())
        log = logging.getLogger("gdlab")
        if not hydra.verbose and log.level == logging.NOTSET:
            log.setLevel(logging.WARNING)  # Hydra would print what is said for those who ask
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
        configuration.working_folder()
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
    from gdlab.job import repeat
    from gdlab.settings import as_overrides
    from gdlab.store.run import open_run

    at = words.index("--from")
    if at + 1 == len(words):
        raise ConfigError("--from needs the folder of a run, as in --from outputs/NAME")
    path = Path(words[at + 1])
    record = open_run(path.parent if path.name == "run.json" else path).record
    changes = [*words[:at], *words[at + 2 :]]
    config = configuration.changed(record["config"], changes)
    overrides = [*record["overrides"], *as_overrides(changes)]
    repeat({**record, "overrides": overrides}, config, Path("outputs").absolute())


def explain(error: BaseException) -> str | None:
    """Say in a user's words what is wrong; None for an error that only a traceback explains."""
    from hydra.errors import HydraException

    from gdlab import job

    cause = error.__cause__
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.full_key:
        return configuration.unknown_key(cause)
    if isinstance(error, HydraException):
        said = configuration.words_for(str(error))
        if isinstance(cause, OmegaConfBaseException):
            said += f": {one_line(str(cause))}"
        return said
    return job.explain(error)
