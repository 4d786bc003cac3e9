"""How a step is taken."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gdlab


class HeavyBall:
    """Polyak's momentum, to see that a method with a memory can be written outside."""

    def __init__(self, momentum: float) -> None:
        self.momentum = momentum

    def memory(self, dimension: int) -> int:
        return dimension

    def step(self, at, out) -> None:
        np.multiply(at.memory, self.momentum, out=at.memory)
        at.memory += at.alpha * at.gradient
        np.subtract(at.x, at.memory, out=out)


@pytest.mark.parametrize("pool", [0, 1, 3, 5])
def test_a_method_with_a_memory_keeps_that_of_each_lane_apart(pool):
    from gdlab.core.descent import descend

    f = gdlab.Formula("(x**2 + 10*y**2)/2")
    alpha, x0 = [0.01, 0.05, 0.3, 1.0], [[1.0, 2.0], [-3.0, 0.5], [4.0, -4.0]]
    experiment = gdlab.Experiment(
        f, alpha, x0, tol=1e-8, max_iter=150, method=HeavyBall(0.5), escape=1e3
    )
    found = descend(experiment.problem, pool=pool)
    for lane in range(12):
        x, y = x0[lane % 3]
        p, q = 0.0, 0.0
        steps, step = 0, math.inf
        while steps < 150 and max(abs(x), abs(y)) <= 1e3 and step >= 1e-8:
            p = p * 0.5 + alpha[lane // 3] * x
            q = q * 0.5 + alpha[lane // 3] * (10 * y)
            u, v = x - p, y - q
            step = math.dist((u, v), (x, y))
            x, y = u, v
            steps += 1
        assert found.steps[0, lane] == steps
        assert found.x[0, :, lane].tolist() == [x, y]
