"""How a step is taken.

A method is told the point, the gradient there, the step size and its own memory, and writes the
step p of the update x_k = x_{k-1} - p. Everything else (which lanes descend, when they stop) is
the business of `gdlab.descent`. All arrays have the lanes last; a method works on each lane by
itself, or a lane's result would depend on its neighbours.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gdlab.objectives.base import Array


class Method(Protocol):
    """A rule for the next step.

    A method with constructor arguments keeps them as attributes of the same names. One that the
    compiled core is to take gives its step on single numbers besides, as Python assignments:
    `statements(dimension) -> list[str]`, from alpha, the gradient g0, g1, … and the memory
    m0, m1, … to the step p0, p1, … and the memory.
    """

    def memory(self, dimension: int) -> int:
        """Say how many numbers a lane keeps from step to step; they are 0 at the start."""

    def step(self, x: Array, gradient: Array, alpha: Array, memory: Array, out: Array) -> None:
        """Write the step into `out` and update `memory` in place.

        x, gradient, out : (d, n). alpha : (1, n). memory : (`self.memory(d)`, n).
        """


class GradientDescent:
    """Steepest descent with a constant step size: x_k = x_{k-1} - α grad f(x_{k-1}).

    A. Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées, 1847.
    """

    def memory(self, dimension: int) -> int:
        return 0

    def step(self, x: Array, gradient: Array, alpha: Array, memory: Array, out: Array) -> None:
        np.multiply(alpha, gradient, out=out)

    def statements(self, dimension: int) -> list[str]:
        """The step p0, p1, … of one lane, for the compiled core."""
        return [f"p{i} = alpha * g{i}" for i in range(dimension)]
