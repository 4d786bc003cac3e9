"""The batched core against a plain loop, closed forms and the tutorials."""

from __future__ import annotations

import csv
import itertools
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import gdlab
from gdlab.core.criteria import CRITERIA
from gdlab.core.cycles import LONGEST_PERIOD, WATCHED_AT_ONCE, may_return, periods
from gdlab.core.descent import descend, iterates
from gdlab.core.engines import ENGINES, descend_of
from gdlab.core.problem import Status
from tests.examples import at_most
from tests.oracles import (
    Landscape,
    Verdict,
    agree,
    bits,
    descend_one,
    verdict_at,
    verdicts_of,
)

TUTORIAL = Path(__file__).parent.parent / "data" / "shifted_quadratic_trace.csv"

FORMULAS: dict[str, dict] = {
    "square": {"expr": "x**2"},
    "shifted_quadratic": {"expr": "x**2 + 4*x + 4"},
    "double_well": {"expr": "x**4/4 - x**2/2 + x/5"},
    "quartic": {"expr": "x**4"},
    "rastrigin": {"expr": "10 + x**2 - 10*cos(2*pi*x)", "minimisers": [0.0]},
    "rosenbrock": {"expr": "100*(y - x**2)**2 + (1 - x)**2", "minimisers": [[1, 1]]},
    "himmelblau": {
        "expr": "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        "minimisers": [
            [3, 2],
            [-2.805118086952745, 3.131312518250573],
            [-3.779310253377747, -3.283185991286170],
            [3.584428340330492, -1.848126526964404],
        ],
        "minimum": 0.0,
    },
    "beale": {
        "expr": "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
        "minimisers": [[3, 0.5]],
    },
    "valley": {"expr": "(x**2 + kappa*y**2)/2", "parameters": {"kappa": 100}},
}
TRANSCENDENTAL = {
    "waves": "sin(3*x) + x**2/4",
    "exponential": "exp(x) - 2*x",
    "logarithm": "log(1 + x**2) + cos(5*x)",
    "bumps": "tanh(x)**2 + cos(x*y) + y**2/2",
    "ackley_like": "exp(-x**2 - y**2) * sin(x + y) + atan(x*y) + sqrt(1 + x**2)",
    "power": "(1 + x**2)**1.5 + 2**(-x)",
}
COMPILED = {
    "square": "step",
    "double_well": "step",
    "rosenbrock": "distance",
    "himmelblau": "step",
    "beale": "gap",
    "waves": "step",
}
"""Of which kernels are compiled in these tests, and for which criterion; each takes seconds."""
BY_HAND = {
    "square": Landscape(lambda x: x[0] * x[0], lambda x: [2 * x[0]], [[0.0]], 0.0),
    "shifted_quadratic": Landscape(
        lambda x: x[0] * x[0] + 4 * x[0] + 4, lambda x: [2 * x[0] + 4], [[-2.0]], 0.0
    ),
    "quartic": Landscape(
        lambda x: (x[0] * x[0]) * (x[0] * x[0]),
        lambda x: [4 * (x[0] * (x[0] * x[0]))],
        [[0.0]],
        0.0,
    ),
    "valley": Landscape(
        lambda x: x[0] * x[0] / 2 + 50 * (x[1] * x[1]),
        lambda x: [x[0], 100 * x[1]],
        [[0.0, 0.0]],
        0.0,
    ),
}


@cache
def objective(name: str) -> gdlab.Formula:
    if name in TRANSCENDENTAL:
        return gdlab.Formula(TRANSCENDENTAL[name])
    return gdlab.Formula(**FORMULAS[name])


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


step_sizes = st.one_of(
    st.sampled_from([0.001, 0.01, 0.02, 0.1, 0.3, 0.5, 1.0, 1.5, 1.7, 2.0, 2.1, 1e300]),
    numbers(-4, 0.6).map(lambda exponent: 10.0**exponent),
)
coordinates = st.one_of(st.sampled_from([0.0, -0.0, 1.0, -1.0, 3.0, 0.5]), numbers(-4, 4))
tolerances = st.one_of(
    st.sampled_from([1e-3, 1e-6, 1e-15, 1e-300, 10.0]),
    numbers(-12, 1).map(lambda exponent: 10.0**exponent),
)
escapes = st.sampled_from([4.0, 5.0, 50.0, 1e8, 1e200, 1e308])


def starts(dimension: int, largest: int = 4) -> st.SearchStrategy[np.ndarray]:
    point = st.lists(coordinates, min_size=dimension, max_size=dimension)
    return st.lists(point, min_size=1, max_size=largest).map(np.array)


