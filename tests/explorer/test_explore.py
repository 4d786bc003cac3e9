"""`python -m gdlab.explore`, as a user types it."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import numpy as np
import pytest

import gdlab
from gdlab.explore import main
from gdlab.explorer.ranges import minima, starts_of, step_sizes_of
from gdlab.methods import GradientDescent
from tests.command import python
from tests.explorer.test_section import axes_of, data_of


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_formula_becomes_a_page_that_is_opened(here, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(webbrowser, "open", seen.append)
    assert main(["x**4 - 3*x**2 + x"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.parent == Path("outputs/explorer")
    assert seen == [path.resolve().as_uri()]
    html = path.read_text(encoding="utf-8")
    assert '<h2 class="title">f(x) = x⁴ − 3x² + x</h2>' in html
    for verdict in ("iterations", "cycling", "not converged after 1,000", "diverged"):
        assert f"{verdict} " in html  # of the legend: all are there to be seen


def test_from_the_command_line_a_formula_may_begin_with_a_minus(tmp_path):
    words = ["-x**2+x**4", "--no-browser", "--out", "well.html", "--x0", "-2", "2"]
    done = python("-m", "gdlab.explore", *words, "--method=momentum", folder=tmp_path)
    assert done.stdout == "well.html\n"
    assert done.stderr == ""
    html = (tmp_path / "well.html").read_text(encoding="utf-8")
    assert axes_of(data_of(html))[1][::100] == [-2, 2]
    assert "momentum, β = 0.9" in html


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["x**"], "expr=x** is not a formula that can be read"),
        (["x*y*z"], "the formula has 3 variables (x, y, z), and the explorer draws one or two"),
        (["x**2", "--alpha", "2", "1"], "alpha=2 1 are no ends; give the lower one first"),
        (["x**2", "--alpha", "0", "1"], "alpha=0 is not a step size; it must be positive"),
        (["x**2", "--x0", "nan", "1"], "x0=nan is not a finite number"),
        (["x**2", "--tol", "0"], "tol=0 is not a tolerance"),
        (["x**2", "--max-iter", "0"], "max_iter=0 is not a whole number of at least 1"),
        (["x**2", "--method", "newtn"], "method=newtn is not known (did you mean newton?)"),
        (["x**2", "--method", "armijo"], "whose step is plain arithmetic, unlike Armijo's"),
        (["x**2", "--out", "/dev/null/x.html"], "/dev/null/x.html cannot be written"),
    ],
)
def test_what_cannot_be_explored_is_said_in_one_line_and_leaves_nothing(
    here, capsys, words, complaint
):
    assert main([*words, "--no-browser"]) == 2
    said = capsys.readouterr()
    assert complaint in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert not list(here.iterdir())


def test_step_sizes_reach_beyond_the_limit_of_the_widest_minimum():
    f = gdlab.Formula("x**2 + 4*x + 4")
    alpha = step_sizes_of(f, GradientDescent())
    assert alpha[-1] == 1.2  # 2/L = 1
    assert len(set(np.round(np.diff(alpha), 9))) == 1
    assert np.array_equal(starts_of(f)[[0, -1]], [-4, 0])


def test_minima_that_nobody_stated_are_found():
    rosenbrock = gdlab.Formula("(1 - x)**2 + 100*(y - x**2)**2")
    assert np.allclose(minima(rosenbrock), [[1, 1]], atol=1e-6)
    himmelblau = gdlab.Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2")
    found = minima(himmelblau)
    assert len(found) == 4
    assert np.abs(himmelblau.grad(found.T)).max() < 1e-5
    assert len(minima(gdlab.Formula("exp(x)"))) == 0


@pytest.mark.parametrize("expr", ["1/x", "log(x)", "abs(x)", "-x", "x**4", "1e300*x**2", "x*y"])
def test_a_formula_of_which_little_is_known_has_grids_all_the_same(expr):
    f = gdlab.Formula(expr)
    alpha, x0 = step_sizes_of(f, GradientDescent()), np.asarray(starts_of(f))
    assert np.isfinite(alpha).all()
    assert (alpha > 0).all()
    assert np.isfinite(x0).all()
