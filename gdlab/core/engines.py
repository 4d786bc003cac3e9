"""What computes: the NumPy core, or the same compiled by Numba."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from gdlab.core.criteria import Criterion
from gdlab.core.problem import Verdicts
from gdlab.methods import Method
from gdlab.objectives.base import Objective

ENGINES = ("numpy", "numba")

Descend = Callable[..., Verdicts]
"""`gdlab.core.descent.descend`, or what takes its place."""


def require(
    engine: str, objective: Objective, method: Method, criterion: Criterion, dimension: int
) -> None:
    """Raise ValueError if there is no such engine, or it cannot compute this here."""
    if engine not in ENGINES:
        raise ValueError(f"engine={engine!r} is not known; choose one of {', '.join(ENGINES)}")
    if engine == "numba":
        from gdlab.core.compiled.kernels import kernel

        if find_spec("numba") is None:
            raise ValueError("engine=numba needs an extra: pip install 'gdlab[fast]'")
        kernel(objective, method, criterion, dimension)


def rounds_as_numpy(
    engine: str, objective: Objective, method: Method, criterion: Criterion, dimension: int
) -> bool:
    """Whether an engine gives the bits that the NumPy core gives."""
    if engine == "numpy":
        return True
    from gdlab.core.compiled.kernels import kernel

    return kernel(objective, method, criterion, dimension).exact


def descend_of(engine: str) -> Descend:
    """The core of one of `ENGINES`."""
    if engine == "numba":
        from gdlab.core.compiled.descent import descend as compiled

        return compiled
    from gdlab.core.descent import descend

    return descend
