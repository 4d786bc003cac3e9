"""Tables, traces, curves and paths."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gdlab
from gdlab.core.problem import Status
from gdlab.results import table as results
from gdlab.results import traces as following
from gdlab.results.rows import block
from gdlab.store import shares
from tests.examples import at_most
from tests.oracles import Landscape, bits, descend_one

WELL = "x**4/4 - x**2/2 + x/5"


def naive_rows(experiment: gdlab.Experiment) -> list[dict]:
    """The table of section "The table", row by row from the plain loop."""
    land = Landscape.of(experiment.objective)
    d = experiment.dimension
    rows = []
    for alpha, x0 in itertools.product(experiment.alpha.tolist(), experiment.x0.tolist()):
        for tol in experiment.tol.tolist():
            verdict = descend_one(
                land, alpha, x0, tol=tol, max_iter=experiment.max_iter,
                criterion=experiment.criterion, escape=experiment.escape,
            )  # fmt: skip
            away = [math.dist(verdict.x, point) for point in land.minimisers]
            near = [i for i, distance in enumerate(away) if distance <= 1e-3]
            near.sort(key=away.__getitem__)
            named = [("x0", x0), ("x", verdict.x)]
            start, end = (
                {name if d == 1 else f"{name}_{i}": v for i, v in enumerate(point, 1)}
                for name, point in named
            )
            rows.append(
                {
                    "alpha": alpha,
                    **start,
                    "tol": tol,
                    "iterations": verdict.steps if verdict.status == "converged" else pd.NA,
                    "steps": verdict.steps,
                    "status": verdict.status,
                    "period": verdict.period or pd.NA,
                    **end,
                    "f": land.f(verdict.x),
                    "gap": land.f(verdict.x) - land.minimum,
                    "minimum": near[0] if near else pd.NA,
                }
            )
    return rows


def table_of(experiment: gdlab.Experiment) -> pd.DataFrame:
    return results.table(experiment, shares.descend(experiment))


class TestTable:
    def test_columns_and_types_on_the_line(self):
        table = gdlab.table(gdlab.Formula("x**2"), [0.1, 1.0], [1.0, 2.0, 3.0])
        assert table.dtypes.astype(str).to_dict() == {
            "alpha": "float64",
            "x0": "float64",
            "tol": "float64",
            "iterations": "Int32",
            "steps": "int32",
            "status": "category",
            "period": "Int16",
            "x": "float64",
            "f": "float64",
            "gap": "float64",
            "minimum": "Int16",
            "predicted": "Int32",
        }
        assert list(table.columns) == [
            "alpha", "x0", "tol", "iterations", "steps", "status", "period",
            "x", "f", "gap", "minimum", "predicted",
        ]  # fmt: skip
        assert table.index.tolist() == list(range(6))

    def test_columns_in_the_plane(self):
        f = gdlab.Formula("x**2 + y**2")
        table = gdlab.table(f, [0.1], [[1.0, 2.0], [3.0, 4.0]], tol=[1e-2, 1e-5])
        assert list(table.columns) == [
            "alpha", "x0_1", "x0_2", "tol", "iterations", "steps", "status", "period",
            "x_1", "x_2", "f", "gap", "minimum", "predicted",
        ]  # fmt: skip
        assert table["x0_1"].tolist() == [1.0, 1.0, 3.0, 3.0]
        assert table["x0_2"].tolist() == [2.0, 2.0, 4.0, 4.0]
        assert (table[["x0_1", "x0_2", "x_1", "x_2"]].dtypes == "float64").all()

    def test_verdicts_are_ordered_from_best_to_worst(self):
        table = gdlab.table(gdlab.Formula("x**2"), [2.0, 1e-6, 1.0, 0.3], 3.0, tol=1e-8)
        assert list(table["status"].cat.categories) == [
            "converged", "cycling", "max_iter", "diverged",
        ]  # fmt: skip
        assert table["status"].cat.ordered
        assert table.sort_values("status")["alpha"].tolist() == [0.3, 1.0, 1e-6, 2.0]

    def test_the_mean_of_iterations_leaves_failures_out(self):
        table = gdlab.table(gdlab.Formula("x**2"), [0.3, 0.4, 1.0, 1e-6, 2.0], 3.0, tol=1e-8)
        good = table[table["status"] == "converged"]
        assert table["iterations"].mean() == good["steps"].mean()
        assert table["iterations"].isna().tolist() == [False, False, True, True, True]
        assert table["period"].isna().tolist() == [True, True, False, True, True]

    def test_rows_run_by_step_size_then_start_then_tolerance_as_given(self):
        tol = [1e-3, 1e-9, 1e-6]
        table = gdlab.table(gdlab.Formula("x**2"), [0.4, 0.1], [3.0, -1.0], tol=tol)
        rows = itertools.product([0.4, 0.1], [3.0, -1.0], tol)
        assert [tuple(row) for row in table[["alpha", "x0", "tol"]].to_numpy()] == list(rows)
        first = table["iterations"][:3].tolist()
        assert first[0] < first[2] < first[1]

    @pytest.mark.parametrize(
        ("formula", "dimension"),
        [
            ({"expr": WELL}, 1),
            ({"expr": "(x**2 + y - 11)**2 + (x + y**2 - 7)**2", "minimisers": [[3, 2]]}, 2),
            ({"expr": "sin(x) + y**2/4"}, 2),
        ],
        ids=["minima derived", "one minimum stated", "no minimum known"],
    )
    def test_every_field_of_every_row_is_that_of_a_plain_loop(self, formula, dimension):
        f = gdlab.Formula(**formula)
        number = st.floats(-3, 3, allow_nan=False)

        @at_most(25)
        @given(
            st.lists(st.floats(1e-3, 3), min_size=1, max_size=3),
            st.lists(
                st.lists(number, min_size=dimension, max_size=dimension), min_size=1, max_size=3
            ),
            st.lists(st.sampled_from([1e-2, 1e-5, 1e-10]), min_size=1, max_size=3),
            st.integers(1, 60),
        )
        def holds(alpha, x0, tol, max_iter):
            experiment = gdlab.Experiment(f, alpha, x0, tol=tol, max_iter=max_iter)
            found = table_of(experiment)
            expected = pd.DataFrame(naive_rows(experiment))
            assert list(found.columns) == list(expected.columns)
            for column in expected:
                missing = expected[column].isna()
                assert found[column].isna().tolist() == missing.tolist()
                left, right = found[column][~missing], expected[column][~missing]
                assert left.astype(object).tolist() == right.tolist() or bits(left) == bits(right)

        holds()

    def test_a_lane_within_a_thousandth_has_found_its_minimum(self):
        f = gdlab.Formula("(x**2 - 1)**2/8")
        table = gdlab.table(f, 0.5, [-2.0, 0.0, 2.0, 1.0005, 1.0011], max_iter=1, tol=1e-300)
        near = gdlab.table(f, 1e-12, [-2.0, 0.0, 2.0, 1.0005, 1.0011], max_iter=1)
        assert near["minimum"].tolist() == [pd.NA, pd.NA, pd.NA, 1, pd.NA]
        long = gdlab.table(f, 0.5, [-2.0, 0.0, 2.0], tol=1e-10)
        assert long["minimum"].tolist() == [0, pd.NA, 1]
        assert len(table) == 5

    def test_what_is_not_known_is_nan_and_not_a_number(self):
        table = gdlab.table(gdlab.Formula("cos(x)"), 0.5, [1.0, 2.0])
        assert table["gap"].isna().all()
        assert table["minimum"].isna().all()
        assert np.isfinite(table["f"]).all()
        stated = gdlab.table(gdlab.Formula("cos(x)", minimum=-1), 0.5, [1.0, 2.0], tol=1e-9)
        assert stated["gap"].tolist() == (stated["f"] + 1).tolist()

    def test_a_lane_lost_to_nan_has_a_row_like_any_other(self):
        f = gdlab.Function(lambda x: x[0], lambda x: np.full_like(x, np.nan), minimisers=[0.0])
        table = gdlab.table(f, 0.1, 1.0)
        assert table["status"].tolist() == ["diverged"]
        assert table[["x", "f"]].isna().all(axis=None)
        assert table["minimum"].isna().all()
        assert table["steps"].tolist() == [1]

    def test_the_rows_of_some_lanes_are_those_rows_of_the_whole(self):
        f = gdlab.Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", minimisers=[[3, 2]])
        x0 = np.random.default_rng(0).normal(0, 3, (11, 2))
        experiment = gdlab.Experiment(f, [0.01, 0.02, 0.1], x0, tol=[1e-2, 1e-8, 1e-4])
        table, lanes = table_of(experiment), np.array([30, 3, 4, 17])
        for some in (lanes, range(9, 25)):
            own = (np.array(some)[:, None] * 3 + np.arange(3)).ravel()
            expected = table.iloc[own].reset_index(drop=True)
            rows = block(experiment, some)
            pd.testing.assert_frame_equal(rows.to_pandas(), expected, check_exact=True)
            stored = results.to_pandas(rows.to_arrow())
            pd.testing.assert_frame_equal(stored, expected, check_exact=True)

    @pytest.mark.parametrize("start", [3.0, [1.0, 2.0]])
    def test_arrow_is_told_of_pandas_types_what_pandas_tells_it(self, start):
        f = gdlab.Formula("x**2" if isinstance(start, float) else "x**2 + y**2")
        rows = block(gdlab.Experiment(f, 0.1, [start]), range(1))
        expected = pa.Table.from_pandas(rows.to_pandas(), preserve_index=False).schema.metadata
        told = rows.to_arrow().schema.metadata
        assert json.loads(told[b"pandas"]) == json.loads(expected[b"pandas"])

    def test_what_has_no_value_is_null_in_arrow(self):
        f = gdlab.Formula("x - log(x)", minimum=None)
        experiment = gdlab.Experiment(f, [0.5, 2.5], [0.1, 3.0, -1.0])
        rows = block(experiment, range(experiment.n_lanes))
        frame, stored = rows.to_pandas(), rows.to_arrow()
        assert frame.isna().any().sum() == 6  # iterations, period, x, f, gap, minimum
        for name in frame:
            assert stored[name].null_count == frame[name].isna().sum()

    def test_pairs_have_a_row_each(self):
        alpha, x0 = [0.1, 0.2, 0.3], [1.0, 2.0, 3.0]
        experiment = gdlab.Experiment(gdlab.Formula("x**2"), alpha, x0, pairs=True)
        table = table_of(experiment)
        assert table["alpha"].tolist() == alpha
        assert table["x0"].tolist() == x0
        for row in table.to_dict("records"):
            alone = gdlab.table(gdlab.Formula("x**2"), row["alpha"], row["x0"])
            assert row["x"] == alone["x"].item()
            assert row["iterations"] == alone["iterations"].item()

    def test_more_rows_than_are_evaluated_at_once(self):
        f = gdlab.Formula("x**2")
        x0 = np.linspace(-5, 5, 70_001)
        table = gdlab.table(f, 0.25, x0, max_iter=1, tol=10.0)
        assert np.array_equal(table["x"], x0 / 2)
        assert np.array_equal(table["f"], (x0 / 2) ** 2)
        assert np.array_equal(table["minimum"].isna(), np.abs(x0 / 2) > 1e-3)


class TestDescent:
    def test_arrays_have_the_axes_of_step_sizes_starts_tolerances(self):
        f = gdlab.Formula("x**2 + y**2")
        found = gdlab.descend(f, [0.1, 0.2], np.ones((3, 2)), tol=[1e-2, 1e-8, 1e-4, 1e-6])
        for array in (found.status, found.steps, found.period, found.converged, found.iterations):
            assert array.shape == (2, 3, 4)
        assert found.x.shape == (2, 3, 4, 2)
        assert found.tol.tolist() == [1e-2, 1e-8, 1e-4, 1e-6]
        order = np.argsort(found.steps[0, 0])
        assert found.tol[order].tolist() == [1e-2, 1e-4, 1e-6, 1e-8]

    def test_iterations_are_nan_where_a_lane_did_not_converge(self):
        found = gdlab.descend(gdlab.Formula("x**2"), [0.5, 2.0], 1.0)
        assert found.iterations.ravel()[0] == 2
        assert np.isnan(found.iterations.ravel()[1])
        assert found.converged.ravel().tolist() == [True, False]


class TestTrace:
    def test_columns_and_first_row(self):
        trace = gdlab.trace(gdlab.Formula("a**2 + 3*b**2"), 0.1, [3.0, 4.0], max_iter=5)
        assert list(trace.columns) == ["iteration", "a", "b", "f", "step", "gradient"]
        assert trace["iteration"].tolist() == [0, 1, 2, 3, 4, 5]
        first = trace.iloc[0]
        assert (first["a"], first["b"], first["f"]) == (3.0, 4.0, 57.0)
        assert math.isnan(first["step"])
        assert first["gradient"] == math.hypot(6.0, 24.0)

    def test_every_row_is_an_iterate_of_the_plain_loop(self):
        f = gdlab.Formula("100*(y - x**2)**2 + (1 - x)**2")
        trace = gdlab.trace(f, 1e-3, [-1.2, 1.0], max_iter=50)
        land, x, before = Landscape.of(f), [-1.2, 1.0], None
        for row in trace.to_dict("records"):
            slope = land.grad(x)
            assert [row["x"], row["y"]] == x
            assert row["f"] == land.f(x)
            assert row["gradient"] == pytest.approx(math.hypot(*slope), rel=1e-15)
            if row["iteration"]:
                assert row["step"] == pytest.approx(math.dist(x, before), rel=1e-15)
            before, x = x, [u - 1e-3 * v for u, v in zip(x, slope, strict=True)]

    def test_it_ends_where_the_table_says(self):
        f = gdlab.Formula(WELL)
        for alpha in (0.1, 1.1, 1e-5, 3.0):
            trace = gdlab.trace(f, alpha, 2.0, tol=1e-8, max_iter=300)
            row = gdlab.table(f, alpha, 2.0, tol=1e-8, max_iter=300).iloc[0]
            assert len(trace) == row["steps"] + 1
            assert bits(trace["x"].iloc[-1]) == bits(row["x"])

    def test_of_several_tolerances_it_follows_the_tightest(self):
        f = gdlab.Formula("x**2")
        both = gdlab.trace(f, 0.1, 3.0, tol=[1e-8, 1e-2])
        assert both.equals(gdlab.trace(f, 0.1, 3.0, tol=1e-8))

    def test_a_descent_to_infinity_can_be_followed(self):
        trace = gdlab.trace(gdlab.Formula("x**4"), 1.0, 3.0, escape=1e300)
        assert not np.isfinite(trace["x"].iloc[-1]) or abs(trace["x"].iloc[-1]) > 1e300


class TestCurves:
    def naive(self, experiment, table, i_alpha, i_x0, reference):
        """f - reference of each sampled start at each iteration, sorted; quartiles by rank."""
        n_x0, n_tol = len(experiment.x0), len(experiment.tol)
        tightest = int(np.argmin(experiment.tol))
        per_lane = []
        for j in i_x0:
            row = table.iloc[(i_alpha * n_x0 + j) * n_tol + tightest]
            trace = gdlab.trace(
                experiment.objective, experiment.alpha[i_alpha], experiment.x0[j],
                tol=experiment.tol.min(), max_iter=experiment.max_iter,
                escape=experiment.escape,
            )  # fmt: skip
            f = trace["f"].tolist()
            if row["status"] == "diverged":
                f[-1] = math.inf
            per_lane.append(f)
        rows = []
        for k in range(max(map(len, per_lane))):
            now = sorted(f[min(k, len(f) - 1)] for f in per_lane)
            rows.append([now[round(q * (len(now) - 1))] - reference for q in (0.25, 0.5, 0.75)])
        return np.array(rows)

    @pytest.mark.parametrize(
        ("text", "known"),
        [("x**2 + 4*x + 4", True), ("x**4 + x", True), ("sin(x) + x**2/4", False)],
    )
    def test_quartiles_are_those_of_the_lanes_followed_one_by_one(self, text, known):
        # 5 starts: the quartiles are the second, third and fourth value, without interpolation
        alpha, x0 = [0.05, 0.3, 0.7, 1.2], [-2.5, -1.0, 0.3, 1.7, 2.6]
        experiment = gdlab.Experiment(
            gdlab.Formula(text), alpha, x0, tol=[1e-3, 1e-8], max_iter=60, escape=1e3
        )
        table = table_of(experiment)
        curves = following.convergence_curves(experiment, table)
        assert curves.known is known
        assert curves.n_starts == 5
        assert list(curves.table.columns) == ["alpha", "iteration", "lower", "median", "upper"]
        if known:
            assert curves.reference == experiment.objective.minimum
        for i, one in enumerate(alpha):
            part = curves.table[curves.table["alpha"] == one]
            expected = self.naive(experiment, table, i, range(5), curves.reference)
            assert part["iteration"].tolist() == list(range(len(expected)))
            found = part[["lower", "median", "upper"]].to_numpy()
            assert np.array_equal(found, expected)

    @pytest.mark.parametrize("text", [WELL, "sin(3*x) + x**2/4", "cos(3*x) + x/9"])
    def test_each_lane_falls_to_the_minimum_that_it_reaches_itself(self, text):
        x0 = np.linspace(-2.5, 2.6, 18)
        experiment = gdlab.Experiment(gdlab.Formula(text), [0.02, 0.05, 0.1], x0, max_iter=3000)
        curves = following.convergence_curves(experiment, table_of(experiment))
        assert curves.own
        assert (curves.lanes["status"] == "converged").all()
        last = curves.table.groupby("alpha").last()
        assert (last["lower"] >= -1e-12).all()
        assert (last["upper"] < 1e-8).all()

    def test_where_minima_differ_a_step_size_that_fails_mostly_is_no_curve_but_the_ends_of_lanes(
        self,
    ):
        x0 = np.linspace(-2, 2, 41)
        experiment = gdlab.Experiment(gdlab.Formula(WELL), [0.1, 0.5, 1.5], x0, max_iter=200)
        curves = following.convergence_curves(experiment, table_of(experiment))
        assert curves.table["alpha"].unique().tolist() == [0.1, 0.5]
        assert curves.lanes["alpha"].unique().tolist() == [0.1, 0.5, 1.5]
        assert (curves.lanes["value"] >= -1e-12).all()

    def test_without_a_known_minimum_the_least_value_seen_is_the_reference(self):
        experiment = gdlab.Experiment(gdlab.Formula("cos(x)"), [0.5, 0.1], [1.0, 2.0, 4.0])
        curves = following.convergence_curves(experiment, table_of(experiment))
        lanes = itertools.product([0.5, 0.1], [1.0, 2.0, 4.0])
        least = min(gdlab.trace(gdlab.Formula("cos(x)"), *lane)["f"].min() for lane in lanes)
        assert curves.reference == least
        assert curves.table["lower"].min() >= 0

    def test_a_sample_is_the_same_for_the_same_seed(self):
        experiment = gdlab.Experiment(
            gdlab.Formula("x**2"), np.linspace(0.1, 0.9, 50), np.linspace(-5, 5, 200), max_iter=30
        )
        table = table_of(experiment)
        a, b, c = (
            following.convergence_curves(experiment, table, seed=seed, largest_n_x0=20)
            for seed in (1, 1, 2)
        )
        assert a.table.equals(b.table)
        assert not a.table.equals(c.table)
        assert a.n_starts == 20
        assert a.table["alpha"].nunique() == 24
        assert set(a.table["alpha"]) >= {experiment.alpha[0], experiment.alpha[-1]}

    def test_long_descents_are_cut(self):
        experiment = gdlab.Experiment(gdlab.Formula("x**2"), 1e-4, [1.0, 2.0], tol=1e-9)
        curves = following.convergence_curves(experiment, table_of(experiment), longest=17)
        assert curves.table["iteration"].tolist() == list(range(18))

    @pytest.mark.parametrize(
        ("text", "x0"),
        [
            ("x**4", [50.0, -60.0]),
            ("-exp(-x)", [-3.0, 1.0]),
            ("log(x)", [-1.0, -2.0]),
            ("log(x)", [1.0, -2.0]),
        ],
        ids=["all diverge", "down to -inf", "nowhere defined", "half defined"],
    )
    def test_curves_of_hopeless_descents_are_infinite_and_no_accident(self, text, x0):
        experiment = gdlab.Experiment(gdlab.Formula(text), [0.5, 1.0], x0, max_iter=50)
        curves = following.convergence_curves(experiment, table_of(experiment))
        assert math.isfinite(curves.reference)
        assert not curves.table.isna().any(axis=None)
        assert curves.table["upper"].iloc[-1] == math.inf


class TestPaths:
    def test_a_path_is_the_trace_of_its_lane(self):
        f = gdlab.Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2")
        x0 = [[0.0, 0.0], [-3.0, 3.0], [5.0, 5.0]]
        experiment = gdlab.Experiment(f, [0.01, 0.02, 0.5], x0, tol=[1e-2, 1e-8])
        table = table_of(experiment)
        chosen = [4, 0, 8]
        paths = following.paths(experiment, chosen, longest=30)
        assert list(dict.fromkeys(paths["lane"])) == chosen
        for lane in chosen:
            part = paths[paths["lane"] == lane].reset_index(drop=True)
            alpha = experiment.alpha[lane // 3]
            trace = gdlab.trace(f, alpha, x0[lane % 3], tol=1e-8).iloc[:31]
            assert (part["alpha"] == alpha).all()
            for column in ("iteration", "x", "y", "f"):
                assert bits(part[column]) == bits(trace[column])
            verdict = table.iloc[lane * 2 + 1]
            assert (part["status"] == verdict["status"]).all()
            assert part["status"].dtype == results.STATUS

    def test_paths_of_cycles_know_their_period(self):
        experiment = gdlab.Experiment(gdlab.Formula("x**2"), [1.0, 0.3], [1.0])
        paths = following.paths(experiment, [0, 1], longest=5)
        assert paths.groupby("lane")["period"].first().tolist() == [2, pd.NA]


class TestSpread:
    @given(st.integers(1, 500), st.integers(1, 60))
    def test_a_choice_of_indices_is_even_and_has_both_ends(self, n, largest):
        chosen = following.spread(n, largest)
        assert len(chosen) <= largest
        assert len(chosen) == min(n, largest)
        assert chosen[0] == 0
        assert chosen[-1] == n - 1 or largest == 1
        gaps = np.diff(chosen)
        assert len(chosen) < 2 or gaps.max() - gaps.min() <= 1


def test_codes_of_verdicts_and_their_names_agree():
    assert list(results.STATUS.categories) == [status.name for status in sorted(Status)]
