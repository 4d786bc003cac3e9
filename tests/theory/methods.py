"""Methods on quadratics as plain recurrences, for theory alone: they take no steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdlab.objectives.base import Array


@dataclass(frozen=True)
class HeavyBall:
    """Polyak's momentum."""

    beta: float

    def recurrence(self, alpha: Array, curvature: Array) -> tuple[Array, Array]:
        a = 1 + self.beta - alpha * curvature
        return a, np.full_like(a, -self.beta)


@dataclass(frozen=True)
class Accelerated:
    """Nesterov's method with a constant share."""

    beta: float

    def recurrence(self, alpha: Array, curvature: Array) -> tuple[Array, Array]:
        shrunk = 1 - alpha * curvature
        return (1 + self.beta) * shrunk, -self.beta * shrunk


class Damped:
    """Newton's method."""

    def recurrence(self, alpha: Array, curvature: Array) -> tuple[Array, Array]:
        a = 1 - alpha * np.ones_like(curvature)
        return a, np.zeros_like(a)


def iterates(method, alpha, hessian, e0, n):
    """Errors e_0 to e_n (n + 1, d) by the methods' own definitions, one product after another."""
    e, before, every = np.array(e0, float), np.array(e0, float), [np.array(e0, float)]
    for _ in range(n):
        match method:
            case HeavyBall(beta):
                new = e - alpha * (hessian @ e) + beta * (e - before)
            case Accelerated(beta):
                ahead = e + beta * (e - before)
                new = ahead - alpha * (hessian @ ahead)
            case Damped():
                new = e - alpha * np.linalg.solve(hessian, hessian @ e)
            case _:
                new = e - alpha * (hessian @ e)
        e, before = new, e
        every.append(e)
    return np.array(every)
