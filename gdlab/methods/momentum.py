"""Methods that keep going where they went: Polyak's and Nesterov's."""

from __future__ import annotations

import numpy as np

from gdlab.methods.iterates import Iterates
from gdlab.methods.parameters import share
from gdlab.objectives.base import Array, Objective

SCHEDULE = "schedule"


class Momentum:
    """Polyak's heavy ball: x_k = x_{k-1} - α grad f(x_{k-1}) + β (x_{k-1} - x_{k-2}), x_{-1} = x_0.

    beta : the share of the last move that is kept, from 0 to less than 1.

    B. T. Polyak, Some methods of speeding up the convergence of iteration methods, 1964.
    """

    limit = "2(1 + β)/L"

    def __init__(self, beta: float = 0.9) -> None:
        self.beta: float = share("beta", beta)
        self.name: str = f"momentum, β = {self.beta:g}"

    def memory(self, dimension: int) -> int:
        return dimension

    def step(self, at: Iterates, out: Array) -> None:
        move = at.memory
        np.multiply(at.alpha, at.gradient, out=out)
        np.subtract(at.x, out, out=out)
        move *= self.beta
        out += move
        np.subtract(out, at.x, out=move)

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        along = range(dimension)
        return [
            *(f"y{i} = x{i} - alpha * g{i} + {self.beta!r} * m{i}" for i in along),
            *(f"m{i} = y{i} - x{i}" for i in along),
        ]

    def recurrence(self, alpha: Array, curvature: Array) -> tuple[Array, Array]:
        kept = np.full_like(alpha * curvature, self.beta)
        return 1 - alpha * curvature + kept, -kept


class Nesterov:
    """Nesterov's accelerated gradient: the gradient is taken where the last move would lead.

    y = x_{k-1} + β (x_{k-1} - x_{k-2}), x_k = y - α grad f(y), x_{-1} = x_0.

    beta : the share of the last move, from 0 to less than 1; or "schedule", which from x_j on is
        (j - 1)/(j + 2), and needs to know nothing of f.

    Y. Nesterov, A method of solving a convex programming problem with convergence rate O(1/k²),
    1983; the schedule as in W. Su, S. Boyd and E. Candès, A differential equation for modeling
    Nesterov's accelerated gradient method, 2016.
    """

    limit = "2(1 + β)/((1 + 2β)L)"

    def __init__(self, beta: float | str = SCHEDULE) -> None:
        scheduled = isinstance(beta, str) and beta == SCHEDULE
        self.beta: float | str = (
            SCHEDULE if scheduled else share("beta", beta, f" or beta={SCHEDULE}")
        )
        share_of_k = "(k − 1)/(k + 2)" if scheduled else f"{self.beta:g}"
        self.name: str = f"Nesterov's method, β = {share_of_k}"

    def memory(self, dimension: int) -> int:
        return dimension + (self.beta == SCHEDULE)

    def step(self, at: Iterates, out: Array) -> None:
        point = at.memory[: len(at.x)]  # the last move, until it is used
        point *= self._share(at.memory[len(at.x) :], out[:1])
        point += at.x
        at.gradient_at(point, out=out)
        out *= at.alpha
        np.subtract(point, out, out=out)
        np.subtract(out, at.x, out=point)

    def _share(self, count: Array, room: Array) -> float | Array:
        """β for x_j, in `room` unless it is a constant; `count` holds j, and is brought on by 1."""
        if not isinstance(self.beta, str):
            return self.beta
        np.add(count, 2, out=room)
        count -= 1
        np.divide(count, room, out=room)
        count += 2
        return room

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        along = range(dimension)
        share, counted = repr(self.beta), []
        if self.beta == SCHEDULE:
            j = f"m{dimension}"
            share = "share"
            counted = [f"share = ({j} - 1.0) / ({j} + 2.0)", f"{j} = {j} + 1.0"]
        return [
            *counted,
            *(f"m{i} = {share} * m{i} + x{i}" for i in along),
            f"s = gradient({', '.join(f'm{i}' for i in along)})",
            *(f"y{i} = m{i} - s{i} * alpha" for i in along),
            *(f"m{i} = y{i} - x{i}" for i in along),
        ]

    def recurrence(self, alpha: Array, curvature: Array) -> tuple[Array, Array]:
        """Raises ValueError with the schedule, which is not the same at every step."""
        if isinstance(self.beta, str):
            raise ValueError(
                "method: nesterov with beta=schedule has no rate of its own; give a number, as in "
                "method.beta=0.9"
            )
        rate = 1 - alpha * curvature
        return (1 + self.beta) * rate, -self.beta * rate
