from __future__ import annotations

import numpy as np
import pytest

from gdlab.experiment import Experiment
from gdlab.figures import curves, heatmap
from gdlab.figures.facets import called
from gdlab.objectives.formula import Formula
from gdlab.sweeps.facets import Job, compare, facets_of
from tests.figures.runs import Run, himmelblau, mesh, quadratic

ALPHA, X0 = np.linspace(0.1, 1.2, 12), np.linspace(-10, 10, 15)


def job(run: Run | None, **swept) -> Job:
    if run is None:
        return Job(swept, None)
    return Job(swept, lambda: run.loaded)


def require_same(facet, run: Run):
    """Check that the runs of a facet, put together, are this one, as a whole and in part."""
    loaded, (whole,) = facet.load(), run.loaded.tiles()
    for first, last in ((0, whole.status.shape[0]), (1, 2), (1, 4)):
        tiles, expected = list(loaded.tiles(first, last)), whole.between(first, last)
        assert tiles[0].first == first
        for name in ("status", "steps", "f", "at_no_minimum"):
            parts = [getattr(tile, name) for tile in tiles]
            assert np.array_equal(np.concatenate(parts), getattr(expected, name))
    assert loaded.experiment.alpha.tolist() == run.experiment.alpha.tolist()
    assert loaded.experiment.x0.tolist() == run.experiment.x0.tolist()


def test_runs_by_starts_alone_are_one_grid_of_lanes():
    jobs = [job(quadratic([0.1, 0.2, 0.3], x), x0=x) for x in (1.0, 5.0, 9.0)]
    (facet,) = facets_of(jobs, ("alpha", "x0")).shown
    require_same(facet, quadratic([0.1, 0.2, 0.3], [1, 5, 9]))


def compared_heatmaps(jobs):
    return heatmap(facets_of(jobs, ("alpha", "x0")))


def compared_curves(jobs):
    return curves(facets_of(jobs, ("alpha",)))


def by_tol(*tols):
    return [job(quadratic(ALPHA, X0, tol=tol), tol=tol) for tol in tols]


def panels(figure):
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def titles(figure):
    return [axes.get_title() for axes in panels(figure)]


def heading(figure):
    return " ".join(text.get_text() for text in figure.texts)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def tick_texts(axis):
    return [tick.label1.get_text() for tick in axis.get_major_ticks() if tick.label1.get_visible()]


def painted(axes):
    """The colours of the cells that converged; NaN elsewhere."""
    mesh = axes.collections[0]
    mesh.update_scalarmappable()
    rows, columns = mesh.get_array().shape
    colours = mesh.get_facecolor()[:, :3].copy()
    colours[np.ma.getmaskarray(mesh.get_array()).ravel()] = np.nan
    return colours.reshape(rows, columns, 3)


def well(**settings):
    f = Formula("x**4/4 - x**2/2 + x/5", name="double well")
    return Run(Experiment(f, ALPHA, np.linspace(-2, 2, 15), max_iter=200, **settings))


@pytest.mark.parametrize("draw", [compared_heatmaps, compared_curves])
def test_runs_by_one_name_are_a_row_of_panels_titled_by_its_values(draw):
    figure = draw(by_tol(1e-2, 1e-4, 1e-8))
    assert titles(figure) == ["tol = 0.01", "tol = 0.0001", "tol = 10⁻⁸"]
    assert "gradient descent: 3 runs by tol" in heading(figure)
    assert heading(figure).startswith("Shifted quadratic")


def test_the_same_count_has_the_same_colour_in_all_panels():
    runs = [quadratic(ALPHA, X0, tol=tol) for tol in (1e-2, 1e-8)]
    jobs = [job(run, tol=tol) for run, tol in zip(runs, (1e-2, 1e-8), strict=True)]
    colours = {}
    for run, axes in zip(runs, panels(compared_heatmaps(jobs)), strict=True):
        counts = run.table["iterations"].to_numpy(float, na_value=np.nan).reshape(12, 15).T
        for count, colour in zip(counts.ravel(), painted(axes).reshape(-1, 3), strict=True):
            if np.isfinite(count):
                colours.setdefault(count, set()).add(tuple(colour))
    assert {len(seen) for seen in colours.values()} == {1}


@pytest.mark.parametrize("draw", [compared_heatmaps, compared_curves])
def test_two_names_go_down_and_across(draw):
    jobs = [
        job(make(tol=tol), objective=name, tolerance=word)
        for name, make in (("quadratic", lambda tol: quadratic(ALPHA, X0, tol=tol)), ("well", well))
        for word, tol in (("loose", 1e-2), ("tight", 1e-6))
    ]
    figure = draw(jobs)
    assert titles(figure) == ["tolerance = loose", "tolerance = tight", "", ""]
    assert [
        [t for t in texts(axes) if "=" in t and "objective" in t] for axes in panels(figure)
    ] == [
        [],
        ["objective = quadratic"],
        [],
        ["objective = well"],
    ]
    assert "4 runs by objective and tolerance" in heading(figure)