@st.composite
def experiments(
    draw: st.DrawFn, name: str, criterion: str, most_tol: int = 3, engine: str = "numpy"
) -> gdlab.Experiment:
    f = objective(name)
    return gdlab.Experiment(
        f,
        draw(st.lists(step_sizes, min_size=1, max_size=3)),
        draw(starts(f.dimension, 3)),
        tol=draw(st.lists(tolerances, min_size=1, max_size=most_tol)),
        max_iter=draw(st.one_of(st.sampled_from([1, 2, 3]), st.integers(1, 60))),
        criterion=criterion,
        escape=draw(escapes),
        engine=engine,
    )


def assert_every_lane_as_in_the_loop(experiment: gdlab.Experiment, land: Landscape) -> None:
    found = verdicts_of(experiment)
    pairs = itertools.product(experiment.alpha.tolist(), experiment.x0.tolist())
    for lane, (alpha, x0) in enumerate(pairs):
        for level, tol in enumerate(experiment.tol.tolist()):
            expected = descend_one(
                land,
                alpha,
                x0,
                tol=tol,
                max_iter=experiment.max_iter,
                criterion=experiment.criterion,
                escape=experiment.escape,
            )
            assert agree(verdict_at(found, level, lane), expected), (lane, level, expected)


class TestTutorials:
    def test_the_shifted_quadratic_takes_the_printed_values_digit_for_digit(self):
        with TUTORIAL.open() as file:
            printed = [float(row["x"]) for row in csv.DictReader(file)]
        trace = gdlab.trace(
            gdlab.Formula("x**2 + 4*x + 4"), alpha=0.1, x0=10.0, tol=1e-7, max_iter=1000
        )
        assert len(printed) == 78
        assert trace["iteration"].tolist() == list(range(79))
        assert trace["x"].tolist() == [10.0, *printed]
        assert trace["x"].iloc[-1] == -1.9999996687161754

    def test_the_shifted_quadratic_stops_after_78_iterations(self):
        f = gdlab.Formula("x**2 + 4*x + 4")
        found = gdlab.descend(f, 0.1, 10.0, tol=1e-7, max_iter=1000)
        assert found.iterations.item() == 78
        assert found.x.item() == -1.9999996687161754

    @pytest.mark.parametrize("engine", ENGINES)
    def test_theta_squared_stops_at_iteration_15(self, engine):
        f = gdlab.Formula("θ**2")
        found = gdlab.descend(f, alpha=0.3, x0=3.0, tol=1e-5, max_iter=20, engine=engine)
        theta, history = 3.0, [3.0]
        for _ in range(15):
            theta = theta - 0.3 * (2 * theta)
            history.append(theta)
        assert found.status.item() == Status.converged
        assert found.steps.item() == 15
        assert found.x.item() == theta
        trace = gdlab.trace(f, alpha=0.3, x0=3.0, tol=1e-5, max_iter=20)
        assert trace["θ"].tolist() == history


