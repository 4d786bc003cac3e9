"""What the literature says of each method, on the functions for which it says so."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import gdlab
from gdlab import methods


def trace(f, method, alpha, x0, n, **settings):
    """The iterates (n + 1, d) of one lane, and f there."""
    found = gdlab.trace(f, alpha, x0, method=method, max_iter=n, tol=5e-324, **settings)
    return found[list(f.variables)].to_numpy(), found["f"].to_numpy()


def valley(kappa: float) -> gdlab.Formula:
    """Curvatures 1 and κ."""
    return gdlab.Formula("(x**2 + kappa*y**2)/2", parameters={"kappa": kappa})


class TestMomentum:
    @pytest.mark.parametrize("kappa", [4.0, 25.0, 100.0, 900.0])
    def test_the_best_parameters_reach_the_rate_of_conjugate_gradients(self, kappa):
        # Polyak 1964: α = 4/(√L + √μ)², β = ((√κ - 1)/(√κ + 1))². Both roots of the recurrence of
        # curvature μ are then √β, and both of L are -√β, so that e_k = (1 + ck) (±√β)^k
        rate, alpha = (kappa**0.5 - 1) / (kappa**0.5 + 1), 4 / (kappa**0.5 + 1) ** 2
        n = int(-100 / math.log10(rate))
        x, _ = trace(valley(kappa), methods.Momentum(rate**2), alpha, [1.0, 1.0], n)
        k = np.arange(n + 1)
        for error, curvature, root in ((x[:, 0], 1.0, rate), (x[:, 1], kappa, -rate)):
            c = (1 - alpha * curvature) / root - 1
            assert error / root**k == pytest.approx(1 + c * k, rel=1e-5, abs=1e-5)
        assert np.abs(x[-1]).max() ** (1 / n) == pytest.approx(rate, rel=3 * math.log(n) / n)

    def test_along_an_eigenvector_the_error_follows_its_recurrence(self):
        alpha, beta, a = 0.11, 0.6, 3.0
        f = gdlab.Formula("a*x**2/2", parameters={"a": a})
        x, _ = trace(f, methods.Momentum(beta), alpha, 1.0, 60)
        # e_k = (1 - αa + β) e_{k-1} - β e_{k-2} with complex roots of modulus √β
        angle = math.acos((1 - alpha * a + beta) / (2 * math.sqrt(beta)))
        k = np.arange(61)
        c = ((1 - alpha * a) - math.sqrt(beta) * math.cos(angle)) / (
            math.sqrt(beta) * math.sin(angle)
        )
        closed = math.sqrt(beta) ** k * (np.cos(angle * k) + c * np.sin(angle * k))
        assert x[:, 0] == pytest.approx(closed, abs=1e-14)

    def test_without_memory_it_is_gradient_descent(self):
        f = gdlab.Formula("x**4/4 - x**2/2")
        plain, _ = trace(f, methods.GradientDescent(), 0.3, 2.0, 40)
        ball, _ = trace(f, methods.Momentum(0.0), 0.3, 2.0, 40)
        assert np.array_equal(plain, ball)


class TestNesterov:
    @pytest.mark.parametrize("kappa", [10.0, 1e3, 1e6])
    def test_the_schedule_beats_its_bound(self, kappa):
        # f(x_k) - f* <= 2 L |x_0 - x*|² / (k + 1)² at α = 1/L
        start = [30.0, 1.0]
        _, f = trace(valley(kappa), methods.Nesterov(), 1 / kappa, start, 900)
        k = np.arange(len(f))
        bound = 2 * kappa * (start[0] ** 2 + start[1] ** 2) / (k + 1) ** 2
        assert (f <= bound).all()

    def test_it_beats_its_bound_in_forty_dimensions_and_gradient_descent_by_far(self):
        names = [f"x{i}" for i in range(1, 41)]
        curvatures = np.geomspace(1e-5, 1, 40)
        terms = " + ".join(
            f"{c!r}*{x}**2/2" for c, x in zip(curvatures.tolist(), names, strict=True)
        )
        f = gdlab.Formula(terms, variables=names)
        start = (1 / np.sqrt(curvatures)).tolist()
        bound = 2 * np.square(start).sum() / np.arange(1, 402) ** 2
        _, fast = trace(f, methods.Nesterov(), 1.0, start, 400)
        _, slow = trace(f, methods.GradientDescent(), 1.0, start, 400)
        assert (fast <= bound).all()
        assert slow[-1] > 4 * fast[-1]

    def test_a_constant_share_reaches_the_rate_of_strong_convexity(self):
        # Nesterov 2004, (2.2.11): β = (√κ - 1)/(√κ + 1) at α = 1/L; the error falls by 1 - 1/√κ
        kappa = 100.0
        beta = (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)
        x, _ = trace(valley(kappa), methods.Nesterov(beta), 1 / kappa, [1.0, 1.0], 600)
        error = np.linalg.norm(x, axis=1)
        assert (error[600] / error[300]) ** (1 / 300) == pytest.approx(
            1 - 1 / math.sqrt(kappa), rel=5e-3
        )


class TestNewton:
    @pytest.mark.parametrize(
        "expr", ["x**2 + 4*x + 4", "(x - 1)**2 + 3*y**2 + x*y", "x**2 - y**2 + x*y", "-x**2 + x"]
    )
    def test_one_step_ends_a_quadratic_of_any_kind(self, expr):
        f = gdlab.Formula(expr)
        starts = np.random.default_rng(0).uniform(-5, 5, (50, f.dimension))
        found = gdlab.descend(f, 1.0, starts, tol=1e-12, method=methods.Newton())
        stationary = -np.linalg.solve(f.curvature, f.grad(np.zeros((f.dimension, 1)))).ravel()
        assert found.converged.all()
        assert found.steps.max() <= 3  # the second step shows that there is none left
        one = gdlab.descend(f, 1.0, starts, max_iter=1, method=methods.Newton())
        assert one.x == pytest.approx(np.broadcast_to(stationary, one.x.shape), abs=1e-13)

    def test_near_a_minimiser_the_digits_double(self):
        x, _ = trace(gdlab.Formula("exp(x) - x"), methods.Newton(), 1.0, 1.0, 6)
        error = np.abs(x[:, 0])
        for before, after in itertools.pairwise(error[1:6]):
            # f''' / (2 f'') = 1/2 at the minimiser
            assert after == pytest.approx(before**2 / 2, rel=before, abs=1e-15)

    @pytest.mark.parametrize("alpha", [0.1, 0.5, 1.5])
    def test_damped_on_a_quadratic_the_error_falls_by_one_less_alpha(self, alpha):
        x, _ = trace(valley(50.0), methods.Newton(), alpha, [1.0, -2.0], 20)
        expected = np.outer((1 - alpha) ** np.arange(21), [1.0, -2.0])
        assert x == pytest.approx(expected, abs=1e-14)

    def test_it_is_the_same_in_any_coordinates(self):
        plain, _ = trace(gdlab.Formula("x**4 + x**2 + exp(y) - y"), methods.Newton(), 1, [1, 2], 7)
        skew = gdlab.Formula("(x + 100*y)**4 + (x + 100*y)**2 + exp(y) - y")
        bent, _ = trace(skew, methods.Newton(), 1, [1.0 - 200.0, 2.0], 7)
        assert bent @ np.array([[1.0, 0.0], [100.0, 1.0]]) == pytest.approx(plain, abs=1e-11)


class TestExactLineSearch:
    @pytest.mark.parametrize("kappa", [2.0, 10.0, 100.0])
    def test_its_worst_start_contracts_f_by_the_bound_at_every_step(self, kappa):
        # from (κ, 1) on (x² + κy²)/2 Kantorovich's inequality is an equality at every step
        _, f = trace(valley(kappa), methods.ExactLineSearch(), 1.0, [kappa, 1.0], 60)
        rate = ((kappa - 1) / (kappa + 1)) ** 2
        assert f[1:] / f[:-1] == pytest.approx(np.full(60, rate), rel=1e-9)

    def test_no_start_contracts_f_by_less(self):
        kappa, rng = 30.0, np.random.default_rng(1)
        for start in rng.normal(size=(20, 2)):
            _, f = trace(valley(kappa), methods.ExactLineSearch(), 1.0, start, 15)
            assert (f[1:] <= f[:-1] * ((kappa - 1) / (kappa + 1)) ** 2 * (1 + 1e-9)).all()

    @pytest.mark.parametrize(
        "expr",
        [
            "(x**2 + 10*y**2)/2 + (x**4 + y**4)/9",
            "exp(x) - x + (y - x)**2",
            "100*(y-x**2)**2+(1-x)**2",
        ],
    )
    def test_successive_gradients_are_orthogonal(self, expr):
        f = gdlab.Formula(expr)
        x, _ = trace(f, methods.ExactLineSearch(), 1.0, [1.3, 0.4], 12)
        gradients = f.grad(x.T)
        for g, h in zip(gradients.T[:-1], gradients.T[1:], strict=True):
            if np.linalg.norm(h) > 1e-6:
                assert abs(g @ h) <= 2e-10 * (g @ g) + 1e-14

    def test_the_search_finds_what_the_closed_form_knows(self):
        quadratic = valley(9.0)
        hidden = gdlab.Function(quadratic, quadratic.grad, variables=("x", "y"))
        for alpha in (0.5, 1.0, 1.5):
            known, _ = trace(quadratic, methods.ExactLineSearch(), alpha, [3.0, 1.0], 12)
            found, _ = trace(hidden, methods.ExactLineSearch(), alpha, [3.0, 1.0], 12)
            assert found == pytest.approx(known, rel=1e-8, abs=1e-9)

    def test_a_function_of_one_variable_takes_one_search(self):
        x, _ = trace(gdlab.Formula("exp(x) - 3*x"), methods.ExactLineSearch(), 1.0, -4.0, 1)
        assert x[1, 0] == pytest.approx(math.log(3), abs=1e-9)


class TestArmijo:
    def test_every_step_falls_as_far_as_was_asked_and_a_longer_one_would_not(self):
        f = gdlab.Formula("100*(y - x**2)**2 + (1 - x)**2")
        slope, shrink, alpha = 0.3, 0.5, 1.0
        x, values = trace(f, methods.Armijo(shrink, slope), alpha, [-1.2, 1.0], 200)
        gradients = f.grad(x.T).T
        for k in range(200):
            g, square = gradients[k], gradients[k] @ gradients[k]
            t = np.linalg.norm(x[k + 1] - x[k]) / math.sqrt(square)
            halvings = round(math.log2(alpha / t))
            assert t == pytest.approx(alpha * shrink**halvings, rel=1e-6)
            assert values[k + 1] <= values[k] - slope * t * square * (1 - 1e-6)
            if halvings:
                longer = f((x[k] - 2 * t * g)[:, None])[0]
                assert longer > values[k] - slope * 2 * t * square * (1 + 1e-6)

    @pytest.mark.parametrize("alpha", [1e-3, 0.7, 1e6])
    def test_it_converges_from_any_step_size_where_gradient_descent_diverges(self, alpha):
        found = gdlab.descend(
            valley(50.0),
            alpha,
            [[1.0, 1.0], [-9.0, 4.0]],
            tol=1e-8,
            max_iter=10**5,
            method=methods.Armijo(),
        )
        assert found.converged.all()


class TestBarzilaiBorwein:
    @pytest.mark.parametrize("kind", ["long", "short"])
    @pytest.mark.parametrize("kappa", [5.0, 20.0])
    def test_on_a_quadratic_of_two_variables_it_is_superlinear(self, kind, kappa):
        # Barzilai and Borwein 1988, section 3: R-superlinear, so that the number of digits a step
        # grows without bound, where steepest descent has log10((κ + 1)/(κ - 1)) at every step
        x, _ = trace(valley(kappa), methods.BarzilaiBorwein(kind), 0.6 / kappa, [1.0, 2.0], 11)
        k = np.array([4, 8, 11])
        pace = -np.log10(np.abs(x[k]).max(axis=1)) / k
        assert (pace[1:] > 1.4 * pace[:-1]).all()
        assert pace[-1] > 10 * math.log10((kappa + 1) / (kappa - 1))

    def test_a_step_after_the_first_is_the_secants_in_one_variable(self):
        f = gdlab.Formula("exp(x) - 2*x")
        x, _ = trace(f, methods.BarzilaiBorwein(), 0.1, 0.0, 6)
        u, v = x[:2, 0].tolist()
        for k in range(2, 6):
            slope_u, slope_v = math.exp(u) - 2, math.exp(v) - 2
            u, v = v, v - slope_v * (v - u) / (slope_v - slope_u)
            assert x[k, 0] == pytest.approx(v, abs=1e-9)

    @pytest.mark.parametrize(("kind", "harmonic"), [("long", False), ("short", True)])
    def test_its_steps_are_between_the_inverse_curvatures(self, kind, harmonic):
        kappa = 40.0
        x, _ = trace(valley(kappa), methods.BarzilaiBorwein(kind), 0.01, [5.0, 1.0], 12)
        for k in range(1, 7):
            s = x[k] - x[k - 1]
            y = s * [1.0, kappa]
            t = (s @ y) / (y @ y) if harmonic else (s @ s) / (s @ y)
            assert 1 / kappa * (1 - 1e-9) <= t <= 1 + 1e-9
            expected = x[k] - t * (x[k] * [1.0, kappa])
            assert x[k + 1] == pytest.approx(expected, rel=1e-6, abs=1e-12)


class TestScaledByTheGradientsSeen:
    def test_adams_first_step_is_the_sign_of_the_gradient(self):
        f = gdlab.Formula("(x - 3)**2 + 50*y**2 + x*y")
        starts = np.random.default_rng(2).uniform(-5, 5, (200, 2))
        starts = starts[(np.abs(f.grad(starts.T)) > 1).all(axis=0)]
        for alpha in (1e-3, 0.1, 1.0):
            found = gdlab.descend(f, alpha, starts, max_iter=1, method=methods.Adam())
            expected = starts - alpha * np.sign(f.grad(starts.T)).T
            assert np.abs(found.x[0, :, 0] - expected).max() <= 1e-8 * alpha + 1e-15

    def test_a_constant_gradient_moves_adam_by_alpha_each_time(self):
        # the bias is taken out at every k, so that the averages of a constant are the constant
        x, _ = trace(gdlab.Formula("3*x - 2*y"), methods.Adam(), 0.01, [0.0, 0.0], 300)
        expected = np.outer(np.arange(301), [-0.01, 0.01])
        assert x == pytest.approx(expected, rel=1e-7, abs=1e-9)

    def test_a_constant_gradient_lets_adagrad_slow_down_as_one_over_the_root(self):
        x, _ = trace(gdlab.Formula("3*x"), methods.Adagrad(), 0.5, 0.0, 200)
        closed = -0.5 * np.cumsum(1 / np.sqrt(np.arange(1, 201)))
        assert x[1:, 0] == pytest.approx(closed, rel=1e-7)

    def test_a_constant_gradient_lets_rmsprop_start_faster_by_the_bias(self):
        x, _ = trace(gdlab.Formula("3*x"), methods.RMSProp(0.9), 0.5, 0.0, 100)
        closed = -0.5 * np.cumsum(1 / np.sqrt(1 - 0.9 ** np.arange(1, 101)))
        assert x[1:, 0] == pytest.approx(closed, rel=1e-7)

    @pytest.mark.parametrize("method", [methods.Adam(), methods.RMSProp(), methods.Adagrad()])
    def test_the_scale_of_f_changes_nothing(self, method):
        a, _ = trace(gdlab.Formula("x**4 + 7*x**2"), method, 0.1, 3.0, 50)
        b, _ = trace(gdlab.Formula("1000*(x**4 + 7*x**2)"), method, 0.1, 3.0, 50)
        assert b == pytest.approx(a, rel=1e-6, abs=1e-6)

    def test_no_step_of_adam_is_longer_than_its_bound(self):
        # Kingma and Ba 2015, section 2.1: α (1 - β1)/√(1 - β2) where that is larger than α
        bound = 0.05 * max(1.0, 0.1 / math.sqrt(0.001))
        x, _ = trace(gdlab.Formula("sin(3*x) + x**2/4"), methods.Adam(), 0.05, -4.0, 300)
        assert np.abs(np.diff(x[:, 0])).max() <= bound


class TestSign:
    def test_it_walks_to_within_alpha_and_then_goes_to_and_fro(self):
        f = gdlab.Formula("x**2 + 5*y**2")
        found = gdlab.descend(f, 0.25, [[3.1, -2.05]], method=methods.Sign(), max_iter=50)
        assert found.period.item() == 2
        assert np.abs(found.x).max() <= 0.25
        x, _ = trace(f, methods.Sign(), 0.25, [3.1, -2.05], 8)
        assert x[:, 0] == pytest.approx(3.1 - 0.25 * np.arange(9))
        assert x[:, 1] == pytest.approx(-2.05 + 0.25 * np.arange(9))
