"""Telling whether Python code has changed."""

from __future__ import annotations

import hashlib
import inspect
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any


def fingerprint(code: Any) -> dict[str, str]:
    """Where a function or class is defined, and the hash of that file, or its package's version.

    Files that the code imports in its turn do not count.
    """
    module = inspect.getmodule(code) or sys.modules[type(code).__module__]
    name = f"{module.__name__}.{getattr(code, '__qualname__', type(code).__qualname__)}"
    try:
        source = Path(inspect.getsourcefile(module) or "").read_bytes()
    except (TypeError, OSError):
        return {"name": name, "version": _version(module.__name__)}
    return {"name": name, "source": hashlib.sha256(source).hexdigest()}


def _version(module: str) -> str:
    package = module.partition(".")[0]
    try:
        return version(packages_distributions().get(package, [package])[0])
    except PackageNotFoundError:
        return "unknown"
