from __future__ import annotations

import numpy as np
import pytest

from gdlab import figures
from gdlab.experiment import Experiment
from gdlab.figures import rates
from gdlab.methods import Adam, Momentum
from gdlab.objectives.formula import Formula
from gdlab.sweeps.facets import Job, facets_of
from tests.figures.runs import Run, himmelblau, mesh, quadratic

X0 = np.linspace(-10, 10, 5)


def dots(axes):
    """The points (n, 2) that are measured."""
    collections = [c for c in axes.collections if type(c).__name__ == "PathCollection"]
    return [np.asarray(c.get_offsets()) for c in collections]


def lines(axes):
    """The points (n, 2) of each line of theory."""
    return [
        line.get_xydata()
        for line in axes.lines
        if not line.get_label().startswith("_one") and len(line.get_xdata()) > 2
    ]


def entries(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def said(figure):
    return " ".join(text.get_text() for text in figure.texts)


def test_what_is_measured_lies_on_theory_s_line_which_is_1_minus_alpha_l():
    alpha = np.linspace(0.1, 1.2, 12)
    figure = rates(quadratic(alpha, X0).loaded)
    axes = figure.axes[0]
    (points,), (line,) = dots(axes), lines(axes)
    assert points[:, 0].tolist() == alpha.tolist()
    assert points[:, 1] == pytest.approx(np.abs(1 - 2 * alpha), abs=1e-6)
    assert line[:, 1] == pytest.approx(np.abs(1 - 2 * line[:, 0]))
    assert 0.5 in line[:, 0]  # where it bends
    assert entries(figure) == ["measured", "theory", "α = 2/L = 1"]
    assert "rate 0: a step lands on the minimum" in said(figure)


def test_the_line_of_momentum_is_level_at_root_beta():
    figure = rates(quadratic(np.linspace(0.1, 1.4, 14), X0, method=Momentum(0.5)).loaded)
    (line,) = lines(figure.axes[0])
    assert line[:, 1] == pytest.approx(np.sqrt(0.5))


def test_each_minimiser_that_is_reached_has_a_line_and_dots_on_it(well):
    figure = rates(well.loaded)
    axes = figure.axes[0]
    assert len(lines(axes)) == len(dots(axes)) == 2
    for line, points in zip(lines(axes), dots(axes), strict=True):
        expected = np.interp(points[:, 0], *line.T)
        assert np.abs(points[:, 1] - expected).max() < 0.1  # near 0 there are few steps
        assert np.median(np.abs(points[:, 1] - expected)) < 1e-3
    assert {"x* = 0.879", "x* = −1.09"} <= set(entries(figure))
    assert "a colour for each minimiser" in said(figure)


def test_four_minimisers_of_the_plane_are_told_apart_by_colour_and_by_shape():
    f = Formula(
        "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        minimisers=[[3, 2], [-2.805118, 3.131313], [-3.77931, -3.283186], [3.584428, -1.848127]],
    )
    run = Run(Experiment(f, [0.001, 0.003, 0.01], mesh(5, -4, 4)))
    axes = rates(run.loaded).axes[0]
    found = [c for c in axes.collections if type(c).__name__ == "PathCollection"]
    assert len(found) == 4
    assert len({tuple(c.get_facecolor()[0]) for c in found}) == 4
    assert len({c.get_paths()[0].vertices.tobytes() for c in found}) == 4


def test_where_theory_knows_no_rate_there_is_only_what_was_measured():
    figure = rates(quadratic([0.1, 0.3, 0.5], X0, method=Adam()).loaded)
    assert not lines(figure.axes[0])
    assert entries(figure) == ["measured"]


def test_a_minimiser_without_curvature_is_said_to_be_slower_than_any_rate():
    figure = rates(Run(Experiment(Formula("x**4"), [0.05, 0.1], [0.5, 1.0])).loaded)
    assert "no curvature at the minimiser: slower than any rate below 1" in said(figure)
    (line,) = lines(figure.axes[0])
    assert (line[:, 1] == 1).all()


@pytest.mark.parametrize(
    ("f", "alpha", "x0", "expected"),
    [
        ("log(x)", [0.1, 0.2], [-1.0, 0.0], "no rate can be measured"),
        (Formula("5", variables=("x",)), [0.1, 0.2], [1.0], "no rate can be measured"),
        ("x**2", [1.5, 3.0], [1.0, 2.0], [2, 5]),  # all diverge
        ("x**2 + 4*x + 4", [0.1, 0.2], [-2.0], []),
        ("x**2 + 4*x + 4", [0.1], [10.0], [0.8]),  # one lane
        ("x**2*1e-300", [1e-300, 2.5e299, 1e300], [1.0, 2.0], [0.5, 1]),
        (Formula("ᶁ**2", name="<script>$Ⓐ"), [0.1, 0.2], [1.0], [0.8, 0.6]),
    ],
)
def test_the_edges_have_a_picture_that_says_what_is_so(f, alpha, x0, expected, tmp_path):
    f = Formula(f) if isinstance(f, str) else f
    run = Run(Experiment(f, alpha, x0, max_iter=100))
    # Tests turn warnings into errors.
    (first,), (second,) = (
        figures.draw(run.loaded, tmp_path / own, ["rates"], ["png"]) for own in "ab"
    )
    assert first.read_bytes() == second.read_bytes()
    axes = rates(run.loaded).axes[0]
    if isinstance(expected, str):
        assert expected in axes.texts[0].get_text()
    else:
        rate = [rate for points in dots(axes) for rate in points[:, 1]]
        assert rate == pytest.approx(expected, abs=1e-3)


def test_pairs_are_refused_in_a_sentence():
    run = Run(Experiment(Formula("x**2"), [0.1, 0.2], [1.0, 2.0], pairs=True))
    with pytest.raises(ValueError, match=r"rates: .* pairs of α and x0 have no grid"):
        rates(run.loaded)


def test_runs_of_a_sweep_have_a_panel_each_with_one_scale_of_rates():
    jobs = [
        Job({"method": "descent"}, lambda: quadratic([0.1, 0.3], X0).loaded),
        Job({"method": "ball"}, lambda: quadratic([0.1, 0.3], X0, method=Momentum(0.9)).loaded),
        Job({"method": "plane"}, lambda: himmelblau([0.01, 0.02], mesh(3, -4, 4)).loaded),
        Job({"method": "failed"}, None),
    ]
    figure = rates(facets_of(jobs, ("alpha", "x0")))
    one, two, three, failed = figure.axes
    assert one.get_ylim() == two.get_ylim() == three.get_ylim()
    assert [text.get_text() for text in failed.texts] == ["failed"]
    assert dots(one)[0][:, 1].tolist() == pytest.approx([0.8, 0.4])
