"""Descent by the gradient's signs."""

from __future__ import annotations

import numpy as np

from gdlab.methods.iterates import Iterates
from gdlab.objectives.base import Array, Objective


class Sign:
    """Steps of the same length along every coordinate: x_k = x_{k-1} - α sign(grad f(x_{k-1})).

    It comes within α of a minimiser and then goes to and fro.

    J. Bernstein and others, signSGD: Compressed optimisation for non-convex problems, 2018.
    """

    name = "sign descent"

    def memory(self, dimension: int) -> int:
        return 0

    def step(self, at: Iterates, out: Array) -> None:
        np.sign(at.gradient, out=out)
        out *= at.alpha
        np.subtract(at.x, out, out=out)

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        signs = "1.0 if g{0} > 0.0 else -1.0 if g{0} < 0.0 else abs(g{0})"
        return [
            line
            for i in range(dimension)
            for line in (f"s{i} = {signs.format(i)}", f"y{i} = x{i} - s{i} * alpha")
        ]
