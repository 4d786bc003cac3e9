from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from gdlab.experiment import Experiment
from gdlab.figures import curves
from gdlab.methods import Momentum
from gdlab.objectives.formula import Formula
from gdlab.results import traces as following
from tests.figures.runs import Run, quadratic


def drawn(run):
    return curves(run.alone)


def by_label(axes):
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_a_line_is_the_median_over_the_starts_and_the_band_the_middle_half():
    run = quadratic([0.1], np.linspace(-10, 10, 9))
    axes = drawn(run).axes[0]
    line = by_label(axes)["0.1"]
    table = following.convergence_curves(run.experiment, run.table).table
    assert line.get_ydata()[:30] == pytest.approx(table["median"][:30])
    band = axes.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(table["upper"].max())


def test_a_few_step_sizes_have_own_colours_and_own_line_styles():
    figure = drawn(quadratic(np.linspace(0.1, 0.8, 8), [10.0, 3.0]))
    lines = by_label(figure.axes[0]).values()
    assert len({line.get_color() for line in lines}) == 8
    assert len({str(line._dash_pattern) for line in lines}) == 8
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()][::7] == ["α = 0.1", "α = 0.8"]


def test_too_small_and_too_large_step_sizes_have_colours_of_their_own():
    axes = drawn(quadratic(np.linspace(0.05, 0.95, 19), [10.0, 3.0])).axes[0]
    lines = {float(label): line for label, line in by_label(axes).items()}
    for alpha, line in lines.items():
        red, _, blue = to_rgb(line.get_color())
        if alpha < 0.49:  # 1/L is 0.5
            assert blue > red
            assert line.get_linestyle() == "-"
        elif alpha > 0.51:
            assert red > blue
            assert line.get_linestyle() == "--"
    assert max(to_rgb(lines[0.5].get_color())) < 0.1
    assert len({line.get_color() for line in lines.values()}) == 19


def test_many_step_sizes_have_a_colour_bar_with_the_limit_on_it():
    figure = drawn(quadratic(np.linspace(0.05, 1.2, 12), [10.0, 3.0]))
    assert not figure.legends
    bar = figure.axes[1]
    assert bar.get_ylabel() == "step size α"
    assert [text.get_text() for text in bar.texts] == ["best", "2/L"]


def test_a_diverging_step_size_leaves_the_frame_at_the_top():
    run = quadratic([0.3, 1.3], [10.0, 3.0])
    axes = drawn(run).axes[0]
    bottom, top = axes.get_ylim()
    rising = by_label(axes)["1.3 (diverges)"].get_ydata()
    assert top < 1e5
    assert rising[-1] > top
    assert bottom < 1e-9


def test_values_at_the_minimum_itself_leave_the_frame_at_the_bottom():
    run = quadratic([0.5, 0.1], [10.0])  # α = 1/L is there in one step
    axes = drawn(run).axes[0]
    bottom, top = axes.get_ylim()
    assert 0 < by_label(axes)["0.5"].get_ydata()[-1] < bottom
    assert np.log10(top / bottom) <= 21


def test_where_the_minimum_is_not_known_the_axis_says_what_was_subtracted():
    run = Run(Experiment(Formula("x**2 + sin(x)"), [0.1, 0.2], [1.0, 2.0]))
    axes = drawn(run).axes[0]
    assert axes.get_ylabel() == "$f(x_{k})$ minus the least value seen"


def test_where_it_is_known_the_axis_says_f_star(small):
    assert drawn(small).axes[0].get_ylabel() == "$f(x_{k}) - f^*$"


def test_a_sample_of_the_starts_is_called_one():
    run = quadratic([0.1, 0.2], np.linspace(-10, 10, 200))
    said = " ".join(text.get_text() for text in drawn(run).texts)
    assert "median over 64 of 200 starting points" in said


def test_what_only_cycles_on_does_not_squeeze_what_converges():
    run = quadratic([0.3, 1.0], [10.0, 3.0], max_iter=1000)  # α = 2/L cycles
    figure = drawn(run)
    assert figure.axes[0].get_xlim()[1] < 100
    assert "of at most 1,000 iterations" in " ".join(text.get_text() for text in figure.texts)


