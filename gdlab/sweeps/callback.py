"""What Hydra calls before a run or a sweep, and at the end of a sweep."""

from __future__ import annotations

import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from gdlab.given import ConfigError
from gdlab.job import explain
from gdlab.store.room import make_folder, require_writable
from gdlab.sweeps.jobs import JOBS
from gdlab.terminal import process as terminal


class Sweep(Callback):
    """Sees to the folders before Hydra does; gathers what the jobs of a sweep have left."""

    folder: ClassVar[Path | None] = None
    """Of the sweep that this process has begun."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Make the folder of runs, which Hydra would do with an error of its own."""
        _or_exit(make_folder, Path(config.hydra.run.dir), "hydra.run.dir")

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Make the folder; forget the jobs of an earlier time."""
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
        except Exception as error:  # which Hydra would take for a warning
            message = explain(error)
            if message is None:
                traceback.print_exc()
            else:
                terminal.complain(message)
            well = False
        if not well:
            sys.exit(1)


def _or_exit(require: Callable[[Path, str], None], folder: Path, setting: str) -> None:
    """Require something of a folder; end with a message, since Hydra hides errors of callbacks."""
    try:
        require(folder, setting)
    except ConfigError as error:
        terminal.refuse(str(error))


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
