from __future__ import annotations

import numpy as np
import pytest

from gdlab.experiment import Experiment
from gdlab.figures import path
from gdlab.objectives.formula import Formula
from gdlab.results.choice import lanes_to_follow
from tests.figures.runs import Run, himmelblau, mesh, quadratic


def drawn(run, *lanes):
    return path(run.loaded, lanes)


def titles(figure):
    """The headings of the panels, with the notes below them."""
    panels = [axes for axes in figure.axes if axes.get_title()]
    return [f"{axes.get_title()}: {axes.texts[0].get_text()}" for axes in panels]


def followed(run):
    lanes = lanes_to_follow(run.experiment)
    return np.divmod(lanes, len(run.experiment.x0))


def test_a_panel_is_titled_by_its_step_size_and_the_verdict_in_words():
    f = Formula("theta**2")
    run = Run(Experiment(f, [0.1, 0.45, 1.0, 5.0], 3, tol=1e-5, max_iter=20))
    assert titles(drawn(run, 0, 1, 2, 3)) == [
        "α = 0.1: not yet, 20 iterations",
        "α = 0.45: 7 iterations",
        "α = 1: cycles, period 2",
        "α = 5: diverges",
    ]


def test_the_path_lies_on_the_curve_and_begins_at_the_start():
    run = quadratic(0.1, 10, tol=1e-7)
    figure = drawn(run, 0)
    axes = figure.axes[0]
    way = axes.lines[2]
    assert way.get_xdata()[0] == 10
    assert way.get_ydata() == pytest.approx((way.get_xdata() + 2) ** 2)


def test_the_frame_holds_the_start_and_every_minimiser_near_by(well):
    axes = drawn(well, 10).axes[0]
    low, high = axes.get_xlim()
    assert low < -1.09
    assert high > 0.88
    assert low < well.experiment.x0[10] < high


def test_a_diverging_path_does_not_widen_the_frame():
    run = quadratic([0.3, 1.5], 10)
    axes = drawn(run, 0, 1).axes[0]
    assert axes.get_xlim()[1] < 20
    assert axes.get_ylim()[1] < 300


def test_a_variable_with_a_number_has_one_index_beside_the_iterates():
    run = Run(Experiment(Formula("x1**2"), [0.1], [1.0]))
    figure = drawn(run, 0)
    figure.draw_without_rendering()
    texts = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert "iterates $x_{1,k}$" in texts


def test_greek_variables_appear_as_greek_letters():
    run = Run(Experiment(Formula("theta**2"), 0.3, 3))
    assert drawn(run, 0).axes[0].get_xlabel() == r"$\theta$"


def test_in_the_plane_paths_lie_over_contours_with_the_minimisers_as_stars():
    run = himmelblau([0.01, 0.012], mesh(3, -4, 4))
    figure = drawn(run, *range(18))
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert len(panels) == 2
    assert titles(figure)[0] == "α = 0.01: all converge"
    stars = [line for line in panels[0].lines if line.get_marker() == "*"]
    assert np.transpose(stars[0].get_data()).tolist() == pytest.approx(
        run.experiment.facts.minimisers
    )


def test_mixed_verdicts_are_counted_in_the_title():
    run = himmelblau([0.024], mesh(3, -5, 5))
    counts = run.table["status"].value_counts()
    (title,) = titles(drawn(run, *range(9)))
    assert f"{counts['converged']} converge" in title


def test_at_most_six_step_sizes_are_followed_with_the_fastest_and_both_ends(large):
    i_alpha, i_x0 = followed(large)
    alpha = large.experiment.alpha[i_alpha]
    assert len(set(i_alpha)) == 6
    assert len(set(i_x0)) == 1
    assert alpha.min() == 0.0125
    assert alpha.max() == 1.25
    assert 0.5 in alpha.round(12)


def test_a_failing_step_size_is_among_those_followed():
    run = quadratic(np.append(np.linspace(0.1, 0.9, 40), [1.05, 0.95]), [5.0, 7.0])
    i_alpha, _ = followed(run)
    assert run.experiment.alpha[i_alpha].max() == 1.05


def test_in_the_plane_up_to_eight_starts_are_followed():
    run = himmelblau([0.005, 0.01], mesh(21, -5, 5), max_iter=20)
    i_alpha, i_x0 = followed(run)
    assert len(set(i_x0)) == 8
    assert len(i_alpha) == 16
    assert (np.ptp(run.experiment.x0[i_x0], axis=0) > 5).all()


def test_three_variables_have_no_such_picture():
    run = Run(Experiment(Formula("x**2 + y**2 + z**2"), 0.1, [[1, 2, 3]]))
    with pytest.raises(ValueError, match="one variable or two"):
        drawn(run, 0)


def test_a_step_size_given_twice_is_followed_once():
    run = quadratic([0.1, 0.1, 0.3], [1.0])
    figure = drawn(run, *lanes_to_follow(run.experiment))
    assert titles(figure) == ["α = 0.1: 61 iterations", "α = 0.3: 17 iterations"]
