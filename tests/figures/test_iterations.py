from __future__ import annotations

import numpy as np
import pytest

from gdlab import figures, theory
from gdlab.experiment import Experiment
from gdlab.figures import by_step_size, iterations
from gdlab.figures.pictures import iterations as module
from gdlab.methods import Adam, Momentum
from gdlab.objectives.formula import Formula
from gdlab.sweeps.facets import Job, facets_of
from tests.figures.runs import Run, himmelblau, mesh, quadratic

BLUE, RED, BLACK = "#0173b2", "#d55e00", "black"


def lines(axes, colour):
    """The points (n, 2) of the lines of a colour, without dots alone."""
    own = [
        line.get_xydata()
        for line in axes.lines
        if line.get_color() == colour
        and line.get_linestyle() != "None"
        and len(line.get_xdata()) > 2
    ]
    return np.concatenate(own) if own else np.empty((0, 2))


def counts_of(run: Run) -> np.ndarray:
    """Iterations (n_alpha, n_x0), infinite where a lane fails."""
    counts = run.table["iterations"].to_numpy(float, na_value=np.inf)
    return np.sort(counts.reshape(len(run.experiment.alpha), -1), axis=1)


def entries(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def said(figure):
    return " ".join(text.get_text() for text in figure.texts)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_lines_are_the_median_and_the_worst_of_the_starts_and_end_where_lanes_fail():
    run = quadratic(np.linspace(0.05, 1.3, 26), np.linspace(-10, 10, 9))
    axes = iterations(run.loaded).axes[0]
    counts, alpha = counts_of(run), run.experiment.alpha
    for colour, place in ((BLUE, 4), (RED, 8)):
        reached = np.isfinite(counts[:, place])
        assert 0 < reached.sum() < 26
        expected = np.stack([alpha, counts[:, place]], axis=1)[reached]
        assert lines(axes, colour) == pytest.approx(expected)


def test_the_band_is_the_middle_half_and_goes_on_upward_where_a_quartile_is_not_reached(well):
    axes = iterations(well.loaded).axes[0]
    band = axes.collections[0].get_paths()
    counts, alpha = counts_of(well), well.experiment.alpha
    top = axes.get_ylim()[1]
    for path in band:
        for x, y in path.vertices:
            row = counts[np.isclose(alpha, x)][0]
            assert y in (row[4], row[12]) or (np.isinf(row[12]) and y > top)


def test_theory_s_line_is_the_median_it_predicts_and_lies_on_the_measured_one():
    run = quadratic(np.geomspace(0.01, 1.3, 40), np.linspace(-10, 10, 9))
    figure = iterations(run.loaded)
    axes = figure.axes[0]
    assert lines(axes, BLACK) == pytest.approx(lines(axes, BLUE))
    assert "predicted by theory" in entries(figure)
    assert axes.get_xscale() == "log"


def test_of_other_functions_the_quadratic_model_at_the_minimiser_tells():
    f = Formula("log(cosh(x))", minimisers=[0])
    run = Run(Experiment(f, np.linspace(0.2, 1.8, 9), [0.1, 0.2, 0.3]))
    figure = iterations(run.loaded)
    x0 = run.experiment.x0
    model = theory.predict_near(
        f, run.experiment.method, run.experiment.alpha, x0, 1e-6, "step", max_iter=1000, escape=1e8
    )
    assert lines(figure.axes[0], BLACK)[:, 1] == pytest.approx(np.median(model, axis=1))
    assert "predicted by the quadratic model at $x^*$" in entries(figure)


def test_a_method_without_theory_has_no_line_of_it():
    figure = iterations(quadratic([0.1, 0.3, 0.5], [10.0, 3.0], method=Adam()).loaded)
    assert not lines(figure.axes[0], BLACK).size
    assert not [entry for entry in entries(figure) if "predicted" in entry]


@pytest.mark.parametrize(
    ("method", "limit", "written"), [(None, 1.0, "2/L"), (Momentum(0.5), 1.5, "2(1 + β)/L")]
)
def test_the_limit_stands_at_its_step_size(method, limit, written):
    run = quadratic(np.linspace(0.1, 1.6, 16), [10.0, 3.0], method=method)
    figure = iterations(run.loaded)
    assert {
        line.get_xdata()[0] for line in figure.axes[0].lines if line.get_label() == "_under"
    } == {limit}
    assert f"α = {written} = {limit:g}" in entries(figure)


def test_the_best_step_size_is_named_with_its_iterations():
    run = quadratic(np.linspace(0.1, 0.9, 9), [10.0, 3.0])
    assert "best α = 0.5: median 2 iterations" in texts(iterations(run.loaded).axes[0])


def test_the_share_that_converges_is_told_where_it_is_not_all(well):
    figure = iterations(well.loaded)
    axes = figure.axes[0]
    strip = axes.collections[-1].get_paths()[0].vertices
    shares = np.isfinite(counts_of(well)).mean(axis=1)
    assert set(np.round(strip[:, 1] / module.STRIP, 6)) == set(np.round([0.0, *shares], 6))
    assert "share converged, below" in entries(figure)
    assert "failures count as infinitely many" in said(figure)
    all_do = iterations(quadratic([0.1, 0.3], [10.0, 3.0]).loaded)
    assert "share converged, below" not in entries(all_do)
    assert "all lanes converged" in said(all_do)


def test_the_tightest_tolerance_counts():
    run = quadratic([0.1, 0.3], [10.0, 3.0, 1.0], tol=[1e-2, 1e-8])
    tight = quadratic([0.1, 0.3], [10.0, 3.0, 1.0], tol=1e-8)
    one, other = (iterations(own.loaded).axes[0] for own in (run, tight))
    for a, b in zip(one.lines, other.lines, strict=True):
        np.testing.assert_array_equal(a.get_xydata(), b.get_xydata())


def test_very_many_step_sizes_share_points_and_the_picture_says_so(monkeypatch):
    monkeypatch.setattr(by_step_size, "MOST_POINTS", 10)
    run = quadratic(np.linspace(0.05, 0.95, 25), [10.0, 3.0, -5.0])
    figure = iterations(run.loaded)
    assert "each point stands for 3 neighbouring α" in said(figure)
    counts = counts_of(run)
    drawn = lines(figure.axes[0], BLUE)
    assert len(drawn) == 9
    assert drawn[:, 1] == pytest.approx([np.median(counts[i : i + 3]) for i in range(0, 25, 3)])


CONSTANT = Formula("5", variables=("x",))


@pytest.mark.parametrize(
    ("f", "alpha", "x0", "expected"),
    [
        ("x**2", [1.5, 2.0], [1.0, 2.0], "no lane converged"),
        ("log(x)", [0.1, 0.2], [-1.0, 0.0], "no lane converged"),
        ("x**4", [0.01, 0.02], [-1.0, 0.5, 1.0, 2.0, 0.0], "under a quarter of the lanes"),
        ("x**2 + 4*x + 4", [0.1, 0.2, 0.5], [-2.0], "every α: 1 iteration"),
        (CONSTANT, [0.1, 0.2], [1.0, 2.0], "every α: 1 iteration"),
        ("x**2*1e-300", [1e-300, 1.0, 1e300], [1.0, 2.0], "best α = 10⁻³⁰⁰: 1 iteration"),
        ("x**2*1e-300", [1e-320, 1.0, 1.7e308], [1.0, 2.0], "1 iteration"),
        (Formula("ᶁ**2", name="<script>$Ⓐ"), [0.1, 0.2], [1.0], "best α = 0.2: 27 iterations"),
    ],
)
def test_the_edges_have_a_picture_that_says_what_is_so(f, alpha, x0, expected, tmp_path):
    f = Formula(f) if isinstance(f, str) else f
    run = Run(Experiment(f, alpha, x0, max_iter=100))
    # Tests turn warnings into errors.
    (first,), (second,) = (
        figures.draw(run.loaded, tmp_path / own, ["iterations"], ["png"]) for own in "ab"
    )
    assert first.read_bytes() == second.read_bytes()
    figure = iterations(run.loaded)
    assert any(expected in text for text in texts(figure.axes[0]))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"alpha": [0.1, 0.1], "x0": [1.0, 2.0]}, "there is a single step size"),
        ({"alpha": [0.1, 0.2], "x0": [1.0, 2.0], "pairs": True}, "pairs of α and x0 have no grid"),
    ],
)
def test_a_run_without_several_step_sizes_is_refused_in_a_sentence(settings, reason):
    run = Run(Experiment(Formula("x**2"), **settings))
    with pytest.raises(ValueError, match=f"iterations: .* {reason}"):
        iterations(run.loaded)
    assert figures.why_not("iterations", run.experiment) == reason


def test_runs_of_a_sweep_have_a_panel_each_with_one_scale_of_iterations():
    jobs = [
        *(
            Job(
                {"tol": tol},
                lambda tol=tol: quadratic([0.1, 0.3, 0.5], [10.0, 3.0], tol=tol).loaded,
            )
            for tol in (1e-2, 1e-8)
        ),
        Job({"tol": 1}, None),
        Job({"tol": 2}, lambda: quadratic([0.1], [10.0]).loaded),
    ]
    figure = iterations(facets_of(jobs, ("alpha", "x0")))
    loose, tight, failed, single = figure.axes
    assert loose.get_ylim() == tight.get_ylim()
    assert [axes.get_title() for axes in (loose, tight)] == ["tol = 0.01", "tol = 10⁻⁸"]
    assert "best α = 0.5: median 2 iterations" in texts(tight)
    assert texts(failed) == ["failed"]
    assert texts(single) == ["not drawn:\nthere is a single step size"]


def test_the_plane_has_the_picture_too():
    figure = iterations(himmelblau([0.005, 0.01, 0.05], mesh(5, -5, 5)).loaded)
    assert "local 2/L" in " ".join(entries(figure))
