"""On which machine, with which versions and from which sources a run was made."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

CHANGES = ("--no-optional-locks", "status", "--porcelain", "--untracked-files=no")
LIBRARIES = (
    "gdlab",
    "numpy",
    "numba",
    "pandas",
    "sympy",
    "scipy",
    "jax",
    "pyarrow",
    "hydra-core",
    "omegaconf",
)


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that take part, where they are installed."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


@cache
def machine() -> dict[str, Any]:
    """The processor's name, how many cores this process may use, and the system."""
    return {
        "cpu": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "system": platform.platform(),
    }


def command() -> str:
    """The words that started this process."""
    return shlex.join(["python", *sys.orig_argv[1:]])


def git(folder: Path) -> dict[str, Any] | None:
    """Commit of the repository around `folder`, and whether a file it tracks has been changed.

    Files that it does not track say nothing: the outputs themselves are such files.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return {"commit": commit, "dirty": bool(_git(folder, *CHANGES))}


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
