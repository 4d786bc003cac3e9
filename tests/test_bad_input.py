"""What a user sees who types it wrong: one message, no traceback, nothing left behind."""

import os
import signal
from functools import partial

import pytest

import gdlab as library

from .command import gdlab, needs_forks, runs_in, started
from .moments import meets

FORMULA = "objective=formula"

REFUSED = {
    # a value where a group takes a name: Hydra's own answer would be a raw TypeError
    "a list for a grid group": (
        ["alpha_grid=[0.1]"],
        ["alpha_grid", "few, linear, log", "alpha='[0.1]'"],
    ),
    "a number for the tolerance group": (["tolerance=1e-7"], ["tight", "tol='1e-7'"]),
    "null for a group": (["x0_grid=null"], ["x0_grid", "plane", "x0="]),
    "a number for the objective": (["objective=3"], ["objective", "himmelblau"]),
    "a number among a sweep's choices": (["-m", "tolerance=loose,1e-7"], ["tolerance", "tight"]),
    # values that Hydra lets through
    "a word for alpha": (["alpha=abc"], ["alpha='abc'", "number"]),
    "words for alpha": (["alpha=[a,b]"], ["alpha", "number"]),
    "no alpha": (["alpha=[]"], ["alpha=[]", "at least one step size"]),
    "alpha of zero": (["alpha=0"], ["alpha=0", "positive"]),
    "a negative alpha": (["alpha=[0.1,-1]"], ["alpha=-1", "positive"]),
    "alpha not a number": (["alpha=nan"], ["alpha=nan", "finite"]),
    "an infinite alpha": (["alpha=inf"], ["alpha=inf", "finite"]),
    "a table for alpha": (["alpha=[[0.1,0.2],[0.3,0.4]]"], ["alpha", "flat list"]),
    "a mapping for alpha": (["alpha={start: 1}"], ["_target_"]),
    "tolerance of zero": (["tol=0"], ["tol=0", "positive"]),
    "a negative tolerance": (["tol=[1e-3,-1e-3]"], ["tol=-0.001", "positive"]),
    "no iterations": (["max_iter=0"], ["max_iter=0", "at least 1"]),
    "half an iteration": (["max_iter=10.5"], ["max_iter=10.5", "whole number"]),
    "points for one variable": (["x0=[[1,2]]"], ["x0", "1 variable (x)", "x0='"]),
    "numbers for two variables": (
        ["objective=himmelblau", "x0=[1,2]"],
        ["x0", "2 variables (x, y)", "x0='[[1,2]]'", "x0_grid=plane"],
    ),
    "a plane for one variable": (["x0_grid=plane"], ["two variables", "x0_grid=line"]),
    "ragged points": (["objective=himmelblau", "x0=[[1,2],[3]]"], ["x0", "same length"]),
    "a start beyond escape": (["x0=[1,1e9]"], ["x0", "escape=1e+08"]),
    "a missing formula": ([FORMULA], ["objective=formula", "objective.expr='"]),
    "a criterion that does not exist": (
        ["tolerance.criterion=grad"],
        ["criterion='grad'", "step, gradient, distance, gap"],
    ),
    "a distance to no known minimiser": (
        [FORMULA, "objective.expr='sin(x)'", "tolerance.criterion=distance"],
        ["distance", "minimiser", "criterion=step"],
    ),
    "a picture that does not exist": (
        ["figures.names=[heatmp]"],
        ["heatmp", "heatmap, curves, path"],
    ),
    # grids
    "a grid of nothing": (["alpha_grid.num=0"], ["alpha_grid", "num"]),
    "a line of nothing": (["x0_grid.num=0"], ["x0_grid", "num=0", "at least 1"]),
    "half a grid point": (["alpha_grid.num=2.5"], ["alpha_grid", "num=2.5", "integer"]),
    "a grid function that does not exist": (
        ["alpha_grid._target_=numpy.linspac"],
        ["alpha_grid", "numpy.linspac"],
    ),
    "a logarithmic grid from zero": (
        ["alpha_grid=log", "alpha_grid.start=0"],
        ["alpha_grid", "zero"],
    ),
    "a grid larger than the disk": (
        ["alpha_grid.num=1000000", "x0_grid.num=1000000"],
        ["1,000,000,000,000 rows", "GB on the disk", "x0_grid.num"],
    ),
    "an alpha larger than the memory": (
        ["alpha_grid.num=100000000000000"],
        ["alpha_grid", "allocate"],
    ),
    # names
    "a choice that does not exist": (
        ["objective=quadratc"],
        ["objective/quadratc", "shifted_quadratic"],
    ),
    "a setting that does not exist": (["alhpa=0.1"], ["alhpa", "did you mean alpha?"]),
    "a parameter that does not exist": (
        ["alpha_grid.nun=5"],
        ["alpha_grid.nun", "did you mean num?"],
    ),
    "an added parameter that does not exist": (
        ["+objective.exp=x"],
        ["objective.exp", "did you mean expr?"],
    ),
    "no setting at all": (["quadratic"], ["'quadratic'", "name=value"]),
    "a comma without a sweep": (["alpha=0.1,0.3"], ["alpha=0.1,0.3", "[value1,value2]"]),
    "an open bracket": (["alpha=[0.1,0.3"], ["alpha=[0.1,0.3", "brackets"]),
    "an option that does not exist": (["--alpha", "0.1"], ["--alpha", "alpha=0.1", "--help"]),
    "a list with spaces outside quotes": (["alpha=[0.1,", "0.2]"], ["comma", "alpha='[0.1, 0.2]'"]),
    "a setting of a group without the group": (
        ["criterion=gradient"],
        ["criterion", "did you mean tolerance.criterion?"],
    ),
    "nearly the name of a choice": (["objective=quadratik"], ["did you mean quadratic?"]),
    # formulas
    "a formula without its inner quotes": (
        [FORMULA, "objective.expr=(x-2)**2+sin(x)"],
        ["\"objective.expr='(x-2)**2+sin(x)'\""],
    ),
    "an unknown function": ([FORMULA, "objective.expr='foo(x)'"], ["foo", "sin, cos"]),
    "Python in a formula": (
        [FORMULA, "objective.expr='__import__(1).system(2)'"],
        ["__import__", "not part of a formula"],
    ),
    "a tower of powers": ([FORMULA, "objective.expr='9**9**9'"], ["9**9**9", "finite"]),
    "a hat for a power": ([FORMULA, "objective.expr='x^2'"], ["^", "**"]),
    "a missing multiplication sign": ([FORMULA, "objective.expr='2x'"], ["2x", "*"]),
    "a stated minimiser that is none": (
        ["+objective.minimisers=[3]"],
        ["minimisers: [3.0] is not a minimiser of x**2 + 4*x + 4"],
    ),
    # places
    "a store below a file": (["hydra.run.dir=a_file/outputs"], ["a_file"]),
    "a configuration folder that is not there": (["--config-dir=nowhere"], ["nowhere"]),
}