def test_axes_are_shared_where_the_grids_are_equal_only():
    jobs = [
        job(run, objective=name, tol=tol)
        for tol in (1e-2, 1e-6)
        for name, run in (("quadratic", quadratic(ALPHA, X0, tol=tol)), ("well", well(tol=tol)))
    ]
    first, second, third, fourth = panels(compared_heatmaps(jobs))
    assert first.get_ylim() == second.get_ylim() == (0, 15)
    assert not tick_texts(second.yaxis)
    assert tick_texts(first.yaxis) == ["−10", "−5", "0", "5", "10"]
    assert tick_texts(third.yaxis) == ["−2", "−1", "0", "1", "2"]
    assert not tick_texts(first.xaxis)
    assert tick_texts(third.xaxis) == tick_texts(fourth.xaxis) != []


def test_three_names_stand_above_each_panel():
    jobs = [
        job(quadratic(ALPHA, X0, tol=tol, max_iter=most), tol=tol, max_iter=most, word=word)
        for tol in (1e-2, 1e-4)
        for most in (20, 30)
        for word in "ab"
    ]
    figure = compared_heatmaps(jobs)
    assert len(titles(figure)) == 8
    assert titles(figure)[0] == "tol = 0.01\nmax_iter = 20\nword = a"


@pytest.mark.parametrize("draw", [compared_heatmaps, compared_curves])
def test_a_failed_run_is_an_empty_panel_that_says_so(draw):
    first, second = by_tol(1e-2, 1e-4)
    empty = panels(draw([first, job(None, tol=0), second]))[1]
    assert empty.get_title() == "tol = 0"
    assert texts(empty) == ["failed"]
    assert not empty.collections
    assert not empty.lines


@pytest.mark.parametrize("draw", [compared_heatmaps, compared_curves])
def test_where_all_failed_there_is_no_picture(draw):
    assert draw([job(None, tol=0), job(None, tol=-1)]) is None
    assert draw([job(None, alpha=0), job(None, alpha=-1)]) is None


def test_of_many_runs_sixteen_are_loaded_and_it_is_said():
    run, loaded = quadratic([0.1, 0.2], X0), []

    def load(i):
        loaded.append(i)
        return run.loaded

    jobs = [Job({"seed": i}, lambda i=i: load(i)) for i in range(40)]
    figure = compared_heatmaps(jobs)
    assert len(titles(figure)) == len(set(loaded)) == 16
    assert titles(figure)[0] == "seed = 0"
    assert titles(figure)[-1] == "seed = 39"
    assert "16 of 40 runs by seed" in heading(figure)


def test_a_large_grid_of_runs_keeps_its_rows_and_columns():
    jobs = [job(None, a=a, b=b) for a in range(3) for b in range(20)]
    facets = facets_of(jobs, ())
    assert facets.crossed
    assert (len(facets.rows), len(facets.rows[0])) == (5, 3)
    assert [facet.swept["b"] for facet in (row[0] for row in facets.rows)] == [0, 5, 10, 14, 19]


def test_runs_that_differ_in_alpha_alone_are_one_heatmap():
    jobs = [job(quadratic(a, X0), alpha=float(a)) for a in ALPHA]
    (axes,) = panels(compared_heatmaps(jobs))
    require_same(facets_of(jobs, ("alpha",)).shown[0], quadratic(ALPHA, X0))
    assert painted(axes).shape == (15, 12, 3)


def test_runs_that_differ_in_alpha_alone_are_curves_in_one_panel():
    jobs = [job(quadratic(a, X0), alpha=a) for a in (0.1, 0.3, 0.9)]
    figure = compared_curves(jobs)
    assert len(panels(figure)) == 1
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["α = 0.1", "α = 0.3", "α = 0.9"]


def test_single_lanes_by_alpha_and_x0_are_one_grid_of_lanes():
    jobs = [job(quadratic(a, x), x0=x, alpha=a) for x in (1.0, 5.0, 9.0) for a in (0.1, 0.3)]
    (facet,) = facets_of(jobs, ("alpha", "x0")).shown
    require_same(facet, quadratic([0.1, 0.3], [1, 5, 9]))
    curves = panels(compared_curves(jobs))
    assert [axes.get_title() for axes in curves] == ["x0 = 1", "x0 = 5", "x0 = 9"]


