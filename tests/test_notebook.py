"""What a notebook shows of the things that one holds: small tables, escaped, that never fail."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

import gdlab

WORDS = ("alpha=[0.1,0.3,1.3]", "figures=none")


class Cells(HTMLParser):
    """The texts of a table's cells, row by row, and where its links lead."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.links, self.open = [], [], []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.links += [value for name, value in attributes if name == "href"]
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if {"td", "th"} & {*self.open}:
            self.rows[-1][-1] += text

    @property
    def facts(self):
        return dict(self.rows)


def test_a_formula_is_shown_as_mathematics_with_what_is_known_of_it():
    f = gdlab.Formula("x**2/2 - a*x + y**2", parameters={"a": 2}, name="<script>alert(1)</script>")
    page = f._repr_html_()
    assert "<script>" not in page
    assert "<mfrac><msup><mi>x</mi><mn>2</mn></msup><mn>2</mn></mfrac>" in page
    facts = Cells(page).facts
    assert {name: facts[name] for name in ("parameters", "minimisers", "minimum f*")} == {
        "parameters": "a = 2",
        "minimisers": "(2, 0)",
        "minimum f*": "-2",
    }
    assert "f(x, y)" in facts


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        (gdlab.Formula("sum(x[i]**2)", dimension=200), "f(x1, x2, x3, x4, x5, …, x200)"),
        (gdlab.Formula("sin(x)*exp(y)"), "f(x, y)"),
    ],
)
def test_a_formula_of_many_variables_or_without_minimisers_is_shown_shortly(formula, names):
    page = formula._repr_html_()
    assert names in Cells(page).facts
    assert len(page) < 2000


def test_a_descent_shows_its_shape_and_its_verdicts_by_tolerance():
    f = gdlab.Formula("x**2")
    found = gdlab.descend(f, [0.1, 0.5, 2], [1, 2, 3, -4], tol=[1e-3, 1e-6])
    page = found._repr_html_()
    assert "12 lanes: 3 step sizes × 4 starting points, 1 variable" in page
    heading, *rows = Cells(page).rows
    assert heading[:2] == ["tolerance", "converged"]
    assert [row[:5] for row in rows] == [
        ["0.001", "8", "0", "0", "4"],
        ["1e-06", "8", "0", "0", "4"],
    ]
    paired = gdlab.descend(f, [0.1, 0.2], [1, 2], pairs=True)
    assert "2 lanes: 2 pairs, 1 variable" in paired._repr_html_()


def test_a_run_shows_its_verdicts_its_best_step_size_and_a_link_to_its_report(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    run = gdlab.run(*WORDS)
    shown = Cells(run._repr_html_())
    counts = {name: f"{n}" for name, n in run.record["counts"].items() if n}
    assert counts.items() <= shown.facts.items()
    assert shown.facts["lanes"] == "303"
    assert shown.facts["best α"].startswith("0.3: converged from 100.0% of the starting points")
    (link,) = shown.links
    assert (tmp_path / link).is_file()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (link,) = Cells(run._repr_html_()).links
    assert link == (run.path / "report.html").as_uri()


def test_a_run_that_is_damaged_or_large_is_shown_as_far_as_it_goes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = gdlab.run(*WORDS, "report=false")
    with monkeypatch.context() as patch:
        patch.setattr("gdlab.store.run.SOON_READ", 302)
        facts = Cells(run._repr_html_()).facts
    assert facts["lanes"] == "303"
    assert not {"best α", "report"} & {*facts}
    (part,) = (run.path / "results").iterdir()
    part.unlink()
    assert re.search(r"part-00000\.parquet is missing", Cells(run._repr_html_()).facts["best α"])


def test_to_be_shown_in_a_notebook_costs_nothing_until_it_happens():
    code = "import sys, gdlab.results.table, gdlab.store.run\nprint('markupsafe' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
