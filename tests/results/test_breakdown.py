"""What became of lanes by step size and by minimum is what their table says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdlab.experiment import Experiment
from gdlab.objectives.formula import Formula
from gdlab.results import breakdown
from gdlab.results.breakdown import Breakdown, Ends

WELL = Formula("x**4/4 - x**2/2")
ALPHAS = st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.9]), min_size=1, max_size=9)


@given(
    alpha=ALPHAS,
    n_starts=st.integers(1, 5),
    pairs=st.booleans(),
    size=st.integers(1, 12),
    seed=st.integers(0, 99),
    most=st.sampled_from([2, 200]),
)
def test_tiles_of_any_size_and_order_add_up(alpha, n_starts, pairs, size, seed, most):
    n_starts = len(alpha) if pairs else n_starts
    experiment = Experiment(WELL, alpha, np.linspace(-1, 1, n_starts), pairs=pairs)
    rng, n = np.random.default_rng(seed), experiment.n_lanes
    status = rng.integers(0, 4, n).astype(np.int8)
    steps = rng.integers(1, 9, n).astype(np.int32)
    minimum = rng.integers(-1, 2, n).astype(np.int16)
    tiles = [
        Ends(first, *(own[first : first + size] for own in (status, steps, minimum)))
        for first in range(0, n, size)
    ]
    best = float(rng.choice(alpha))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(breakdown, "MOST", most)
        found = Breakdown.of(experiment, [tiles[i] for i in rng.permutation(len(tiles))], best)
    distinct = sorted(set(alpha))
    ends = {distinct[0], distinct[-1], best}
    assert set(found.rows) == (set(distinct) if most == 200 else ends)
    assert list(found.rows) == sorted(found.rows)
    assert found.n_step_sizes == len(distinct)
    lanes = np.array(alpha) if pairs else np.repeat(alpha, n_starts)
    for own, tally in found.rows.items():
        there = lanes == own
        assert tally.counts.tolist() == np.bincount(status[there], minlength=4).tolist()
        iterations = np.where(status[there] == 0, steps[there], np.inf)
        assert tally.worst == iterations.max()
    settled = minimum[(status == 0) & (minimum >= 0)]
    assert found.minima.tolist() == np.bincount(settled, minlength=2).tolist()


def test_where_no_minimiser_is_known_none_is_counted():
    experiment = Experiment(Formula("x**2 + sin(x)"), [0.1], [1.0])
    ends = Ends(0, np.zeros(1, np.int8), np.ones(1, np.int32), np.full(1, -1, np.int16))
    assert Breakdown.of(experiment, [ends], 0.1).minima.size == 0
