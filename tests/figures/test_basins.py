from __future__ import annotations

import numpy as np
import pytest

import gdlab
from gdlab import figures
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.figures import Loaded
from gdlab.figures.pictures.basins import HUES, Basins, basins
from gdlab.figures.pictures.regimes import regimes
from gdlab.figures.ramps import SHADES
from gdlab.objectives.formula import Formula
from tests.figures.runs import Run, heading, legend_texts, mesh

WELL = Formula("x**4/4 - x**2/2", name="Double well")
HIMMELBLAU = Formula(
    "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
    minimisers=[
        [-3.779310253377747, -3.283185991286169],
        [-2.805118086952745, 3.131312518250573],
        [3, 2],
        [3.584428340330492, -1.848126526964404],
    ],
)


def shades(axes):
    """The ramp of each cell, and its place on it."""
    (cells,) = axes.collections[:1]
    return np.divmod(cells.get_array().astype(int), SHADES)


def descended(x, alpha, steps):
    """Where a plain loop ends on Himmelblau's function."""
    for _ in range(steps):
        a, b = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
        x = x - alpha * np.array([4 * x[0] * a + 2 * b, 2 * a + 4 * x[1] * b])
    return x


def test_the_sign_of_the_start_decides_between_the_wells_of_a_double_well():
    x0 = np.linspace(-1.4, 1.4, 20)
    run = Run(Experiment(WELL, np.linspace(0.1, 0.6, 12), x0))
    ramps, _ = shades(basins(run.loaded).axes[0])
    known = run.experiment.facts.minimisers[:, 0]
    expected = [int(np.flatnonzero(np.sign(known) == np.sign(x))[0]) for x in x0]
    assert (ramps == np.array(expected)[:, None]).all()


def test_a_start_has_the_colour_of_the_minimiser_that_a_plain_loop_comes_to():
    side = np.linspace(-5, 5, 14)
    figure = basins(Run(Experiment(HIMMELBLAU, 0.01, mesh(14, -5, 5))).loaded)
    ramps, _ = shades(figure.axes[0])
    for column, x in enumerate(side):
        for row, y in enumerate(side):
            end = descended(np.array([x, y]), 0.01, 1000)
            away = np.linalg.norm(HIMMELBLAU.minimisers - end, axis=1)
            assert ramps[row, column] == away.argmin()


def test_a_lane_is_darker_the_later_it_converges():
    run = Run(Experiment(HIMMELBLAU, 0.01, mesh(30, -5, 5)))
    _, place = shades(basins(run.loaded).axes[0])
    iterations = run.table["iterations"].to_numpy(float).reshape(30, 30).T
    order = np.argsort(iterations, axis=None)
    assert (np.diff(place.ravel()[order]) >= 0).all()
    assert place.min() == 0
    assert place.max() == SHADES - 1
    light, dark = (Basins.of(run.loaded).ramps.ramps[0](share)[:3] for share in (0.0, 1.0))
    assert sum(light) > sum(dark)


def test_minimisers_are_starred_numbered_and_listed_with_their_shares():
    run = Run(Experiment(HIMMELBLAU, 0.01, mesh(41, -5, 5)))
    figure = basins(run.loaded)
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3", "4"]
    stars = [line.get_xydata()[0] for line in axes.lines if line.get_marker() == "*"]
    np.testing.assert_allclose(stars, (HIMMELBLAU.minimisers + 5) * 4 + 0.5)
    n = np.bincount(run.table["minimum"].to_numpy(int))
    assert legend_texts(figure)[:4] == [
        f"{i + 1}: {point} ({100 * n[i] / n.sum():.1f}%)"
        for i, point in enumerate(["(−3.78, −3.28)", "(−2.81, 3.13)", "(3, 2)", "(3.58, −1.85)"])
    ]


def test_lanes_that_reach_no_minimiser_keep_the_looks_of_their_verdicts():
    x0 = np.linspace(-2.2, 2.2, 30)
    run = Run(Experiment(WELL, np.linspace(0.1, 2.4, 40), x0, max_iter=200))
    figure = basins(run.loaded)
    ramps, _ = shades(figure.axes[0])
    status = run.table["status"].cat.codes.to_numpy().reshape(40, 30).T
    for code in (Status.cycling, Status.max_iter, Status.diverged):
        assert (status == code).any()
        assert ((ramps == len(HUES) + code) == (status == code)).all()
    assert any(text.startswith("diverged (") for text in legend_texts(figure))


def test_a_point_that_is_no_minimiser_has_a_colour_of_its_own():
    # At 0 the gradient vanishes, and it is a maximum.
    run = Run(Experiment(WELL, [0.1, 0.2], [-1.0, 0.0, 0.5]))
    figure = basins(run.loaded)
    ramps, _ = shades(figure.axes[0])
    assert (ramps[1] == len(HUES)).all()
    assert "another point (33.3%)" in legend_texts(figure)


def test_of_many_minimisers_near_ones_have_different_colours():
    side = np.arange(-5, 6)
    points = np.array([[x, y] for x in side for y in side], float)
    f = Formula("sin(pi*x)**2 + sin(pi*y)**2", minimisers=points.tolist())
    run = Run(Experiment(f, 0.01, mesh(12, -5.4, 5.4)))
    hues = np.array(Basins.of(run.loaded).hues)
    away = np.linalg.norm(points[:, None] - points, axis=-1)
    assert ((away > 1.1) | (away == 0) | (hues[:, None] != hues)).all()
    assert "colours repeat, near ones differ" in heading(basins(run.loaded))


@pytest.mark.parametrize(
    ("formula", "x0", "why"),
    [
        ("exp(-x)*sin(x) + x**2", [1.0, 2.0], "no minimiser is known"),
        ("x**2 + y**2 + z**2", [[1.0, 2, 3], [3, 2, 1]], "it shows one variable or two, of 3"),
        ("x**2", [1.0], "there is a single lane"),
    ],
)
def test_where_there_are_no_basins_a_line_says_why(formula, x0, why):
    assert figures.why_not("basins", Experiment(Formula(formula), 0.1, x0)) == why


def test_a_stored_run_gives_the_picture_of_its_table_however_it_is_cut(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gdlab.store.computing.ROWS_PER_PART", 70)
    words = ("objective=himmelblau", "alpha_grid=linear", "alpha_grid.start=0.002")
    stored = gdlab.run(
        *words, "alpha_grid.stop=0.03", "alpha_grid.num=11", "x0_grid.num=8", "figures=none"
    )
    assert len(stored.record["parts"]) > 5
    ours = Loaded.of_run(stored)
    whole = Loaded.of(ours.experiment, stored.table())
    for draw in (basins, regimes):
        shown, expected = (
            [axes.collections[0].get_array() for axes in draw(run).axes[:9]]
            for run in (ours, whole)
        )
        np.testing.assert_array_equal(shown, expected)
