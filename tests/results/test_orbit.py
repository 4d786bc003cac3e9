"""Runs that follow their lanes in the long run."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab
from tests.command import gdlab as command
from tests.command import runs_in, verify


def test_a_run_with_an_orbit_has_its_period_and_exponent_in_every_row(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("objective=double_well", "alpha=[0.4,0.9,1.3]", "x0_grid.num=5", "tol=[1e-3,1e-9]")
    run = gdlab.run(*words, "figures=none", "orbit.length=200")
    table = run.table()
    f = gdlab.Formula(run.config["objective"]["expr"])
    starts = table["x0"].to_numpy()[:10:2]
    alone = gdlab.orbit(f, [0.4, 0.9, 1.3], starts, length=200)
    assert np.array_equal(table["lyapunov"][::2], alone.lyapunov.ravel(), equal_nan=True)
    assert np.array_equal(table["lyapunov"][1::2], alone.lyapunov.ravel(), equal_nan=True)
    assert table["period"].fillna(0).tolist() == np.repeat(alone.period, 2).tolist()
    assert table["lyapunov"].isna().equals(table["status"] == "diverged")

    plain = gdlab.run(*words, "figures=none")
    assert "lyapunov" not in plain.table()
    assert plain.path != run.path
    both = gdlab.load("outputs")
    assert both["lyapunov"].notna().sum() == table["lyapunov"].notna().sum()
    assert "15 of 15 lanes are the same" in verify(str(run.path), folder=tmp_path).stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["orbit.length=20"], "orbit.length=20 is not a whole number of at least 129"),
        (["orbit=stretch", "method=momentum"], "orbits are those of gradient descent"),
    ],
)
def test_an_orbit_that_cannot_be_is_refused(words, says, tmp_path):
    done = command(*words, "figures=none", folder=tmp_path, status=2)
    assert says in done.stderr
    assert not runs_in(tmp_path)
