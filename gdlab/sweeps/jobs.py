"""The jobs of a sweep: one run each, and word of how it ended."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from gdlab.terminal import process as terminal

JOBS = ".jobs"
"""Folder of a sweep in which each job leaves how it ended."""


def job(config: DictConfig, hydra: DictConfig) -> float:
    """Do one run of a sweep; leave word of how it ended, so that no failure stops the others.

    Returns what a sweeper may minimise: the median of the iterations over all lanes at the tightest
    tolerance, a lane that did not converge counting as infinitely many; infinity for a failure.
    """
    from gdlab.app import explain, perform

    folder = Path(hydra.sweep.dir)
    outcome: dict[str, Any] = {
        "job": hydra.job.num,
        "overrides": list(hydra.overrides.task),
        "swept": _swept(hydra),
        "run": None,
        "message": None,
    }
    value = float("inf")
    try:
        run, overview = perform(config, hydra, quiet=True)
    except Exception as error:
        outcome["message"] = explain(error) or f"{type(error).__name__}: {error}"
        if explain(error) is None:
            traceback.print_exc()
    else:
        outcome["run"] = str(run.path)
        value = overview.outcome.median
    _leave(folder / JOBS / f"{hydra.job.num:06d}.json", outcome)
    return value


class Sweep(Callback):
    """Sees to the folders before Hydra does; gathers what the jobs of a sweep have left."""

    folder: ClassVar[Path | None] = None
    """Of the sweep that this process has begun."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Make the folder of runs, which Hydra would do with an error of its own."""
        from gdlab.store.room import make_folder

        _or_exit(make_folder, Path(config.hydra.run.dir), "hydra.run.dir")

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Make the folder; forget the jobs of an earlier time."""
        from gdlab.store.room import require_writable

        terminal.tidy_at_ctrl_c()
        Sweep.folder = Path(config.hydra.sweep.dir)
        inside = Path(config.hydra.run.dir) in Sweep.folder.parents
        setting = "hydra.run.dir" if inside else "hydra.sweep.dir"
        _or_exit(require_writable, Sweep.folder, setting)
        shutil.rmtree(Sweep.folder / JOBS, ignore_errors=True)

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Write sweep.json, the table and the figures; print the summary; end as the jobs ended."""
        from gdlab.sweeps.comparison import conclude

        try:
            well = conclude(Path(config.hydra.sweep.dir), config)
        except Exception:  # which Hydra would take for a warning
            traceback.print_exc()
            well = False
        if not well:
            sys.exit(1)


def _or_exit(require: Callable[[Path, str], None], folder: Path, setting: str) -> None:
    """Require something of a folder; end with a message, since Hydra hides errors of callbacks."""
    from gdlab.app import BAD_INPUT, say
    from gdlab.config import ConfigError

    try:
        require(folder, setting)
    except ConfigError as error:
        sys.exit(say(str(error), BAD_INPUT))


def forget_refused() -> None:
    """Remove the folder of a sweep that was refused before its first job."""
    folder = Sweep.folder
    if folder is None or not folder.is_dir():
        return
    if {path.name for path in folder.iterdir()} <= {"multirun.yaml"}:
        shutil.rmtree(folder)
        for parent in (folder.parent, folder.parent.parent):
            if not any(parent.iterdir()):
                parent.rmdir()


def outcomes(folder: Path) -> list[dict[str, Any]]:
    """How the jobs of a sweep ended, in their order."""
    return [json.loads(path.read_bytes()) for path in sorted((folder / JOBS).glob("*.json"))]


def _swept(hydra: DictConfig) -> dict[str, Any]:
    """The words of this job that differ from job to job, as values by name."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    overrides = OverridesParser.create().parse_overrides(list(hydra.overrides.task))
    found = {}
    for override in overrides:
        value = override.value()
        name = override.key_or_group
        found[name] = value if isinstance(value, str | int | float | bool) else str(value)
    return found


def _leave(path: Path, content: dict[str, Any]) -> None:
    from gdlab.files import write_text

    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(content, indent=2) + "\n")
