"""Where numbers end: overflow, underflow, singular Hessians, rest, and points without a value."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gdlab
from gdlab import methods
from gdlab.core.problem import Status
from tests.methods.test_plain_loop import objective
from tests.oracles import verdicts_agree, verdicts_of

EVERY = {
    "gradient_descent": methods.GradientDescent(),
    "momentum": methods.Momentum(0.5),
    "nesterov": methods.Nesterov(),
    "newton": methods.Newton(),
    "exact_line_search": methods.ExactLineSearch(),
    "armijo": methods.Armijo(),
    "long barzilai_borwein": methods.BarzilaiBorwein("long"),
    "short barzilai_borwein": methods.BarzilaiBorwein("short"),
    "adam": methods.Adam(),
    "rmsprop": methods.RMSProp(),
    "adagrad": methods.Adagrad(),
    "sign": methods.Sign(),
}
every_method = pytest.mark.parametrize("method", EVERY.values(), ids=EVERY)
but_those_that_stay_finite = pytest.mark.parametrize(
    "method", [EVERY[name] for name in EVERY if name not in ("newton", "sign")]
)


class TestOverflow:
    """With warnings as errors, as in all tests."""

    @but_those_that_stay_finite
    def test_a_lane_whose_squares_overflow_diverges_at_once_and_harms_no_other(self, method):
        f = gdlab.Formula("exp(x) - x")  # at 400 the gradient is 5e173
        settings = {"method": method, "tol": 1e-6, "max_iter": 50}
        found = gdlab.descend(f, 0.1, [400.0, 1.0], **settings)
        alone = gdlab.descend(f, 0.1, 1.0, **settings)
        assert (Status(found.status[0, 0, 0]).name, found.steps[0, 0, 0]) == ("diverged", 1)
        assert found.steps[0, 1] == alone.steps[0, 0]
        assert np.array_equal(found.x[0, 1], alone.x[0, 0])

    @every_method
    def test_a_gradient_that_is_infinite_leads_nowhere(self, method):
        f = gdlab.Function(
            lambda x: x[0] ** 2,
            lambda x: np.where(x > 2, np.inf, 2 * x),
            hessian=lambda x: np.where(x > 2, np.inf, 2.0)[None],
        )
        found = gdlab.descend(f, 0.1, [3.0, 1.0], method=method, max_iter=9, escape=1e300)
        expected = "max_iter" if isinstance(method, methods.Sign) else "diverged"
        assert Status(found.status[0, 0, 0]).name == expected
        assert Status(found.status[0, 1, 0]).name != "diverged"

    @pytest.mark.parametrize(
        ("kind", "alpha", "engine"),
        [("long", 1e100, "numpy"), ("long", 1e100, "numba"), ("short", 1e52, "numpy")],
    )
    def test_a_change_of_the_gradient_too_large_to_square_is_no_arrival(self, kind, alpha, engine):
        settings = {"method": methods.BarzilaiBorwein(kind), "engine": engine, "escape": 1e308}
        found = gdlab.descend(objective("double_well"), alpha, 2.0, **settings)
        assert (Status(found.status.item()).name, found.steps.item()) == ("diverged", 2)

    @pytest.mark.parametrize("engine", ["numpy", "numba"])
    def test_a_square_that_overflows_on_the_way_is_no_arrival(self, engine):
        settings = {"method": methods.Adagrad(), "engine": engine, "escape": 1e308}
        found = gdlab.descend(objective("valley"), 1e160, [[1.0, 1.0]], **settings)
        assert (Status(found.status.item()).name, found.steps.item()) == ("diverged", 2)

    def test_nor_is_a_curvature_along_the_ray_that_is_too_large(self):
        f = gdlab.Formula("x**2 + 1e10*y**2")
        starts = [[0.0, 1e143], [1.0, 1.0]]
        found = gdlab.descend(f, 1.0, starts, method=methods.ExactLineSearch(), escape=1e200)
        assert [Status(s).name for s in found.status.ravel()] == ["diverged", "converged"]


class TestUnderflow:
    def test_a_secant_too_flat_to_square_is_no_reason_to_leap(self):
        # near 0 the gradient of x**20 changes by less than can be squared
        f = gdlab.Formula("x**20")
        found = gdlab.descend(
            f, 0.05, 0.9, method=methods.BarzilaiBorwein("short"), tol=1e-12, max_iter=5000
        )
        assert found.converged.all()
        assert 0 < abs(found.x.item()) < 1e-8

    @pytest.mark.parametrize("x0", [1e-160, 1e-162, 1e-200])
    def test_where_nothing_is_left_of_the_gradients_square_the_search_is_at_rest(self, x0):
        f = gdlab.Formula("(x**2/20 + y**2)/2")
        starts = [[x0, 0.0], [20.0, 1.0]]
        found = gdlab.descend(f, 1.0, starts, method=methods.ExactLineSearch())
        assert found.converged.all()
        assert found.x[0, 0, 0].tolist() == [x0, 0.0]


class TestHessians:
    STARTS = ([1.0, 4.0], [1.0, 1.0], [-2.0, 0.5])

    @pytest.mark.parametrize(
        ("expr", "lost"),
        [
            ("(x + 3*y)**2", [0, 1, 2, 3]),
            ("x**4 + y**2", [3]),
            ("x*y**2 + x**2", [1, 3]),
            ("abs(x)**1.5 + x + y**2", [3]),
            ("y**2 + sqrt(x**2)", [0, 1, 2, 3]),
        ],
    )
    @pytest.mark.parametrize("pool", [0, 1, 3])
    def test_where_it_is_singular_or_not_finite_that_lane_diverges_and_no_other(
        self, expr, lost, pool
    ):
        f = gdlab.Formula(expr)
        starts = np.array([*self.STARTS, [0.0, 0.0]])
        settings = {"method": methods.Newton(), "max_iter": 3, "tol": 1e-300}
        found = verdicts_of(gdlab.Experiment(f, [1.0, 0.5], starts, **settings), pool=pool)
        for lane in range(8):
            diverged = (found.status[0, lane], found.steps[0, lane]) == (Status.diverged, 1)
            assert diverged == (lane % 4 in lost), lane
            alone = gdlab.descend(f, [1.0, 0.5][lane // 4], starts[[lane % 4]], **settings)
            assert found.steps[0, lane] == alone.steps.item()
            assert np.array_equal(found.x[0, :, lane], alone.x.ravel(), equal_nan=True)

    @pytest.mark.parametrize("d", [1, 2, 3, 5, 8])
    def test_elimination_solves_what_lapack_solves(self, d):
        rng = np.random.default_rng(d)
        h, g = rng.normal(size=(d, d, 200)), rng.normal(size=(d, 200))
        h[0, 0, : 50 * (d > 1)] = 0.0  # so that rows have to be exchanged
        s = g.copy()
        methods.newton.solve(h.copy(), s)
        expected = np.linalg.solve(np.moveaxis(h, -1, 0), g.T[..., None])[..., 0].T
        residual = np.abs(np.einsum("ijn,jn->in", h, s) - g).max()
        theirs = np.abs(np.einsum("ijn,jn->in", h, expected) - g).max()
        assert residual < 1e3 * theirs + 1e-12

    def test_scipys_rosenbrock_takes_the_steps_of_a_plain_newton(self):
        optimize = pytest.importorskip("scipy.optimize")
        f = gdlab.Function(
            optimize.rosen,
            optimize.rosen_der,
            hessian=lambda x: np.stack([optimize.rosen_hess(p) for p in x.T], axis=-1),
            variables=("a", "b", "c", "d"),
        )
        x = np.array([-1.2, 1.0, 0.5, 2.0])
        trace = gdlab.trace(f, 1.0, x, method=methods.Newton(), max_iter=6, tol=1e-12)
        for iterate in trace[["a", "b", "c", "d"]].to_numpy()[1:]:
            x = x - np.linalg.solve(optimize.rosen_hess(x), optimize.rosen_der(x))
            assert iterate == pytest.approx(x, rel=1e-7)


class TestRest:
    @every_method
    def test_a_lane_that_starts_at_a_minimiser_stays_there(self, method):
        for f, x0 in (
            (gdlab.Formula("(x - 2)**2 + 3*(y + 1)**2"), [2.0, -1.0]),
            (gdlab.Formula("(x - 2)**2 + (x - 2)**4 + (y + 1)**2"), [2.0, -1.0]),
        ):
            found = gdlab.descend(f, 0.3, [x0, [0.0, 0.0]], method=method, max_iter=40)
            assert (found.steps[0, 0, 0], Status(found.status[0, 0, 0]).name) == (1, "converged")
            assert found.x[0, 0, 0].tolist() == x0
            assert found.steps[0, 1, 0] > 1

    @every_method
    def test_an_objective_is_never_asked_about_no_point_at_all(self, method):
        f = gdlab.Function(
            lambda x: np.vectorize(lambda v: v * v * v * v + v * v)(x[0]),
            np.vectorize(lambda v: 4 * v * v * v + 2 * v),
            hessian=lambda x: np.vectorize(lambda v: 12 * v * v + 2)(x)[None],
        )
        for starts in ([0.0], [0.0, 0.0, 1.0], [1e60]):
            gdlab.descend(f, 0.05, starts, method=method, escape=1e300, max_iter=20)

    @pytest.mark.parametrize("zero", [0.0, -0.0])
    @pytest.mark.parametrize("engine", ["numpy", "numba"])
    def test_a_zero_keeps_its_sign(self, zero, engine):
        found = gdlab.descend(objective("square"), 1.0, zero, method=methods.Sign(), engine=engine)
        assert math.copysign(1, found.x.item()) == math.copysign(1, zero)


class TestPointsWithoutAValue:
    @every_method
    def test_a_start_where_f_has_none_diverges_at_once_and_harms_no_other(self, method):
        f = gdlab.Formula("x - log(x)")
        settings = {"method": method, "max_iter": 60, "tol": 1e-8}
        crowd = gdlab.descend(f, [0.1, 0.4], [-1.0, 0.0, 2.0, 0.5], **settings)
        assert (crowd.status[:, :2] == Status.diverged).all()
        assert (crowd.steps[:, :2] == 1).all()
        healthy = gdlab.descend(f, [0.1, 0.4], [2.0, 0.5], **settings)
        assert np.array_equal(crowd.steps[:, 2:], healthy.steps)
        assert np.array_equal(crowd.x[:, 2:], healthy.x, equal_nan=True)

    def test_a_line_search_takes_a_point_without_a_value_for_one_that_is_too_far(self):
        f = gdlab.Formula("-log(x) - log(3 - x)")  # of (0, 3) alone; the minimiser is 1.5
        for method in (methods.ExactLineSearch(), methods.Armijo()):
            found = gdlab.descend(f, 1.0, [0.01, 2.9], method=method, tol=1e-9)
            assert found.converged.all()
            assert found.x.ravel() == pytest.approx([1.5, 1.5], abs=1e-6)

    def test_where_f_falls_without_end_along_the_ray_the_exact_search_diverges(self):
        f = gdlab.Formula("x**3 + y**2")
        starts = [[-1.0, 0.0], [1.0, 1.0]]
        found = gdlab.descend(f, 1.0, starts, method=methods.ExactLineSearch(), max_iter=20)
        assert (found.status[0, 0, 0], found.steps[0, 0, 0]) == (Status.diverged, 1)
        saddle = gdlab.Formula("x**2 - y**2")
        found = gdlab.descend(
            saddle, 1.0, [[1.0, 2.0], [1.0, 0.0]], method=methods.ExactLineSearch()
        )
        assert [Status(s).name for s in found.status.ravel()] == ["diverged", "converged"]


class TestPythonFunctions:
    @every_method
    def test_a_function_goes_as_the_formula_that_it_is(self, method):
        formula = gdlab.Formula("x**4 + 3*y**2 + x*y + exp(x)")
        function = gdlab.Function(
            formula, formula.grad, hessian=formula.hessian, variables=("x", "y")
        )
        starts = np.random.default_rng(4).uniform(-2, 2, (9, 2))
        settings = {"method": method, "tol": [1e-3, 1e-9], "max_iter": 40, "engine": "numpy"}
        a, b = (
            verdicts_of(gdlab.Experiment(f, [0.02, 0.1], starts, **settings), pool=5)
            for f in (formula, function)
        )
        assert verdicts_agree(a, b)
        assert np.array_equal(a.evaluations, b.evaluations)


@pytest.mark.parametrize(
    ("method", "steps", "evaluations"),
    [
        # at 3: g, f(3), f(-3), which is not less, and f(0); at 0: g, and f(0) once more
        (methods.Armijo(), 2, 6),
        (methods.Armijo(most=0), 1000, 2001),  # to and fro; f(3) is asked for once more
        (methods.ExactLineSearch(), 2, None),
        (methods.Newton(), 2, None),
    ],
)
def test_evaluations_are_counted_where_they_differ_from_lane_to_lane(method, steps, evaluations):
    found = verdicts_of(gdlab.Experiment(objective("square"), 1.0, 3.0, method=method))
    assert found.steps.item() == steps
    counted = None if found.evaluations is None else found.evaluations.item()
    assert counted == evaluations
