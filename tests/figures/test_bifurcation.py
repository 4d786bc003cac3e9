from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gdlab import figures
from gdlab.core.orbits import Stretch
from gdlab.experiment import Experiment
from gdlab.figures import Loaded
from gdlab.figures.pictures.bifurcation import bifurcation
from gdlab.figures.ramps import SHADES
from gdlab.objectives.formula import Formula
from gdlab.results.rows import block
from gdlab.results.visits import Histogram
from tests.figures.runs import heading, legend_texts

WELL = Formula("x**4/4 - x**2/2", name="Double well")


def counted(f, alpha, x0, domain, bins, burn_in=500, length=200) -> Loaded:
    experiment = Experiment(f, alpha, x0, orbit=Stretch(burn_in, length, bins, domain))
    rows = block(experiment, range(experiment.n_lanes))
    own = Loaded.of(experiment, rows.to_pandas())
    return replace(own, visits=lambda: Histogram.of(experiment, [rows.orbits.visited]))


def visited(axes):
    """Whether any lane is in each cell."""
    (cells,) = axes.collections
    return cells.get_array() >= 2 * SHADES


def ticks(axis):
    """What stands at each place of an axis."""
    labels = [float(text.get_text().replace("−", "-")) for text in axis.get_ticklabels()]
    return np.array(labels), axis.get_ticklocs()


def test_below_the_limit_all_lanes_are_at_the_minimum_and_beyond_it_nowhere():
    alpha = np.linspace(0.15, 1.55, 15)
    run = counted(Formula("(x - 1)**2"), alpha, [0.3, 2.0, 5.0], (-2, 4), 61)
    figure = bifurcation(run)
    seen = visited(figure.axes[0])
    assert (seen.sum(axis=0) == (alpha < 1)).all()
    values, places = ticks(figure.axes[0].yaxis)
    height = np.interp(1.0, values, places)
    assert set(np.nonzero(seen)[0]) == {int(height)}
    (star,) = [line for line in figure.axes[0].lines if line.get_marker() == "*"]
    assert star.get_ydata()[0] == pytest.approx(height)
    assert "α = 2/L = 1" in legend_texts(figure)
    assert any(text.startswith("no lane between 0.") for text in legend_texts(figure))


def test_the_cells_are_those_that_a_plain_loop_comes_to():
    alpha = np.linspace(0.8, 1.22, 33)  # without chaos, where rounding decides
    run = counted(WELL, alpha, [0.3], (-1.6, 1.6), 81)
    axes = bifurcation(run).axes[0]
    seen = visited(axes)
    values, places = ticks(axes.yaxis)
    slope, origin = np.polyfit(values, places, 1)
    for column, a in enumerate(alpha):
        x, found = 0.3, set()
        for k in range(700):
            x = x - a * (x**3 - x)
            if k >= 500:
                found.add(int(np.floor(slope * x + origin + 1e-9)))
        assert set(np.flatnonzero(seen[:, column])) == found


def test_darker_cells_hold_more_of_the_iterations_of_their_step_size():
    run = counted(WELL, np.linspace(0.8, 1.99, 60), np.linspace(-1.2, 1.2, 8), (-2, 2), 100)
    figure = bifurcation(run)
    (cells,) = figure.axes[0].collections
    shade = cells.get_array().astype(int) - 2 * SHADES
    histogram = run.visits()
    share = histogram.counts.T / (histogram.counts.sum(axis=1) + histogram.outside)
    rows = np.flatnonzero(histogram.counts.any(axis=0))
    first = rows[0] - np.flatnonzero((shade >= 0).any(axis=1))[0]
    share = share[first : first + len(shade)]
    assert ((share > 0) == (shade >= 0)).all()
    order = np.argsort(share[share > 0], kind="stable")
    assert (np.diff(shade[share > 0][order]) >= 0).all()


def test_of_more_bins_and_step_sizes_than_pixels_several_share_a_cell():
    run = counted(WELL, np.linspace(0.2, 1.9, 1900), [0.3, -0.4], (-2, 2), 1501, 50, 150)
    figure = bifurcation(run)
    rows, columns = visited(figure.axes[0]).shape
    assert columns == 512  # 1,024 groups of step sizes on 862 pixels
    assert rows <= 615
    assert "neighbouring α are counted together" in heading(figure)
    assert "bins to a cell" in heading(figure)
    values, places = ticks(figure.axes[0].yaxis)
    low = np.flatnonzero(visited(figure.axes[0])[:, 0])  # at α = 0.2 all lanes are at ±1
    np.testing.assert_allclose(low + 0.5, np.interp([-1, 1], values, places), atol=0.6)


def test_in_the_plane_the_first_variable_is_shown():
    f = Formula("(u - 1)**2 + 3*(v + 2)**2")
    figure = bifurcation(counted(f, [0.1, 0.2, 0.3], [[0.0, 0.0], [3.0, 1.0]], (-5, 5), 101))
    axes = figure.axes[0]
    assert axes.get_ylabel() == "$u$ in the long run"
    values, places = ticks(axes.yaxis)
    np.testing.assert_allclose(
        np.nonzero(visited(axes))[0] + 0.5, np.interp(1, values, places), atol=0.5
    )


@pytest.mark.parametrize(
    ("f", "alpha", "x0"),
    [
        (WELL, 1.3, np.linspace(-1, 1, 9)),
        (WELL, [0.3], [0.5]),
        (WELL, [5.0, 7.0], [3.0, 4.0]),
        (Formula("7", variables=["x"]), [0.1, 0.2], [1.0]),
        (Formula("x + 1/x"), [0.1, 0.2], [0.0, 1.0]),
        (Formula("x**2", name="<script> 山"), [1e-300, 1e-299], [1e-300, 1.0]),
        (WELL, [1e299, 1e300], [0.5]),
    ],
)
def test_at_the_edges_there_is_a_picture_without_a_warning(f, alpha, x0, tmp_path):
    run = counted(f, alpha, np.array(x0, float), (-2, 2), 50)
    for name in "ab":
        figures.save(bifurcation(run), tmp_path / f"{name}.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("orbit", "why"),
    [(None, "it needs orbit=stretch"), (Stretch(10, 150), "orbit.bins=0 counts no visits")],
)
def test_where_no_visits_are_counted_a_line_says_why(orbit, why):
    experiment = Experiment(WELL, [0.1, 0.2], [1.0, 2.0], orbit=orbit)
    assert figures.why_not("bifurcation", experiment) == why


def test_a_run_without_its_visits_is_refused_in_a_sentence():
    experiment = Experiment(WELL, [0.1, 0.2], [1.0], orbit=Stretch(10, 150, 5))
    rows = block(experiment, range(2)).to_pandas()
    with pytest.raises(ValueError, match="there is no count of where lanes are"):
        bifurcation(Loaded.of(experiment, rows))
