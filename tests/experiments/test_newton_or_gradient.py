"""Newton's method beside gradient descent, against a plain loop."""

import numpy as np
import pytest

from experiments.newton_or_gradient import study

ENDS = np.sort(np.roots([1, 0, -1, 0.2]))  # of x³ - x + 0.2: minimum, maximum, minimum


def newton(x):
    while abs(slope := x**3 - x + 0.2) >= 1e-8:
        x -= slope / (3 * x**2 - 1)
    return int(np.abs(ENDS - x).argmin())


def test_newtons_method_wins_by_iterations_and_fails_between_the_inflection_points():
    numbers = study().numbers
    assert (numbers["newton_iterations"], numbers["newton_evaluations"]) == (2, 4)
    assert (numbers["slow_iterations"], numbers["best_iterations"]) == (78, 2)
    starts = np.linspace(-2.2, 2.2, 2000)
    ends = np.array([newton(x) for x in starts.tolist()])
    own = np.where(starts < ENDS[1], 0, 2)
    assert numbers["starts"] == 2000
    assert numbers["at_maximum"] == pytest.approx(np.mean(ends == 1))
    assert numbers["other_valley"] == pytest.approx(np.mean((ends != 1) & (ends != own)))
    assert numbers["fails"] == pytest.approx(np.mean(ends != own))
    assert numbers["farthest"] == np.abs(starts[ends != own]).max() < 1 / np.sqrt(3)
    assert numbers["newton_median"] < numbers["gradient_median"] / 10
