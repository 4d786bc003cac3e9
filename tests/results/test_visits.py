"""Where lanes of a run are in the long run: counted tile by tile, stored, read, verified."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from omegaconf import OmegaConf

import gdlab
from gdlab.core.orbits import Stretch
from gdlab.experiment import Experiment
from gdlab.settings import experiment_of
from gdlab.store import computing
from gdlab.store.records import StoreError
from gdlab.store.tiles import histogram_of_run
from tests.command import verify

WELL = "x**4/4 - x**2/2"
WORDS = (
    *("objective=formula", f"objective.expr='{WELL}'", "figures=none", "x0=[0.1,0.3,-0.7]"),
    *("orbit=stretch", "orbit.burn_in=20", "orbit.length=200", "orbit.bins=7"),
    "orbit.domain=[-1.1,1.3]",
)


def counted_plainly(alpha, starts, burn_in=20, length=200, low=-1.1, high=1.3, n=7):
    """How often a plain loop is in each bin, and in none."""
    counts = [0] * (n + 1)
    for x in starts:
        for k in range(1, burn_in + length + 1):
            x = x - alpha * (x * x * x - x)
            if k > burn_in:
                place = (x - low) * (n / (high - low))
                counts[int(np.floor(place)) if 0 <= place < n else n] += 1
    return counts


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of one part of an interrupted one and two more, in tiles of four lanes."""
    patch = pytest.MonkeyPatch()
    patch.chdir(tmp_path_factory.mktemp("visits"))
    patch.setattr(computing, "ROWS_PER_PART", 4)
    yield gdlab.run(*WORDS, "alpha=[1.9,0.5,1.3]")
    patch.undo()


def test_a_run_counts_where_its_lanes_are_as_a_plain_loop_does(run):
    assert len(run.record["visited"]) == 3
    table = run.visited()
    for alpha, own in table.groupby("alpha_low"):
        counts = own.set_index("x_low")["visits"]
        edges = np.linspace(-1.1, 1.3, 8)
        plain = counted_plainly(alpha, [0.1, 0.3, -0.7])
        assert [counts.get(low, 0) for low in edges[:-1]] == plain[:-1]
        assert own.loc[own["x_low"].isna(), "visits"].sum() == plain[-1]
        assert (own["alpha_high"] == alpha).all()
    assert sorted(table["alpha_low"].unique()) == [0.5, 1.3, 1.9]


def test_a_histogram_of_a_run_is_its_table_as_a_matrix(run):
    f = gdlab.Formula(WELL)
    stretch = gdlab.orbit(
        f, [0.5, 1.3, 1.9], [0.1, 0.3, -0.7], burn_in=20, length=200, bins=7, domain=(-1.1, 1.3)
    )
    experiment = experiment_of(OmegaConf.create(run.config))
    found = histogram_of_run(run, experiment)
    assert found.alpha.tolist() == [[0.5, 0.5], [1.3, 1.3], [1.9, 1.9]]
    assert np.array_equal(found.edges, stretch.edges)
    assert np.array_equal(found.counts, stretch.visited)
    assert found.outside.tolist() == (3 * 200 - found.counts.sum(axis=1)).tolist()


def test_a_missing_histogram_is_counted_again_and_a_changed_one_is_noticed(run, monkeypatch):
    monkeypatch.setattr(computing, "ROWS_PER_PART", 4)
    paths = sorted((run.path / "visited").iterdir())
    before = [path.read_bytes() for path in paths]
    (run.path / "run.json").unlink()
    paths[1].unlink()
    again = gdlab.run(*WORDS, "alpha=[1.9,0.5,1.3]")
    assert [path.read_bytes() for path in paths] == before
    assert again.record["parts_computed"] == 1
    assert "9 of 9 lanes are the same" in verify(str(run.path), folder=run.path).stdout
    part = pq.read_table(paths[0])
    more = part.set_column(4, part.schema.field(4), [np.array(part["visits"]) + 1])
    pq.write_table(more, paths[0])
    with pytest.raises(StoreError, match="is damaged"):
        again.visited()
    assert "is damaged" in verify(str(run.path), folder=run.path, status=1).stdout
    paths[0].write_bytes(before[0])


def test_more_step_sizes_than_rows_are_counted_in_groups_of_neighbours(tmp_path, monkeypatch):
    monkeypatch.setattr("gdlab.experiment.MOST_ROWS", 3)
    stretch = Stretch(5, 150, 6, (-2, 2))
    alphas = [0.9, 0.1, 0.3, 0.9, 0.5, 0.7, 0.2, 1.1]
    experiment = Experiment(gdlab.Formula(WELL), alphas, [0.3, 0.9], orbit=stretch)
    rows = experiment.bins.rows
    by_row = pd.Series(alphas).groupby(rows).agg(["min", "max"])
    assert by_row.to_numpy().tolist() == [[0.1, 0.3], [0.5, 0.7], [0.9, 1.1]]


def test_a_run_without_bins_counts_nothing_and_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = gdlab.run("orbit.length=150", "orbit.bins=0", "alpha=0.1", "x0=[1,2]", "figures=none")
    assert not (run.path / "visited").exists()
    with pytest.raises(ValueError, match=r"counts no visits: it has no orbit, or orbit\.bins=0"):
        run.visited()
