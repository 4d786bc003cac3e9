"""Step sizes that the last step teaches."""

from __future__ import annotations

import numpy as np

from gdlab.given import shown
from gdlab.methods.iterates import SMALLEST, Iterates, dot, written_dot
from gdlab.objectives.base import Array, Objective

KINDS = ("long", "short")


class BarzilaiBorwein:
    """Steepest descent with a step size t from the last step s and the change y of the gradient.

    x_k = x_{k-1} - t grad f(x_{k-1}), with t = s's / s'y (long) or s'y / y'y (short), the first
    step, and wherever s'y is not positive, with t = α; so it is where what t is divided by is too
    small a number, and where that is too large the lane diverges. f need not fall at every step.

    kind : "long" or "short".

    J. Barzilai and J. Borwein, Two-point step size gradient methods, 1988.
    """

    def __init__(self, kind: str = "long") -> None:
        if not isinstance(kind, str) or kind not in KINDS:
            raise ValueError(f"kind={shown(kind)} is not known; choose one of {', '.join(KINDS)}")
        self.kind = kind
        self.name = f"Barzilai and Borwein's {kind} steps"

    def memory(self, dimension: int) -> int:
        return 2 * dimension

    def step(self, at: Iterates, out: Array) -> None:
        gradient = at.gradient
        move, change = np.split(at.memory, 2)  # the last step, and the gradient before it
        np.subtract(gradient, change, out=change)
        seen = dot(move, change)
        long = self.kind == "long"
        above, below = (dot(move, move), seen) if long else (seen, dot(change, change))
        size = above / below
        np.copyto(size, np.inf, where=below == np.inf)  # not 0, which would look like an arrival
        np.copyto(size, at.alpha[0], where=~((seen > 0) & (below >= SMALLEST)))
        np.multiply(gradient, size, out=out)
        np.subtract(at.x, out, out=out)
        np.subtract(out, at.x, out=move)
        np.copyto(change, gradient)

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        along = range(dimension)
        change = [f"c{i}" for i in along]
        move = [f"m{i}" for i in along]
        long = self.kind == "long"
        above, below = (
            (written_dot(move, move), "seen") if long else ("seen", written_dot(change, change))
        )
        return [
            *(f"c{i} = g{i} - m{dimension + i}" for i in along),
            f"seen = {written_dot(move, change)}",
            f"below = {below}",
            f"size = inf if below == inf else ({above}) / below",
            f"size = size if (seen > 0.0) & (below >= {SMALLEST!r}) else alpha",
            *(f"y{i} = x{i} - g{i} * size" for i in along),
            *(f"m{i} = y{i} - x{i}" for i in along),
            *(f"m{dimension + i} = g{i}" for i in along),
        ]
