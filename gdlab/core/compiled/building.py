"""Compiling kernels, and finding them again: in this process, and on the disk."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from types import ModuleType

from numba.core.errors import NumbaError

from gdlab.core.compiled.formulas import NotCompiledError
from gdlab.core.compiled.kernels import kept_at
from gdlab.files import write_text

Run = Callable[..., bool]


@cache
def built(text: str) -> Run:
    """The function `run` of a kernel's text, compiled.

    Numba keeps machine code beside the file that the text is written to; where no file can be
    written, the kernel is compiled for this process alone.
    """
    path = kept_at(text)
    name = path.stem
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                write_text(path, text)
            return _executed(name, text, str(path), kept=True)
        except (OSError, RuntimeError):  # Numba's, where it can write nowhere
            return _executed(name, text, f"<{name}>", kept=False)
    except NumbaError as error:
        reason = str(error).strip().partition("\n")[0]
        raise NotCompiledError(f"cannot compile this: {reason}") from error


def _executed(name: str, text: str, file: str, *, kept: bool) -> Run:
    module = ModuleType(name)
    module.__dict__.update(__file__=file, CACHE=kept)
    sys.modules[name] = module  # where Numba looks for what it finds on the disk
    exec(compile(text, file, "exec"), module.__dict__)
    run: Run = module.run
    return run
