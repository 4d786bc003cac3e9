from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.figures import Facets, Loaded, heatmap, settings
from gdlab.figures.cells import LOOKS, VERDICTS
from gdlab.methods import Momentum, Nesterov, Newton
from gdlab.objectives.formula import Formula
from gdlab.results.raster import Cells, iterations_of
from tests.figures.runs import Run, himmelblau, mesh, quadratic


def legend_texts(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def tick_texts(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def heading(figure):
    return " ".join(text.get_text() for text in figure.texts)


def layers(axes):
    """What cells show, NaN where a layer shows nothing: iterations, and the other verdicts."""
    found = {
        mesh.get_cmap().name: mesh.get_array().astype(float).filled(np.nan)
        for mesh in axes.collections
    }
    return found.get("viridis_part"), found.get(VERDICTS.name)


def dashed_at(axes):
    return [line.get_xdata()[0] for line in axes.lines if line.get_label() != "_under"]


def test_few_lanes_show_their_counts_and_the_words_of_other_verdicts(small):
    axes = heatmap(small.alone).axes[0]
    shown = {text.get_position(): text.get_text() for text in axes.texts}
    for lane, row in enumerate(small.table.itertuples()):
        column, up = divmod(lane, 8)
        expected = str(row.iterations) if row.status == "converged" else row.status[:3]
        assert shown[column + 0.5, up + 0.5] == expected


def test_a_larger_heatmap_holds_the_iterations_of_every_lane_without_counts(large):
    axes = heatmap(large.alone).axes[0]
    iterations, _ = layers(axes)
    expected = large.table["iterations"].to_numpy(float, na_value=np.nan).reshape(100, 41).T
    np.testing.assert_array_equal(iterations, expected)
    assert all(mesh.get_rasterized() for mesh in axes.collections)
    assert not axes.texts


def test_step_sizes_at_which_everything_diverges_keep_their_columns(large):
    axes = heatmap(large.alone).axes[0]
    _, verdicts = layers(axes)
    diverged = (large.table["status"] == "diverged").to_numpy().reshape(100, 41).T
    assert diverged[:, -1].any()
    assert ((verdicts == Status.diverged) == diverged).all()


def test_each_verdict_has_its_own_colour(well):
    axes = heatmap(well.alone).axes[0]
    mesh = axes.collections[1]
    mesh.update_scalarmappable()
    for code, colour in zip(mesh.get_array().ravel().filled(0), mesh.get_facecolor(), strict=True):
        assert code == 0 or tuple(colour) == to_rgba(LOOKS[Status(code)].colour)


def test_the_legend_tells_the_share_of_each_verdict(large):
    counts = large.table["status"].value_counts(normalize=True)
    texts = legend_texts(heatmap(large.alone))
    assert texts == [
        f"cycling ({100 * counts['cycling']:.1f}".removesuffix(".0") + "%)",
        f"diverged ({100 * counts['diverged']:.1f}%)",
        "α = 2/L = 1",
    ]


def test_the_limit_of_a_quadratic_stands_where_alpha_is_2_over_l(large):
    figure = heatmap(large.alone)
    assert dashed_at(figure.axes[0]) == pytest.approx([79.5])  # α = 1 is the 80th of 100 cells
    assert legend_texts(figure)[-1] == "α = 2/L = 1"


@pytest.mark.parametrize(
    ("method", "alpha", "said"),
    [
        (Momentum(0.5), 2.0, "α = 2(1 + β)/L = 1.5"),
        (Nesterov(0.5), 1.0, "α = 2(1 + β)/((1 + 2β)L) = 0.75"),
        (Newton(), 3.0, "limit of α = 2"),
    ],
)
def test_another_method_has_a_limit_of_its_own(method, alpha, said):
    run = quadratic(np.linspace(0.01, alpha, 60), np.linspace(-10, 10, 20), method=method)
    assert legend_texts(heatmap(run.alone))[-1] == said


def test_a_limit_outside_the_grid_is_not_drawn():
    run = quadratic(np.linspace(0.1, 0.9, 20), np.linspace(-10, 10, 20))
    figure = heatmap(run.alone)
    assert not dashed_at(figure.axes[0])
    assert not figure.legends


def test_elsewhere_the_limits_are_called_local_and_name_their_minimiser(well):
    figure = heatmap(well.alone)
    assert len(dashed_at(figure.axes[0])) == 2
    assert "local 2/L = 0.784 at x* = −1.09, 1.52 at x* = 0.879" in legend_texts(figure)


def test_a_minimum_without_curvature_has_no_limit():
    run = Run(Experiment(Formula("x**4"), np.linspace(0.01, 0.5, 20), np.linspace(-1, 1, 20)))
    assert not dashed_at(heatmap(run.alone).axes[0])


def test_ticks_of_a_logarithmic_grid_stand_at_their_values():
    run = quadratic(np.geomspace(1e-3, 1, 61), np.linspace(-10, 10, 21))
    axis = heatmap(run.alone).axes[0].xaxis
    assert tick_texts(axis) == ["0.001", "0.01", "0.1", "1"]
    assert axis.get_ticklocs() == pytest.approx([0.5, 20.5, 40.5, 60.5])


def test_tick_labels_hold_no_rounding_dust():
    run = quadratic(np.arange(1, 11) * 0.1, [1, 2])
    labels = tick_texts(heatmap(run.alone).axes[0].xaxis)
    assert labels == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"]


def test_starting_points_run_upward_in_whatever_order_they_were_given():
    run = quadratic([0.4, 0.1], [5.0, -7.0, 3.0])
    axes = heatmap(run.alone).axes[0]
    assert tick_texts(axes.yaxis) == ["−7", "3", "5"]
    assert tick_texts(axes.xaxis) == ["0.1", "0.4"]
    bottom, top = axes.get_ylim()
    assert bottom < top
    shown = {text.get_position(): text.get_text() for text in axes.texts}
    assert shown[1.5, 0.5] == str(run.table["iterations"][1])


def test_under_two_decades_the_colour_bar_has_ticks_at_1_2_5(small):
    assert tick_texts(heatmap(small.alone).axes[1].yaxis) == ["10", "20", "50"]


def test_one_iteration_is_not_painted_like_divergence():
    run = quadratic(np.linspace(0.05, 1.25, 25), np.linspace(-10, 10, 41))  # x0 = -2 needs one
    mesh = heatmap(run.alone).axes[0].collections[0]
    row = np.argmin(np.abs(np.linspace(-10, 10, 41) + 2))
    assert mesh.get_array()[row, 0] == 1
    assert max(mesh.to_rgba(mesh.get_array())[row, 0, :3]) > 0.2


def test_with_several_tolerances_the_tightest_is_drawn_and_said():
    run = quadratic([0.1, 0.2], [1.0, 5.0], tol=[1e-3, 1e-9, 1e-6])
    figure = heatmap(run.alone)
    tight = run.table[run.table["tol"] == 1e-9]["iterations"]
    shown = {text.get_text() for text in figure.axes[0].texts}
    assert shown == set(tight.astype(str))
    assert "10⁻⁹ (the tightest of 3 tolerances)" in heading(figure)


def test_more_lanes_than_pixels_are_medians_of_blocks_and_it_is_said():
    run = quadratic(np.linspace(0.01, 1.2, 2000), np.linspace(-10, 10, 20), max_iter=30)
    figure = heatmap(run.alone)
    assert layers(figure.axes[0])[0].shape == (20, 667)
    assert "each pixel shows the median of 3 × 1 lanes" in heading(figure)
    assert figure.axes[0].get_xlim() == (0, 2000 / 3)


def test_a_block_has_the_commonest_status_and_the_median_of_its_counts():
    steps = np.array([[4, 9, 7], [6, 8, 1]], np.int32)
    status = np.array([[0, 3, 0], [0, 0, 1]], np.int8)
    block = Cells(status, iterations_of(status, steps)).blocks(2, 2)
    assert block.labels.tolist() == [[0, 0]]
    assert block.values.tolist() == [[6, 7]]


@pytest.mark.parametrize(("alpha", "x0"), [(0.1, 10), (0.1, np.linspace(-9, 9, 40)), ([0.1, 2], 3)])
def test_one_step_size_or_one_start_is_a_picture_too(alpha, x0):
    run = quadratic(alpha, x0, tol=1e-7)
    figure = heatmap(run.alone)
    figure.draw_without_rendering()
    assert figure.axes[0].get_xlabel() == "step size α"


def test_the_tutorial_lane_says_its_78_iterations():
    run = quadratic(0.1, 10, tol=1e-7)
    figure = heatmap(run.alone)
    assert figure.axes[0].texts[0].get_text() == "78"
    assert "converged after 78 iterations" in heading(figure)


def test_a_run_in_which_no_lane_converges_says_so_and_has_no_colour_bar():
    run = quadratic(np.linspace(1.1, 2, 20), np.linspace(1, 10, 20))
    figure = heatmap(run.alone)
    assert len(figure.axes) == 1
    assert "no lane converged" in heading(figure)
    assert legend_texts(figure) == ["diverged (100%)"]


def test_a_plane_of_starts_has_a_panel_for_each_of_at_most_nine_step_sizes():
    run = himmelblau(np.linspace(0.001, 0.02, 20), mesh(15, -5, 5), max_iter=50)
    figure = heatmap(run.alone)
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert len(panels) == 9
    assert panels[0].get_title() == "α = 0.001"
    assert panels[-1].get_title() == "α = 0.02"
    assert "9 of the α drawn" in heading(figure)


def test_a_mesh_is_found_in_whatever_order_its_points_come():
    x0 = mesh(15, -5, 5)
    shuffled = np.random.default_rng(0).permutation(x0)
    one, other = (himmelblau(0.01, points) for points in (x0, shuffled))
    shown = [layers(heatmap(run.alone).axes[0])[0] for run in (one, other)]
    np.testing.assert_array_equal(*shown)


def test_the_first_variable_runs_across_and_the_second_upward():
    run = himmelblau(0.01, [[x, y] for x in (1.0, 2.0, 3.0) for y in (-1.0, 4.0)])
    axes = heatmap(run.alone).axes[0]
    assert tick_texts(axes.xaxis) == ["1", "2", "3"]
    assert tick_texts(axes.yaxis) == ["−1", "4"]
    shown = {text.get_position(): text.get_text() for text in axes.texts}
    assert shown[2.5, 0.5] == str(run.table["iterations"][4])


def test_scattered_starts_are_dots_at_their_places():
    x0 = np.random.default_rng(0).normal(0, 2, (40, 2))
    run = himmelblau([0.01], x0)
    axes = heatmap(run.alone).axes[0]
    dots = np.concatenate([group.get_offsets() for group in axes.collections])
    assert sorted(dots.tolist()) == sorted(x0.tolist())


def test_from_three_variables_on_the_starts_go_by_number():
    x0 = np.random.default_rng(0).normal(size=(20, 3))
    run = Run(Experiment(Formula("x1**2 + 2*x2**2 + 5*x3**2"), np.linspace(0.01, 0.25, 30), x0))
    figure = heatmap(run.alone)
    axes = figure.axes[0]
    assert axes.get_ylabel() == "starting point, by number"
    assert layers(axes)[0].shape == (20, 30)
    assert "α = 2/L = 0.2" in legend_texts(figure)


def test_a_part_of_a_table_is_refused(small):
    with pytest.raises(ValueError, match="give the whole table"):
        heatmap(Facets.one(Loaded.of(small.experiment, small.table.head(9))))


@pytest.mark.parametrize(
    ("alpha", "x0"),
    [([0.1, 0.3], [1, 2, 3]), ([0.3], [1, 2]), ([0.1, 0.3], [1]), ([1.2, 1.3, 1.5], [1, 2])],
)
def test_few_cells_fill_the_picture_to_its_right_edge(alpha, x0):
    run = quadratic(np.array(alpha), np.array(x0, float))
    figure = heatmap(run.alone)
    with settings():
        figure.draw_without_rendering()
        right = max(axes.get_tightbbox().x1 for axes in figure.axes)
    assert 0.95 < right / figure.bbox.width <= 1
