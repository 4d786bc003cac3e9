"""An objective whose gradient and Hessian come from JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gdlab.objectives.base import Array
from gdlab.objectives.domain import (
    checked_domain,
    checked_minimum,
    checked_names,
    checked_points,
    checked_title,
)
from gdlab.objectives.fingerprint import fingerprint
from gdlab.objectives.function import found, own_name

ROUNDING = 1e-9
"""Share of the largest coordinate by which two computations of a lane may differ."""


def jax(
    f: str | Callable[[Any], Any],
    variables: Sequence[str] = ("x",),
    *,
    name: str | None = None,
    minimisers: Sequence[float] | Sequence[Sequence[float]] | None = None,
    minimum: float | None = None,
    domain: Sequence[float] | Sequence[Sequence[float]] | None = None,
) -> Differentiated:
    """Give the objective that a function written in JAX makes; gradient and Hessian are JAX's.

    Needs the extra `jax`. It is computed in float64 whatever JAX's own setting is.

    Parameters
    ----------
    f : takes one point, a JAX array (d,), and gives one number, as in
        `lambda x: jax.numpy.sum(x**2)`; or where it is found, as in "my_module.f".
    variables, name, minimisers, minimum, domain : as for `gdlab.Function`.

    Raises
    ------
    ValueError if JAX is not installed, or a name leads to nothing that can be called.
    """
    return Differentiated(
        f, variables, name=name, minimisers=minimisers, minimum=minimum, domain=domain
    )


class Differentiated:
    """What `jax` gives: f of a point, differentiated and mapped over lanes by JAX.

    XLA compiles for each number of lanes anew, so they are filled up to a power of two. It may
    round differently for each, by no more than `rounding`.
    """

    rounding = ROUNDING
    check_gradient = False  # JAX's is that of f

    def __init__(
        self,
        f: str | Callable[[Any], Any],
        variables: Sequence[str],
        *,
        name: str | None,
        minimisers: Sequence[float] | Sequence[Sequence[float]] | None,
        minimum: float | None,
        domain: Sequence[float] | Sequence[Sequence[float]] | None,
    ) -> None:
        _library()
        self.variables: tuple[str, ...] = checked_names(variables)
        self.name: str = checked_title(name) or own_name(f)
        self.minimum: float | None = checked_minimum(minimum)
        self.domain: tuple[tuple[float, float], ...] = checked_domain(domain, len(self.variables))
        self.minimisers: Array | None = None
        if minimisers is not None:
            self.minimisers = checked_points(minimisers, len(self.variables))
        self._f = found(f, "f")
        self._compiled: dict[str, Callable[[Any], Any]] = {}

    @property
    def identity(self) -> dict[str, object]:
        """All that decides a number: the function with its source, and what is stated."""
        return {
            "jax": fingerprint(self._f),
            "variables": list(self.variables),
            "minimisers": None if self.minimisers is None else self.minimisers.tolist(),
            "minimum": self.minimum,
        }

    def __repr__(self) -> str:
        return f"jax({self.name}, variables={self.variables})"

    def __getstate__(self) -> dict[str, Any]:
        """What other processes are sent: they compile it for themselves."""
        return vars(self) | {"_compiled": {}}

    def __call__(self, x: Array) -> Array:
        """Values (n,) at the points x of shape (d, n)."""
        return self._mapped("f", x)

    def grad(self, x: Array) -> Array:
        """Gradients (d, n) at the points x of shape (d, n)."""
        return self._mapped("grad", x)

    def hessian(self, x: Array) -> Array:
        """Hessians (d, d, n) at the points x of shape (d, n)."""
        return self._mapped("hessian", x)

    def _mapped(self, what: str, x: Array) -> Array:
        library, n = _library(), np.shape(x)[1]
        filled = np.empty((len(x), 1 << max(n - 1, 0).bit_length()))
        filled[:, :n], filled[:, n:] = x, np.asarray(x)[:, -1:]
        with library.enable_x64(True):
            if what not in self._compiled:
                one = {
                    "f": lambda f: f,
                    "grad": library.grad,
                    "hessian": library.hessian,
                }[what](self._f)
                self._compiled[what] = library.jit(library.vmap(one, in_axes=-1, out_axes=-1))
            return np.asarray(self._compiled[what](filled))[..., :n]


def _library() -> Any:
    """JAX; raise ValueError where it is not installed."""
    try:
        import jax
    except ModuleNotFoundError:
        raise ValueError(
            "objectives of JAX need an extra: pip install 'gdlab[jax]'; gdlab.Function takes a "
            "function and its gradient from anywhere"
        ) from None
    return jax
