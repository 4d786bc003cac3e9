"""On which machine, with which versions and when something was measured."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import gdlab
from gdlab.store import provenance

LIBRARIES = ("jax", "jaxlib", "numba", "llvmlite", "optax", "optimistix", "scipy")


def cores() -> int:
    """How many cores this process may use."""
    return int(provenance.machine()["cores"] or 1)


def described() -> dict[str, Any]:
    """The machine, the versions, the commit and the date."""
    return {
        "machine": provenance.machine(),
        "versions": provenance.versions() | _versions(),
        "git": provenance.git(Path(__file__).parent),
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def other(python: str) -> dict[str, Any] | None:
    """Which gdlab the environment of this Python has; None if it has none but this one."""
    try:
        done = subprocess.run(
            [python, "-c", "import gdlab; print(gdlab.__version__); print(gdlab.__file__)"],
            cwd=Path(python).parent,  # where no checkout hides it
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    number, file = done.stdout.splitlines()
    folder = Path(file).resolve().parent
    if folder == Path(gdlab.__file__).resolve().parent:
        return None
    return {"python": python, "version": number, "git": provenance.git(folder)}


def _versions() -> dict[str, str]:
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