@pytest.mark.parametrize(("words", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused_with_one_message_and_nothing_left_behind(words, expected, tmp_path):
    (tmp_path / "a_file").write_text("")
    done = gdlab(*words, folder=tmp_path, status=2)
    message = done.stderr
    for part in expected:
        assert part in message
    assert message.startswith("gdlab: ")
    assert message.count("gdlab: ") == 1
    assert "Traceback" not in message
    assert not done.stdout
    assert not list((tmp_path / "outputs").glob("*"))


def test_python_says_the_same_as_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words, expected in (REFUSED["alpha of zero"], REFUSED["a choice that does not exist"]):
        with pytest.raises(ValueError, match=expected[0]) as refusal:
            library.run(*words)
        for part in expected:
            assert part in str(refusal.value)
        assert f"gdlab: {refusal.value}\n" == gdlab(*words, folder=tmp_path, status=2).stderr


def test_the_traceback_comes_back_when_it_is_asked_for(tmp_path):
    done = gdlab("alpha=0", folder=tmp_path, status=1, HYDRA_FULL_ERROR="1")
    assert "Traceback" in done.stderr


def test_a_bad_job_of_a_sweep_leaves_the_others(tmp_path):
    done = gdlab("-m", "alpha=0.1,0,0.3", "figures=none", folder=tmp_path, status=1)
    assert "alpha=0 is not a step size" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(library.load(tmp_path / "outputs")["alpha"].unique()) == 2


def test_an_objective_with_an_error_of_its_own_is_named(tmp_path):
    (tmp_path / "mine.py").write_text(
        "class Mine:\n"
        "    def __call__(self, x): return x[0]\n"
        "    def grad(self, x): raise KeyError('lost')\n"
    )
    done = gdlab(
        "objective._target_=mine.Mine",
        "~objective.expr",
        "~objective.variables",
        "~objective.name",
        folder=tmp_path,
        status=2,
    )
    assert "grad fails" in done.stderr
    assert "lost" in done.stderr


def test_starts_where_a_formula_has_no_value_diverge_and_harm_no_other(tmp_path):
    gdlab(
        FORMULA,
        "objective.expr='x - log(x)'",
        "alpha=0.1",
        "x0=[-1,0,2]",
        "figures=none",
        folder=tmp_path,
    )
    table = library.load(tmp_path / "outputs")
    assert table["status"].tolist() == ["diverged", "diverged", "converged"]
    assert table["x"].iloc[2] == pytest.approx(1, abs=1e-4)


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_computed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gdlab.app.os.access", lambda *_: False)
    with pytest.raises(ValueError, match="outputs cannot be written"):
        library.run("alpha=0.1")
    assert not list((tmp_path / "outputs").glob("*"))


@needs_forks
def test_ctrl_c_ends_with_a_short_message_and_no_half_files(tmp_path):
    os.mkfifo(tmp_path / "computing")
    with (tmp_path / "out").open("w") as out, (tmp_path / "err").open("w") as err:
        process = started(
            *("-m", "gdlab", "max_iter=1000000000", "alpha=1e-9", "tol=1e-30"),
            folder=tmp_path,
            stdout=out,
            stderr=err,
            before=[partial(meets, "gdlab.results.block", tells="computing")],
        )
    (tmp_path / "computing").read_text()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert (tmp_path / "err").read_text().startswith("gdlab: interrupted")
    assert "Traceback" not in (tmp_path / "err").read_text()
    assert not (tmp_path / "out").read_text()
    assert not runs_in(tmp_path)
    assert not list((tmp_path / "outputs").glob("*/results/*"))


def test_a_refused_sweep_leaves_nothing_behind(tmp_path):
    done = gdlab("-m", "objective=quadratic,nope", folder=tmp_path, status=2)
    assert "objective=nope is none of them" in done.stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
