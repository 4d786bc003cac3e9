from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pytest

from gdlab import figures
from gdlab.experiment import Experiment
from gdlab.figures import sheet, words
from gdlab.figures.sizes import heatmap_layout
from gdlab.objectives.formula import Formula
from gdlab.results.overview import gathered
from gdlab.results.tiles import tiles_of_frame
from tests.figures.runs import Run, himmelblau, mesh


def heading(figure):
    return " ".join(text.get_text() for text in figure.texts)


@pytest.fixture(scope="module", params=["line", "plane"])
def run(request, small) -> Run:
    return small if request.param == "line" else himmelblau([0.01, 0.02], mesh(15, -5, 5))


@pytest.fixture(scope="module")
def written(run, tmp_path_factory):
    """The figures of a run in all formats."""
    return figures.draw(run.loaded, tmp_path_factory.mktemp("figures"))


def test_a_run_has_its_three_figures_in_both_formats(written):
    names = ["heatmap.png", "heatmap.svg", "curves.png", "curves.svg", "path.png", "path.svg"]
    assert [path.name for path in written] == names
    assert sorted(path.name for path in written[0].parent.iterdir()) == sorted(names)


def test_pictures_of_tiles_that_came_in_any_order_are_those_of_the_table_byte_for_byte(
    run, written, tmp_path
):
    (whole,) = tiles_of_frame(run.experiment, run.table)
    n = run.experiment.n_lanes
    pieces = [(n // 2, n), (0, n // 3), (n // 3, n // 2)]
    tiles = (whole.between(*piece) for piece in pieces)
    overview = gathered(run.experiment, tiles, heatmap_layout(run.experiment))
    again = figures.draw(figures.Loaded.of(run.experiment, overview), tmp_path)
    for one, other in zip(written, again, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_a_heatmap_of_an_overview_without_cells_is_refused(small, tmp_path):
    (whole,) = tiles_of_frame(small.experiment, small.table)
    overview = gathered(small.experiment, [whole])
    assert figures.draw(
        figures.Loaded.of(small.experiment, overview), tmp_path, ["curves"], ["png"]
    )
    with pytest.raises(ValueError, match="has no raster"):
        figures.draw(figures.Loaded.of(small.experiment, overview), tmp_path, ["heatmap"])


def test_the_user_s_own_matplotlib_settings_change_nothing(small, tmp_path):
    import matplotlib as mpl

    def drawn(name):
        (path,) = figures.draw(small.loaded, tmp_path / name, ["curves"], ["png"])
        return path.read_bytes()

    plain = drawn("plain")
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "savefig.dpi": 30}):
        assert drawn("own") == plain


def test_which_figures_apply_is_known_without_what_draws_them():
    code = "import sys; from gdlab.figures import applicable; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"matplotlib", "seaborn", "pandas"} & set(done.stdout.split())


def test_an_interrupted_file_leaves_nothing_behind(small, tmp_path, monkeypatch):
    def interrupted(figure, path, kind):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("gdlab.figures.style._write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        figures.draw(small.loaded, tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_unknown_figure_is_refused_with_the_choices(small, tmp_path):
    with pytest.raises(ValueError, match="'heat' is not known; choose from heatmap, curves, path"):
        figures.draw(small.loaded, tmp_path, names=["heat"])


def test_three_variables_have_no_path_but_the_other_figures(tmp_path):
    x0 = np.random.default_rng(0).normal(size=(5, 3))
    run = Run(Experiment(Formula("x1**2 + 2*x2**2 + x3**2"), [0.1, 0.2], x0))
    written = figures.draw(run.loaded, tmp_path, formats=["png"])
    assert [path.name for path in written] == ["heatmap.png", "curves.png"]


def test_the_title_names_the_objective_and_its_formula(small):
    assert (
        figures.heatmap(small.alone).texts[0].get_text()
        == "Shifted quadratic: $f(x) = x^{2} + 4 x + 4$"
    )


def test_the_heading_tells_criterion_tolerance_and_number_of_lanes(small):
    said = heading(figures.heatmap(small.alone))
    assert "8 α × 8 x₀ = 64 lanes" in said
    assert "converged once |xₖ − xₖ₋₁| < 10⁻⁶, in at most 1,000 iterations" in said


def test_a_title_given_serves_an_objective_without_a_name():
    class Bowl:
        def __call__(self, x):
            return (x**2).sum(axis=0)

        def grad(self, x):
            return 2 * x

    run = Run(Experiment(Bowl(), [0.1], [1.0]))
    named = figures.Loaded.of(run.experiment, run.table, title="Mine")
    assert figures.heatmap(figures.Facets.one(named)).texts[0].get_text() == "Mine"
    assert figures.heatmap(run.alone).texts[0].get_text() == "Gradient descent"


def test_a_formula_too_long_for_the_page_is_left_out():
    expr = " + ".join(f"sin({k}*x)*cos({k}*x)**{k}" for k in range(2, 20))
    run = Run(Experiment(Formula(expr, name="Long"), [0.001], [1.0], max_iter=3))
    figure = figures.heatmap(run.alone)
    assert figure.texts[0].get_text() == "Long"
    for text in figure.texts:
        assert text.get_window_extent().x1 <= figure.bbox.x1


def test_a_name_is_taken_literally_whatever_signs_it_holds():
    run = Run(Experiment(Formula("x**2", name="$5 or \ufdd0 {x}_"), [0.1], [1.0]))
    title = figures.heatmap(run.alone).texts[0].get_text()
    assert title.startswith(r"\$5 or □ {x}_")


@pytest.mark.parametrize(
    ("formula", "x0", "labels"),
    [
        ("ᶁ**4 + sin(ᶁ)", [1.0, 2.0], ("step size α", "starting point ᶁ₀")),
        ("ᶁ1**2 + 3*ᶎ**2", mesh(2, 1, 2), ("starting point ᶁ₁,₀", "ᶎ₀")),
    ],
)
def test_signs_that_the_house_s_font_lacks_come_from_another(formula, x0, labels, tmp_path):
    run = Run(Experiment(Formula(formula, name="Ⓐ"), [0.01], x0))  # STIX comes with Matplotlib
    figure = figures.heatmap(run.alone)
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == labels
    assert "□" not in heading(figure)
    first, second = (figures.draw(run.loaded, tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_every_glyph_is_in_the_font(tmp_path, caplog):
    """Matplotlib warns of a missing glyph in text, which is an error here, and logs it in maths."""
    f = Formula("exp(-theta**2)*sqrt(abs(theta) + 1) + log(theta**2 + 1)*pi*asin(theta/9)")
    with caplog.at_level(logging.WARNING, "matplotlib"):
        for criterion in ("step", "gradient"):
            run = Run(
                Experiment(f, [1e-5, 0.1, 3.0], [-2.0, 1e-7], criterion=criterion, max_iter=50)
            )
            figures.draw(run.loaded, tmp_path, formats=["png"])
        for settings in ({"criterion": "distance", "tol": [1e-3, 3e-7]}, {"criterion": "gap"}):
            run = himmelblau([0.001, 0.3], mesh(2, -5, 5), max_iter=50, **settings)
            figures.draw(run.loaded, tmp_path, formats=["png"])
    assert not caplog.records


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (-1.5, "−1.5"),
        (1e-7, "10⁻⁷"),
        (3e-05, "3×10⁻⁵"),
        (-2.5e12, "−2.5×10¹²"),
        (1000.0, "1000"),
    ],
)
def test_numbers_are_written_as_one_writes_them(value, text):
    assert words.number(value) == text


def test_numbers_close_together_are_told_apart():
    assert words.numbers([1000.01, 1000.02]) == ["1000.01", "1000.02"]


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("x", "x"),
        ("theta", r"\theta"),
        ("x12", "x_{12}"),
        ("w_1", "w_{1}"),
        ("rate", r"\mathrm{rate}"),
    ],
)
def test_variables_become_symbols(name, symbol):
    assert words.symbol(name) == symbol


@pytest.mark.parametrize(
    ("part", "text"), [(0, "0%"), (1, "<0.1%"), (25_000, "25%"), (99_999, ">99.9%")]
)
def test_a_few_lanes_are_never_rounded_away(part, text):
    assert words.share(part, 100_000) == text


def test_a_legend_that_is_too_wide_takes_more_rows(well):
    figure = figures.heatmap(well.alone)
    (legend,) = figure.legends
    assert legend.get_window_extent().x1 <= figure.bbox.x1 + sheet.MARGIN
