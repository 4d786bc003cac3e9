"""The report of a run says what its table says, and how to do it again."""

from __future__ import annotations

import re
import subprocess
from functools import partial

import numpy as np
import pandas as pd
import pytest

import gdlab as library
from gdlab.files import checksum
from tests.command import gdlab, python
from tests.report.pages import Page

GRID = ("alpha=[0.1,0.3,1.0,1.5]", "x0=[-3,1,10]", "figures=none")


def test_a_page_needs_nothing_from_anywhere(reported):
    page = reported("alpha=[0.1,0.5]", "x0=[1,2]", "tol=[1e-3,1e-6]")
    assert page.source.startswith("<!DOCTYPE html>\n")
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.all("title")[0].text == "shifted quadratic: gradient descent"
    assert not page.all("link")
    for element in [*page.all("img"), *page.all("script"), *page.all("iframe")]:
        assert (element.attributes.get("src") or "data:").startswith("data:")
    for link in page.all("a"):
        target = link.attributes["href"]
        assert target.startswith("#") or (page.path.parent / target).exists()
    assert "default-src 'none'" in page.source
    assert len(page.source) < 3e6


def test_a_page_has_its_headings_in_order_and_a_name_for_all_that_needs_one(reported):
    page = reported("alpha=[0.1,0.5]", "x0=[1,2]", "tol=[1e-3,1e-6]")
    levels = [int(level) for level in re.findall(r"<h([1-6])", page.source)]
    assert levels[0] == 1
    assert levels[1:]
    assert set(levels[1:]) == {2}
    ids = re.findall(r'id="(.*?)"', page.source)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'aria-labelledby="(.*?)"', page.source)) <= set(ids)
    assert {link.attributes["href"][1:] for link in page.all("nav")[0].all("a")} <= set(ids)
    assert all(len(text) > 40 for text in page.alternatives)
    for table in page.all("table"):
        assert all(cell.attributes["scope"] in ("col", "row") for cell in table.all("th"))


def test_the_verdicts_by_step_size_are_those_of_the_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = library.run("alpha_grid.num=7", "x0_grid.num=11", "tol=[1e-6,1e-3]", "figures=none")
    table = run.table()
    table = table[table["tol"] == 1e-6]
    iterations = table["iterations"].astype("Float64").fillna(np.inf).groupby(table["alpha"])
    counts = pd.crosstab(table["alpha"], table["status"])
    expected = [
        {
            "α": f"{alpha:.6g}",
            "converged": f"{counts.loc[alpha, 'converged'] or '–'}",
            "cycling": f"{counts.loc[alpha].get('cycling', 0) or '–'}",
            "not converged": f"{counts.loc[alpha].get('max_iter', 0) or '–'}",
            "diverged": f"{counts.loc[alpha].get('diverged', 0) or '–'}",
            "median": f"{iterations.median()[alpha]:g}".replace("inf", "∞"),
            "worst": f"{iterations.max()[alpha]:g}".replace("inf", "∞"),
        }
        for alpha in counts.index
    ]
    page = Page(run.path / "report.html")
    assert page.table("by-alpha") == expected
    assert "At the tightest tolerance, 1e−06." in page.section("verdicts").text
    assert [row["tolerance"] for row in page.table("by-tolerance")] == ["1e-06", "0.001"]


def test_of_many_step_sizes_some_have_a_row_and_the_best_is_among_them(reported):
    page = reported("alpha_grid.num=5000", "x0=[1,2]", "figures=none", "alpha_grid.stop=0.9")
    rows = page.table("by-alpha")
    assert len(rows) == 201
    assert rows[0]["α"] == "0.0125"
    assert rows[-1]["α"] == "0.9"
    assert "201 of 5,000 step sizes" in page.section("verdicts").text
    best = page.section("summary").text.partition("Best α = ")[2].partition(":")[0]
    assert best in [row["α"] for row in rows]


def test_a_single_lane_shows_its_first_and_last_iterates(reported):
    page = reported("alpha=0.1", "x0=10", "tol=1e-7", "figures=none")
    rows = page.table("iterates")
    assert rows[0] | {"gradient": "", "f": ""} == {
        "iteration": "0",
        "x": "10.0",
        "f": "",
        "step": "",
        "gradient": "",
    }
    assert [row["iteration"] for row in rows[7:10]] == ["7", "…", "71"]
    assert rows[-1]["x"] == "-1.9999996687161754"
    assert "converged at iteration 78 (as predicted)" in page.section("summary").text
    assert "It ends at −2." in page.section("summary").text


def test_a_run_without_pictures_says_how_to_get_them(reported):
    page = reported("alpha=[0.1,0.5]", "x0=[1,2]", "figures=none")
    assert not page.all("img")
    (command,) = page.section("pictures").all("pre")
    assert command.text == "python -m gdlab 'alpha=[0.1,0.5]' 'x0=[1,2]'"


