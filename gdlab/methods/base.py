"""What a method is: a rule for the next iterate."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from gdlab.methods.iterates import Iterates
from gdlab.objectives.base import Array, Objective


class Method(Protocol):
    """A rule for the next iterate.

    A method with constructor arguments keeps them as attributes of the same names. It may have,
    besides what is below:

    name : what pictures call it, with the parameters that matter; else the words of its class.
    evaluations(objective) -> int | None : how often it asks for f, a gradient or a Hessian at each
        step; None where that differs from lane to lane, and is counted. Without it once.
    require(objective, dimension) : raises ValueError for an objective that it cannot descend.
    statements(objective, dimension) -> list[str] : its step on single numbers, for the compiled
        core: Python assignments from the point x0, x1, …, the gradient there g0, g1, …, alpha and
        the memory m0, m1, … to the next point y0, y1, … and the memory. In them `a =
        gradient(u, v)` assigns a0 and a1 the gradient at the point of these names, and
        `h = hessian(x0, x1)` the second derivatives row by row to h0, h1, h2, h3. Raises
        ValueError where there is no such form.
    limit : how theory writes the step size from which on it diverges on a quadratic of the largest
        curvature L, as in "2/L".
    recurrence(alpha, curvature) -> (a, b) : of a method that is linear on a quadratic, how the
        error along an eigenvector of this curvature goes on: e_k = a e_{k-1} + b e_{k-2}, with
        e_{-1} = e_0.
    """

    def memory(self, dimension: int) -> int:
        """Say how many numbers a lane keeps from step to step; they are 0 at the start."""

    def step(self, at: Iterates, out: Array) -> None:
        """Write the next iterates (d, n) into `out`, and update `at.memory` in place."""


def name_of(method: Method) -> str:
    """What pictures and summaries call a method."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(method).__name__).lower()
    return str(getattr(method, "name", words))


def evaluations_a_step(method: Method, objective: Objective) -> int | None:
    """How often a method asks at each step; None where that differs from lane to lane."""
    stated: Callable[[Objective], int | None] | None = getattr(method, "evaluations", None)
    return 1 if stated is None else stated(objective)
