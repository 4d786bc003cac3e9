"""What an objective is, and what may be known about it beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

POINTS_AT_ONCE = 2**16
DEFAULT_DOMAIN = (-10.0, 10.0)


class Objective(Protocol):
    """A function f : R^d -> R with its gradient, on many points at once.

    Points come as an array of shape (d, n), coordinates first and lanes last, the way SciPy's
    vectorised test functions take them; the array is read-only. Each point is a lane of its own: no
    value may depend on the other points. An objective may carry more: any attribute of `Facts`
    under its own name, and `hessian(x) -> (d, d, n)`; `smoothness`, L of a convex f, the largest
    curvature that it has anywhere; `rounding`, where the last bits of a lane depend on its company:
    the share of its largest coordinate by which its iterates may differ; and `check_gradient`,
    false where its gradient is not to be held against differences of its values.
    """

    def __call__(self, x: Array, /) -> Array:
        """Values of shape (n,) at the points x of shape (d, n)."""

    def grad(self, x: Array, /) -> Array:
        """Gradients of shape (d, n) at the points x of shape (d, n)."""


@dataclass(frozen=True)
class Facts:
    """What is known of an objective before any descent.

    variables : names of the d coordinates.
    name : what to call the objective in titles.
    minimisers : (m, d) points where a local minimum is attained, or None if none is known.
    minimum : the least value f*, or None if it is not known.
    domain : ((low, high), ...) for each coordinate: where a picture of f is worth drawing.
    formula : f in LaTeX's mathematics (without dollar signs), or None for code.
    curvature : (d, d) the Hessian where it is the same everywhere (for a quadratic), or None.
    """

    variables: tuple[str, ...]
    name: str | None = None
    minimisers: Array | None = None
    minimum: float | None = None
    domain: tuple[tuple[float, float], ...] = ()
    formula: str | None = None
    curvature: Array | None = None

    @property
    def dimension(self) -> int:
        return len(self.variables)


def default_variables(dimension: int) -> tuple[str, ...]:
    """`x` on the line, `x, y` in the plane, else `x1` to `xd`."""
    if dimension <= 2:
        return ("x", "y")[:dimension]
    return tuple(f"x{i}" for i in range(1, dimension + 1))


class ObjectiveError(ValueError):
    """A function of an objective that fails, or gives something other than real numbers.

    function : which, "f" or "grad". reason : what it does, to follow its name.
    """

    function: str
    reason: str

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(function, reason)
        self.function, self.reason = function, reason

    def __str__(self) -> str:
        return f"{self.function} {self.reason}"


def values(objective: Objective, x: Array) -> Array:
    """f (n,) at the points x (d, n), in parts, so that temporaries stay small.

    Raises ObjectiveError.
    """
    f = np.empty(x.shape[1])
    with np.errstate(all="ignore"):
        for first in range(0, f.size, POINTS_AT_ONCE):
            part = slice(first, first + POINTS_AT_ONCE)
            f[part] = evaluated("f", objective, x[:, part])
    return f


def read_only(x: Array) -> Array:
    """The same numbers as an array that nobody can write into."""
    view = x.view()
    view.flags.writeable = False
    return view


def evaluated(name: str, function: Callable[[Array], Any], x: Array) -> Array:
    """What a function of an objective gives at the points x (d, n).

    name : "f" gives (n,), "grad" (d, n) and "hessian" (d, d, n).

    The function sees a copy, which it may keep and cannot change.

    Raises ObjectiveError for whatever it raises, for another shape, which might be broadcast, and
    for what is no real numbers: NumPy would drop the imaginary part of complex numbers, or the mask
    of a masked array, with hardly a word.
    """
    own = x.copy()
    own.flags.writeable = False
    try:
        found = function(own)
        numbers: np.ndarray[Any, Any] = np.asarray(found)
    except MemoryError:
        raise
    except Exception as error:
        raise ObjectiveError(name, _failure(error)) from error
    masked = type(found) is not np.ndarray and np.ma.isMaskedArray(found)
    if numbers.dtype.kind not in "iuf" or masked:
        raise ObjectiveError(name, f"gives {_kind(found, numbers)}; it must give real numbers")
    shape = {"f": x.shape[1:], "grad": x.shape, "hessian": (len(x), *x.shape)}[name]
    if numbers.shape != shape:
        raise ObjectiveError(
            name,
            f"gives the shape {numbers.shape} for x of shape {x.shape}; it must give {shape} "
            "(coordinates first, lanes last)",
        )
    return numbers.astype(np.float64, copy=False)


def _kind(found: Any, numbers: np.ndarray[Any, Any]) -> str:
    if found is None:
        return "None (is its return missing?)"
    kind = numbers.dtype.kind
    if kind in "iuf":
        return "a masked array"
    if kind == "O":
        return f"objects of the type {type(numbers.flat[0]).__name__}"
    named = {"c": "complex numbers", "b": "truth values", "U": "text", "S": "text"}
    return named.get(kind, f"values of the type {numbers.dtype}")


def _failure(error: Exception) -> str:
    text = str(error)
    if isinstance(error, ValueError) and "read-only" in text:
        return (
            "writes into x, which belongs to the descent and is read-only; let it work on a copy, "
            "as in x = x.copy(), or write x = 2*x instead of x *= 2"
        )
    if "readonly" in text:  # in Numba's words
        return (
            "writes into x, or is compiled for arrays that can be written, and x belongs to the "
            "descent and is read-only; let it work on x.copy()"
        )
    return f"fails with {type(error).__name__}: {text}"
