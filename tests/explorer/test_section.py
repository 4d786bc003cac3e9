"""What a page is given: which lanes, how many bytes, or why there is none."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize

import gdlab
from gdlab import grids
from gdlab.experiment import Experiment
from gdlab.explorer import columns_of, page, section
from gdlab.explorer.lanes import MOST_COORDINATES, MOST_DOTS
from gdlab.methods import Armijo, ExactLineSearch
from gdlab.store.shares import descend

QUARTIC = gdlab.Formula("x**4 - 3*x**2 + x")
HIMMELBLAU = gdlab.Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", domain=[-5, 5])
ROSENBROCK = gdlab.Function(scipy.optimize.rosen, scipy.optimize.rosen_der, variables=["x", "y"])


def made(experiment, **others):
    return section(experiment, columns_of(descend(experiment)), **others)


def data_of(html: str) -> dict:
    (text,) = re.findall(r'<script type="application/json" class="data">(.*?)</script>', html, re.S)
    return json.loads(text)


def axes_of(data: dict) -> list[list[float]]:
    """The values of α and of each coordinate of the starts."""
    return [axis["values"] for axis in data["axes"]]


def table_of(data: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Status, steps and last iterates (d, n), as a page unpacks them."""
    content = zlib.decompress(base64.b64decode(data["table"]))
    n, d = data["shown"], len(data["variables"])
    found, first = [], 0
    for type_, length in (("i1", n), ("<i4", n), ("<f8", n * d)):
        size = np.dtype(type_).itemsize
        part = np.frombuffer(content, np.uint8, length * size, first).reshape(size, length)
        found.append(np.ascontiguousarray(part.T).view(type_).ravel())
        first += length * size
    return found[0], found[1], found[2].reshape(d, n)


def test_a_page_has_the_table_of_its_lanes_at_the_tightest_tolerance():
    experiment = Experiment(
        QUARTIC, [0.2, 0.05, 0.2], [2, -1, 2, 0.5], tol=[1e-3, 1e-8, 1e-5], max_iter=50
    )
    descent = descend(experiment)
    data = data_of(section(experiment, columns_of(descent)).html)
    assert axes_of(data) == [[0.05, 0.2], [-1, 0.5, 2]]
    status, steps, x = table_of(data)
    own = np.ix_([1, 0], [1, 3, 0], [1])
    assert np.array_equal(status, descent.status[own].ravel())
    assert np.array_equal(steps, descent.steps[own].ravel())
    assert np.array_equal(x[0], descent.x[own].ravel())


@pytest.mark.parametrize("seed", range(3))
def test_parts_of_any_length_make_the_same_page(seed):
    mesh = grids.plane(7, objective=HIMMELBLAU)
    shuffled = np.random.default_rng(seed).permutation(np.asarray(mesh))
    for x0 in (mesh, shuffled, shuffled[:30]):
        experiment = Experiment(HIMMELBLAU, [0.02, 0.01], x0, max_iter=20)
        columns = columns_of(descend(experiment))
        ends = np.sort(np.random.default_rng(seed).integers(experiment.n_lanes, size=5))

        def parts(names, columns=columns, ends=ends):
            ((_, whole),) = columns(names)
            for first, last in zip([0, *ends], [*ends, len(whole[names[0]])], strict=True):
                yield int(first), {name: whole[name][first:last] for name in names}

        assert section(experiment, parts).html == section(experiment, columns).html


def test_starts_that_fill_a_mesh_in_any_order_are_a_map():
    mesh = grids.plane(7, objective=HIMMELBLAU)
    whole = data_of(made(Experiment(HIMMELBLAU, [0.01], mesh, max_iter=20)).html)
    shuffled = np.random.default_rng(1).permutation(np.asarray(mesh))
    again = data_of(made(Experiment(HIMMELBLAU, [0.01], shuffled, max_iter=20)).html)
    assert again == whole
    assert whole["points"] is None
    loose = data_of(made(Experiment(HIMMELBLAU, [0.01], shuffled[:30], max_iter=20)).html)
    assert loose["points"] == shuffled[:30].tolist()


