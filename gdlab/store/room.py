"""Whether there is a folder and room for a run, said before any of it is computed."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from tempfile import TemporaryFile

import psutil
from omegaconf import DictConfig

from gdlab.experiment import Experiment
from gdlab.given import ConfigError
from gdlab.settings import announced, held, plain
from gdlab.store.parts import LEAST_PER_ROW

PER_VALUE = 24
"""Bytes of memory that a step size or a coordinate takes at the least: three float64."""


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


def require_possible(config: DictConfig, store: Path) -> None:
    """Raise ConfigError if no grid of the announced size can have room, before it is made.

    Only what is certain counts: a run that is there already needs no room, but not even that one
    can be larger than the whole disk.
    """
    sizes = {name: announced(config[name]) for name in ("alpha", "x0")}
    n_alpha, n_x0, tol = sizes["alpha"], sizes["x0"], plain(config.tol)
    if n_alpha is not None and n_x0 is not None:
        n_tol = len(tol) if isinstance(tol, list) else 1
        n_rows = (n_alpha if config.pairs is True else n_alpha * n_x0) * n_tol
        total = shutil.disk_usage(_existing(store)).total
        if 0 < total < n_rows * LEAST_PER_ROW:  # some file systems have no size
            counts = _counts(n_rows, n_alpha, n_x0, n_tol)
            raise ConfigError(
                _too_large(counts, n_rows * LEAST_PER_ROW, store, f"{_size(total)} in all")
            )
    free = psutil.virtual_memory().available
    for name, n in sizes.items():
        n_held = held(config[name])
        if n is not None and n_held is not None and n_held * PER_VALUE > free:
            what = "step sizes" if name == "alpha" else "starting points"
            raise ConfigError(
                f"the grid is too large: {n:,} {what} alone need at least "
                f"{_size(n_held * PER_VALUE)} of memory, and this machine has {_size(free)} free; "
                f"take fewer ({name}_grid.num)"
            )


def require_room(experiment: Experiment, folder: Path) -> None:
    """Raise ConfigError if the results cannot have room on the disk beside what is there."""
    there = sum(path.stat().st_size for path in folder.glob("results/*"))
    needed = experiment.n_rows * LEAST_PER_ROW - there
    free = shutil.disk_usage(folder.parent).free
    if needed > free:
        counts = _counts(
            experiment.n_rows, len(experiment.alpha), len(experiment.starts), len(experiment.tol)
        )
        raise ConfigError(_too_large(counts, needed, folder.parent, f"{_size(free)} free"))


def _counts(n_rows: int, n_alpha: int, n_x0: int, n_tol: int) -> str:
    return (
        f"{n_rows:,} rows (step sizes: {n_alpha:,}, starting points: {n_x0:,}, tolerances: {n_tol})"
    )


def _too_large(counts: str, needed: int, store: Path, there: str) -> str:
    return (
        f"the grid is too large: {counts} need at least {_size(needed)} on the disk of {store}, "
        f"which has {there}; take fewer points (alpha_grid.num, x0_grid.num), or another disk "
        "with hydra.run.dir=…"
    )


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:,.1f} GB"


def _refusal(folder: Path, setting: str, error: OSError) -> ConfigError:
    in_the_way = None
    if error.errno != errno.ENAMETOOLONG:  # of such a path nothing can be asked
        in_the_way = next((path for path in (folder, *folder.parents) if _bars_the_way(path)), None)
    if in_the_way is None:
        reason = f"{folder} cannot be written ({error.strerror})"
    else:
        what = "a file, not a folder"
        if not in_the_way.exists():
            what = f"a link to {in_the_way.readlink()}, not to a folder"
        reason = f"{in_the_way} is {what}"
        if in_the_way != folder:
            reason = f"{folder} cannot be a folder, since {reason}"
    return ConfigError(f"{reason}; choose another folder with {setting}=…")


def _bars_the_way(path: Path) -> bool:
    return (path.exists() or path.is_symlink()) and not path.is_dir()
