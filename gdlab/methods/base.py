"""What a method is: a rule for the next step."""

from __future__ import annotations

from typing import Protocol

from gdlab.objectives.base import Array


class Method(Protocol):
    """A rule for the next step.

    A method with constructor arguments keeps them as attributes of the same names. One that the
    compiled core is to take gives its step on single numbers besides, as Python assignments:
    `statements(dimension) -> list[str]`, from alpha, the gradient g0, g1, … and the memory
    m0, m1, … to the step p0, p1, … and the memory.

    A method that is linear on a quadratic may say how the error along an eigenvector of this
    curvature goes on: `recurrence(alpha, curvature) -> (a, b)`, as in e_k = a e_{k-1} + b e_{k-2},
    with e_{-1} = e_0.
    """

    def memory(self, dimension: int) -> int:
        """Say how many numbers a lane keeps from step to step; they are 0 at the start."""

    def step(self, x: Array, gradient: Array, alpha: Array, memory: Array, out: Array) -> None:
        """Write the step into `out` and update `memory` in place.

        x, gradient, out : (d, n). alpha : (1, n). memory : (`self.memory(d)`, n). x, gradient
        and alpha are read-only.
        """
