from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdlab.core.problem import Status
from gdlab.core.starts import Product
from gdlab.experiment import Experiment
from gdlab.figures.sizes import heatmap_layout
from gdlab.objectives.formula import Formula
from gdlab.results import layout as layouts
from gdlab.results.layout import grid_layout, planes_layout
from gdlab.results.raster import Cells, Raster, iterations_of
from tests.results.test_overview import cut

LINE, PLANE, SPACE = Formula("x**2"), Formula("x**2 + y**2"), Formula("x**2 + y**2 + z**2")


def verdicts(n, seed):
    random = np.random.default_rng(seed)
    status = random.choice(4, n, p=[0.6, 0.1, 0.1, 0.2]).astype(np.int8)
    return status, random.integers(1, 9, n, dtype=np.int32)


def block(steps, status):
    """The commonest status of some lanes, and the median of the iterations where that is
    convergence.
    """
    counts = np.bincount(status.ravel(), minlength=len(Status)).tolist()
    verdict = counts.index(max(counts))
    if verdict != Status.converged:
        return verdict, np.nan
    return verdict, np.float32(np.median(steps[status == Status.converged]))


def filled(layout, status, steps, pieces):
    raster = Raster(layout)
    for first, last in pieces:
        raster.add(first, status[first:last], steps[first:last])
    return raster


def require_blocks(cells, status, steps, size):
    """Check cells against those of a matrix that is there as a whole."""
    up, across = size
    whole = Cells(status, iterations_of(status, steps)).blocks(up, across)
    assert cells.shape == whole.shape
    assert np.array_equal(cells.labels, whole.labels)
    assert np.array_equal(cells.values, whole.values, equal_nan=True)
    for row, column in np.ndindex(cells.shape):
        where = np.s_[row * up : (row + 1) * up, column * across : (column + 1) * across]
        expected = block(steps[where], status[where])
        assert cells.labels[row, column] == expected[0]
        assert np.array_equal(cells.values[row, column], expected[1], equal_nan=True)


@given(st.data())
def test_blocks_of_a_grid_are_those_of_the_whole_matrix_whatever_the_tiles(data):
    n_alpha, n_x0 = data.draw(st.integers(1, 15)), data.draw(st.integers(1, 15))
    alpha = data.draw(st.lists(st.integers(1, 20), min_size=n_alpha, max_size=n_alpha))
    x0 = data.draw(st.lists(st.integers(-9, 9), min_size=n_x0, max_size=n_x0))
    if data.draw(st.booleans()):
        alpha, x0 = sorted(alpha), sorted(x0)
    line = data.draw(st.booleans())
    starts = np.array(x0, float)
    experiment = Experiment(
        LINE if line else SPACE,
        np.divide(alpha, 9),
        starts if line else np.stack([starts] * 3, axis=1),
    )
    # So few pixels that several lanes share one.
    size = tuple(data.draw(st.integers(1, 8)) for _ in range(2))
    layout = grid_layout(experiment, size)
    status, steps = verdicts(experiment.n_lanes, data.draw(st.integers(0, 99)))
    raster = filled(layout, status, steps, data.draw(cut(experiment.n_lanes)))

    columns = np.argsort(alpha, kind="stable")
    rows = np.argsort(x0, kind="stable") if line else np.arange(n_x0)
    grid = np.ix_(columns, rows)
    matrix = (column.reshape(n_alpha, n_x0)[grid].T for column in (status, steps))
    (cells,) = raster.cells
    require_blocks(cells, *matrix, layout.block)
    assert raster.tally.counts.tolist() == np.bincount(status, minlength=4).tolist()


@given(st.data())
def test_planes_are_those_of_the_whole_matrix_in_whatever_order_their_points_come(data):
    n_x, n_y = data.draw(st.integers(2, 7)), data.draw(st.integers(2, 7))
    n_alpha = data.draw(st.integers(1, 4))
    x, y = np.meshgrid(np.arange(n_x), np.arange(n_y), indexing="ij")
    if data.draw(st.booleans()):
        x, y = x.T, y.T
    x0 = np.stack([x.ravel(), y.ravel()], axis=1).astype(float)
    if data.draw(st.booleans()):
        x0 = np.random.default_rng(data.draw(st.integers(0, 9))).permutation(x0)
    alpha = data.draw(st.permutations(range(1, n_alpha + 1)))
    experiment = Experiment(PLANE, np.divide(alpha, 9), x0)
    shown = np.array(sorted(data.draw(st.sets(st.integers(0, n_alpha - 1), min_size=1))))
    size = tuple(data.draw(st.integers(1, 8)) for _ in range(2))
    layout = planes_layout(experiment, shown, size)
    status, steps = verdicts(experiment.n_lanes, data.draw(st.integers(0, 99)))
    raster = filled(layout, status, steps, data.draw(cut(experiment.n_lanes)))
    for i, cells in zip(np.argsort(alpha)[shown], raster.cells, strict=True):
        of_alpha = {}
        for name, column in (("status", status), ("steps", steps)):
            matrix = np.empty((n_y, n_x), column.dtype)
            own = column.reshape(n_alpha, -1)[i]
            matrix[x0[:, 1].astype(int), x0[:, 0].astype(int)] = own
            of_alpha[name] = matrix
        require_blocks(cells, **of_alpha, size=layout.block)


