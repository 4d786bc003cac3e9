"""Steepest descent with a constant step size."""

from __future__ import annotations

import numpy as np

from gdlab.methods.iterates import Iterates
from gdlab.objectives.base import Array, Objective


class GradientDescent:
    """Steepest descent with a constant step size: x_k = x_{k-1} - α grad f(x_{k-1}).

    A. Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées, 1847.
    """

    name = "gradient descent"
    limit = "2/L"

    def memory(self, dimension: int) -> int:
        return 0

    def step(self, at: Iterates, out: Array) -> None:
        np.multiply(at.alpha, at.gradient, out=out)
        np.subtract(at.x, out, out=out)

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        return [f"y{i} = x{i} - alpha * g{i}" for i in range(dimension)]

    def recurrence(self, alpha: Array, curvature: Array) -> tuple[Array, Array]:
        return 1 - alpha * curvature, np.zeros_like(alpha * curvature)
