"""Files that are whole or not there, folders that one process at a time writes to, and a cache."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_log = logging.getLogger(__name__)

UNFINISHED = ".unfinished-"
"""How the names of temporary files begin."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; move it there if the block ends well, else delete it.

    The content is on the disk before it has its name, so that not even a power cut leaves a file
    that is not whole.
    """
    temporary = path.with_name(f"{UNFINISHED}{os.getpid()}-{path.name}")
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(path)
        _flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def remove_unfinished(folder: Path) -> None:
    """Delete what killed processes left below `folder`; for the process that holds its lock."""
    for path in folder.rglob(f"{UNFINISHED}*"):
        path.unlink(missing_ok=True)


@contextmanager
def only_process(store: Path, name: str) -> Iterator[None]:
    """Hold the lock of the run `name`, waiting for another process that has it.

    The system takes the lock from a process that dies.
    """
    from filelock import FileLock, Timeout

    folder = store / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _log.info("%s: waiting for another process that is at work on it", name)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def checksum(content: bytes | Path) -> str:
    """SHA-256 of bytes, or of a file's content."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_folder() -> Path:
    """Where kernels and what is known of formulas are kept, to be found by later processes.

    NUMBA_CACHE_DIR, or a folder where this system has caches.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return Path(os.environ["NUMBA_CACHE_DIR"]) / "gdlab"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "gdlab"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/gdlab"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gdlab"


def _flush(path: Path) -> None:
    """Force a file or a folder to the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows has no folders to flush
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