class TestClosedForms:
    """For f = a/2 (x - c)² the error is e_k = (1 - αa)^k e_0, and every verdict follows."""

    ALPHAS_A = np.unique(
        np.concatenate(
            [
                np.linspace(0.02, 1.98, 331),
                [0.5, 1.0, 1 - 1e-9, 1 + 1e-9, 1 - 1e-3, 1 + 1e-3, 1.5],
                [2.0, 2 - 1e-12, 2 - 1e-6, 2 + 1e-12, 2 + 1e-6, 2 - 1e-3, 2 + 1e-3],
                np.linspace(2.01, 4.5, 60),
            ]
        )
    )
    MAX_ITER = 1000

    def power(self, criterion: str, a: float, alpha: np.ndarray, e0: np.ndarray):
        """The measure at k as first * ratio**(k - 1)."""
        shrink = np.abs(1 - alpha * a)
        if criterion == "step":
            return alpha * a * np.abs(e0), shrink
        if criterion == "gradient":
            return a * shrink * np.abs(e0), shrink
        if criterion == "distance":
            return shrink * np.abs(e0), shrink
        return a / 2 * (shrink * e0) ** 2, shrink**2

    @pytest.mark.parametrize("criterion", CRITERIA)
    @pytest.mark.parametrize(("a", "c", "n_x0"), [(2.0, -2.0, 260), (1.0, 0.0, 31), (3.7, 0.6, 31)])
    def test_iterations_of_every_lane(self, criterion, a, c, n_x0):
        alpha, x0 = self.ALPHAS_A / a, np.linspace(-10, 10, n_x0)
        tol, escape, n = 1e-7, 1e8, self.MAX_ITER
        f = gdlab.Formula("a/2*(x - c)**2", parameters={"a": a, "c": c})
        found = gdlab.descend(f, alpha, x0, tol=tol, max_iter=n, criterion=criterion, escape=escape)
        status, steps = found.status[:, :, 0], found.steps[:, :, 0]
        assert status.size >= 10**5 or n_x0 < 260

        wide = alpha.astype(np.longdouble)[:, None]
        a, e0 = np.longdouble(a), x0.astype(np.longdouble) - np.longdouble(c)
        with np.errstate(all="ignore"):
            first, ratio = self.power(criterion, a, wide, e0)
            below = np.floor(np.log(tol / first) / np.log(ratio)) + 2
            below = np.where(first < tol, 1, np.where(ratio >= 1, np.inf, below))
            growth = np.abs(1 - wide * a)
            beyond = np.floor(np.log(escape / np.abs(e0)) / np.log(growth)) + 1
            beyond = np.where((growth > 1) & (e0 != 0), beyond, np.inf)
            returns = np.abs(1 - growth) / np.maximum(growth, 1)

        # two ratios within rounding of 1 have no certain verdict at all
        certain = np.broadcast_to((np.abs(1 - growth) > 1e-13) | (growth == 1), below.shape)
        expected = np.select(
            [below <= np.minimum(n, beyond), beyond <= n, returns <= 1e-9],
            [Status.converged, Status.diverged, Status.cycling],
            Status.max_iter,
        )
        last = np.select([below <= np.minimum(n, beyond), beyond <= n], [below, beyond], n)
        off = certain & ((status != expected) | (steps != last))
        assert np.abs(steps - last)[certain].max() <= 1
        assert off.sum() < 0.001 * off.size
        assert np.isin([*Status], status).all()
        assert (found.period[:, :, 0][status == Status.cycling] == 2).all()

        # where a lane stops is where the closed form says, up to rounding
        at = (status == Status.converged) & certain
        closed = np.longdouble(c) + (1 - wide * a) ** steps * e0
        assert np.abs(found.x[:, :, 0, 0] - closed)[at].max() < 1e-9

    @pytest.mark.parametrize("a", [1.0, 2.0, 4.0])
    def test_one_step_reaches_the_minimum_at_one_over_the_curvature(self, a):
        f = gdlab.Formula("a/2*x**2", parameters={"a": a})
        found = gdlab.descend(f, 1 / a, [-3.0, 0.7, 9.0], tol=1e-12)
        assert found.steps.ravel().tolist() == [2, 2, 2]  # the second step is the one of length 0
        assert (found.x == 0).all()

    @pytest.mark.parametrize("a", [1.0, 2.0, 4.0])
    def test_at_the_stability_limit_the_iterates_jump_between_two_points_for_ever(self, a):
        f = gdlab.Formula("a/2*x**2", parameters={"a": a})
        found = gdlab.descend(f, 2 / a, [-3.0, 0.7, 9.0], tol=1e-3, max_iter=101)
        assert (found.status == Status.cycling).all()
        assert found.period.ravel().tolist() == [2, 2, 2]
        assert found.x.ravel().tolist() == [3.0, -0.7, -9.0]

    def test_an_ill_conditioned_valley_converges_at_the_rate_of_its_flat_direction(self):
        kappa, alpha, tol = 100.0, 0.005, 1e-8
        f = gdlab.Formula("(x**2 + kappa*y**2)/2", parameters={"kappa": kappa})
        found = gdlab.descend(f, alpha, [[4.0, 1.0]], tol=tol, max_iter=10**5, criterion="gradient")
        k = np.arange(10**4)
        norms = np.hypot(4.0 * (1 - alpha) ** k, kappa * (1 - alpha * kappa) ** k)
        assert found.steps.item() == int(np.argmax(norms < tol))


class TestPlainLoop:
    @pytest.mark.parametrize(
        ("name", "criterion", "engine"),
        [(*chosen, "numpy") for chosen in itertools.product(FORMULAS, CRITERIA)]
        + [(name, criterion, "numba") for name, criterion in COMPILED.items() if name in FORMULAS],
    )
    def test_batched_equals_looped_field_by_field(self, name, criterion, engine):
        @at_most(15)
        @given(experiments(name, criterion, engine=engine))
        def holds(experiment):
            assert_every_lane_as_in_the_loop(experiment, Landscape.of(experiment.objective))

        holds()

    @pytest.mark.parametrize("criterion", CRITERIA)
    @pytest.mark.parametrize("name", BY_HAND)
    def test_batched_equals_looped_with_a_gradient_written_by_hand(self, name, criterion):
        @at_most(15)
        @given(experiments(name, criterion))
        def holds(experiment):
            if criterion == "gap" and name == "shifted_quadratic":
                return  # f is rounded differently when it is written differently
            assert_every_lane_as_in_the_loop(experiment, BY_HAND[name])

        holds()

    @given(
        step_sizes,
        st.lists(coordinates, min_size=1, max_size=4),
        tolerances,
        st.integers(1, 40),
    )
    @example(0.5, [1.0], 1e-6, 1)
    @example(1.0, [1.0, 0.0], 1e-6, 1)
    def test_a_single_iteration_is_enough_for_a_verdict(self, alpha, x0, tol, max_iter):
        experiment = gdlab.Experiment(objective("square"), alpha, x0, tol=tol, max_iter=max_iter)
        assert_every_lane_as_in_the_loop(experiment, BY_HAND["square"])


