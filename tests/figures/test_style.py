"""Styles: for print, Matplotlib's own and a user's, in a column of a given width."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.text import Text

from gdlab import figures
from tests.command import gdlab, runs_in
from tests.figures.runs import himmelblau, mesh, quadratic


@pytest.fixture(scope="module")
def lines():
    return quadratic(np.linspace(0.01, 1.2, 40), np.linspace(-5, 5, 21)).loaded


@pytest.mark.parametrize("name", ["heatmap", "curves", "path"])
def test_in_a_column_of_print_nothing_written_leaves_the_page(lines, name):
    with figures.settings("paper", 3.4):
        figure = getattr(figures, name)(lines)
        columns = len({axes.get_position().x0 for axes in figure.axes}) if name == "path" else 1
        assert figure.get_figwidth() == (3.4 if columns == 1 else pytest.approx(7.05))
        figure.draw_without_rendering()
        drawn = figure.get_tightbbox()
    assert drawn.x0 >= -0.01
    assert drawn.x1 <= figure.get_figwidth() + 0.01
    texts = [text for text in figure.findobj(Text) if text.get_text().strip()]
    assert min(text.get_size() for text in texts) >= 5
    assert {text.get_family()[0] for text in texts} == {"DejaVu Serif"}


def test_a_style_holds_inside_its_block_and_nowhere_else(lines):
    before = figures.curves(lines)
    with figures.settings("paper", 3.4):
        assert figures.curves(lines).get_figwidth() == 3.4
    after = figures.curves(lines)
    assert after.get_figwidth() == before.get_figwidth() > 3.4
    assert after.texts[0].get_family() == before.texts[0].get_family()


def test_a_pdf_is_the_same_bytes_each_time(tmp_path):
    run = himmelblau([0.01, 0.02], mesh(9, -5, 5)).loaded
    with figures.settings("paper", 3.4):
        first, second = (
            figures.draw(run, tmp_path / name, ["heatmap", "path"], ["pdf"]) for name in "ab"
        )
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert one.read_bytes().startswith(b"%PDF")


def test_a_file_of_ones_own_is_a_style_and_what_is_wrong_in_it_is_named(lines, tmp_path):
    own = tmp_path / "mine.mplstyle"
    own.write_text("axes.facecolor: ffeeee\nfont.size: 12\n")
    with figures.settings(own):
        figure = figures.curves(lines)
    assert figure.axes[0].get_facecolor() == pytest.approx((1, 14 / 15, 14 / 15, 1))
    assert figure.axes[0].xaxis.label.get_size() == pytest.approx(1.1 * 12)
    own = tmp_path / "wrong.mplstyle"
    own.write_text("axes.facecolour: red\n")
    with pytest.raises(ValueError, match=r"axes\.facecolour"), figures.settings(own):
        pass


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("figures.style=nowhere.mplstyle", "figures.style=nowhere.mplstyle cannot be read"),
        ("figures.width=0.3", "figures.width=0.3 is no width of a column, from 2.5 to 12.0"),
        ("figures.width=wide", "figures.width=wide is no width of a column"),
        ("figures.formats=[bmp]", "must be a list of some of: png, svg, pdf"),
    ],
)
def test_a_style_or_a_width_that_cannot_be_is_refused_before_anything_is_computed(
    word, says, tmp_path
):
    done = gdlab("alpha=0.1", "x0=[1,2]", word, folder=tmp_path, status=2)
    assert says in done.stderr
    assert not runs_in(tmp_path)


def test_pictures_of_a_finished_run_are_drawn_again_in_another_style(tmp_path):
    words = ["alpha=[0.1,0.5]", "x0=[1,2,3]", "figures.names=[curves]", "figures.formats=[png]"]
    gdlab(*words, folder=tmp_path)
    (run,) = runs_in(tmp_path)
    plain = (run / "figures/curves.png").read_bytes()
    gdlab(*words, "figures.style=paper", folder=tmp_path)
    assert (run / "figures/curves.png").read_bytes() != plain
    gdlab(*words, "figures=default", folder=tmp_path)
    assert (run / "figures/curves.png").read_bytes() == plain