def test_where_minima_differ_the_axis_says_so_and_every_line_goes_down(well):
    figure = drawn(well)
    axes = figure.axes[0]
    assert axes.get_ylabel() == "$f(x_{k}) - f_{min}$"
    assert "f at the minimum that a start reaches" in " ".join(t.get_text() for t in figure.texts)
    for line in by_label(axes).values():
        assert line.get_ydata()[-1] < 1e-6 * line.get_ydata()[0]


def test_lanes_that_do_not_converge_are_marked_at_the_edge_and_their_share_is_said():
    run = quadratic([0.3, 1.0, 1.3], [10.0, 3.0, -7.0, 1.0], max_iter=400)
    figure = drawn(run)
    axes = figure.axes[0]
    marks = {line.get_label(): line for line in axes.lines if line.get_label().startswith("_")}
    diverged = run.table[run.table["status"] == "diverged"]["steps"]
    assert set(marks["_diverged"].get_xdata()) <= set(diverged)
    assert set(marks["_cycling"].get_ydata()) == {9, 25, 144}
    said = " ".join(text.get_text() for text in figure.texts)
    assert "33.3% of the lanes diverge, 33.3% cycle (marks at the edge)" in said


def test_a_run_in_which_all_diverge_is_a_picture_too():
    axes = drawn(quadratic([1.5, 2.0], [10.0, 3.0])).axes[0]
    assert set(by_label(axes)) == {"1.5 (diverges)", "2 (diverges)"}
    assert axes.get_xlim()[1] < 5  # where both have left the frame, and not where the lanes end


def test_a_step_size_given_twice_is_drawn_as_once():
    twice, once = (
        drawn(quadratic(alpha, [1.0, 2.0, 3.0])) for alpha in ([0.1, 0.1, 0.3], [0.1, 0.3])
    )
    assert twice.axes[0].get_xlim() == once.axes[0].get_xlim()
    lines = (by_label(figure.axes[0]) for figure in (twice, once))
    for one, other in zip(*(each.values() for each in lines), strict=True):
        np.testing.assert_array_equal(one.get_xydata(), other.get_xydata())
    assert "2 α" in " ".join(text.get_text() for text in twice.texts)


def bound_of(run):
    axes = drawn(run).axes[0]
    lines = [line for line in axes.lines if line.get_label() == "_bound"]
    return (lines[0] if lines else None), [text.get_text() for text in axes.texts]


def test_gradient_descent_on_a_convex_function_stays_below_its_bound():
    run = quadratic([0.05, 0.4, 0.6], [10.0, 3.0], tol=1e-3)  # 1/L = 0.5, x* = -2
    line, said = bound_of(run)
    k, bound = line.get_data()
    assert bound == pytest.approx(12**2 / (2 * 0.4 * k))
    assert said == ["≤ |x₀ − x*|²/(2αk), α = 0.4"]
    trace = following.trace(run.experiment, lane=2)  # from 10 with α = 0.4
    assert (trace["f"][1:] <= 144 / (0.8 * trace["iteration"][1:])).all()


def test_a_convex_function_whose_smoothness_is_stated_has_its_bound_too():
    f = Formula("log(cosh(x))", minimisers=[0], smoothness=1)
    line, said = bound_of(Run(Experiment(f, [0.5, 1.5], [10.0, -4.0])))
    assert line.get_ydata()[-1] == pytest.approx(100 / line.get_xdata()[-1])
    assert said == ["≤ |x₀ − x*|²/(2αk), α = 0.5"]


@pytest.mark.parametrize(
    ("f", "alpha", "settings"),
    [
        ("log(cosh(x))", [0.5], {}),  # convex, but nobody says so
        ("x**2 + 4*x + 4", [0.6, 0.9], {}),  # larger than 1/L
        ("x**2 + 4*x + 4", [0.1, 0.4], {"method": Momentum(0.5)}),
        ("x**4/4 - x**2/2", [0.1], {}),
    ],
)
def test_no_bound_is_drawn_where_none_is_known(f, alpha, settings):
    line, said = bound_of(Run(Experiment(Formula(f), alpha, [3.0, 4.0], **settings)))
    assert line is None
    assert said == []