class TestNeighbours:
    """A lane's result has the same bits in any company."""

    @pytest.mark.parametrize("name", [*FORMULAS, *TRANSCENDENTAL])
    def test_a_lane_alone_has_the_same_bits_as_in_a_crowd(self, name):
        f = objective(name)

        @at_most(15)
        @given(
            st.lists(step_sizes, min_size=1, max_size=5),
            starts(f.dimension, 5),
            tolerances,
            st.integers(1, 40),
            st.sampled_from([0, 1, 2, 3, 5, 7, 24]),
        )
        def holds(alpha, x0, tol, max_iter, pool):
            crowd = verdicts_of(
                gdlab.Experiment(f, alpha, x0, tol=tol, max_iter=max_iter, escape=1e100), pool=pool
            )
            for lane, (one_alpha, one_x0) in enumerate(itertools.product(alpha, x0)):
                alone = verdicts_of(
                    gdlab.Experiment(
                        f, one_alpha, one_x0[None], tol=tol, max_iter=max_iter, escape=1e100
                    )
                )
                assert agree(verdict_at(crowd, 0, lane), verdict_at(alone, 0, 0))

        holds()

    @pytest.mark.parametrize(
        ("name", "engine"),
        [(name, "numpy") for name in [*FORMULAS, *TRANSCENDENTAL]]
        + [(name, "numba") for name in COMPILED],
    )
    def test_the_order_of_the_grid_and_the_size_of_the_pool_change_no_bit(self, name, engine):
        f = objective(name)
        criterion = COMPILED[name] if engine == "numba" else "step"
        rng = np.random.default_rng(7)
        alpha = np.concatenate([10 ** rng.uniform(-4, 0.3, 23), [1e300, 1.0, 0.01]])
        x0 = rng.uniform(-4, 4, (29, f.dimension))
        settings = {"tol": [1e-4, 1e-9], "max_iter": 120, "escape": 1e100}
        settings |= {"criterion": criterion, "engine": engine}
        plain = verdicts_of(gdlab.Experiment(f, alpha, x0, **settings))
        shape = (2, alpha.size, len(x0))
        for pool in (1, 2, 3, 7, 100, 751, 10**6):
            a, b = rng.permutation(alpha.size), rng.permutation(len(x0))
            if pool < 10:  # a loop in all but name, so a small grid does
                a, b = a[: 3 + pool], b[: 2 + pool]
            found = verdicts_of(gdlab.Experiment(f, alpha[a], x0[b], **settings), pool=pool)
            pick = np.ix_(range(2), a, b)
            assert np.array_equal(plain.status.reshape(shape)[pick].ravel(), found.status.ravel())
            assert np.array_equal(plain.steps.reshape(shape)[pick].ravel(), found.steps.ravel())
            assert np.array_equal(plain.period.reshape(shape)[pick].ravel(), found.period.ravel())
            for i in range(f.dimension):
                there = plain.x[:, i].reshape(shape)[pick]
                assert bits(there.ravel()) == bits(found.x[:, i].ravel())

    @pytest.mark.parametrize("function", ["sin", "cos", "tan", "exp", "log", "tanh", "sqrt"])
    def test_a_function_of_many_numbers_has_the_bits_of_the_function_of_one(self, function):
        f = gdlab.Formula(f"{function}(x)")
        x = np.random.default_rng(0).normal(0, 10, (1, 1003))
        x[:, ::17] *= 1e9
        x[:, ::31] = np.nan
        with np.errstate(all="ignore"):
            alone = [(f(x[:, i : i + 1])[0], f.grad(x[:, i : i + 1])[0, 0]) for i in range(1003)]
            assert bits([f(x), f.grad(x)[0]]) == bits(np.transpose(alone))
            for first in (1, 2, 3, 4, 5):
                assert bits(f(x[:, first:])) == bits(f(x)[first:])
                assert bits(f(x[:, ::first])) == bits(f(x)[::first])

    @at_most(50)
    @given(
        st.sampled_from(["double_well", "square", "himmelblau", "waves"]),
        st.lists(tolerances, min_size=2, max_size=5),
        st.sampled_from(["step", "gradient"]),
        st.integers(1, 300),
        st.integers(0, 2**32 - 1),
        st.sampled_from([0, 1, 4]),
        st.sampled_from(ENGINES),
    )
    @example("double_well", [1e-3, 1e-3, 1e-2], "step", 100, 0, 0, "numpy")
    @example("double_well", [1e-3, 1e-3, 1e-2], "step", 100, 0, 0, "numba")
    def test_several_tolerances_give_exactly_what_each_alone_gives(
        self, name, tol, criterion, max_iter, seed, pool, engine
    ):
        if engine == "numba":
            criterion = "step"  # one kernel a formula is enough to compile
        f = objective(name)
        rng = np.random.default_rng(seed)
        grid = (10 ** rng.uniform(-3, 0.4, 4), rng.uniform(-3, 3, (3, f.dimension)))
        settings = {"max_iter": max_iter, "criterion": criterion, "engine": engine}
        together = verdicts_of(gdlab.Experiment(f, *grid, tol=tol, **settings), pool=pool)
        for level, one in enumerate(tol):
            alone = verdicts_of(gdlab.Experiment(f, *grid, tol=one, **settings))
            for lane in range(12):
                assert agree(verdict_at(together, level, lane), verdict_at(alone, 0, lane))

    @pytest.mark.parametrize("engine", ENGINES)
    @pytest.mark.parametrize("name", ["double_well", "himmelblau", "waves"])
    def test_any_lanes_in_any_order_have_the_bits_they_have_among_all(self, name, engine):
        descend = descend_of(engine)
        f, rng = objective(name), np.random.default_rng(5)
        grid = (10 ** rng.uniform(-3, 0.4, 7), rng.uniform(-3, 3, (9, f.dimension)))
        problem = gdlab.Experiment(f, *grid, tol=[1e-3, 1e-9], max_iter=90).problem
        every = descend(problem)
        for lanes in (np.arange(20, 50), rng.permutation(63)[:31], np.array([62]), np.arange(0)):
            some = descend(problem, lanes, pool=5)
            assert np.array_equal(some.status, every.status[:, lanes])
            assert np.array_equal(some.steps, every.steps[:, lanes])
            assert np.array_equal(some.period, every.period[:, lanes])
            assert bits(some.x) == bits(every.x[:, :, lanes])

    @pytest.mark.parametrize("engine", ENGINES)
    @pytest.mark.parametrize("name", ["double_well", "himmelblau"])
    def test_pairs_are_the_diagonal_of_the_grid(self, name, engine):
        f, rng = objective(name), np.random.default_rng(6)
        grid = (10 ** rng.uniform(-3, 0.4, 17), rng.uniform(-3, 3, (17, f.dimension)))
        settings = {"tol": [1e-9, 1e-3], "max_iter": 90, "engine": engine}
        paired, crossed = (
            verdicts_of(gdlab.Experiment(f, *grid, pairs=pairs, **settings))
            for pairs in (True, False)
        )
        diagonal = np.arange(17) * 18
        assert np.array_equal(paired.status, crossed.status[:, diagonal])
        assert np.array_equal(paired.steps, crossed.steps[:, diagonal])
        assert np.array_equal(paired.period, crossed.period[:, diagonal])
        assert bits(paired.x) == bits(crossed.x[:, :, diagonal])

    @pytest.mark.parametrize("engine", ENGINES)
    def test_more_late_lanes_than_are_watched_at_once(self, engine):
        alpha = np.array([1.0, 1e-9])  # a cycle of two; too slow to arrive
        x0 = np.linspace(1, 2, 2 * WATCHED_AT_ONCE + 3)
        experiment = gdlab.Experiment(
            objective("square"), alpha, x0, max_iter=7, tol=1e-12, engine=engine
        )
        for pool in (0, 500):
            found = verdicts_of(experiment, pool=pool)
            assert (found.status.reshape(2, -1)[0] == Status.cycling).all()
            assert (found.period.reshape(2, -1)[0] == 2).all()
            assert (found.status.reshape(2, -1)[1] == Status.max_iter).all()
            assert bits(found.x.reshape(2, -1)[0]) == bits(-x0)

    def test_lane_numbers_run_through_the_starts_of_each_step_size(self):
        found = gdlab.descend(objective("square"), [0.25, 0.125], [1.0, 2.0, 4.0], max_iter=1)
        assert found.x[:, :, 0, 0].tolist() == [[0.5, 1.0, 2.0], [0.75, 1.5, 3.0]]