def test_pairs_say_why_they_have_no_pictures(reported):
    page = reported("alpha=[0.1,0.5]", "x0=[1,2]", "pairs=true")
    assert page.section("pictures").text == (
        "Pictures Not drawn: heatmap, curves, path (pairs of α and x0 have no grid)."
    )


AGAIN = [
    ("alpha=[0.1,0.3]", "x0=[-3,1]", "figures=none"),
    (
        "objective=formula",
        "objective.expr='(x-2)**2 + a*sin(x)'",
        "objective.parameters.a=0.5",
        "x0_grid.num=3",
        "figures=none",
    ),
    ("objective.name='it\\'s $HOME `x` \"Ünï\" <b>'", "alpha=0.1", "x0=[1,2]", "figures=none"),
]


@pytest.mark.parametrize("words", AGAIN, ids=["lists", "formula", "quotes"])
def test_the_command_and_the_call_of_a_report_do_the_run_again(words, reported, tmp_path):
    page = reported(*words)
    folder = page.path.parent
    told = 'python() { printf "%s\\0" "$@"; }\n' + page.code("command")
    done = subprocess.run(["bash", "-c", told], capture_output=True, text=True, check=True)
    module, name, *given = done.stdout.split("\0")[:-1]
    assert (module, name) == ("-m", "gdlab")
    (tmp_path / "call.py").write_text(page.code("call"), encoding="utf-8")
    for again, do in (
        ("typed", partial(gdlab, *given)),
        ("called", partial(python, str(tmp_path / "call.py"))),
    ):
        (tmp_path / again).mkdir()
        do(folder=tmp_path / again)
        (other,) = (tmp_path / again / "outputs").glob("*/run.json")
        assert other.parent.name == folder.name
        for part in (folder / "results").iterdir():
            assert checksum(other.parent / "results" / part.name) == checksum(part)


def test_two_runs_of_an_experiment_differ_in_their_provenance_alone(tmp_path, monkeypatch):
    pages = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        pages.append(Page(library.run("alpha=[0.1,0.5]", "x0=[1,2]").path / "report.html"))
    one, other = (page.without_provenance for page in pages)
    assert one == other
    assert pages[0].section("provenance").text != one


NAME = "</title><script>document.title = 1</script><img src=x onerror=alert(1)> \" ' & Ünï"


def test_whatever_is_in_a_name_is_text(reported):
    escaped = NAME.replace("'", "\\'")
    page = reported(f"objective.name='{escaped}'", "alpha=[0.1,0.5]", "x0=[1,2]", "figures=none")
    assert page.all("h1")[0].text == NAME
    assert page.all("title")[0].text == f"{NAME}: gradient descent"
    plain = reported("alpha=[0.1,0.5]", "x0=[1,2]", "figures=none", "max_iter=900")
    assert len(page.all("script")) == len(plain.all("script"))
    assert not page.all("img")
    assert repr(f"objective.name='{escaped}'") in page.code("call")


def test_what_is_very_long_is_where_the_page_says(reported, monkeypatch):
    monkeypatch.setattr("gdlab.report.repeating.LONGEST", 50)
    formula = "x**2" + " + 0*x" * 200
    page = reported(
        f"objective.expr='{formula}'", "objective.name=null", "alpha=0.1", "figures=none"
    )
    assert page.code("command") == f"python -m gdlab --from {page.path.parent.name}"
    assert page.all("h1")[0].text == "shifted_quadratic"
    again = page.section("again").text
    assert "in the folder that holds this one" in again
    assert "The call of Python is not here, since its words are too long for this page." in again
    (link,) = page.section("settings").all("a")
    assert link.attributes["href"] == ".hydra/config.yaml"
    assert len(page.all("header")[0].text) < 700


def test_what_has_no_name_is_called_by_its_formula(reported):
    page = reported("objective=formula", "objective.expr='x**2 + 1'", "alpha=0.1", "figures=none")
    assert page.all("h1")[0].text == "f(x) = x² + 1"
    assert page.all("title")[0].text == "f(x) = x² + 1: gradient descent"


def test_choices_of_a_user_s_own_belong_to_the_command_and_have_no_call(tmp_path):
    (tmp_path / "own" / "alpha_grid").mkdir(parents=True)
    (tmp_path / "own" / "alpha_grid" / "mine.yaml").write_text(
        "_target_: numpy.linspace\nstart: 0.1\nstop: 0.2\nnum: 2\n", encoding="utf-8"
    )
    words = ("--config-dir", "own", "alpha_grid=mine", "x0=1", "figures=none")
    gdlab(*words, folder=tmp_path)
    (report,) = (tmp_path / "outputs").glob("*/report.html")
    page = Page(report)
    assert page.code("command") == f"python -m gdlab {' '.join(words)}"
    assert "since gdlab.run knows no --config-dir." in page.section("again").text
