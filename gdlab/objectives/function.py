"""An objective given by Python functions that exist already."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Sequence
from typing import Any

from gdlab.objectives.base import Array
from gdlab.objectives.domain import (
    checked_domain,
    checked_minimum,
    checked_names,
    checked_points,
    checked_smoothness,
    checked_title,
)
from gdlab.objectives.fingerprint import fingerprint


class Function:
    """The objective that two Python functions make, such as SciPy's `rosen` and `rosen_der`.

    Parameters
    ----------
    f, grad : the function and its gradient for x of shape (d, n), giving (n,) and (d, n); or where
        they are found, as in "scipy.optimize.rosen".
    hessian : the second derivatives, giving (d, d, n), or where they are found; for methods that
        need them.
    variables : names of the d coordinates.
    name, minimisers, minimum, domain, smoothness : as for `gdlab.Formula`; none of them is derived.

    Raises
    ------
    ValueError if a name leads to nothing that can be called.
    """

    def __init__(
        self,
        f: str | Callable[[Array], Array],
        grad: str | Callable[[Array], Array],
        *,
        hessian: str | Callable[[Array], Array] | None = None,
        variables: Sequence[str] = ("x",),
        name: str | None = None,
        minimisers: Sequence[float] | Sequence[Sequence[float]] | None = None,
        minimum: float | None = None,
        domain: Sequence[float] | Sequence[Sequence[float]] | None = None,
        smoothness: float | None = None,
    ) -> None:
        self.variables = checked_names(variables)
        self.name = checked_title(name) or _own_name(f)
        self.minimum = checked_minimum(minimum)
        self.smoothness = checked_smoothness(smoothness)
        self.domain = checked_domain(domain, len(self.variables))
        self.minimisers = None
        if minimisers is not None:
            self.minimisers = checked_points(minimisers, len(self.variables))
        self._f = _callable(f, "f")
        self._grad = _callable(grad, "grad")
        self.hessian = None if hessian is None else _callable(hessian, "hessian")

    @property
    def identity(self) -> dict[str, object]:
        """All that decides a number: the functions with their sources, and what is stated."""
        identity: dict[str, object] = {
            "f": fingerprint(self._f),
            "grad": fingerprint(self._grad),
            "variables": list(self.variables),
            "minimisers": None if self.minimisers is None else self.minimisers.tolist(),
            "minimum": self.minimum,
        }
        if self.hessian is not None:
            identity["hessian"] = fingerprint(self.hessian)
        return identity

    def __repr__(self) -> str:
        return f"Function({self.name}, variables={self.variables})"

    def __call__(self, x: Array) -> Array:
        """Values (n,) at the points x of shape (d, n)."""
        return self._f(x)

    def grad(self, x: Array) -> Array:
        """Gradients (d, n) at the points x of shape (d, n)."""
        return self._grad(x)


def _own_name(f: object) -> str:
    return f.rpartition(".")[2] if isinstance(f, str) else getattr(f, "__name__", type(f).__name__)


def _callable(found: str | Callable[..., Any], role: str) -> Callable[..., Any]:
    if isinstance(found, str):
        try:
            found = pkgutil.resolve_name(found)
        except (ImportError, AttributeError, ValueError) as error:
            raise ValueError(f"{role}={found} cannot be imported: {error}") from error
    if not callable(found):
        raise ValueError(f"{role}={found!r} cannot be called")
    return found
