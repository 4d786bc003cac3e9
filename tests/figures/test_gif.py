"""The film of the paths, and how frames become a GIF."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from gdlab import figures, summary
from gdlab.experiment import Experiment
from gdlab.figures.gif import write_gif
from gdlab.figures.moving import DPI, Frames, moments
from gdlab.figures.scene import Scene
from gdlab.objectives.formula import Formula
from tests.figures.runs import Run, himmelblau

MEGABYTE = 10**6


@pytest.fixture(scope="module")
def run() -> Run:
    """Six step sizes by eight starts, of which some converge, cycle and go on."""
    x0 = np.random.default_rng(0).uniform(-4, 4, (8, 2))
    return himmelblau([0.005, 0.01, 0.015, 0.02, 0.023, 0.03], x0)


@pytest.fixture(scope="module")
def drawn(run, tmp_path_factory):
    """The film, as a file and its frames."""
    (path,) = figures.draw(run.loaded, tmp_path_factory.mktemp("film"), ["path"], ["gif"])
    with Image.open(path) as image:
        frames = []
        for k in range(image.n_frames):
            image.seek(k)
            frames.append(np.asarray(image.convert("RGB"), int))
        assert image.info["loop"] == 0  # without end
    return path, frames


def red(frame: np.ndarray) -> np.ndarray:
    return (frame[..., 0] > 180) & (frame[..., 1:] < 90).all(axis=-1)


@pytest.mark.parametrize("last", [0, 1, 2, 20, 59, 60, 61, 78, 500])
def test_a_film_shows_the_first_iterations_one_by_one_and_the_last(last):
    shown = moments(last)
    assert len(shown) <= 60
    assert shown[:21] == list(range(min(last, 20) + 1))
    assert shown[-1] == last
    assert (np.diff(shown) > 0).all()
    if last < 60:
        assert shown == list(range(last + 1))


def test_six_panels_move_in_less_than_two_megabytes(run, drawn):
    path, frames = drawn
    assert path.name == "path.gif"
    assert path.stat().st_size < 2 * MEGABYTE
    assert len(frames) == len(moments(500))


def test_paths_grow_from_frame_to_frame_and_lose_nothing(drawn):
    _, frames = drawn
    ink = [int(red(frame).sum()) for frame in frames]
    assert ink[0] < 100  # of the legend alone
    assert ink[1] > ink[0]
    assert (np.diff(ink) > -60).all()  # dots may hide a little of the lines below them
    assert ink[-1] > 3 * ink[1]


def test_the_last_frame_is_the_still_picture(run, drawn):
    _, frames = drawn
    figure = figures.path(run.loaded)
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    with figures.settings():
        figures.save(figure, drawn[0].parent / "still.png")
        canvas.draw()
    still = np.asarray(canvas.buffer_rgba(), int)[..., :3]
    away = np.abs(still - frames[-1])
    assert away.mean() < 3  # of 255: a palette of 255 colours
    assert (away.max(axis=-1) > 60).mean() < 0.002


def test_each_panel_counts_until_its_lanes_have_ended(run):
    with figures.settings():
        scene = Scene.of(run.loaded, None)
        frames = Frames(scene)
        frames.at(7)
        assert {own.note.get_text() for own in frames.paths} == {"k = 7"}
        frames.at(scene.last)
        said = [own.note.get_text() for own in frames.paths]
    assert said == [panel.verdict for panel in scene.panels]
    assert said[0] == "all converge"


def test_the_same_paths_give_the_same_bytes(tmp_path):
    run = Run(Experiment(Formula("x**2 - cos(3*x)"), [0.05, 0.15], [1.0, 3.0], max_iter=30))
    first, second = (
        figures.draw(run.loaded, tmp_path / folder, ["path"], ["gif"])[0] for folder in "ab"
    )
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("formula", "x0"), [("log(x)", -1.0), ("7", 2.0), ("x**2", 0.0), ("x**2*1e300", 1e5)]
)
def test_lanes_that_end_at_once_make_a_film_too(formula, x0, tmp_path):
    f = Formula(formula, variables=["x"])
    run = Run(Experiment(f, [0.1], [x0], max_iter=20))
    path = figures.film(run.loaded, tmp_path / "film.gif")
    with Image.open(path) as image:
        assert image.n_frames <= 2


def test_a_gif_holds_its_frames_to_the_nearest_of_its_colours(tmp_path):
    random = np.random.default_rng(0)
    colours = random.integers(0, 32, (9, 4)).astype(np.uint8) * 8 + 3
    colours[:, 3] = 255
    frames = [colours[random.integers(0, 9, (20, 30))]]
    for _ in range(5):
        frames.append(np.where(random.random((20, 30, 1)) < 0.2, colours[3], frames[-1]))
    write_gif(tmp_path / "a.gif", frames, frames[0], [0.5, 0.1, 0.1, 0.1, 0.1, 2.0])
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 6
        for k, frame in enumerate(frames):
            image.seek(k)
            shown = np.asarray(image.convert("RGB"), int)
            assert np.abs(shown - frame[..., :3]).max() <= 1
        assert image.info["duration"] == 2000


def test_a_picture_without_a_film_is_named_and_leaves_no_file(run, tmp_path):
    assert not figures.draw(run.loaded, tmp_path, ["heatmap", "curves"], ["gif"])
    assert not list(tmp_path.iterdir())
    said = summary.left_out(run.experiment, ["heatmap", "path", "curves"], ["gif"])
    assert said == ["not drawn as gif: heatmap, curves (a film is made of path alone)"]
