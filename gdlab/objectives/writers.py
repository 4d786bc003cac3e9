"""Values, gradients and Hessians of an objective, written into arrays that are there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gdlab.objectives.base import Array, Objective, evaluated
from gdlab.objectives.inplace import Rows, Writer


def value_writer(objective: Objective) -> Writer:
    """Give a function (x, out) that writes f at the points x into the one row of out."""
    own: Writer | None = getattr(objective, "write_value", None)
    return _writing("f", objective) if own is None else own


def gradient_writer(objective: Objective) -> tuple[Writer, Callable[[Array], Rows]]:
    """Give a function (x, out) that writes the gradient, and how it is to see an array (d, n).

    An objective's own `write_gradient` takes the rows, one for each coordinate.
    """
    own: Writer | None = getattr(objective, "write_gradient", None)
    return (_writing("grad", objective.grad), _whole) if own is None else (own, tuple)


def hessian_writer(objective: Objective) -> Writer:
    """Give a function (x, out) that writes the Hessians at the points x row by row, (d * d, n).

    Raises ValueError for an objective that has none.
    """
    own: Writer | None = getattr(objective, "write_hessian", None)
    if own is not None:
        return own
    hessian: Callable[[Array], Array] | None = getattr(objective, "hessian", None)
    if hessian is None:
        raise ValueError("the objective has no Hessian")
    return _writing("hessian", hessian)


def _writing(name: str, function: Callable[[Array], Array]) -> Writer:
    def write(x: Rows, out: Rows) -> None:
        assert isinstance(out, np.ndarray)
        out[...] = evaluated(name, function, np.asarray(x)).reshape(out.shape)

    return write


def _whole(array: Array) -> Rows:
    return array
