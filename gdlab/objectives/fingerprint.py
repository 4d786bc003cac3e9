"""Telling whether Python code has changed."""

from __future__ import annotations

import hashlib
import inspect
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from types import ModuleType
from typing import Any


def fingerprint(code: Any) -> dict[str, str]:
    """Where a function or class is defined, and the hash of that file, or its package's version.

    Files that the code imports in its turn do not count.
    """
    module = inspect.getmodule(code) or sys.modules[type(code).__module__]
    name = f"{module.__name__}.{getattr(code, '__qualname__', type(code).__qualname__)}"
    return {"name": name} | _state(module)


def fingerprint_of_name(name: str) -> dict[str, str]:
    """The same for the dotted name of something that was imported: its module counts.

    What the name leads to may be defined elsewhere, as a `functools.partial` is.
    """
    parts = name.replace(":", ".").split(".")
    prefixes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    module = next((sys.modules[prefix] for prefix in prefixes if prefix in sys.modules), None)
    return {"name": name} | ({} if module is None else _state(module))


def _state(module: ModuleType) -> dict[str, str]:
    try:
        source = Path(inspect.getsourcefile(module) or "").read_bytes()
    except (TypeError, OSError):
        return {"version": _version(module.__name__)}
    return {"source": hashlib.sha256(source).hexdigest()}


def _version(module: str) -> str:
    package = module.partition(".")[0]
    try:
        return version(packages_distributions().get(package, [package])[0])
    except PackageNotFoundError:
        return "unknown"
