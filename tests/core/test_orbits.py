"""What lanes do in the long run, held against closed forms and a plain loop."""

from __future__ import annotations

import math
from importlib.util import find_spec

import numpy as np
import pytest

import gdlab

ENGINES = ["numpy", *(["numba"] if find_spec("numba") else [])]
DOUBLE_WELL = gdlab.Formula("x**4/4 - x**2/2")
"""Its map is x -> (1 + α)x - αx³. At x = ±1 the derivative is 1 - 2α, so the first doubling is at
α = 1. The cycle {u, v} that is born there has u² - uv + v² = 1 and uv = 1/α, hence the derivative
9 - 2(1 + α)² over both steps, and doubles where that is -1: at α = √5 - 1."""
LOGISTIC = gdlab.Formula("4/3*y**3 - 3/2*y**2")
"""With α = 1 its map is y -> 4y(1 - y), whose exponent is ln 2 (E. Ott, 2002, section 2.1)."""


@pytest.mark.parametrize("curvature", [2.0, 0.7])
def test_on_a_quadratic_lanes_approach_by_the_same_factor_each_step(curvature):
    f = gdlab.Formula("L/2*(x + 2)**2", parameters={"L": curvature})
    alpha = np.array([0.1, 0.9, 1.9]) / curvature
    found = gdlab.orbit(f, alpha, [10.0, -3.0], burn_in=10, length=500)
    expected = np.log(np.abs(1 - alpha * curvature))
    assert found.lyapunov == pytest.approx(np.column_stack([expected, expected]), abs=1e-12)


def test_along_several_coordinates_the_slowest_decides():
    f = gdlab.Formula("(x**2 + 10*y**2 + 4*z**2)/2")
    found = gdlab.orbit(f, [0.05, 0.19], [[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]], length=2000)
    assert found.lyapunov[:, 0] == pytest.approx(np.log([0.95, 0.9]), abs=1e-9)
    assert (found.period == 1).all()


def test_at_the_superstable_step_size_the_exponent_is_minus_infinity():
    found = gdlab.orbit(DOUBLE_WELL, 0.5, [0.3, 2.0])
    assert found.lyapunov.tolist() == [[-math.inf, -math.inf]]
    assert found.period.tolist() == [[1, 1]]


def test_on_the_cycle_that_is_born_at_one_the_exponent_is_known():
    alpha = np.array([1.05, 1.1, 1.2, 1.23])
    found = gdlab.orbit(DOUBLE_WELL, alpha, [0.3, -0.7], burn_in=20_000)
    expected = np.log(np.abs(9 - 2 * (1 + alpha) ** 2)) / 2
    assert (found.period == 2).all()
    assert found.lyapunov == pytest.approx(np.column_stack([expected] * 2), abs=1e-9)


def doubling(n: int, near: float, width: float) -> float:
    """Where the derivative over the 2^(n - 1) steps of a cycle is -1.

    It is known before, where the cycle is stable, by the exponents; from there α is interpolated
    as a function of it, at first roughly. width : of the step sizes with this cycle.
    """
    period = 2 ** (n - 1)
    for share in (0.05, 0.005):
        alpha = near - share * width * np.arange(1, 6)
        found = gdlab.orbit(DOUBLE_WELL, alpha, 0.3, burn_in=2**14, length=2**12)
        assert (found.period == period).all()
        derivative = -np.exp(period * found.lyapunov[:, 0])
        near = float(np.polyval(np.polyfit(derivative + 1, alpha - near, 4), 0.0)) + near
    return near


def test_the_doublings_of_the_double_well_are_where_they_are_known_and_feigenbaums_ratio_shows():
    found = [doubling(1, 1.0, 0.5), doubling(2, math.sqrt(5) - 1, 0.236)]
    assert found == pytest.approx([1.0, math.sqrt(5) - 1], abs=1e-6)
    for n in (3, 4, 5):
        width = (found[-1] - found[-2]) / 4.67
        found.append(doubling(n, found[-1] + width, width))
    ratios = np.diff(found)[:-1] / np.diff(found)[1:]
    assert ratios[-1] == pytest.approx(4.669201609, rel=0.02)


def test_a_cubic_at_the_right_step_size_is_the_logistic_map_in_chaos():
    starts = np.linspace(0.11, 0.39, 16)
    found = gdlab.orbit(LOGISTIC, 1.0, starts, length=20_000, bins=50, domain=(0, 1))
    assert found.lyapunov.mean() == pytest.approx(math.log(2), abs=1e-3)
    assert (found.period == 0).all()
    assert found.edges == pytest.approx(np.linspace(0, 1, 51))
    density = np.diff(2 / math.pi * np.arcsin(np.sqrt(found.edges)))  # of its invariant measure
    assert found.visited[0] / found.visited.sum() == pytest.approx(density, abs=2e-3)
    assert found.visited.sum() == 16 * 20_000


def test_exponents_and_places_are_those_of_a_plain_loop():
    alpha, starts = [0.4, 1.3, 1.45, 1.6], [0.3, -1.1]
    low, high = -0.8, 0.9  # lanes are on both sides of it, too
    settings = {"burn_in": 100, "length": 200, "bins": 7, "domain": (low, high)}
    found = gdlab.orbit(DOUBLE_WELL, alpha, starts, **settings)
    for i, a in enumerate(alpha):
        visited = [0] * 7
        for j, x in enumerate(starts):
            total = 0.0
            for k in range(300):
                factor = 1 - a * (3 * x * x - 1)
                x = x - a * (x * x * x - x)
                if k >= 100:
                    total += math.log(abs(factor))
                    place = math.floor((x - low) * (7 / (high - low)))
                    if 0 <= place < 7:
                        visited[place] += 1
            assert found.lyapunov[i, j] == pytest.approx(total / 200, rel=1e-9)
            assert found.x[i, j, 0] == x
        assert found.visited[i].tolist() == visited