def test_a_step_size_that_failed_is_counted_above_the_one_heatmap():
    jobs = [
        job(quadratic(0.1, X0), alpha=0.1),
        job(None, alpha=-1),
        job(quadratic(0.3, X0), alpha=1),
    ]
    assert "1 run failed" in heading(compared_heatmaps(jobs))


def test_planes_are_those_of_the_best_step_size_and_name_it():
    run = himmelblau([0.001, 0.01, 0.5], mesh(15, -5, 5), max_iter=200)
    other = himmelblau([0.001, 0.01, 0.5], mesh(15, -5, 5), max_iter=300)
    figure = compared_heatmaps([job(run, max_iter=200), job(other, max_iter=300)])
    share = (run.table[run.table["alpha"] == 0.01]["status"] == "converged").mean()
    assert share > (run.table[run.table["alpha"] == 0.001]["status"] == "converged").mean()
    assert texts(panels(figure)[0])[0] == f"α = 0.01: {share:.0%} converged"
    assert "planes of starting points at each run's best α" in heading(figure)


def test_what_has_no_heatmap_is_left_out_and_it_is_said():
    x0 = np.random.default_rng(0).normal(size=(9, 3))
    space = Run(Experiment(Formula("x1**2 + 2*x2**2 + 5*x3**2"), [0.01, 0.1], x0))
    pairs = quadratic([0.1, 0.2], [1, 2], pairs=True)
    jobs = [
        job(quadratic(ALPHA, X0), objective="line"),
        job(space, objective="space"),
        job(pairs, objective="pairs"),
    ]
    _, by_number, empty = panels(compared_heatmaps(jobs))
    assert by_number.get_ylabel() == "starting point, by number"
    assert texts(empty) == ["not drawn:\npairs of α and x₀"]
    assert compared_heatmaps(jobs[2:] * 2) is None
    assert [len(axes.lines) > 0 for axes in panels(compared_curves(jobs))] == [True, True, False]


def test_few_step_sizes_have_one_legend_and_one_colour_in_all_panels():
    jobs = [job(quadratic(alpha, X0), alpha=str(alpha)) for alpha in ([0.1, 0.2], [0.2, 0.3, 0.4])]
    figure = compared_curves(jobs)
    (legend,) = figure.legends
    assert [t.get_text() for t in legend.get_texts()] == [
        "α = 0.1",
        "α = 0.2",
        "α = 0.3",
        "α = 0.4",
    ]
    colours = [
        {line.get_color() for line in axes.lines if line.get_label() == "0.2"}
        for axes in panels(figure)
    ]
    assert colours[0] == colours[1] != set()


def test_many_step_sizes_have_one_scale_of_shades():
    figure = compared_curves(by_tol(1e-2, 1e-8))
    first, second = panels(figure)
    assert len(figure.axes) == 3
    assert first.get_ylim() == second.get_ylim()
    assert first.get_xlim() == second.get_xlim()
    shades = [
        {line.get_label(): line.get_color() for line in axes.lines} for axes in panels(figure)
    ]
    assert shades[0]["0.5"] == shades[1]["0.5"]


def test_curves_stop_where_what_converges_has_ended():
    # α = 1.1 converges for no start, and goes on cycling to max_iter.
    f = Formula("x**4/4 - x**2/2", name="even well")
    x0 = np.linspace(0.3, 1.2, 10)
    runs = [Run(Experiment(f, [0.1, 0.2, 1.1], x0, tol=tol, max_iter=2000)) for tol in (1e-4, 1e-5)]
    figure = compared_curves([job(run, n=i) for i, run in enumerate(runs)])
    assert panels(figure)[0].get_xlim()[1] < 200
    assert "drawn until the step sizes that mostly converge have done so" in heading(figure)


def test_long_values_are_wrapped_and_cut():
    lines = called("objective.expr", "(x-2)**2 + " * 20, 2.4).split("\n")
    assert lines[0].startswith("expr = (x-2)**2")
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert max(map(len, lines)) <= 30


def test_of_a_long_word_the_beginning_is_kept():
    assert called("objective", "<script>alert(1)</script>", 2.2, 1) == "objective = <script>aler …"


def test_the_same_sweep_gives_the_same_bytes(tmp_path):
    written = [
        compare(by_tol(1e-2, 1e-6), tmp_path / name, ["heatmap", "curves", "path"])
        for name in ("one", "two")
    ]
    assert [path.name for path in written[0]] == [
        "heatmaps.png",
        "heatmaps.svg",
        "curves.png",
        "curves.svg",
    ]
    for one, other in zip(*written, strict=True):
        assert one.read_bytes() == other.read_bytes()
