"""An objective given by Python functions that exist already."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Sequence
from typing import Any

from gdlab.given import shown
from gdlab.objectives.base import Array
from gdlab.objectives.differences import Differences
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
    gradient : "differences" stands in for grad where there is none: central differences of f, 2d
        values of it for each gradient, good to about ten digits where f is smooth.
    hessian : the second derivatives, giving (d, d, n), or where they are found; for methods that
        need them.
    check_gradient : whether grad is held against central differences of f near some starting points
        before a descent; it is refused where it disagrees.
    variables : names of the d coordinates.
    name, minimisers, minimum, domain, smoothness : as for `gdlab.Formula`; none of them is derived.

    Raises
    ------
    ValueError if a name leads to nothing that can be called, or there is no gradient.
    """

    def __init__(
        self,
        f: str | Callable[[Array], Array],
        grad: str | Callable[[Array], Array] | None = None,
        *,
        gradient: str | None = None,
        hessian: str | Callable[[Array], Array] | None = None,
        variables: Sequence[str] = ("x",),
        name: str | None = None,
        minimisers: Sequence[float] | Sequence[Sequence[float]] | None = None,
        minimum: float | None = None,
        domain: Sequence[float] | Sequence[Sequence[float]] | None = None,
        smoothness: float | None = None,
        check_gradient: bool = True,
    ) -> None:
        self.variables: tuple[str, ...] = checked_names(variables)
        self.name: str = checked_title(name) or own_name(f)
        self.minimum: float | None = checked_minimum(minimum)
        self.smoothness: float | None = checked_smoothness(smoothness)
        self.domain: tuple[tuple[float, float], ...] = checked_domain(domain, len(self.variables))
        self.minimisers: Array | None = None
        if minimisers is not None:
            self.minimisers = checked_points(minimisers, len(self.variables))
        self._f = found(f, "f")
        self._grad = _gradient(grad, gradient, self._f)
        if not isinstance(check_gradient, bool):
            raise ValueError(f"check_gradient={shown(check_gradient)} is neither true nor false")
        self.check_gradient: bool = check_gradient and not isinstance(self._grad, Differences)
        self.hessian: Callable[[Array], Array] | None = (
            None if hessian is None else found(hessian, "hessian")
        )

    @property
    def identity(self) -> dict[str, object]:
        """All that decides a number: the functions with their sources, and what is stated."""
        identity: dict[str, object] = {
            "f": fingerprint(self._f),
            "grad": "differences"
            if isinstance(self._grad, Differences)
            else fingerprint(self._grad),
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


def own_name(f: object) -> str:
    """What to call a function in titles, or where it is found."""
    return f.rpartition(".")[2] if isinstance(f, str) else getattr(f, "__name__", type(f).__name__)


def _gradient(
    grad: str | Callable[[Array], Array] | None,
    gradient: str | None,
    f: Callable[[Array], Array],
) -> Callable[[Array], Array]:
    if gradient is None and grad is None:
        raise ValueError(
            "f has no gradient: give grad, or gradient=differences, which takes central "
            "differences of f; where f is a formula, gdlab.Formula derives its gradient "
            """(objective=formula "objective.expr='...'")"""
        )
    if gradient is None:
        return found(grad, "grad")
    if gradient != "differences":
        raise ValueError(
            f"gradient={shown(gradient)} is not differences; a function of your own is given as "
            "grad"
        )
    if grad is not None:
        raise ValueError("gradient=differences stands in for grad; give one of the two")
    return Differences(f)


def found(where: str | Callable[..., Any] | None, role: str) -> Callable[..., Any]:
    if isinstance(where, str):
        try:
            where = pkgutil.resolve_name(where)
        except (ImportError, AttributeError, ValueError) as error:
            raise ValueError(f"{role}={where} cannot be imported: {error}") from error
    if not callable(where):
        raise ValueError(f"{role}={where!r} cannot be called")
    return where