def test_a_lane_has_the_same_orbit_alone_in_a_crowd_and_among_processes():
    f = gdlab.Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2")
    alpha = np.linspace(0.01, 0.03, 90)
    starts = np.random.default_rng(0).uniform(-4, 4, (60, 2))
    settings = {"burn_in": 70, "length": 150, "bins": 30}
    together = gdlab.orbit(f, alpha, starts, **settings)
    shared = gdlab.orbit(f, alpha, starts, n_jobs=2, **settings)
    for name in ("period", "lyapunov", "x", "diverged", "visited"):
        assert np.array_equal(getattr(together, name), getattr(shared, name), equal_nan=True), name
    for i, j in ((0, 0), (40, 59), (89, 30)):
        alone = gdlab.orbit(f, alpha[i], starts[[j]], **settings)
        assert np.array_equal(alone.lyapunov[0, 0], together.lyapunov[i, j], equal_nan=True)
        assert np.array_equal(alone.x[0, 0], together.x[i, j], equal_nan=True)
    assert 0 < together.diverged.sum() < together.diverged.size


@pytest.mark.parametrize(
    ("expr", "alpha", "starts"),
    [
        ("x**4/4 - x**2/2", np.linspace(0.3, 2.1, 70), np.linspace(-1.5, 1.5, 33)),
        (
            "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
            np.linspace(0.01, 0.03, 20),
            np.random.default_rng(1).uniform(-4, 4, (40, 2)),
        ),
    ],
    ids=["one variable", "two variables"],
)
def test_the_compiled_core_gives_the_same_bits(expr, alpha, starts):
    pytest.importorskip("numba")
    f = gdlab.Formula(expr)
    settings = {"burn_in": 71, "length": 131, "bins": 20, "domain": (-2, 2)}
    ours = gdlab.orbit(f, alpha, starts, engine="numpy", **settings)
    theirs = gdlab.orbit(f, alpha, starts, engine="numba", **settings)
    for name in ("period", "lyapunov", "x", "diverged", "visited"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name), equal_nan=True), name
    assert len(np.unique(ours.period)) > 1


def test_second_derivatives_that_would_be_rounded_otherwise_are_numpys():
    f = gdlab.Formula("x**2 + sin(3*x)")
    with pytest.raises(ValueError, match="otherwise than NumPy; use engine=numpy"):
        gdlab.orbit(f, 0.05, 1.0, engine="numba")
    assert gdlab.orbit(f, 0.05, 1.0).period.tolist() == [[1]]


def test_a_lane_that_leaves_has_no_exponent_and_none_where_f_has_no_value():
    f = gdlab.Formula("x - log(x)")
    found = gdlab.orbit(f, [0.1, 3.0], [2.0, -1.0])
    assert found.diverged[:, 1].all()
    assert np.isnan(found.lyapunov[:, 1]).all()
    assert found.period[0].tolist() == [1, 0]
    assert found.table()["period"].isna().tolist() == (found.period.ravel() == 0).tolist()


def test_the_table_has_a_row_a_lane():
    table = gdlab.orbit(DOUBLE_WELL, [0.5, 1.1], [0.3, -2.0]).table()
    assert table.columns.tolist() == ["alpha", "x0", "period", "lyapunov", "x"]
    assert table["alpha"].tolist() == [0.5, 0.5, 1.1, 1.1]
    assert table["x0"].tolist() == [0.3, -2.0, 0.3, -2.0]
    pairs = gdlab.orbit(DOUBLE_WELL, [0.5, 1.1], [0.3, -2.0], pairs=True).table()
    assert pairs["x0"].tolist() == [0.3, -2.0]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"length": 100}, "length=100 is not a whole number of at least 129"),
        ({"burn_in": -1}, "burn_in=-1 is not a whole number of at least 0"),
        ({"bins": 0.5}, "bins=0.5 is not a whole number"),
        ({"bins": 9, "domain": (1, 1)}, r"domain=\[1.0, 1.0\] is no pair"),
        ({"method": gdlab.methods.Newton()}, "orbits are those of gradient descent"),
        ({"max": 3}, "there is no setting max"),
    ],
)
def test_what_makes_no_orbit_is_told_what_would(settings, says):
    with pytest.raises((ValueError, TypeError), match=says):
        gdlab.orbit(DOUBLE_WELL, 0.5, 0.3, **settings)


def test_an_objective_without_second_derivatives_has_no_exponents():
    f = gdlab.Function(lambda x: x[0] ** 2, lambda x: 2 * x)
    with pytest.raises(ValueError, match="need second derivatives"):
        gdlab.orbit(f, 0.1, 1.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_lane_that_has_once_left_counts_as_gone_even_if_it_comes_back(engine):
    # 4y(1 - y) leads from 1/2 to 1 and to 0, and from 0.1 to 0.36, 0.92, 0.29
    found = gdlab.orbit(LOGISTIC, 1.0, [0.1, 0.5], burn_in=0, escape=0.9, engine=engine)
    assert found.x.min() >= 0
    assert found.x.max() <= 1
    assert found.diverged.tolist() == [[True, True]]
    assert np.isnan(found.lyapunov).all()
    assert not found.period.any()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_lane_is_gone_where_one_coordinate_is_no_number_and_the_other_is(engine):
    f = gdlab.Formula("x**4/4 - x**2/2 + y**2")  # at infinity x**3 - x is none
    found = gdlab.orbit(f, 0.4, [[9.0, 1.0], [0.5, 1.0]], engine=engine)
    assert np.isnan(found.x[0, 0, 0])
    assert abs(found.x[0, 0, 1]) < 1
    assert found.diverged.tolist() == [[True, False]]