class TestVerdicts:
    @pytest.mark.parametrize("engine", ENGINES)
    def test_every_verdict_in_one_batch(self, engine):
        # θ²: α = 0.3 shrinks, α = 1 jumps to and fro, α = 1e-6 crawls, α = 2 grows
        found = gdlab.descend(
            objective("square"), [0.3, 1.0, 1e-6, 2.0], 3.0, tol=1e-8, engine=engine
        )
        assert found.status.ravel().tolist() == [
            Status.converged,
            Status.cycling,
            Status.max_iter,
            Status.diverged,
        ]
        assert found.period.ravel().tolist() == [0, 2, 0, 0]
        assert found.steps.ravel()[1:3].tolist() == [1000, 1000]

    @pytest.mark.parametrize("period", [2, 4])
    def test_the_double_well_cycles_with_doubled_periods(self, period):
        f = gdlab.Formula("x**4/4 - x**2/2")
        # x -> x - α(x³ - x) around x = 1 has the multiplier 1 - 2α: a 2-cycle from α = 1 on,
        # which in turn loses its stability at α = √5 - 1, where its own multiplier is -1
        alpha = {2: 1.1, 4: 1.26}[period]
        found = gdlab.descend(f, alpha, 0.9, tol=1e-9, max_iter=5000)
        assert (found.status.item(), found.period.item()) == (Status.cycling, period)

        x = found.x.item()
        orbit = [x]
        for _ in range(period):
            x = x - alpha * (x**3 - x)
            orbit.append(x)
        assert orbit[-1] == pytest.approx(orbit[0], rel=1e-8)
        assert len({round(value, 6) for value in orbit}) == period

    @pytest.mark.parametrize(
        ("alpha", "manner"), [(1e-6, "straight"), (1 - 1e-6, "alternating"), (1 - 1e-8, "slower")]
    )
    def test_slow_convergence_is_not_mistaken_for_a_cycle(self, alpha, manner):
        found = gdlab.descend(objective("square"), alpha, 3.0, tol=1e-9, max_iter=200)
        assert found.status.item() == Status.max_iter, manner

    @pytest.mark.parametrize("exponent", range(4, 9))
    @pytest.mark.parametrize("sign", [-1, 1])
    def test_a_flat_minimum_reached_slowly_is_not_a_cycle(self, exponent, sign):
        # x**4 from both sides at α beyond any cycle: algebraic, not geometric, convergence
        alpha = 10.0**-exponent * 1000
        found = gdlab.descend(objective("quartic"), alpha, 0.02 * sign, tol=1e-16, max_iter=500)
        assert found.status.item() == Status.max_iter

    @pytest.mark.parametrize(("last", "status"), [(127, "max_iter"), (128, "cycling")])
    def test_a_cycle_must_last_for_128_iterations_beyond_the_limit(self, last, status):
        tick, max_iter = 2.0**-40, 10  # y counts the iterations; x jumps until it is `last`

        def grad(x):
            jumping = x[1] < (max_iter + last) * tick
            return np.stack([np.where(jumping, 2 * x[0], 0.0), np.full(x.shape[1], -tick)])

        f = gdlab.Function(lambda x: x[0], grad, variables=("x", "y"), check_gradient=False)
        found = gdlab.descend(f, 1.0, [[1.0, 0.0]], tol=1e-300, max_iter=max_iter)
        assert Status(found.status.item()).name == status

    def test_an_orbit_that_stands_still_is_no_cycle(self):
        # at the maximum of the double well the gradient is 0, and no minimiser is near
        f = gdlab.Formula("x**4/4 - x**2/2")
        found = gdlab.descend(f, 0.1, 0.0, tol=1e-6, max_iter=50, criterion="distance")
        assert (found.status.item(), found.steps.item()) == (Status.max_iter, 50)
        assert found.period.item() == 0
        still = gdlab.descend(f, 0.1, 0.0, tol=1e-300, max_iter=50)
        assert (still.status.item(), still.steps.item()) == (Status.converged, 1)

    @pytest.mark.parametrize("escape", [1e8, 1e300])
    def test_a_lane_that_overflows_while_watched_is_no_cycle(self, escape):
        found = gdlab.descend(objective("quartic"), 1.0, 2.0, tol=1e-9, max_iter=2, escape=escape)
        # 2 -> -30 -> 107970, and then beyond all bounds
        assert found.x.item() == 107970.0
        assert (found.status.item(), found.steps.item()) == (Status.max_iter, 2)

    def test_nan_is_diverged(self):
        f = gdlab.Formula("log(x)")  # x - α/x falls below 0, where the logarithm is NaN
        nan = gdlab.Function(
            lambda x: x[0], lambda x: np.where(x < 2, np.nan, 1.0), variables=("x",)
        )
        found = gdlab.descend(nan, 1.0, [5.0, 1.0], tol=1e-9)
        assert (found.status == Status.diverged).all()
        assert found.steps.ravel().tolist() == [5, 1]
        assert np.isnan(found.x).all()
        lost = gdlab.descend(f, 1.0, 0.5, criterion="gradient", max_iter=3, tol=1e-9)
        assert lost.status.item() != Status.converged

    def test_infinity_is_diverged_even_where_nothing_counts_as_far(self):
        found = gdlab.descend(objective("quartic"), 1.0, [2.0, -2.0], escape=1.7e308, max_iter=100)
        assert (found.status == Status.diverged).all()
        assert not np.isfinite(found.x).any()

    def test_divergence_is_seen_before_convergence_at_the_same_iteration(self):
        # the gradient vanishes beyond 10, so x_1 = 20 meets the criterion and has escaped
        plateau = gdlab.Function(
            lambda x: -np.minimum(x[0], 10.0), lambda x: np.where(x < 10, -1.0, 0.0)
        )
        settings = {"tol": [1.0, 1e-3], "criterion": "gradient"}
        far = gdlab.descend(plateau, 20.0, 0.0, escape=15.0, **settings)
        assert far.status.ravel().tolist() == [Status.diverged] * 2
        assert far.steps.ravel().tolist() == [1, 1]
        near = gdlab.descend(plateau, 20.0, 0.0, escape=25.0, **settings)
        assert near.status.ravel().tolist() == [Status.converged] * 2

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_lane_on_the_edge_of_escape_has_not_escaped(self, engine):
        f = objective("square")  # at α = 1 from 4 to -4 and back
        on = gdlab.descend(f, 1.0, 4.0, escape=4.0, max_iter=9, engine=engine)
        assert on.status.item() == Status.cycling
        beyond = gdlab.descend(f, 1.0 + 1e-15, 4.0, escape=4.0, max_iter=9, engine=engine)
        assert (beyond.status.item(), beyond.steps.item()) == (Status.diverged, 1)

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_criterion_equal_to_the_tolerance_is_not_met(self, engine):
        f = objective("square")  # 1 -> 0.5 -> 0.25: steps of exactly 0.5, 0.25, 0.125
        tol = [0.5, 0.25, np.nextafter(0.25, 1)]
        found = gdlab.descend(f, 0.25, 1.0, tol=tol, engine=engine)
        assert found.steps.ravel().tolist() == [2, 3, 2]

    def test_a_descent_that_stops_moving_converges_at_any_tolerance(self):
        found = gdlab.descend(objective("shifted_quadratic"), 0.4, 10.0, tol=5e-324)
        assert found.status.item() == Status.converged
        assert found.x.item() == pytest.approx(-2.0, abs=1e-15)

    def test_a_tolerance_met_early_is_kept_when_the_lane_diverges_later(self):
        # from x = 1 down to the plateau of small steps near 0, and on to the cliff below
        cliff = gdlab.Function(
            lambda x: x[0] ** 3,
            lambda x: np.where(np.abs(x) < 0.1, 0.01, 100 * np.abs(x)),
            check_gradient=False,
        )
        found = gdlab.descend(cliff, 1.0, 0.09, tol=[1e-6, 0.02], escape=1e4)
        assert found.status.ravel().tolist() == [Status.diverged, Status.converged]
        assert found.steps.ravel()[1] == 1
        assert found.x.ravel()[1] == 0.09 - 0.01

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_lane_that_met_only_its_loose_tolerance_cycles_at_the_tight_one(self, engine):
        settings = {"tol": [1e-6, 1e-2], "max_iter": 20, "engine": engine}
        found = gdlab.descend(objective("square"), 1.0, 1e-3, **settings)
        assert found.status.ravel().tolist() == [Status.cycling, Status.converged]
        assert found.period.ravel().tolist() == [2, 0]
        assert found.steps.ravel().tolist() == [20, 1]

    @pytest.mark.parametrize("engine", ENGINES)
    def test_lane_steps_count_every_step_of_every_lane_once(self, engine):
        alpha, x0 = [0.3, 0.1, 2.0, 1e-7], [1.0, -2.0, 3.0]
        found = gdlab.descend(objective("square"), alpha, x0, engine=engine)
        assert found.lane_steps == found.steps.sum()


