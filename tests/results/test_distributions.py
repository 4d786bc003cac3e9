from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from gdlab.experiment import Experiment
from gdlab.objectives.formula import Formula
from gdlab.results import distributions as module
from gdlab.results.distributions import distributions
from gdlab.results.tiles import tiles_of_frame
from tests.figures.runs import Run

WELL = Formula("x**4/4 - x**2/2 + x/5")
ALPHA = [0.7, 0.1, 0.3, 1.4, 0.1, 1.0]  # in no order, one of them twice
GROUPS = np.array([0, 0, 1, 2, 2])  # of 0.1, 0.3, 0.7, 1 and 1.4


def run(**settings) -> Run:
    return Run(Experiment(WELL, ALPHA, np.linspace(-2, 2, 23), max_iter=150, **settings))


def gathered(run: Run, *edges: int):
    (whole,) = tiles_of_frame(run.experiment, run.table)
    ends = [0, *edges, run.experiment.n_lanes]
    tiles = [whole.between(a, b) for a, b in pairwise(ends)]
    return distributions(run.experiment, tiles, GROUPS)[0]


def lanes_of(run: Run) -> list[np.ndarray]:
    """The iterations of the lanes of each group, from the table."""
    tight = run.table[run.table["tol"] == run.table["tol"].min()]
    counts = tight["iterations"].to_numpy(float, na_value=np.inf)
    group = tight["alpha"].map(dict(zip(np.unique(ALPHA), GROUPS, strict=True)))
    return [np.sort(counts[group == i]) for i in range(3)]


@pytest.mark.parametrize("edges", [(), (1, 2, 50), (23, 46), (40, 41, 100, 137)])
def test_quantiles_are_those_of_all_lanes_however_they_come(edges):
    own = run(tol=[1e-8, 1e-2])
    found = gathered(own, *edges)
    for group, lanes in enumerate(lanes_of(own)):
        assert found.n[group] == lanes.size
        assert found.converged[group] == np.isfinite(lanes).sum()
        assert found.worst[group] == lanes[-1]
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            place = share * (lanes.size - 1)
            ends = lanes[[int(np.floor(place)), int(np.ceil(place))]]
            expected = ends[0] if ends[0] == ends[1] else ends[0] + place % 1 * np.diff(ends)[0]
            assert found.quantile(share)[group] == pytest.approx(expected)


def test_the_share_solved_within_k_iterations_counts_those_that_fail():
    own = run()
    found = gathered(own)
    for group, lanes in enumerate(lanes_of(own)):
        counts, shares = found.solved(group)
        assert counts.tolist() == sorted(set(lanes[np.isfinite(lanes)].astype(int).tolist()))
        assert shares == pytest.approx([np.mean(lanes <= k) for k in counts])


def test_a_step_size_of_no_group_is_left_out():
    own = run()
    (whole,) = tiles_of_frame(own.experiment, own.table)
    chosen = distributions(own.experiment, [whole], np.array([-1, 0, -1, -1, -1]))[0]
    lanes = own.table[own.table["alpha"] == 0.3]
    assert chosen.n.tolist() == [23]
    assert chosen.quantile(0.5)[0] == lanes["iterations"].median()


def test_so_many_counts_that_they_are_put_together_on_the_way_are_the_same(monkeypatch):
    plain = gathered(run(), 10, 20, 60)
    monkeypatch.setattr(module, "MOST_PENDING", 5)
    again = gathered(run(), 10, 20, 60)
    for name in ("n", "converged", "groups", "counts", "lanes"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(again, name))
