"""Steepest descent with a constant step size."""

from __future__ import annotations

import numpy as np

from gdlab.objectives.base import Array


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

    def recurrence(self, alpha: Array, curvature: Array) -> tuple[Array, Array]:
        return 1 - alpha * curvature, np.zeros_like(alpha * curvature)