class TestCycles:
    """The rule for cycles on orbits made by hand."""

    def orbit(self, values: list[float]) -> np.ndarray:
        repeated = list(itertools.islice(itertools.cycle(values), 129))
        return np.array(repeated, dtype=float)[:, None, None]

    @pytest.mark.parametrize("p", range(2, 65))
    def test_the_period_is_found_up_to_64(self, p):
        values = np.random.default_rng(p).normal(size=p).tolist()
        assert periods(self.orbit(values)).tolist() == [p]

    def test_a_period_beyond_64_is_not_reported(self):
        values = np.random.default_rng(0).normal(size=65).tolist()
        assert periods(self.orbit(values)).tolist() == [0]

    def test_the_smallest_period_counts(self):
        assert periods(self.orbit([1.0, 2.0, 1.0, 2.0, 1.0, 2.0])).tolist() == [2]
        assert periods(self.orbit([1.0, 2.0, 1.0, 3.0])).tolist() == [4]

    def test_an_orbit_must_come_back_to_within_a_billionth_of_its_extent(self):
        just, not_quite = self.orbit([0.0, 1.0]), self.orbit([0.0, 1.0])
        just[50] += 0.9e-9
        not_quite[50] += 1.1e-9
        assert periods(just).tolist() == [2]
        assert periods(not_quite).tolist() == [0]

    def test_a_small_orbit_far_from_the_origin_is_a_cycle(self):
        assert periods(1e6 + 1e-3 * self.orbit([0.0, 1.0, 0.5])).tolist() == [3]

    def test_the_extent_is_that_of_the_widest_coordinate(self):
        wide = np.concatenate([self.orbit([0.0, 1.0]), 1e-12 * self.orbit([1.0, 2.0, 4.0])], axis=1)
        assert periods(wide).tolist() == [2]

    @pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
    def test_an_orbit_that_is_not_finite_throughout_has_no_period(self, hole):
        for at in (0, 64, 128):
            orbit = self.orbit([0.0, 1.0])
            orbit[at] = hole
            with np.errstate(all="ignore"):
                assert periods(orbit).tolist() == [0]

    @pytest.mark.parametrize("p", [2, 3, 63, 64])
    @pytest.mark.parametrize("off", [-0.9e-9, 0.0, 0.9e-9])
    def test_half_an_orbit_does_not_rule_out_what_all_of_it_shows(self, p, off):
        orbit = self.orbit(np.linspace(0.0, 1.0, p).tolist())
        orbit[0] += off
        assert periods(orbit).tolist() == [p]
        assert may_return(orbit[: LONGEST_PERIOD + 1]).tolist() == [True]

    @pytest.mark.parametrize("factor", [1 - 1e-6, 1e-6 - 1, 1.01, np.nan])
    def test_half_an_orbit_rules_out_a_descent_that_goes_on_slowly(self, factor):
        orbit = 3 + (factor ** np.arange(LONGEST_PERIOD + 1.0))[:, None, None]
        assert may_return(orbit).tolist() == [False]

    def test_each_lane_has_its_own_period(self):
        orbits = [self.orbit(values) for values in ([1, 2], [1, 1], [1, 2, 3], [0, 0, 0, 1])]
        assert periods(np.concatenate(orbits, axis=2)).tolist() == [2, 0, 3, 4]


