"""A report is made when there is something new to say, and only then."""

from __future__ import annotations

import os
import sys

import pytest

import gdlab as library
from gdlab import app
from tests.command import cold

WORDS = ("alpha=[0.1,0.5]", "x0=[1,2]", "figures.names=[curves]", "figures.formats=[svg]")


@pytest.fixture
def report(tmp_path, monkeypatch):
    """The report of a run that is there, with a time long ago."""
    monkeypatch.chdir(tmp_path)
    path = library.run(*WORDS).path / "report.html"
    os.utime(path, (1, 1))
    return path


def was_made_again(report):
    return report.stat().st_mtime > 1


def test_a_run_that_is_found_keeps_its_report(report):
    library.run(*WORDS)
    library.run(*WORDS, "figures=none")
    assert not was_made_again(report)


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report.unlink(),
        lambda report: report.write_text(""),
        lambda report: report.write_text(report.read_text().replace("made of ", "made of x")),
        lambda report: (report.parent / "figures" / "curves.svg").unlink(),
        lambda report: (report.parent / "figures" / "heatmap.svg").write_text("<svg/>"),
    ],
    ids=["removed", "empty", "older", "picture removed", "picture added"],
)
def test_a_report_that_says_something_else_is_made_again(report, change):
    whole = report.read_text()
    change(report)
    library.run(*WORDS)
    there = len(list((report.parent / "figures").iterdir()))
    assert (report.read_text() == whole) == (there == 1)
    assert report.read_text().count("<figure>") == there


def test_a_report_is_made_again_when_its_objective_has_another_name(report):
    library.run(*WORDS, "objective.name=Bowl")
    assert was_made_again(report)
    assert "<h1>Bowl</h1>" in report.read_text()


def test_pictures_of_another_look_beside_it_make_a_report_again_once(report):
    narrow = (*WORDS, "figures.formats=[pdf]", "figures.width=3.4")
    library.run(*narrow)
    assert was_made_again(report)
    os.utime(report, (1, 1))
    library.run(*WORDS)
    library.run(*narrow)
    assert not was_made_again(report)


def test_report_false_makes_none_and_leaves_one_alone(report):
    whole = report.read_text()
    library.run(*WORDS, "objective.name=Bowl", "report=false")
    assert report.read_text() == whole
    assert not (library.run("alpha=0.1", "x0=1", "report=false").path / "report.html").exists()


def test_a_report_is_whole_or_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("gdlab.report.page.write_text", fail)
        with pytest.raises(ValueError, match="No space left"):
            library.run(*WORDS)
    (run,) = (tmp_path / "outputs").glob("*/run.json")
    assert not list(run.parent.glob("*.html"))
    assert not list(run.parent.rglob(".unfinished-*"))


def test_what_is_neither_true_nor_false_is_refused_before_anything_is_computed(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="report=maybe is neither true nor false"):
        library.run("report=maybe")
    assert not (tmp_path / "outputs").exists()


def test_a_run_that_is_found_does_without_what_makes_reports(report):
    modules = "import sys, gdlab; gdlab.run(*sys.argv[1:]); assert 'jinja2' not in sys.modules"
    cold("-c", modules, *WORDS, folder=report.parent.parent.parent)
    assert not was_made_again(report)
    assert "jinja2" in sys.modules


def test_a_run_in_a_folder_that_cannot_be_written_is_found_without_a_report(
    report, monkeypatch, capsys
):
    report.unlink()

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(report.parent))

    monkeypatch.setattr("gdlab.report.illustrating.only_process", refuse)
    monkeypatch.setattr("sys.argv", ["gdlab", *WORDS])
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    app.main()
    assert f"no report: {report.parent}: Permission denied\n" in capsys.readouterr().out
