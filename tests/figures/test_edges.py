"""Pictures of lanes at the edge: nothing converges, all is alike, or numbers are huge."""

from __future__ import annotations

import numpy as np
import pytest

from gdlab import figures
from gdlab.experiment import Experiment
from gdlab.objectives.formula import Formula
from tests.figures.runs import Run, mesh

SQUARE = Formula("x**2", name="<script>alert(1)</script> & Ωß 山")
BOWL = Formula("x**2 + 3*y**2")
EDGES = {
    "nothing converges": (SQUARE, [1.5, 2.0, 3.0], np.linspace(1, 9, 7), {}),
    "nothing settles": (SQUARE, [1.0], np.linspace(1, 9, 7), {}),
    "all converge after an iteration": (SQUARE, [0.5, 0.4], np.linspace(1, 3, 7), {"tol": 1e3}),
    "one lane": (SQUARE, [0.5], [3.0], {}),
    "one α": (SQUARE, 0.3, np.linspace(-5, 5, 9), {}),
    "one start": (SQUARE, np.linspace(0.1, 1.5, 9), 3.0, {}),
    "two lanes": (SQUARE, [0.3, 1.2], 3.0, {}),
    "a constant": (Formula("7", variables=["x"], minimisers=[1.0]), [0.1, 1.0], [1.0, 2.0], {}),
    "f is infinite": (Formula("1/x + x", minimisers=[1.0]), [0.1, 1.0], [-1.0, 0.0, 1.0], {}),
    "f is not defined": (Formula("x - log(x)", minimisers=[1.0]), [0.1, 1.0], [-2.0, -1.0], {}),
    "tiny numbers": (SQUARE, [1e-300, 2e-300], [1e-300, 3e-300, 9e-300], {}),
    "huge numbers": (SQUARE, [0.4, 1.1], [1e300, 5e300, 8e300], {"escape": 1e302}),
    "huge step sizes": (SQUARE, [1e299, 1e300], [1.0, 2.0], {}),
    "a plane of one α": (BOWL, 0.1, mesh(6, -2, 2), {}),
    "a plane of huge numbers": (BOWL, [0.1, 0.5], mesh(4, -1e300, 1e300), {"escape": 1e301}),
    "scattered starts": (BOWL, [0.1, 0.34], np.random.default_rng(1).normal(size=(9, 2)), {}),
    "more α than panels": (BOWL, np.linspace(0.01, 0.4, 20), mesh(5, -2, 2), {}),
}


@pytest.mark.parametrize("name", ["basins", "regimes"])
@pytest.mark.parametrize("edge", EDGES)
def test_at_the_edges_there_is_a_picture_without_a_warning_or_a_line(name, edge, tmp_path):
    f, alpha, x0, settings = EDGES[edge]
    run = Run(Experiment(f, alpha, np.array(x0, float), max_iter=60, **settings))
    if edge == "one lane":
        assert figures.why_not(name, run.experiment) == "there is a single lane"
        return
    figure = getattr(figures, name)(run.loaded)
    figures.save(figure, tmp_path / "picture.png")  # tests turn warnings into errors
    for text in [*figure.texts, *(t for legend in figure.legends for t in legend.get_texts())]:
        assert text.get_window_extent().x1 <= figure.bbox.x1 + 1


@pytest.mark.parametrize("name", ["basins", "regimes"])
def test_the_same_lanes_give_the_same_bytes(name, tmp_path):
    f, alpha, x0, settings = EDGES["one start"]
    run = Run(Experiment(f, alpha, x0, **settings))
    first, second = (
        figures.draw(run.loaded, tmp_path / folder, [name], ["png", "svg"]) for folder in "ab"
    )
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
