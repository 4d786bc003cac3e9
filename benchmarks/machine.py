"""On which machine, with which versions and when something was measured."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gdlab.store import provenance

LIBRARIES = ("jax", "jaxlib", "numba", "llvmlite")


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


def _versions() -> dict[str, str]:
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