def test_of_four_million_lanes_a_page_has_even_grid_lines_with_both_ends_and_stays_small():
    alpha, x0 = np.linspace(0.0005, 1, 2000), np.linspace(-10, 10, 2000)
    experiment = Experiment(gdlab.Formula("x**2 + 4*x + 4"), alpha, x0)
    lanes = np.random.default_rng(0)  # the bytes of real iterates are no less random
    n = experiment.n_lanes

    def columns(names):
        random = {"x": lanes.normal(size=n), "steps": lanes.integers(1, 1000, n).astype(np.int32)}
        yield 0, {name: random.get(name, np.zeros(n, np.int8)).reshape(-1, 1) for name in names}

    html = section(experiment, columns).html
    assert len(html.encode()) < 1.8e6
    data = data_of(html)
    alphas, starts = axes_of(data)
    assert len(alphas) * len(starts) <= MOST_COORDINATES
    assert [alphas[0], alphas[-1]] == [alpha[0], alpha[-1]]
    assert set(np.diff(np.searchsorted(alpha, alphas))) <= {5, 6}
    assert f"The map has {data['shown']:,} of 4,000,000 lanes, evenly chosen." in html


def test_of_very_many_starts_that_are_no_mesh_a_page_has_some():
    starts = grids.normal(20_000, objective=HIMMELBLAU)
    experiment = Experiment(HIMMELBLAU, [0.01], starts, max_iter=3)
    data = data_of(made(experiment).html)
    assert len(data["points"]) == MOST_DOTS
    status, _, _ = table_of(data)
    assert status.size == MOST_DOTS


@pytest.mark.parametrize(
    ("experiment", "sentence"),
    [
        (
            lambda: Experiment(QUARTIC, [0.1, 0.2], [1, 2], pairs=True),
            "The explorer shows every step size with every starting point, and these are pairs.",
        ),
        (
            lambda: Experiment(gdlab.Formula("x*y*z"), 0.1, [[1, 2, 3]]),
            "The explorer draws objectives of one or two variables, and this one has 3.",
        ),
        (
            lambda: Experiment(ROSENBROCK, 0.1, [[1, 2]]),
            "The explorer descends formulas, and rosen is Python code.",
        ),
        (
            lambda: Experiment(QUARTIC, 0.1, 1.0, method=Armijo()),
            "The explorer follows methods whose step is plain arithmetic, unlike "
            "Armijo's backtracking.",
        ),
        (
            lambda: Experiment(QUARTIC, 0.1, 1.0, method=ExactLineSearch()),
            "The explorer follows methods whose step is plain arithmetic, "
            "unlike exact line search.",
        ),
    ],
)
def test_where_there_is_no_explorer_a_sentence_says_why(experiment, sentence):
    found = section(experiment(), lambda _names: iter(()))
    assert found.html == ""
    assert found.why_not == sentence
    assert f"<p>{sentence.replace(chr(39), '&#x27;')}</p>" in page(found, "none")


def test_no_markup_of_a_name_reaches_the_page():
    name = "</script><script>alert('<!--')</script>"
    experiment = Experiment(gdlab.Formula("x**2", name=name), 0.1, 1.0)
    html = page(made(experiment), name)
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(&#x27;&lt;!--&#x27;)") == 2  # the page and the section


@pytest.mark.parametrize(
    ("expr", "shown"),
    [
        ("x**4 - 3*x**2 + x", "f(x) = x⁴ − 3x² + x"),
        ("(x**2+y-11)**2", "f(x, y) = (x²+y−11)²"),
        ("2*(x - 1)**2.5", "f(x) = 2(x − 1)**2.5"),
        ("x1*2*y", "f(x1, y) = x1·2·y"),
        ("exp(-x)*10**x", "f(x) = exp(−x)·10**x"),
        ("+".join(["x**2"] * 40), ""),
    ],
)
def test_a_formula_is_shown_as_it_is_read(expr, shown):
    objective = gdlab.Formula(expr, name="f")
    html = made(Experiment(objective, 0.1, np.ones((1, objective.dimension)))).html
    start = f"{shown} · " if shown else ""
    assert f'<p class="about">{start}gradient descent · until ' in html


def test_the_same_experiment_makes_the_same_bytes():
    experiment = Experiment(QUARTIC, [0.1, 0.2], [1.0, 2.0])
    descent = descend(experiment)
    first = section(experiment, columns_of(descent)).html
    assert section(experiment, columns_of(replace(descent))).html == first
