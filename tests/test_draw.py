"""`python -m gdlab.draw`: pictures of runs that are finished."""

from __future__ import annotations

import pytest

from gdlab.draw import main
from tests.command import gdlab, python, runs_in


def draw(*words, folder, status=0):
    return python("-m", "gdlab.draw", *words, folder=folder, status=status)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A sweep of two runs without pictures."""
    folder = tmp_path_factory.mktemp("draw")
    gdlab(
        *("-m", "objective=quadratic,double_well", "alpha=[0.1,0.3,0.6]", "x0=[-2,1,3]"),
        *("figures=none", "report=false"),
        folder=folder,
    )
    return folder


def test_a_finished_run_gets_the_pictures_that_are_asked_for_and_nothing_is_computed(store):
    run = runs_in(store)[0]
    before = (run / "run.json").read_bytes()
    done = draw(str(run), "figures.names=[iterations]", "figures.formats=[png]", folder=store)
    assert done.stdout == f"{run}: drawn: iterations\n"
    assert [path.name for path in (run / "figures").iterdir()] == ["iterations.png"]
    assert (run / "run.json").read_bytes() == before
    again = draw(str(run), "figures.names=[iterations]", "figures.formats=[png]", folder=store)
    assert again.stdout == f"{run}: all is there\n"


def test_a_run_that_has_all_its_pictures_and_its_report_is_not_read_again(store, monkeypatch):
    run = runs_in(store)[0]
    words = [str(run), "figures.names=[curves]", "figures.formats=[svg]"]
    assert main(words) == 0
    monkeypatch.setattr("gdlab.store.parts.read_part", None)
    monkeypatch.setattr("gdlab.store.run.read_part", None)
    assert main(words) == 0


def test_a_sweep_is_drawn_with_its_runs_and_what_cannot_be_is_said(store):
    (sweep,) = (store / "outputs/sweeps").iterdir()
    done = draw(str(sweep), "figures.names=[curves,bifurcation]", folder=store)
    *of_runs, of_sweep = done.stdout.splitlines()
    assert len(of_runs) == 2
    assert all("drawn: curves; not drawn: bifurcation (" in line for line in of_runs)
    assert of_sweep == f"{sweep}: the sweep has curves"
    assert (sweep / "figures/curves.svg").is_file()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["outputs", "alpha=0.1"], "alpha=0.1: gdlab.draw changes pictures alone"),
        (["outputs", "figures.names=[heat]"], "must be a list of some of: heatmap, curves"),
        (["outputs", "figures=nice"], "figures=nice is none of them"),
        (["nowhere"], "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_line(words, says, store):
    done = draw(*words, folder=store, status=2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
