"""The report of a sweep: its runs, which comparison they make, and what failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdlab.report import sweeps
from gdlab.report.sweeps import Member
from gdlab.results.findings import Outline
from tests.command import gdlab
from tests.report.pages import Page

SWEEP = ("-m", "objective=quadratic,double_well", "tol=1e-2,0", "alpha_grid=few", "x0_grid=few")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("swept")
    gdlab(*SWEEP, "figures=none", folder=folder, status=1)
    (report,) = (folder / "outputs" / "sweeps").glob("*/report.html")
    return Page(report)


def test_every_run_has_a_row_that_leads_to_its_report(page):
    rows = page.table("table-of-runs")
    told = [[row[name] for name in ("objective", "tol", "lanes", "converged")] for row in rows]
    assert told == [
        ["quadratic", "0.01", "12", "100%"],
        ["quadratic", "0", "failed", ""],
        ["double_well", "0.01", "12", "58.3%"],
        ["double_well", "0", "failed", ""],
    ]
    links = [link.attributes["href"] for link in page.section("runs").all("a")]
    assert len(links) == 2
    for link, name in zip(links, ("quadratic", "double well"), strict=True):
        assert Page(page.path.parent / link).all("h1")[0].text == name


def test_failures_are_told_with_their_message_once(page):
    (failure,) = page.section("failures").all("div")
    assert failure.text == (
        "tol=0 is not a tolerance; it must be positive and finite "
        "python -m gdlab objective=quadratic tol=0 alpha_grid=few x0_grid=few figures=none "
        "python -m gdlab objective=double_well tol=0 alpha_grid=few x0_grid=few figures=none"
    )


def test_the_command_and_the_calls_are_those_of_the_sweep(page):
    words = " ".join([*SWEEP[1:], "figures=none"])
    assert page.code("command") == f"python -m gdlab -m {words}"
    made: dict[str, object] = {}
    exec(page.code("call").partition("runs =")[0], made)
    assert made["jobs"] == [
        [f"objective={name}", "tol=0.01", "alpha_grid=few", "x0_grid=few", "figures=none"]
        for name in ("quadratic", "double_well")
    ]


def member(number: int, share: float = 1.0, median: float = 5.0) -> Member:
    outline = Outline(100, 2, share, 0.5, median, 9.0)
    words = [f"objective=o{number}"]
    return Member({"objective": f"o{number}"}, words, outline, f"../run-{number}", None)


def test_forty_runs_are_told_by_those_at_the_ends(tmp_path: Path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "heatmaps.svg").write_text("<svg/>")
    members = [member(number, 0.5 + number / 100) for number in range(40)]
    page = Page(sweeps.write(tmp_path, ["objective"], members, ["objective=a,b"]))
    assert len(page.table("table-of-runs")) == 40
    assert not page.section("runs").all("a")  # of runs without reports
    assert page.alternatives == [
        "Iterations to convergence of each run, a cell a lane. 40 runs by objective. Most lanes "
        "converge with objective = o39 (89%), the fewest with objective = o0 (50%)."
    ]


def test_a_sweep_of_which_all_failed_says_so(tmp_path: Path):
    members = [Member({"tol": 0}, ["tol=0"], None, None, "<b>no</b>") for _ in range(2)]
    page = Page(sweeps.write(tmp_path, [], members, ["tol=0,0"]))
    assert page.all("h1")[0].text == "Sweep"
    assert "No run was finished." in page.section("runs").text
    assert "<b>no</b>" in page.section("failures").text


def test_of_very_many_runs_the_first_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gdlab.report.sweeps.MOST_RUNS", 3)
    page = Page(sweeps.write(tmp_path, ["objective"], [member(i) for i in range(5)], []))
    assert len(page.table("table-of-runs")) == 3
    assert "The first 3 of 5 runs; all are in sweep.json." in page.section("runs").text
