"""What the terminal says of a run, line by line."""

from __future__ import annotations

import pytest
from hydra import compose, initialize_config_dir

from gdlab.app import fulfil
from gdlab.config import conf_folder, experiment_of
from gdlab.store import Request


def said_of(words, store, capsys):
    """What a run prints, without the frames of its tables."""
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        config = compose("config", overrides=[*words, "figures.formats=[]"])
    fulfil(Request(experiment_of(config), config, "objective", "gradient_descent"), store)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["alpha=[0.1,0.5]", "x0=1"], ["2 lanes: 2 step sizes × 1 starting point, step < 1e-06\n"]),
        (
            ["alpha=[0.1,0.5]", "x0=[1,2]", "pairs=true"],
            [
                "2 lanes: 2 step sizes paired with 2 starting points",
                "not drawn: heatmap, curves, path (pairs have no grid)\n",
            ],
        ),
        (
            ["alpha=[0.1,0.5]", "x0=[1,2]", "tol=[1e-3,1e-6]"],
            ["step < 1e-06 (the tightest tolerance)", "at α = 0.5\n", "│     0.001 │    100.0% │"],
        ),
        (["alpha=[1.5,2]", "x0=[1,2]"], ["no lane converged\n"]),
        (["alpha_grid.num=50", "x0=1"], ["13 of 50 step sizes; all are in the results\n"]),
        (
            ["objective=double_well", "alpha=0.1", "x0=[0.5,1]", "tol=0.1"],
            ["2 lanes converged more than 1e-3 away from every known minimiser\n"],
        ),
        (["alpha=1", "x0=3"], ["α = 1: cycling with period 2 after 1000 iterations\n"]),
        (["alpha=1e-6", "x0=3"], ["α = 1e-06: not converged after 1000 iterations (max_iter)\n"]),
        (["alpha=2", "x0=3"], ["α = 2: diverged at iteration "]),
        (["alpha=0.01", "x0=3"], [" 9 ", "…", "α = 0.01: converged at iteration "]),
        (
            [
                *("objective.expr='x**2+y**2+z**2'", "objective.variables=[x,y,z]"),
                *("alpha=[0.1,0.2]", "x0=[[1,2,3]]"),
            ],
            ["not drawn: path (3 variables)\n"],
        ),
    ],
    ids=lambda value: " ".join(value) if "=" in value[0] else "",
)
def test_the_lines_that_a_run_prints(words, expected, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    out = said_of(words, tmp_path, capsys)
    for line in expected:
        assert line in out


def test_a_run_that_goes_on_says_how_much_was_there(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gdlab.store.ROWS_PER_PART", 2)
    words = ("alpha=[0.1,0.2,0.5]", "x0=[1,2]")
    assert "parts" not in said_of(words, tmp_path, capsys)
    (run,) = tmp_path.glob("*-3x2-*")
    (run / "run.json").unlink()
    (run / "results" / "part-00001.parquet").unlink()
    assert said_of(words, tmp_path, capsys).startswith("continued: 2 of 3 parts were there\n")
    assert said_of(words, tmp_path, capsys).startswith("found: computed on 20")