@given(st.data())
def test_a_plane_that_is_a_mesh_is_drawn_as_the_list_of_its_points(data):
    """Also where its axes fall, or have a value twice, and so make no picture of cells."""
    axis = st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=data.draw(st.booleans()))
    mesh = Product([data.draw(axis), data.draw(axis)])
    size = tuple(data.draw(st.integers(1, 8)) for _ in range(2))
    status, steps = verdicts(2 * len(mesh), data.draw(st.integers(0, 99)))
    pieces = data.draw(cut(status.size))
    drawn = []
    for starts in (mesh, np.asarray(mesh)):
        layout = planes_layout(Experiment(PLANE, [0.2, 0.1], starts), np.arange(2), size)
        drawn.append((layout, filled(layout, status, steps, pieces).cells))
    (ours, our_cells), (theirs, their_cells) = drawn
    assert (ours.mesh is None) == (theirs.mesh is None)
    if ours.mesh is not None:
        assert np.array_equal(ours.mesh.x, theirs.mesh.x)
        assert np.array_equal(ours.mesh.y, theirs.mesh.y)
    assert np.array_equal(ours.sampled, theirs.sampled)
    for one, other in zip(our_cells, their_cells, strict=True):
        assert np.array_equal(one.labels, other.labels)
        assert np.array_equal(one.values, other.values, equal_nan=True)


@pytest.mark.parametrize("start", ["in order", "shuffled"])
def test_a_long_column_is_reduced_bit_by_bit(monkeypatch, start):
    monkeypatch.setattr("gdlab.results.raster.LARGEST_PIECE", 20)
    x0 = np.arange(101.0)
    if start == "shuffled":
        x0 = np.random.default_rng(0).permutation(x0)
    experiment = Experiment(LINE, [0.1, 0.2], x0)
    layout = grid_layout(experiment, (2, 33))
    assert layout.block == (4, 1)
    status, steps = verdicts(202, 0)
    raster = Raster(layout)
    waiting = []
    for first in range(0, 202, 10):
        raster.add(first, status[first : first + 10], steps[first : first + 10])
        waiting.append(sum(p.values.size for p in raster.mosaic.canvases[0].pieces.values()))
    rows = np.argsort(x0)
    matrix = (column.reshape(2, 101)[:, rows].T for column in (status, steps))
    require_blocks(raster.cells[0], *matrix, (4, 1))
    if start == "in order":
        assert max(waiting) <= 40


def test_rising_step_sizes_keep_few_lanes_waiting():
    experiment = Experiment(LINE, np.linspace(0.1, 1, 4000), np.linspace(-1, 1, 500))
    raster = Raster(heatmap_layout(experiment))
    status, steps = verdicts(experiment.n_lanes, 0)
    for first in range(0, experiment.n_lanes, 30_000):
        own = slice(first, first + 30_000)
        raster.add(first, status[own], steps[own])
        assert len(raster.mosaic.canvases[0].pieces) <= 1
    assert not raster.mosaic.canvases[0].pieces


def test_of_very_many_scattered_starts_a_sample_is_drawn(monkeypatch):
    monkeypatch.setattr(layouts, "MOST_STARTS", 60)
    x0 = np.random.default_rng(0).normal(size=(100, 2))
    experiment = Experiment(PLANE, [0.1, 0.2, 0.3], x0)
    layout = heatmap_layout(experiment)
    assert layout.mesh is None
    assert layout.sampled.shape == (20, 2)
    status, steps = verdicts(300, 0)
    raster = filled(layout, status, steps, [(90, 170), (0, 90), (170, 300)])
    places = [int(np.flatnonzero((x0 == point).all(axis=1))[0]) for point in layout.sampled]
    for i, cells in enumerate(raster.cells):
        lanes = i * 100 + np.array(places)
        assert cells.labels[0].tolist() == status[lanes].tolist()
        expected = np.where(status[lanes] == 0, steps[lanes], np.nan)
        assert np.array_equal(cells.values[0], expected, equal_nan=True)
    assert raster.tally.n == 300


def test_any_label_has_the_median_of_its_own_values():
    labels = np.array([[7, 7, 2], [7, 0, 2]], np.int16)
    values = np.array([[1, 5, np.nan], [2, 9, 4]], np.float32)
    blocks = Cells(labels, values).blocks(2, 3)
    assert (blocks.labels.tolist(), blocks.values.tolist()) == ([[7]], [[2]])
    # Of labels that are equally common it is the least; a value that is no number does not count.
    pairs = Cells(labels, values).blocks(2, 2)
    assert (pairs.labels.tolist(), pairs.values.tolist()) == ([[7, 2]], [[2, 4]])
    ties = Cells(labels[:, 1:], values[:, 1:]).blocks(1, 2)
    assert ties.labels.tolist() == [[2], [0]]
    assert np.array_equal(ties.values, [[np.nan], [9]], equal_nan=True)
