"""Objectives that are infinite, too large or not defined where lanes start and where they go."""

from __future__ import annotations

import numpy as np
import pytest

from gdlab import figures
from gdlab.experiment import Experiment
from gdlab.objectives.formula import Formula
from tests.figures.runs import Run

NOT_HERE = "f has no value within ±10²⁰⁰ here"


def run(formula: str, x0: object) -> Run:
    return Run(Experiment(Formula(formula), [0.1, 0.5], np.array(x0, float), max_iter=20))


def said(figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


@pytest.mark.parametrize(
    ("formula", "x0"),
    [
        ("log(x)", [-1, 0, 1]),
        ("log(x) + x**2", [-1e7, 1e7, -1, 1]),
        ("log(x)", [-1e7, 1e7, 2e7]),
        ("1/x", [-1, 0, 1]),
        ("x**0.5", [-1, 0, 1]),
        ("exp(x)", [710, 1e7]),
        ("1e300*x", [-1e7, 0, 1e7]),
        ("x**2*1e-320", [1, 2, 3]),
        ("sqrt(x) + 1e190", [0, 1, 4]),
        ("exp(x*y)", [[1000, 1], [1, -1000], [0, 0]]),
        ("1e300*(x**2 + y**2)", [[-1e6, -1], [0, 0], [1, 2]]),
    ],
)
def test_extreme_values_of_f_are_drawn_without_a_warning(formula, x0, tmp_path):
    extreme = run(formula, x0)
    # Tests turn warnings into errors.
    assert len(figures.draw(extreme.loaded, tmp_path, formats=["png"])) == 3


@pytest.mark.parametrize(
    ("formula", "x0"), [("log(x)", [-2, -1]), ("exp(x**2 + y**2)", [[100, 100], [200, 3]])]
)
def test_where_f_has_no_value_the_pictures_say_so(formula, x0):
    nowhere = run(formula, x0)
    lanes = range(nowhere.experiment.n_lanes)
    assert said(figures.path(nowhere.loaded, lanes)).count(NOT_HERE) == 2
    assert said(figures.curves(nowhere.alone)) == [NOT_HERE]


@pytest.mark.parametrize(("formula", "x0"), [("3 + 0*x", [1, 2]), ("(x - 2)**2", [2])])
def test_where_every_start_is_at_the_minimum_curves_say_so_instead_of_drawing_nothing(formula, x0):
    flat = Run(Experiment(Formula(formula, variables="x"), [0.1, 0.5], np.array(x0, float)))
    assert said(figures.curves(flat.alone)) == [
        "every lane is at the least value of f from the start"
    ]


def test_a_level_band_is_drawn_without_a_warning(tmp_path):
    level = run("x**2/1e300", [-1e7, 1e7])
    assert figures.draw(level.loaded, tmp_path, ["curves"], ["png"])
