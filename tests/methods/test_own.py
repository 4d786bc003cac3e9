"""A method of one's own, from a file in the current directory."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab as library
from tests.command import gdlab, runs_in

MINE = '''
import numpy as np


class Midpoint:
    """The gradient is taken half a step ahead."""

    def __init__(self, ahead: float = 0.5) -> None:
        self.ahead = ahead

    def memory(self, dimension):
        return 0

    def evaluations(self, objective):
        return 2

    def step(self, at, out):
        half = at.x - self.ahead * at.alpha * at.gradient
        out[...] = at.x - at.alpha * at.gradient_at(half)


class Miscounted(Midpoint):
    def evaluations(self, objective):
        return 1
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


def test_it_takes_its_steps_from_the_command_line(folder):
    words = ("method._target_=mine.Midpoint", "+method.ahead=0.25", "alpha=[0.1,0.3]", "x0=[1,10]")
    gdlab(*words, "figures=none", folder=folder)
    (run,) = runs_in(folder)
    table = library.load(run)
    for row in table.itertuples():
        x = row.x0
        for _ in range(row.steps):
            x = x - row.alpha * (2 * (x - 0.25 * row.alpha * (2 * x + 4)) + 4)
        assert row.status == "converged"
        assert row.x == pytest.approx(x, abs=1e-12)
    assert np.unique(table["steps"]).size > 1


def test_one_that_asks_more_often_than_it_says_is_told_what_to_say(folder):
    words = ("method._target_=mine.Miscounted", "alpha=0.1", "x0=1", "figures=none")
    done = gdlab(*words, folder=folder, status=2)
    assert done.stderr.startswith("gdlab: method: step of Miscounted asks the objective 2 times")
    assert "return 2" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not runs_in(folder)
