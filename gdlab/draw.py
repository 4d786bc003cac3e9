"""`python -m gdlab.draw PATH [figures…]`: draw pictures of runs that are finished."""

from __future__ import annotations

from gdlab.terminal import process as terminal

TYPE_CHECKING = False  # see gdlab.terminal.process
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omegaconf import DictConfig

    from gdlab.store.run import Run


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw what is missing of every run below a folder; 0 if all went well, 1 if not, 2 if none."""
    import argparse
    from pathlib import Path

    from gdlab.store.members import run_folders
    from gdlab.store.run import open_run
    from gdlab.sweeps import comparison

    parser = argparse.ArgumentParser(
        prog="python -m gdlab.draw",
        description="Draw pictures of finished runs: those that are missing or would be others.",
        epilog="examples: figures=all; figures=paper; figures.names='[basins]'",
    )
    parser.add_argument("path", type=Path, help="a run, a sweep, or a folder with runs below it")
    parser.add_argument(
        "words", nargs="*", metavar="figures…", help="settings of figures, as for python -m gdlab"
    )
    options = parser.parse_args(arguments)
    path = options.path.parent if options.path.name == "run.json" else options.path
    well = True
    try:
        figures = _chosen(options.words)
        folders = [folder for folder, _ in run_folders(path)]
    except Exception as error:
        return _said(error, 2)
    if not folders:
        terminal.complain(f"there is no run at or below {path}")
        return 2
    for folder in folders:
        try:
            _say(folder, _drawn(open_run(folder), figures))
        except Exception as error:
            well = not _said(error, 1)
    for sweep in sorted(path.rglob("sweep.json")):
        try:
            _say(sweep.parent, comparison.draw_again(sweep.parent, figures))
        except Exception as error:
            well = not _said(error, 1)
    return 0 if well else 1


def _said(error: Exception, status: int) -> int:
    """Say what is wrong in a line, and give the status; raise what only a traceback explains."""
    from gdlab.app import explain

    message = explain(error)
    if message is None:
        raise error
    terminal.complain(message)
    return status


def _chosen(words: Sequence[str]) -> DictConfig:
    """The settings of figures.

    Raises ConfigError for words that are about anything else, or settings that cannot be.
    """
    from hydra import compose, initialize_config_dir

    from gdlab import config as configuration
    from gdlab.given import ConfigError
    from gdlab.report.illustrating import require_settings

    for word in words:
        if not word.startswith(("figures=", "figures.")):
            raise ConfigError(
                f"{word}: gdlab.draw changes pictures alone; write figures.names='[heatmap]', "
                "figures=all, figures=paper, or run python -m gdlab for anything else"
            )
    configuration.check_words(words)
    with initialize_config_dir(str(configuration.conf_folder()), version_base="1.3"):
        config = compose("config", overrides=list(words))
    require_settings(config)
    return config.figures


def _drawn(run: Run, figures: DictConfig) -> list[str]:
    """Draw what is missing of a run; say what that was, and why others are not there."""
    from gdlab import summary
    from gdlab.config import changed
    from gdlab.report import illustrating
    from gdlab.report.due import is_current
    from gdlab.results.overview import gathered
    from gdlab.settings import experiment_of
    from gdlab.store.request import Request
    from gdlab.store.tiles import tiles_of_run

    config = changed(run.record["config"], [])
    config.figures = figures
    request = Request(experiment_of(config), config, run.record["objective"], run.record["method"])
    experiment, caption = request.experiment, illustrating.caption_of(request)
    missing = illustrating.missing(request, run.path, caption)
    remarks = summary.left_out(experiment, list(figures.names), list(figures.formats))
    reported = illustrating.is_reported(config)
    if missing or (reported and not is_current(run.path, caption)):
        overview = gathered(experiment, tiles_of_run(run))
        if missing:
            illustrating.draw(request, run, overview, missing, caption)
        if reported:
            illustrating.report(run, overview, caption, remarks)
    drawn = [f"drawn: {', '.join(missing)}" if missing else "all is there"]
    return [*drawn, *remarks]


def _say(folder: Path, lines: Sequence[str]) -> None:
    import os

    with terminal.Writing():
        print(f"{os.path.normpath(folder)}: {'; '.join(lines)}")


if __name__ == "__main__":
    terminal.run(main)
