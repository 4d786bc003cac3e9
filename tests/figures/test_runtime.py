from __future__ import annotations

from statistics import median

import numpy as np
import pytest

from gdlab import figures
from gdlab.experiment import Experiment
from gdlab.figures import runtime
from gdlab.figures.style import LINES
from gdlab.methods import Armijo, GradientDescent, Momentum, Newton
from gdlab.objectives.formula import Formula
from gdlab.sweeps.facets import Job, compare, facets_of
from tests.figures.runs import Run, quadratic

WELL = Formula("x**4/4 - x**2/2 + x/5", name="well")
PARABOLA = Formula("x**2", name="parabola")
X0 = np.linspace(-2, 2, 17)


def well(alpha, **settings) -> Run:
    return Run(Experiment(WELL, alpha, X0, max_iter=200, **settings))


def curves(figure):
    """The corners (k, share) of each line but those where it starts and ends, by their labels."""
    (axes,) = figure.axes
    lines = [line for line in axes.lines if not line.get_label().startswith("_")]
    assert all(line.get_drawstyle() == "steps-post" for line in lines)
    left, right = axes.get_xlim()
    return {
        line.get_label(): [p for p in line.get_xydata().tolist() if left < p[0] < right]
        for line in lines
    }


def entries(figure):
    (legend,) = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def said(figure):
    return " ".join(text.get_text() for text in figure.texts)


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def by_hand(counts) -> list[list[float]]:
    """The run-time distribution of lanes, of which None are those that fail."""
    solved = [count for count in counts if count is not None]
    return [[k, sum(c <= k for c in solved) / len(counts)] for k in sorted(set(solved))]


def counts_of(run: Run, alpha: float, column: str = "iterations") -> list[int | None]:
    rows = run.table[run.table["alpha"] == alpha]
    converged = rows["status"] == "converged"
    return [int(c) if ok else None for c, ok in zip(rows[column].fillna(0), converged, strict=True)]


def test_a_curve_is_the_share_of_all_starts_solved_within_k_also_of_those_that_fail():
    run = well([0.1, 0.5, 1.0, 1.4])
    figure = runtime(run.loaded)
    found = curves(figure)
    assert len(found) == 4
    for alpha, points in zip(run.experiment.alpha, found.values(), strict=True):
        assert points == by_hand(counts_of(run, alpha))
    shares = [sum(c is not None for c in counts_of(run, a)) / 17 for a in run.experiment.alpha]
    assert 0 < min(shares) < max(shares) == 1
    for entry, share in zip(entries(figure), shares, strict=True):
        assert f"({100 * share:.1f}".removesuffix(".0") in entry
        assert entry.endswith("% solved)")


def test_a_curve_that_does_not_reach_the_whole_ends_in_a_dot_at_its_share():
    run = well([0.1, 1.0])
    (axes,) = runtime(run.loaded).axes
    (dot,) = [line for line in axes.lines if line.get_label() == "_end"]
    share = sum(c is not None for c in counts_of(run, 1.0)) / 17
    assert dot.get_ydata() == pytest.approx([share])
    assert dot.get_xdata() == pytest.approx([axes.get_xlim()[1]])
    assert axes.get_xscale() == "log"


def test_of_many_step_sizes_eight_are_drawn_with_the_best_among_them(large):
    figure = runtime(large.loaded)
    found = curves(figure)
    alpha = [float(label.split("=")[1].split(",")[0]) for label in found]
    assert len(alpha) == 8
    assert alpha == sorted(alpha)
    assert "α = 0.5, the best" in found
    assert "8 of the α drawn, evenly spread and the best" in said(figure)
    looks = {(line.get_color(), str(line._dash_pattern)) for line in figure.axes[0].lines[:8]}
    assert len(looks) == len(LINES)


def job(run: Run | None, **swept) -> Job:
    return Job(swept, None if run is None else lambda: run.loaded)


def compared(jobs):
    return runtime(facets_of(jobs, ("alpha",)))


def test_runs_of_a_sweep_are_curves_of_one_panel_each_at_its_best_step_size():
    alpha = [0.1, 0.4, 1.0]
    runs = {"descent": well(alpha), "ball": well(alpha, method=Momentum(0.5))}
    figure = compared([job(run, method=name) for name, run in runs.items()])
    for run, (label, points) in zip(runs.values(), curves(figure).items(), strict=True):
        best = run.loaded.overview.best
        assert label.endswith(f", α = {best:g}")
        assert points == by_hand(counts_of(run, best))
    assert figure.axes[0].get_xlabel() == "iterations $k$"
    assert "2 runs by method · each run at its best α" in said(figure).replace("  ", " ")


def test_runs_by_step_size_alone_are_one_run():
    alone = runtime(well([0.1, 0.4, 1.0]).loaded)
    jobs = [job(well([alpha]), alpha=alpha) for alpha in (0.1, 0.4, 1.0)]
    assert curves(compared(jobs)) == curves(alone)


