"""Solutions of recurrences against the same in forty digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from gdlab.theory.solutions import Solutions

RECURRENCES = {
    "real roots far apart": (1.9 - 7.6e-5, -0.9),
    "roots as close as can be": (2 * 0.9**0.5, -0.9),
    "roots that turn slowly": (1.9 - 0.0027, -0.9),
    "roots that turn quickly": (-0.5, -0.9),
    "roots of both signs": (-0.6, 0.3),
    "both negative": (-1.5, -0.54),
    "one root": (0.7, 0.0),
    "none": (0.0, 0.0),
    "growing": (1.2, 0.1),
}


@pytest.mark.parametrize("name", RECURRENCES)
def test_a_solution_is_known_at_any_step_to_nearly_the_last_bit(name):
    a, b = RECURRENCES[name]
    solutions = Solutions(np.array([[0.5, a]]), np.array([[0.1, b]]))
    with mpmath.workdps(40):
        exact = [mpmath.mpf(0), mpmath.mpf(1)]  # v_{-1}, v_0
        for _ in range(3000):
            exact.append(a * exact[-1] + b * exact[-2])
        for first, n in [(0, 300), (1, 40), (255, 600), (2400, 500)]:
            with np.errstate(all="ignore"):
                found = solutions.from_(first, n)[0, 1]
            for k in range(first, first + n):
                size = abs(exact[k + 1]) + abs(exact[k])
                if size < 1e300:
                    assert abs(found[k - first] - exact[k + 1]) <= 1e-9 * size + 1e-300


def test_solutions_of_some_are_those_of_all():
    a, b = np.linspace(-1.5, 1.5, 12).reshape(2, 6), np.full((2, 6), -0.6)
    some = np.array([4, 1])
    whole = Solutions(a, b)
    with np.errstate(all="ignore"):
        assert np.array_equal(whole.of(some).from_(300, 20), whole.from_(300, 20)[:, some])