class TestTraceOfManyLanes:
    def test_iterates_follow_each_lane_through_the_loop(self):
        f = objective("rosenbrock")
        experiment = gdlab.Experiment(f, [0.001, 0.0005], [[-1.0, 1.0], [2.0, 0.0]])
        chosen = np.array([3, 0, 0, 2])
        land = Landscape.of(f)
        points = [list(experiment.x0[lane % 2]) for lane in chosen]
        for _, (x, gradient) in zip(range(20), iterates(experiment.problem, chosen), strict=False):
            assert bits(x.T) == bits(points)
            slopes = [land.grad(point) for point in points]
            assert bits(gradient.T) == bits(slopes)
            points = [
                [u - experiment.alpha[lane // 2] * v for u, v in zip(point, slope, strict=True)]
                for lane, point, slope in zip(chosen, points, slopes, strict=True)
            ]


def test_progress_counts_up_to_every_lane():
    told = []
    experiment = gdlab.Experiment(
        objective("square"), [1e-5, 0.3], np.linspace(1, 2, 50), max_iter=900
    )
    verdicts = descend(experiment.problem, pool=10, progress=lambda *now: told.append(now))
    assert told[-1] == (100, verdicts.lane_steps)
    assert told == sorted(told)
    assert len(told) > 2
    assert math.isclose(verdicts.lane_steps, verdicts.steps.sum())


def test_the_loop_itself_knows_a_converged_lane():
    """The oracle against numbers worked out by hand: 1, 0.5, 0.25, 0.125."""
    found = descend_one(BY_HAND["square"], 0.25, [1.0], tol=0.2, max_iter=9)
    assert found == Verdict("converged", 3, 0, [0.125])
