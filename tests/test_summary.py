"""What the terminal shows of a run, on terminals of any width."""

from __future__ import annotations

import re

import numpy as np
import pytest
from rich.console import Console

from gdlab import summary
from gdlab.experiment import Experiment
from gdlab.objectives.formula import Formula
from gdlab.results import table as results
from gdlab.results import traces as following
from gdlab.results.overview import overview_of
from gdlab.terminal.columns import show_table

WIDTHS = [20, 30, 40, 60, 80, 200]
NUMBER = re.compile(r"[\d.]+(?:e[+-]\d+)?%?")


def shown(experiment: Experiment, capsys) -> str:
    table = results.table(experiment, results.descend(experiment))
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
    trace = following.trace(lane)
    monkeypatch.setenv("COLUMNS", str(width))
    summary.show_lane(lane, trace, results.table(lane, results.descend(lane)), "outputs/here")
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
