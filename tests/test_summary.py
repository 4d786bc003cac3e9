"""What the terminal shows of a run, on terminals of any width."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from rich.console import Console

from gdlab import summary
from gdlab.config import conf_folder
from gdlab.experiment import Experiment
from gdlab.job import fulfil
from gdlab.objectives.formula import Formula
from gdlab.results import table as results
from gdlab.results.agreement import Agreement
from gdlab.results.findings import count
from gdlab.results.overview import overview_of
from gdlab.results.traces import trace as trace_of
from gdlab.settings import experiment_of
from gdlab.store import shares
from gdlab.store.request import Request
from gdlab.terminal.columns import show_table

WIDTHS = [20, 30, 40, 60, 80, 200]
NUMBER = re.compile(r"[\d.]+(?:e[+-]\d+)?%?")


def shown(experiment: Experiment, capsys) -> str:
    table = results.table(experiment, shares.descend(experiment))
    summary.show(experiment, overview_of(experiment, table), "outputs/here")
    return capsys.readouterr().out


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


@pytest.fixture(scope="module")
def ladder() -> Experiment:
    f = Formula("x**2 + 4*x + 4")
    return Experiment(f, [0.1, 0.123456, 1.0, 1.2], np.linspace(-10, 10, 300), tol=[1e-3, 1e-6])


@pytest.mark.parametrize("width", WIDTHS)
def test_no_terminal_is_too_narrow_for_the_numbers_of_a_summary(ladder, width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    whole = numbers(shown(ladder, capsys))
    monkeypatch.setenv("COLUMNS", str(width))
    narrow = shown(ladder, capsys)
    assert "…" not in narrow
    assert numbers(narrow) == whole
    *_, verdicts, tolerances = re.split(r"\n\S+ lanes.*\n|\nat α = .*\n", "\n" + narrow)
    for table, end in ((verdicts, "best α"), (tolerances, "theory")):
        assert max(map(len, table.partition(f"\n{end}")[0].splitlines())) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_no_terminal_is_too_narrow_for_the_iterates_of_a_lane(width, capsys, monkeypatch):
    lane = Experiment(Formula("x**2 + 4*x + 4"), 0.1, 10.0, tol=1e-7)
    trace = trace_of(lane)
    monkeypatch.setenv("COLUMNS", str(width))
    summary.show_lane(lane, trace, results.table(lane, shares.descend(lane)), "outputs/here")
    said = capsys.readouterr().out
    assert "…" not in said
    assert {repr(x) for x in trace["x"]} <= set(said.split())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_table_without_room_for_what_tells_its_rows_apart_numbers_them(
    width, capsys, monkeypatch
):
    monkeypatch.setenv("COLUMNS", str(width))
    rows = [("gradient", "[1,2]", "100.0%"), ("distance", "[b]", "failed")]
    show_table(Console(soft_wrap=True), ("criterion", "x0", "converged"), rows, keys=2)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    assert {cell for row in rows for cell in row} <= set(" ".join(lines).split())
    assert any(line.split()[:1] == ["#"] for line in lines) == (width < 25)


def test_a_step_size_given_twice_is_counted_once(capsys):
    f = Formula("x**2 + 4*x + 4")
    said = shown(Experiment(f, [0.1, 0.1, 0.3], [1.0, 2.0, 3.0]), capsys)
    assert "9 lanes: 3 step sizes (2 distinct) × 3 starting points" in said
    assert "distinct" not in shown(Experiment(f, [0.1, 0.3], [1.0, 2.0]), capsys)


def said_of(words, store, capsys):
    """What a run prints, without the frames of its tables."""
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        config = compose("config", overrides=[*words, "figures.formats=[]"])
    fulfil(Request(experiment_of(config), config, "objective", "gradient_descent"), store)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["alpha=[0.1,0.5]", "x0=1"],
            ["2 lanes: 2 step sizes × 1 starting point, step < 1e-06; by NumPy\n"],
        ),
        (
            ["alpha=[0.1,0.5]", "x0=[1,2]", "pairs=true"],
            [
                "2 lanes: 2 step sizes paired with 2 starting points",
                "not drawn: heatmap, curves, path (pairs of α and x0 have no grid)\n",
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
        (
            ["method=momentum", "method.beta=0.5", "alpha=[0.1,0.5]", "x0=[1,2]"],
            [
                "theory (momentum, β = 0.5): diverges from α ≥ 2(1 + β)/L = 1.5",
                "theory: measured = predicted on all lanes\n",
            ],
        ),
        (
            ["method=newton", "alpha=[0.5,1]", "x0=1"],
            ["theory (Newton's method): diverges from α ≥ 2 ("],
        ),
        (
            ["alpha=0.01", "x0=[1,2]", "tol=[1e-3,1e-15]"],
            ["on all 2 lanes and tolerances, rounding decides on the other 2\n"],
        ),
        (["alpha=0.01", "x0=[1,2]", "tol=1e-15"], ["theory: tells no counts, since rounding"]),
        (["alpha=0.1", "x0=10", "tol=1e-7"], ["converged at iteration 78 (as predicted)\n"]),
        (["alpha=0.01", "x0=3"], [" 9 ", "…", "α = 0.01: converged at iteration "]),
        (
            [
                *("objective.expr='x**2+y**2+z**2'", "objective.variables=[x,y,z]"),
                *("alpha=[0.1,0.2]", "x0=[[1,2,3]]"),
            ],
            ["not drawn: path (it shows one variable or two, of 3)\n"],
        ),
    ],
    ids=lambda value: " ".join(value) if "=" in value[0] else "",
)
def test_the_lines_that_a_run_prints(words, expected, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    out = said_of(words, tmp_path, capsys)
    for line in expected:
        assert line in out


def test_every_digit_of_a_count_is_told():
    assert [count(n) for n in (2.0, 29.5, 1234567.0, float("inf"))] == ["2", "29.5", "1234567", "∞"]


def test_a_run_that_goes_on_says_how_much_was_there(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 2)
    words = ("alpha=[0.1,0.2,0.5]", "x0=[1,2]")
    assert "parts" not in said_of(words, tmp_path, capsys)
    (run,) = tmp_path.glob("*-3x2-*")
    (run / "run.json").unlink()
    (run / "results" / "part-00001.parquet").unlink()
    assert said_of(words, tmp_path, capsys).startswith("continued: 2 of 3 parts were there\n")
    assert said_of(words, tmp_path, capsys).startswith("found: computed on 20")


@pytest.mark.parametrize(
    ("differing", "largest", "otherwise", "expected"),
    [
        (0, 0, 0, "measured = predicted on all lanes\n"),
        (1, 2, 0, "predicted on 99.999 % of lanes, largest difference 2\n"),
        (200, 0, 200, "99.980 % of lanes, 200 converge against theory, or do not\n"),
    ],
)
def test_what_differs_from_theory_is_told_however_little_it_is(
    differing, largest, otherwise, expected, capsys
):
    experiment = Experiment(Formula("x**2"), [0.1], [1.0])
    overview = overview_of(experiment, results.table(experiment, shares.descend(experiment)))
    large = Experiment(Formula("x**2"), np.linspace(0.1, 0.9, 1000), np.linspace(1, 3, 1000))
    overview.agreement = Agreement(10**6, 10**6 - differing, largest, otherwise)
    summary.show(large, overview, "outputs/here")
    assert expected in capsys.readouterr().out
