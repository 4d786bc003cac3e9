"""Predicted iterations against lanes followed one product after another, and exact logarithms."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import gdlab
from gdlab.core.starts import Listed
from gdlab.methods import Adam, GradientDescent, Momentum, Nesterov, Newton
from gdlab.theory import Prediction, exact_limit, predict
from tests.theory.methods import followed

LINE = gdlab.Formula("x**2 + 4*x + 4")
TURNED = gdlab.Formula("5*(x + y)**2 + (x - y)**2 + x")
VALLEY = gdlab.Formula("(x**2 + 50*y**2)/2")
TEN = gdlab.Formula(
    "+".join(f"{i}*(x{i} - {i}/10)**2/2" for i in range(1, 11)) + "+ x1*x2/3 + x4*x9/2"
)
METHODS = [GradientDescent(), Momentum(0.5), Momentum(0.9), Nesterov(0.9), Newton()]
CRITERIA = ["step", "gradient", "distance", "gap"]


def starts(f, n):
    """Points in the cube, and where there is a plane some on its axes and diagonals."""
    if f.dimension == 2:
        side = np.linspace(-6, 6, round(n**0.5))
        return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    return np.random.default_rng(0).uniform(-9, 9, (n, f.dimension))


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("f", [LINE, TURNED, VALLEY, TEN], ids=["1", "2", "valley", "10"])
def test_every_lane_converges_when_theory_says(f, method, criterion):
    alpha, x0 = np.linspace(0.02, 1.1, 25) * exact_limit(f, method), starts(f, 25)
    told = predict(f, method, alpha, x0, 1e-6, criterion, max_iter=400).filled(0)
    found = followed(f, method, alpha, x0, 1e-6, criterion, max_iter=400)
    assert np.array_equal(told[:, :, 0], found)
    assert 0.2 < np.mean(found > 0) < 1


@pytest.mark.parametrize("method", METHODS)
def test_a_lane_that_leaves_the_escape_radius_on_its_way_is_not_told_to_converge(method):
    f = gdlab.Formula("(x - 8)**2")  # from the other side lanes go beyond 9 before they settle
    alpha, x0 = np.linspace(0.02, 1.1, 30) * exact_limit(f, method), np.linspace(-9, 9, 30)
    told = predict(f, method, alpha, x0, 1e-4, escape=9.01).filled(0)
    found = followed(f, method, alpha, x0[:, None], 1e-4, "step", escape=9.01)
    assert np.array_equal(told[:, :, 0], found)
    wide = predict(f, method, alpha, x0, 1e-4).filled(0)
    assert (told == 0).sum() > (wide == 0).sum()


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_closed_form_is_that_of_exact_logarithms(criterion):
    f, x0, tol = gdlab.Formula("x**2"), [0.5, 3.0, 1000.0], 1e-6
    alpha = [1e-4, 0.013, 0.3, 0.77, 0.99]
    told = predict(f, GradientDescent(), alpha, x0, tol, criterion, max_iter=10**6)
    for a, row in zip(alpha, told[:, :, 0].tolist(), strict=True):
        r = abs(1 - 2 * mpmath.mpf(a))
        for x, k in zip(x0, row, strict=True):
            first, power = {
                "step": (2 * mpmath.mpf(a) * x / r, 1),
                "gradient": (2 * x, 1),
                "distance": (x, 1),
                "gap": (x * x, 2),
            }[criterion]
            assert (
                k
                == int(mpmath.floor(mpmath.log(tol / mpmath.mpf(first)) / (power * mpmath.log(r))))
                + 1
            )


@pytest.mark.parametrize("method", [Momentum(0.9), Nesterov(0.9)])
def test_slow_lanes_are_told_as_exact_arithmetic_finds_them(method):
    # The roots are far apart, and thousands of steps long one of them is close to 1.
    f, x0, tol = gdlab.Formula("(x**2 + 1000*y**2)/2000"), np.array([7.0, 3.0]), 1e-6
    alpha, curvatures = 0.076, [mpmath.mpf(1) / 1000, mpmath.mpf(1)]
    told = predict(f, method, alpha, x0[None], tol, "distance", max_iter=10**5).item()
    with mpmath.workdps(40):
        a, b = zip(
            *(method.recurrence(mpmath.mpf(alpha), np.array(c, object)) for c in curvatures),
            strict=True,
        )
        e = before = [mpmath.mpf(x) for x in x0]
        k = 0
        while mpmath.norm(e) >= tol:
            e, before = [p * x + q * y for p, q, x, y in zip(a, b, e, before, strict=True)], e
            k += 1
    assert told == k > 5000


def test_powers_of_two_that_equal_the_tolerance_are_not_below_it():
    f, tol = gdlab.Formula("x**2"), [2.0**-k for k in range(1, 40)]
    told = predict(f, GradientDescent(), [0.25, 0.75], [1.0, -8.0, 3.0], tol, "distance")
    found = gdlab.descend(f, [0.25, 0.75], [1.0, -8.0, 3.0], tol=tol, criterion="distance")
    assert np.array_equal(told.filled(0), np.where(found.converged, found.steps, 0))
    assert told[0, 0].tolist() == list(range(2, 41))


def test_a_quadratic_is_told_without_a_descent():
    class Watched:
        curvature, minimisers, minimum = np.diag([1.0, 1000.0]), [[0.0, 0.0]], 0.0
        asked = 0

        def __call__(self, x):
            return (x[0] ** 2 + 1000 * x[1] ** 2) / 2

        def grad(self, x):
            Watched.asked += x.shape[1]
            return np.stack([x[0], 1000 * x[1]])

    told = predict(Watched(), GradientDescent(), 1e-5, np.eye(2), 1e-3, "distance", max_iter=10**6)
    assert told[0, :, 0].tolist() == [690773, 688]
    assert Watched.asked < 10


def test_several_tolerances_are_told_as_each_alone_in_the_order_given():
    tol, grid = [1e-5, 1e-2, 1e-8, 1e-3], (np.linspace(0.01, 0.11, 12), starts(TURNED, 16))
    for method in METHODS:
        together = predict(TURNED, method, *grid, tol)
        alone = [predict(TURNED, method, *grid, one)[..., 0].filled(0) for one in tol]
        assert np.array_equal(together.filled(0), np.stack(alone, axis=-1))


@pytest.mark.parametrize("method", METHODS)
def test_a_lane_is_told_the_same_in_any_company(method):
    alpha, points = np.linspace(0.005, 0.11, 40), starts(TEN, 700)
    starting = Listed(points)
    prediction = Prediction.of(
        TEN,
        method,
        starting,
        criterion="step",
        tol=np.array([1e-3, 1e-6]),
        max_iter=500,
        escape=1e8,
    )
    every = prediction.of_lanes(alpha, starting, range(28_000))
    for lanes in [range(1234, 1300), range(17, 27_900), np.arange(5, 28_000, 97)]:
        assert np.array_equal(prediction.of_lanes(alpha, starting, lanes), every[:, lanes])
    i_alpha, i_x0 = np.divmod(np.arange(0, 28_000, 701), 700)
    pairs = prediction.of_lanes(alpha[i_alpha], Listed(points[i_x0]), range(40), pairs=True)
    assert np.array_equal(pairs, every[:, ::701])


@pytest.mark.parametrize("method", [GradientDescent(), Momentum(0.5), Nesterov(0.5)])
@pytest.mark.parametrize(
    "expr", ["(x + y)**2 + 3", "x**2 - y**2/50", "(x + y)**2/2 - (x - y)**2/99"]
)
def test_along_directions_without_curvature_errors_stay_and_along_concave_ones_they_grow(
    expr, method
):
    f = gdlab.Formula(expr, variables=("x", "y"))
    alpha, x0 = np.linspace(0.01, 0.4, 12), [*starts(f, 100), [3.0, 0.0], [1.0, 1.0], [0.0, 1e-9]]
    for criterion in ("step", "gradient"):
        told = predict(f, method, alpha, x0, 1e-6, criterion, escape=1e5)
        found = followed(f, method, alpha, x0, 1e-6, criterion, escape=1e5)
        assert np.array_equal(told.filled(0)[:, :, 0], found)
        assert (found > 0).any()


def test_beyond_the_limit_a_start_on_a_stable_axis_converges_and_a_turned_one_may_not():
    along = predict(VALLEY, GradientDescent(), 0.05, [[3.0, 0.0], [3.0, 1e-12]], 1e-6)
    assert along.mask[0, :, 0].tolist() == [False, True]
    askew = gdlab.Formula("(3*x + 4*y)**2/50 + 50*(4*x - 3*y)**2/50")
    third = gdlab.Formula("x**2/2 + 25*(y - 1/3)**2")  # whose gradient at y = 1/3 is rounded
    for f, start, status in [
        (askew, [0.3, 0.4], "diverged"),
        (third, [3.0, 1 / 3], "diverged"),
    ]:
        told = predict(f, GradientDescent(), 0.05, [start])
        table = gdlab.table(f, 0.05, [start])
        assert table["status"].item() == status
        assert told.filled(0).item() == table["iterations"].fillna(0).item()


def test_what_does_not_converge_is_masked():
    told = predict(LINE, GradientDescent(), [0.01, 0.5, 1.0, 1.1], [10.0, -2.0], max_iter=50)
    assert told.mask[:, :, 0].tolist() == [
        [True, False],  # too slow
        [False, False],
        [True, False],  # cycles, but at the minimiser itself
        [True, False],
    ]
    assert told.dtype == np.int32


def test_nothing_is_told_of_tolerances_within_the_rounding_of_x():
    tol = [1e-6, 1e-10, 1e-14, 1e-17]
    told = predict(LINE, GradientDescent(), 0.1, 10.0, tol)
    assert told.mask[0, 0].tolist() == [False, False, True, True]
    narrow = gdlab.Formula("(3*x + 4*y - 2)**2/50 + 1e-3*(4*x - 3*y + 7)**2/50")
    solved = predict(narrow, Newton(), 0.1, [[1.0, 2.0]], tol)  # rounding grows as the Hessian's κ
    assert solved.mask[0, 0].tolist() == [False, True, True, True]
    at_0 = predict(gdlab.Formula("x**2"), GradientDescent(), 0.1, 10.0, tol)
    assert not at_0.mask.any()  # there doubles are as close as one likes


@pytest.mark.parametrize(
    ("f", "changes", "said"),
    [
        (gdlab.Formula("x**4"), {}, "exact theory is for quadratics"),
        (LINE, {"method": object()}, "object has no recurrence"),
        (LINE, {"method": Nesterov()}, "beta=schedule has no rate of its own; give a number"),
        (LINE, {"method": Adam()}, "Adam has no recurrence"),
        (LINE, {"criterion": "steps"}, "criterion='steps' is not known; choose one of step"),
        (LINE, {"alpha": 0}, "alpha=0 is not a step size"),
        (LINE, {"tol": -1}, "tol=-1 is not a tolerance"),
        (LINE, {"x0": [[1, 2]]}, "points of 2 coordinates"),
        (LINE, {"max_iter": 0}, "max_iter=0"),
        (LINE, {"escape": 0.5}, "outside escape=0.5"),
        (gdlab.Formula("3*x + 0*y", variables=["x"]), {}, "no curvature"),
        (gdlab.Formula("x**2 + y"), {"x0": [[1, 2]]}, "0 nowhere"),
        (gdlab.Formula("-x**2"), {"criterion": "gap"}, "take criterion=step or gradient"),
        (gdlab.Formula("x**2", minimum=-1), {"criterion": "gap"}, "minimum=-1.0"),
        (gdlab.Formula("(x+y)**2"), {"criterion": "distance", "x0": [[1, 2]]}, "one minimiser"),
        (gdlab.Formula("(x+y)**2"), {"method": Newton(), "x0": [[1, 2]]}, "singular"),
    ],
)
def test_where_nothing_can_be_told_it_says_why_and_what_would_work(f, changes, said):
    asked = {"method": GradientDescent(), "alpha": 0.1, "x0": 1.0} | changes
    with pytest.raises(ValueError, match=said):
        predict(f, **asked)
