from __future__ import annotations

import itertools
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.objectives.formula import Formula
from gdlab.results.digest import digest_of_rows
from gdlab.results.overview import Overview, gathered, overview_of
from gdlab.results.table import STATUS, table
from gdlab.results.tiles import Tile, tile_of_frame
from gdlab.store.shares import descend
from tests.examples import at_most

BOWL = Formula("x**2")


def by_alpha(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares of the verdicts and iterations by step size, by pandas alone."""
    shares = pd.crosstab(rows["alpha"], rows["status"], normalize="index", dropna=False)
    iterations = rows["steps"].astype(float).where(rows["status"] == "converged", np.inf)
    return shares.join(iterations.groupby(rows["alpha"]).agg(median="median", worst="max"))


def best_of(summary: pd.DataFrame) -> float:
    rising = [False, True, True]
    return summary.sort_values(
        ["converged", "median", "worst"], ascending=rising, kind="stable"
    ).index[0]


@st.composite
def runs(draw):
    """An experiment with made-up verdicts, as one tile and as a table."""
    alpha = draw(st.lists(st.integers(1, 30), min_size=1, max_size=40))
    pairs = draw(st.booleans())
    n_x0 = len(alpha) if pairs else draw(st.integers(1, 12))
    n_tol = draw(st.integers(1, 3))
    tol = draw(st.permutations([1e-3, 1e-6, 1e-9][:n_tol]))
    seed, largest = draw(st.integers(0, 2**32)), draw(st.sampled_from([2, 5, 10**6]))
    hopeless = draw(st.booleans())
    experiment = Experiment(
        BOWL, np.divide(alpha, 7), np.linspace(-1, 1, n_x0), tol=tol, pairs=pairs
    )
    random = np.random.default_rng(seed)
    shape = experiment.n_lanes, n_tol
    probabilities = [0, 0.1, 0.1, 0.8] if hopeless else [0.7, 0.1, 0.1, 0.1]
    tile = Tile(
        0,
        random.choice(4, shape, p=probabilities).astype(np.int8),
        random.integers(1, largest, shape, dtype=np.int32),
        random.choice([-np.inf, -1.5, 0.0, 2.0, np.nan], shape),
        random.random(shape) < 0.3,
    )
    lanes = np.arange(experiment.n_lanes)
    rows = pd.DataFrame(
        {
            "alpha": np.repeat(experiment.alpha[lanes if pairs else lanes // n_x0], n_tol),
            "tol": np.tile(tol, lanes.size),
            "status": pd.Categorical.from_codes(tile.status.ravel(), dtype=STATUS),
            "steps": tile.steps.ravel(),
            "f": tile.f.ravel(),
            "away": tile.at_no_minimum.ravel(),
        }
    )
    return experiment, tile, rows


@st.composite
def cut(draw, n: int) -> list[tuple[int, int]]:
    """Tiles of n lanes, in any order."""
    places = draw(st.sets(st.integers(1, max(n - 1, 1)), max_size=12))
    ends = sorted({0, n, *(place for place in places if place < n)})
    return draw(st.permutations(list(itertools.pairwise(ends))))


def same(one, other) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("counts", "iterations", "lanes")
    )


@at_most(40)
@given(st.data())
def test_a_run_told_by_tiles_is_what_pandas_says_of_its_table(data):
    experiment, whole, rows = data.draw(runs())
    pieces = data.draw(cut(experiment.n_lanes))
    overview = gathered(experiment, (whole.between(*piece) for piece in pieces))

    tight = rows[rows["tol"] == rows["tol"].min()]
    expected = by_alpha(tight)
    assert overview.best == best_of(expected)
    assert len(overview.rows) <= 13
    assert set(overview.rows) >= {expected.index[0], expected.index[-1], overview.best}
    for alpha, tally in overview.rows.items():
        row = expected.loc[alpha]
        assert [tally.share(status) for status in Status] == row[list(STATUS.categories)].tolist()
        assert (tally.median, tally.worst) == (row["median"], row["worst"])

    at_best = rows[rows["alpha"] == overview.best]
    for tol, tally in zip(experiment.tol, overview.at_best, strict=True):
        row = by_alpha(at_best[at_best["tol"] == tol]).iloc[0]
        found = tally.share(), tally.median, tally.worst
        assert found == (row["converged"], row["median"], row["worst"])

    for tol, tally in zip(experiment.tol, overview.by_tol, strict=True):
        counts = rows[rows["tol"] == tol]["status"].value_counts()
        assert tally.counts.tolist() == [counts[name] for name in STATUS.categories]
    converged = tight["status"] == "converged"
    iterations = tight["steps"].where(converged, np.inf)
    assert overview.tally.median == np.median(iterations)
    for share in (0.5, 0.75):
        nearest = np.quantile(iterations, share, method="nearest")
        assert overview.tally.quantile(share) == nearest
    ends = tight["steps"][converged].agg(["min", "max"])
    assert overview.tally.range == (tuple(ends) if converged.any() else None)
    assert overview.lane_steps == tight["steps"].sum()
    assert overview.longest == tight["steps"].max()
    assert overview.away == (converged & tight["away"]).sum()

    diverged = rows["status"] == "diverged"
    f = rows["f"][~diverged | diverged.all()]
    assert overview.least == f[np.isfinite(f)].min(skipna=True) or not np.isfinite(f).any()
    assert overview.all_diverged == diverged.all()


@given(st.data())
def test_the_order_of_the_tiles_and_where_they_are_cut_change_nothing(data):
    experiment, whole, _ = data.draw(runs())
    overviews = [
        gathered(experiment, (whole.between(*piece) for piece in pieces))
        for pieces in ([(0, experiment.n_lanes)], data.draw(cut(experiment.n_lanes)))
    ]
    one, other = overviews
    assert one.rows.keys() == other.rows.keys()
    for of_one, of_other in (
        (list(one.rows.values()), list(other.rows.values())),
        (one.by_tol, other.by_tol),
        (one.at_best, other.at_best),
        (one.spread, other.spread),
    ):
        assert all(same(a, b) for a, b in zip(of_one, of_other, strict=True))
    assert one.least == other.least


def test_a_million_step_sizes_leave_no_more_than_a_few_behind():
    n, size = 2**18, 2**14
    experiment = Experiment(BOWL, np.linspace(0.1, 1, n), [1.0])
    steps = np.random.default_rng(0).permutation(n).astype(np.int32)[:, None] + 1
    overview = Overview(experiment)
    for first in range(0, n, size):
        own = slice(first, first + size)
        shape = (size, 1)
        f, away = np.ones(shape), np.zeros(shape, bool)
        digest = digest_of_rows(experiment, first, np.zeros(shape, np.int8), steps[own], f, away)
        assert len(digest.by_rank) <= 13
        overview.add(pickle.loads(pickle.dumps(digest)))
    assert overview.best == experiment.alpha[steps.argmin()]
    assert len(overview.rows) <= 13


def test_a_digest_reads_the_table_that_pandas_has():
    experiment = Experiment(BOWL, [0.1, 0.9, 1.0, 1.2], [1.0, -2.0], tol=[1e-3, 1e-8])
    rows = table(experiment, descend(experiment))
    tile = tile_of_frame(rows, n_tol=2)
    assert tile.steps.ravel().tolist() == rows["steps"].tolist()
    assert [Status(code).name for code in tile.status.ravel()] == rows["status"].tolist()
    assert tile.at_no_minimum.ravel().tolist() == rows["minimum"].isna().tolist()


def test_a_part_of_a_table_has_no_overview():
    experiment = Experiment(BOWL, [0.1, 0.2], [1.0, 2.0], pairs=True)
    rows = table(experiment, descend(experiment))
    assert overview_of(experiment, rows).n_lanes == 2
    with pytest.raises(ValueError, match="give the whole table"):
        overview_of(experiment, rows.head(1))


def test_the_best_step_size_is_the_one_that_converges_from_the_most_starts_not_the_fastest():
    f = Formula("x**4/4")
    experiment = Experiment(f, [0.05, 0.5], [0.9, 1.0, 5.0], tol=1e-2)
    frame = table(experiment, descend(experiment))
    slow, fast = (own["iterations"] for _, own in frame.groupby("alpha"))
    assert slow.notna().all()
    assert fast.isna().sum() == 1
    assert fast.median() < slow.median()
    assert overview_of(experiment, frame).best == 0.05
