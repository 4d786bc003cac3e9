"""Whether a folder can take what a run leaves, said before anything is computed."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryFile

from gdlab.config import ConfigError
from gdlab.experiment import Experiment
from gdlab.parts import LEAST_PER_ROW


def make_folder(folder: Path, setting: str = "hydra.run.dir") -> None:
    """Make a folder, unless it is there.

    setting : which names it, or one that it lies in.

    Raises ConfigError where that cannot be.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(folder, setting, error) from error


def require_writable(folder: Path, setting: str = "hydra.run.dir") -> None:
    """Make a folder, unless it is there; raise ConfigError if nothing can be written there."""
    make_folder(folder, setting)
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _refusal(folder, setting, error) from error


def require_room(experiment: Experiment, folder: Path) -> None:
    """Raise ConfigError if the results cannot have room on the disk."""
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


def _refusal(folder: Path, setting: str, error: OSError) -> ConfigError:
    in_the_way = next(
        (path for path in (folder, *folder.parents) if path.exists() and not path.is_dir()), None
    )
    if in_the_way == folder:
        reason = f"{folder} is a file, not a folder"
    elif in_the_way is not None:
        reason = f"{folder} cannot be a folder, since {in_the_way} is a file"
    else:
        reason = f"{folder} cannot be written ({error.strerror})"
    return ConfigError(f"{reason}; choose another folder with {setting}=…")
