"""What Hydra calls at the beginning and at the end of a sweep."""

from __future__ import annotations

import shutil
import sys
import traceback
from pathlib import Path
from typing import Any, ClassVar

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from gdlab.sweeps.jobs import JOBS


class Sweep(Callback):
    """Gathers what the jobs of a sweep have left, when the last has ended."""

    folder: ClassVar[Path | None] = None
    """Of the sweep that this process has begun."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Forget the jobs of an earlier time."""
        Sweep.folder = Path(config.hydra.sweep.dir)
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
