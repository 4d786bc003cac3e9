"""What digits cost, in a quadratic, in two wells, and where there is no curvature."""

import numpy as np
import pytest

from experiments.tolerance_ladder import study


def test_a_digit_takes_as_many_iterations_as_the_last_but_on_the_quartic_several_times_as_many():
    numbers = study().numbers
    left, _, right = np.sort(np.roots([1, 0, -1, 0.2]))  # where x³ - x + 0.2 = 0
    curvatures = {"quadratic": 2, "left well": 3 * left**2 - 1, "right well": 3 * right**2 - 1}
    told = {name: -1 / np.log10(1 - 0.1 * own) for name, own in curvatures.items()}
    for name, digit in (told | {"quartic": 2 / 3}).items():
        assert numbers[f"{name} by theory"] == pytest.approx(digit)
        error = numbers[f"{name} error"]
        assert 0 < error < 0.02 * digit
        assert abs(numbers[name] - digit) < 2 * error
    # the last step is 4α x³ with x = 1/√(8αk)
    steps = (0.4 / 1e-8) ** (2 / 3) / 0.8
    assert numbers["quartic iterations"] == pytest.approx(steps, rel=1e-3)