def test_methods_that_ask_for_other_than_a_gradient_are_compared_by_evaluations():
    methods = {"descent": GradientDescent(), "newton": Newton(), "armijo": Armijo()}
    runs = {name: well([0.3, 1.0], method=method) for name, method in methods.items()}
    # Step sizes that a sweep has put together are looked up in all their tables.
    jobs = [
        job(well([alpha], method=method), method=name, alpha=alpha)
        for name, method in methods.items()
        for alpha in (0.3, 1.0)
    ]
    for figure in (compared([job(run, method=n) for n, run in runs.items()]), compared(jobs)):
        assert figure.axes[0].get_xlabel() == "evaluations $k$ of f, a gradient or a Hessian"
        for run, points in zip(runs.values(), curves(figure).values(), strict=True):
            column = "evaluations" if "evaluations" in run.table else "iterations"
            counts = counts_of(run, run.loaded.overview.best, column)
            assert points == by_hand(counts)


def test_several_objectives_and_methods_have_the_profile_of_dolan_and_more():
    objectives = {"well": WELL, "parabola": PARABOLA, "far": Formula("(x - 50)**4")}
    methods = {"descent": GradientDescent(), "ball": Momentum(0.9), "slow": Momentum(0.99)}
    runs = {
        (o, m): Run(Experiment(f, [0.05, 0.2], X0, max_iter=300, method=method))
        for o, f in objectives.items()
        for m, method in methods.items()
    }
    figure = compared([job(run, objective=o, method=m) for (o, m), run in runs.items()])
    costs = {
        key: median([np.inf if c is None else c for c in counts_of(run, run.loaded.overview.best)])
        for key, run in runs.items()
    }
    assert np.isinf(list(costs.values())).any()
    left = figure.axes[0].get_xlim()[0]
    assert left == 1
    lines = [line for line in figure.axes[0].lines if line.get_label() != "_end"]
    for m, line in zip(methods, lines, strict=True):
        own = [
            costs[o, m] / min(costs[o, other] for other in methods)
            for o in objectives
            if np.isfinite(costs[o, m])
        ]
        for tau in (1.0, 1.01, 1.5, 2.0, 4.0):
            drawn = [share for t, share in line.get_xydata() if t <= tau]
            assert drawn[-1] == pytest.approx(sum(r <= tau for r in own) / 3)
    assert entries(figure)[0].startswith("method = descent (")
    assert "Performance profile over 3 problems" in said(figure)
    assert "objective: well, parabola, far" in said(figure)
    assert "counted: median iterations, over the starting points" in said(figure)


def test_forty_objectives_have_a_picture_that_says_which_are_drawn():
    run = well([0.1, 0.4])
    jobs = [job(run, objective=f"f{i}") for i in range(40)]
    figure = compared(jobs)
    assert len(curves(figure)) == 8
    assert "8 of 40 runs by objective" in said(figure)


def test_a_run_that_failed_is_counted_and_solves_nothing():
    ran = well([0.1, 0.4])
    figure = compared([job(ran, method="a"), job(None, method="b")])
    assert len(curves(figure)) == 1
    assert "1 run failed" in said(figure)
    jobs = [
        job(None if (o, m) == ("x", "b") else ran, objective=o, method=m)
        for o in ("x", "y")
        for m in ("a", "b")
    ]
    figure = compared(jobs)
    assert [entry.rpartition("(")[2] for entry in entries(figure)] == [
        "100% solved)",
        "50% solved)",
    ]
    assert compared([job(None, method="a"), job(None, method="b")]) is None


@pytest.mark.parametrize(
    ("f", "alpha", "x0", "expected"),
    [
        ("x**2", [1.5, 2.0], [1.0, 2.0], "no lane converged"),
        ("log(x)", [0.1, 0.2], [-1.0, 0.0], "no lane converged"),
        ("x**2 + 4*x + 4", [0.1, 0.2], [-2.0], [[1, 1]]),
        (Formula("5", variables=("x",)), [0.1], [1.0, 2.0], [[1, 1]]),
        ("x**2*1e-300", [1e-300, 1e300], [1.0, 2.0], [[1, 1]]),
        (Formula("ᶁ**2", name="<script>$Ⓐ"), [0.5, 0.2], [1.0], [[27, 1]]),
    ],
)
def test_the_edges_have_a_picture_that_says_what_is_so(f, alpha, x0, expected, tmp_path):
    f = Formula(f) if isinstance(f, str) else f
    run = Run(Experiment(f, alpha, x0, max_iter=100))
    # Tests turn warnings into errors.
    (first,), (second,) = (
        figures.draw(run.loaded, tmp_path / own, ["runtime"], ["png"]) for own in "ab"
    )
    assert first.read_bytes() == second.read_bytes()
    figure = runtime(run.loaded)
    if isinstance(expected, str):
        assert texts(figure) == [expected]
    else:
        assert next(iter(curves(figure).values())) == expected


def test_a_single_lane_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"runtime: .* there is a single lane"):
        runtime(quadratic([0.1], [10.0]).loaded)


def test_a_sweep_leaves_the_picture_beside_the_others(tmp_path):
    run = well([0.1, 0.4])
    written = compare([job(run, tol=1), job(run, tol=2)], tmp_path, ["runtime"], ["png"])
    assert [path.name for path in written] == ["runtime.png"]
