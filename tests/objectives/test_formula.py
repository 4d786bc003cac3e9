"""Objectives given by formulas: their values, derivatives, minima, names."""

from __future__ import annotations

import math
import pickle
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

import gdlab
from gdlab.core.compiled.formulas import statements
from gdlab.objectives.derivation import Derivation
from tests.examples import at_most

CLASSICS = {
    "shifted_quadratic": ("x**2 + 4*x + 4", "x"),
    "double_well": ("x**4/4 - x**2/2 + x/5", "x"),
    "rastrigin": ("10 + x**2 - 10*cos(2*pi*x)", "x"),
    "rosenbrock": ("100*(y - x**2)**2 + (1 - x)**2", "x y"),
    "himmelblau": ("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", "x y"),
    "beale": ("(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2", "x y"),
    "roots": ("sqrt(1 + x**2) + log(1 + y**2) + exp(-z**2)*tanh(x) + atan(x*z)", "x y z"),
    "hyperbolic": ("cosh(x/3) + sinh(y)/(1 + y**2) + abs(z)**3", "x y z"),
    "quotient": ("(x - 1)**2/(1 + x**2) + x**-2", "x"),
    "angle": ("x*atan2(y, x) + atan2(1 + x**2, y)", "x y"),
}


def independently(text: str, names: str) -> tuple[sympy.Expr, list[sympy.Symbol]]:
    """The formula as SymPy's own parser reads it: these texts are known to be harmless."""
    symbols = list(sympy.symbols(names, real=True, seq=True))
    expression = sympy.parse_expr(
        text,
        local_dict={**{symbol.name: symbol for symbol in symbols}, "abs": sympy.Abs},
        transformations=(
            *sympy.parsing.sympy_parser.standard_transformations,
            sympy.parsing.sympy_parser.rationalize,
        ),
    )
    return expression, symbols


def exactly(expression: sympy.Expr, symbols: list[sympy.Symbol], point: np.ndarray) -> float:
    """The value with 40 digits, rounded once."""
    at = {s: sympy.Rational(float(v)) for s, v in zip(symbols, point, strict=True)}
    return float(expression.subs(at).evalf(40))


NUMPY = {
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "atan": np.arctan,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "pi": math.pi,
    "float64": np.float64,
    "__builtins__": {},
}


class TestDerivatives:
    @pytest.mark.parametrize(("text", "names"), CLASSICS.values(), ids=CLASSICS.keys())
    def test_value_gradient_and_hessian_are_those_of_exact_arithmetic(self, text, names):
        expression, symbols = independently(text, names)
        f = gdlab.Formula(text)
        assert f.variables == tuple(names.split())
        points = np.random.default_rng(1).uniform(-2, 2, (f.dimension, 5))
        value, gradient, hessian = f(points), f.grad(points), f.hessian(points)
        assert value.shape == (5,)
        assert gradient.shape == (f.dimension, 5)
        assert hessian.shape == (f.dimension, f.dimension, 5)
        for i, u in enumerate(symbols):
            slope = expression.diff(u)
            for k in range(5):
                assert value[k] == pytest.approx(
                    exactly(expression, symbols, points[:, k]), rel=1e-12, abs=1e-12
                )
                assert gradient[i, k] == pytest.approx(
                    exactly(slope, symbols, points[:, k]), rel=1e-12, abs=1e-12
                )
                for j, v in enumerate(symbols):
                    assert hessian[i, j, k] == pytest.approx(
                        exactly(slope.diff(v), symbols, points[:, k]), rel=1e-11, abs=1e-11
                    )

    # formulas built at random, each with the function that NumPy's names alone make of it
    LEAVES = st.one_of(
        st.sampled_from(["x", "y", "pi"]),
        st.integers(-9, 9).map(lambda n: f"({n})"),
        st.sampled_from(["0.5", "1.25", "(1/3)"]),
    )
    FORMULAS = st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*"), inner).map(
                lambda t: f"({t[0]} {t[1]} {t[2]})"
            ),
            st.tuples(inner, inner).map(lambda t: f"({t[0]} / (2 + ({t[1]})**2))"),
            st.tuples(inner, st.integers(0, 5)).map(lambda t: f"({t[0]})**{t[1]}"),
            st.tuples(st.sampled_from(["sin", "cos", "tanh", "atan"]), inner).map(
                lambda t: f"{t[0]}({t[1]})"
            ),
            inner.map(lambda u: f"exp(-({u})**2)"),
            inner.map(lambda u: f"log(1 + ({u})**2)"),
            inner.map(lambda u: f"sqrt(1 + ({u})**2)"),
            inner.map(lambda u: f"-{u}"),
        ),
        max_leaves=8,
    )

    @at_most(60)
    @given(FORMULAS, st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
    def test_any_formula_agrees_with_python_and_with_complex_steps(self, text, x, y):
        try:
            f = gdlab.Formula(text, variables=("x", "y"))
        except ValueError as refusal:  # a constant part may be too large
            assume("expr" not in str(refusal))
            raise

        # NumPy's numbers overflow, where a tower of Python's would grow to millions of digits
        in_numpy = re.sub(r"[0-9.]+", r"float64(\g<0>)", text)

        def plain(x: complex, y: complex) -> complex:
            return eval(in_numpy, {**NUMPY, "x": x, "y": y})  # the text is our own

        point = np.array([[x], [y]])
        with np.errstate(all="ignore"):
            expected = complex(plain(np.complex128(x), np.complex128(y)))
            h = 1e-30
            slopes = [
                complex(plain(np.complex128(x + 1j * h), np.complex128(y))).imag / h,
                complex(plain(np.complex128(x), np.complex128(y + 1j * h))).imag / h,
            ]
            found, gradient = f(point)[0], f.grad(point)[:, 0]
        size = 1 + abs(expected.real)
        assume(np.isfinite([expected.real, *slopes]).all() and size < 1e6)
        assume(max(map(abs, slopes)) < 1e8)
        assert found == pytest.approx(expected.real, rel=1e-7, abs=1e-7)
        assert gradient == pytest.approx(slopes, rel=1e-6, abs=1e-6)

    @at_most(30)
    @given(FORMULAS, st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
    def test_the_hessian_is_the_slope_of_the_gradient(self, text, x, y):
        try:
            f = gdlab.Formula(text, variables=("x", "y"))
        except ValueError as refusal:
            assume("expr" not in str(refusal))
            raise
        h = 1e-5
        with np.errstate(all="ignore"):
            hessian = f.hessian(np.array([[x], [y]]))[:, :, 0]
            east, west = f.grad(np.array([[x + h, x - h], [y, y]])).T
            north, south = f.grad(np.array([[x, x], [y + h, y - h]])).T
            finer = f.hessian(np.array([[x + h, x - h], [y, y]]))
        numeric = np.stack([east - west, north - south]) / (2 * h)
        assume(np.isfinite(numeric).all() and np.abs(finer).max() < 1e3)
        assume(np.abs(finer[..., 0] - finer[..., 1]).max() < 0.1)
        assert np.allclose(hessian, numeric, rtol=1e-3, atol=1e-3)
        assert np.allclose(hessian, hessian.T, rtol=1e-9, atol=1e-9)

    def test_whole_powers_are_products_and_the_same_in_any_array(self):
        f = gdlab.Formula("x**13")
        x = np.random.default_rng(0).uniform(-3, 3, (1, 1000))
        plain = []
        for v in x[0].tolist():
            square = v * v
            fourth = square * square
            plain.append((v * fourth) * (fourth * fourth))
        assert f(x).tolist() == plain

    def test_its_bits_do_not_depend_on_the_formulas_made_before(self):
        # SymPy counts the dummies of a process, and orders sums by their names
        text = "x1**2 + x2**2 + x3**2*x1 + x2*x3 + x1*x2*x3 + x4*x1 + x5*x1"
        power = 10 ** max(3, len(str(sympy.Dummy._count)))
        found = set()
        for count in range(power - 12, power + 3):
            sympy.Dummy._count = count
            derivation = Derivation(text, {}, None)
            found.add((derivation.value(), derivation.gradient(), derivation.hessian()))
        assert len(found) == 1

    def test_a_gradient_can_be_written_into_an_array_at_hand(self):
        f = gdlab.Formula("x**2*y + y")
        x = np.array([[1.0, 2.0], [3.0, 4.0]])
        out = np.full((2, 2), np.nan)
        assert f.grad(x, out=out) is out
        assert out.tolist() == [[6.0, 16.0], [2.0, 5.0]]

    def test_a_single_point_needs_no_array_of_points(self):
        f, g = gdlab.Formula("x**3"), gdlab.Formula("x**2*y")
        assert float(f(2.0)) == 8.0
        assert f.grad(2.0).tolist() == [12.0]
        assert f.hessian(2.0).tolist() == [[12.0]]
        assert float(g(np.array([2.0, 3.0]))) == 12.0
        assert g.grad(np.array([2.0, 3.0])).tolist() == [12.0, 4.0]
        assert g.hessian(np.array([2.0, 3.0])).tolist() == [[6.0, 4.0], [4.0, 0.0]]

    def test_points_of_another_dimension_are_refused(self):
        with pytest.raises(ValueError, match=r"do not have 2 coordinates.*\(x, y\)"):
            gdlab.Formula("x*y")(np.zeros((3, 4)))

    def test_a_constant_formula_is_flat_everywhere(self):
        f = gdlab.Formula("5", variables=["x", "y"])
        x = np.zeros((2, 3))
        assert f(x).tolist() == [5.0, 5.0, 5.0]
        assert (f.grad(x) == 0).all()
        assert (f.hessian(x) == 0).all()
        assert f.minimisers is None
        assert f.curvature.tolist() == [[0, 0], [0, 0]]

    def test_a_variable_that_the_formula_does_not_use_has_slope_zero(self):
        f = gdlab.Formula("(x - 1)**2", variables=("y", "x"))
        assert f.variables == ("y", "x")
        assert f.grad(np.array([[7.0], [3.0]])).tolist() == [[0.0], [4.0]]
        assert f.minimisers is None  # a whole line of them

    def test_the_kink_of_an_absolute_value_has_slope_zero_and_no_curvature_beside_it(self):
        f = gdlab.Formula("abs(x)")
        assert f.grad(np.array([[-2.0, 0.0, 3.0]])).tolist() == [[-1.0, 0.0, 1.0]]
        assert f.hessian(np.array([[-2.0, 3.0]])).tolist() == [[[0.0, 0.0]]]

    def test_a_cubed_absolute_value_is_flat_at_0_and_curved_beside_it(self):
        f = gdlab.Formula("abs(x)**3")
        assert f.hessian(np.array([[0.0, -2.0]])).tolist() == [[[0.0, 12.0]]]


class TestNames:
    def test_variables_are_found_and_sorted_as_people_count(self):
        f = gdlab.Formula("x10 + x2*x1 + x1**2")
        assert f.variables == ("x1", "x2", "x10")

    def test_variables_may_be_stated_in_any_order(self):
        f = gdlab.Formula("x - 2*y", variables=("y", "x"))
        assert f.grad(np.zeros((2, 1))).ravel().tolist() == [-2.0, 1.0]

    def test_a_single_variable_may_be_stated_as_a_text(self):
        assert gdlab.Formula("theta**2", variables="theta").variables == ("theta",)

    def test_greek_letters_are_names(self):
        assert gdlab.Formula("θ**2 + ψ").variables == ("θ", "ψ")

    @pytest.mark.parametrize(
        ("written", "declared"), [("µ", "μ"), ("μ", "µ"), ("ﬁ", "fi"), ("ｋ", "k")], ids=ascii
    )
    def test_signs_that_python_takes_for_the_same_letter_make_the_same_name(
        self, written, declared
    ):
        f = gdlab.Formula(f"{written}*x**2", parameters={declared: 2})
        assert f(3.0) == 18.0
        (variable,) = gdlab.Formula(f"{written}**2", variables=[declared]).variables
        assert gdlab.Formula(f"{written}**2").variables == (variable,)

    @pytest.mark.parametrize("name", ["sign", "array", "exp2", "x0", "print", "lambda_"])
    def test_a_variable_may_have_the_name_of_something_in_python(self, name):
        f = gdlab.Formula(f"abs({name}) + sin({name})*cos({name})*exp(-{name}**2)")
        g = gdlab.Formula("abs(u) + sin(u)*cos(u)*exp(-u**2)")
        x = np.linspace(-1, 1, 5)[None]
        assert f(x) == pytest.approx(g(x))
        assert f.grad(x) == pytest.approx(g.grad(x))

    def test_names_like_those_of_common_subexpressions_stay_apart(self):
        text = "sin({0}*{1}) + sin({0}*{1})**2 + cos({0}*{1})*{0}"
        f, g = gdlab.Formula(text.format("x0", "x1")), gdlab.Formula(text.format("u", "v"))
        x = np.random.default_rng(0).normal(size=(2, 9))
        assert np.array_equal(f(x), g(x))
        assert np.array_equal(f.grad(x), g.grad(x))

    def test_parameters_are_put_in_for_their_names(self):
        f = gdlab.Formula("a*(x - c)**2", parameters={"a": 2.5, "c": -1})
        assert f.variables == ("x",)
        assert f(np.array([[1.0]])).tolist() == [10.0]
        assert f.minimisers.tolist() == [[-1.0]]
        assert gdlab.Formula("a*x**2", parameters={"a": 0.1}).grad(3.0) == pytest.approx([0.6])

    def test_a_factor_of_zero_takes_its_variable_out_of_the_formula(self):
        with pytest.raises(ValueError, match=r"does not depend on x: the factor is 0.*=\[x\]"):
            gdlab.Formula("a*x**2", parameters={"a": 0})
        flat = gdlab.Formula("a*x**2", variables=["x"], parameters={"a": 0})
        assert flat.grad(3.0).tolist() == [0.0]

    @pytest.mark.parametrize(
        ("settings", "says"),
        [
            ({"variables": []}, "variables"),
            ({"variables": ["x", "x"]}, "different names"),
            ({"variables": ["y"]}, "uses x, which is neither among the variables (y)"),
            ({"variables": ["x", "sin"]}, "sin already has a meaning"),
            ({"variables": ["x", "pi"]}, "pi already has a meaning"),
            ({"variables": ["x", "2y"]}, "'2y' is not a name"),
            ({"variables": [1]}, "1 is not a name"),
            ({"variables": 5}, "variables=5 is not a list of names"),
            ({"parameters": {"x": 1.0}}, "no variable"),
            ({"parameters": {"lambda": 2}}, "parameters: lambda is reserved in Python"),
            ({"variables": ["x", "lambda"]}, "variables: lambda is reserved in Python"),
            ({"variables": ["x", "x·x"]}, "'x·x' is not a name"),
            ({"parameters": {"µ": 1, "μ": 2}}, "two of them are the same name, μ"),
            ({"parameters": {"x": 1.0}, "variables": ["x"]}, "x already has a meaning"),
            ({"parameters": {"k": math.nan}}, "parameters.k=nan is not a finite number"),
            ({"parameters": {"k": math.inf}}, "parameters.k=inf is not a finite number"),
            ({"parameters": {"k": "1"}}, "parameters.k='1' is not a finite number"),
            ({"parameters": {"k": True}}, "parameters.k=True is not a finite number"),
            ({"parameters": [1]}, "parameters=[1]"),
            ({"domain": [1, 1]}, "domain=[1, 1]"),
            ({"domain": [3, -3]}, "domain=[3, -3]"),
            ({"domain": [0, math.inf]}, "domain"),
            ({"domain": "wide"}, "domain='wide'"),
            ({"domain": [[0, 1], [0, 1]]}, "domain"),
            ({"minimum": "low"}, "minimum='low'"),
            ({"minimum": math.nan}, "minimum=nan"),
            ({"minimum": np.longdouble(10) ** 400}, "too large a number"),
            ({"domain": ["0", "1"]}, "domain=['0', '1']"),
            ({"minimisers": "low"}, "minimisers='low'"),
            ({"minimisers": "0"}, "minimisers='0'"),
            ({"minimisers": [[0, 0]]}, "minimisers=[[0, 0]]"),
            ({"minimisers": [math.nan]}, "minimisers=[nan]"),
        ],
    )
    def test_wrong_settings_are_named(self, settings, says):
        with pytest.raises(ValueError) as refusal:  # noqa: PT011 (the text is compared below)
            gdlab.Formula("x**2", **settings)
        assert says in str(refusal.value)


def minima_by_roots(coefficients: np.ndarray) -> np.ndarray:
    """Roots of f' at which f'' is positive, by the eigenvalues of the companion matrix."""
    slope = np.polyder(coefficients)
    roots = np.roots(slope)
    real = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
    return real[np.polyval(np.polyder(slope), real) > 0]


class TestMinima:
    @at_most(40)
    @given(st.lists(st.integers(-9, 9), min_size=3, max_size=7))
    def test_minimisers_of_polynomials_are_the_roots_that_numpy_finds(self, coefficients):
        p = np.array(coefficients, dtype=float)
        assume(p[0] != 0)
        slope, curvature = np.polyder(p), np.polyder(p, 2)
        roots = np.roots(slope)
        # leave out roots so close together that floating point cannot tell them apart
        apart = np.abs(roots[:, None] - roots[None]) + np.eye(len(roots))
        assume(apart.min(initial=1) > 1e-2)
        assume((np.abs(np.polyval(curvature, roots)) > 1e-6).all())
        expected = minima_by_roots(p)
        terms = [f"({c})*x**{n}" for n, c in zip(range(len(p))[::-1], coefficients, strict=True)]
        f = gdlab.Formula(" + ".join(terms))
        if not expected.size:
            assert f.minimisers is None or not len(f.minimisers)
            return
        assert f.minimisers[:, 0] == pytest.approx(expected, abs=1e-8)
        if len(p) % 2 and p[0] > 0:
            assert f.minimum == pytest.approx(np.polyval(p, expected).min(), abs=1e-6)
            scan = np.linspace(-60, 60, 20001)
            assert f.minimum <= np.polyval(p, scan).min() + 1e-6
        else:
            assert f.minimum is None  # unbounded below

    @at_most(15)
    @given(
        st.lists(st.integers(-5, 5), min_size=6, max_size=6),
        st.lists(st.integers(-9, 9), min_size=3, max_size=3),
    )
    def test_the_minimiser_of_a_quadratic_solves_its_linear_equations(self, factor, slope):
        lower = np.zeros((3, 3))
        lower[np.tril_indices(3)] = factor
        hessian = lower @ lower.T + np.eye(3)
        text = " + ".join(
            [f"({hessian[i, j]}/2)*x{i}*x{j}" for i in range(3) for j in range(3)]
            + [f"({slope[i]})*x{i}" for i in range(3)]
        )
        f = gdlab.Formula(text, variables=("x0", "x1", "x2"))
        expected = np.linalg.solve(hessian, -np.array(slope, dtype=float))
        assert f.minimisers == pytest.approx(expected[None], rel=1e-9, abs=1e-9)
        assert f.minimum == pytest.approx(np.dot(slope, expected) / 2, rel=1e-9, abs=1e-9)
        assert f.curvature == pytest.approx(hessian)

    @pytest.mark.parametrize(
        ("text", "minimisers", "minimum"),
        [
            ("x**2 + 4*x + 4", [-2.0], 0.0),
            ("x**4", [0.0], 0.0),
            ("x**4/4 - x**2/2", [-1.0, 1.0], -0.25),
            ("(x**2 - 2)**2", [-math.sqrt(2), math.sqrt(2)], 0.0),
            ("x**3 - x", [1 / math.sqrt(3)], None),
            ("x**6", [0.0], 0.0),
            ("-x**4 + x**2", [0.0], None),
            ("(x - 0.1)**2", [0.1], 0.0),
            ("x**4*(x - 1)**2", [0.0, 1.0], 0.0),
        ],
    )
    def test_minima_known_by_hand(self, text, minimisers, minimum):
        f = gdlab.Formula(text)
        assert f.minimisers[:, 0] == pytest.approx(minimisers, rel=3e-16, abs=0)
        assert f.minimum == minimum

    def test_the_tip_of_a_cone_is_a_minimiser_without_a_gradient(self):
        f = gdlab.Formula("sqrt(x**2 + y**2) - 1", minimisers=[[0, 0]])
        assert f.minimum == -1
        assert np.isnan(f.grad(np.zeros((2, 1)))).all()

    @pytest.mark.parametrize(
        "text", ["x", "-x**2", "x**3", "x + 3", "x*y", "x**2 - y**2", "exp(x)"]
    )
    def test_where_there_is_no_minimum_none_is_claimed(self, text):
        f = gdlab.Formula(text)
        assert f.minimisers is None
        assert f.minimum is None

    @pytest.mark.parametrize(
        ("text", "known"),
        [
            ("1e-320*x**2 + x", None),  # at -5e319
            ("x**4 - 2e280*x**2", [-1e140, 1e140]),  # of -1e560
            ("1e-200*x**2/2 + 1e100*x", [-1e300]),  # of -5e399
        ],
    )
    def test_a_minimum_beyond_the_doubles_is_not_known(self, text, known):
        f = gdlab.Formula(text)
        assert f.minimum is None
        if known is None:
            assert f.minimisers is None
        else:
            assert f.minimisers[:, 0] == pytest.approx(known, rel=1e-15)

    def test_a_polynomial_of_high_degree_has_its_minimum_at_once(self):
        coefficients = [*((i * 7919) % 31 - 15 for i in range(1, 20)), 1]
        f = gdlab.Formula(" + ".join(f"({c})*x**{n}" for n, c in enumerate(coefficients, 1)))
        p = np.array([*coefficients[::-1], 0.0])
        scan = np.linspace(-8, 8, 400001)
        assert f.minimum == pytest.approx(np.polyval(p, scan).min(), rel=1e-6)

    @pytest.mark.parametrize("text", ["(x + y + z)**1000", "((x + 1)**1000 + 1)**1000"])
    def test_what_would_never_be_expanded_is_left_alone(self, text):
        assert gdlab.Formula(text).minimisers is None

    def test_stated_minimisers_give_the_least_value_unless_it_is_stated_too(self):
        f = gdlab.Formula("10 + x**2 - 10*cos(2*pi*x)", minimisers=[0])
        assert (f.minimisers.tolist(), f.minimum) == ([[0.0]], 0.0)
        assert gdlab.Formula("cos(x)", minimum=-1).minimum == -1.0
        assert gdlab.Formula("cos(x)").minimum is None
        both = gdlab.Formula("(x**2 - 1)**2 + y**2", minimisers=[[1, 0], [-1, 0]])
        assert both.minimisers.tolist() == [[1.0, 0.0], [-1.0, 0.0]]

    @pytest.mark.parametrize(
        ("text", "minimisers", "says"),
        [
            ("x**2", [1.0], "[1.0] is not a minimiser of x**2; the gradient's norm there is 2"),
            ("100*(y - x**2)**2 + (1 - x)**2", [[1, 1], [0, 0]], "[0.0, 0.0] is not a minimiser"),
            ("100*(y - x**2)**2 + (1 - x)**2", [1, 2, 3], "points with 2 coordinates"),
            ("log(x)", [0.0], "is not a minimiser"),
            ("-sqrt(x**2 + y**2)", [[0, 0]], "f does not rise from it on all sides"),
            ("x + sqrt(x**2 + y**2)", [[0, 0]], "there is no gradient there, and f does not rise"),
            ("x**3/3 - x", [-1.0], "[-1.0] is not a minimiser of x**3/3 - x"),  # a maximum
            ("x**2 - y**2", [[0, 0]], "the least curvature -2"),  # a saddle
        ],
    )
    def test_wrong_minimisers_are_refused(self, text, minimisers, says):
        with pytest.raises(ValueError, match="minimisers") as refusal:
            gdlab.Formula(text, minimisers=minimisers)
        assert says in str(refusal.value)


def test_a_formula_is_the_same_in_another_process():
    f = gdlab.Formula("x**4 - sin(y)", variables=("x", "y"), name="waves")
    points = np.array([[0.3, -1.7], [2.0, 0.1]])
    f.hessian(points)
    sent = pickle.loads(pickle.dumps(f))
    for asked in ("__call__", "grad", "hessian"):
        assert np.array_equal(getattr(sent, asked)(points), getattr(f, asked)(points))
    assert (sent.identity, sent.name) == (f.identity, f.name)


def test_where_a_formula_has_no_value_nan_says_so_and_nothing_else(recwarn):
    f = gdlab.Formula("sqrt(x)")
    for found in (f(-1.0), f.grad(-1.0), f.hessian(-1.0)):
        assert np.isnan(found).all()
    assert not recwarn.list


class TestShown:
    def test_the_formula_in_the_language_of_mathematics(self):
        assert (
            gdlab.Formula("x**2/2 + sin(x)").formula == r"\frac{x^{2}}{2} + \sin{\left(x \right)}"
        )

    def test_its_name_for_the_terminal_is_what_was_typed(self):
        assert repr(gdlab.Formula("x**2")) == "Formula('x**2', variables=('x',))"

    def test_the_domain_is_given_for_each_variable(self):
        assert gdlab.Formula("x*y", domain=[-1, 2]).domain == ((-1.0, 2.0), (-1.0, 2.0))
        assert gdlab.Formula("x*y", domain=[[0, 1], [2, 3]]).domain == ((0.0, 1.0), (2.0, 3.0))
        assert gdlab.Formula("x").domain == ((-10.0, 10.0),)


WHOLE = st.integers(-(10**300), 10**300) | st.integers(-(2**66), 2**66)
CONSTANTS = st.one_of(
    WHOLE.map(lambda c: (str(c), Fraction(c))),
    st.tuples(WHOLE, st.integers(1, 10**60)).map(lambda c: (f"{c[0]}/{c[1]}", Fraction(*c))),
    st.floats(-1e290, 1e290).map(lambda c: (repr(c), Fraction(repr(c)))),
)
"""As they are written, and exactly."""
ROUNDED = {"atan": math.atan, "cos": math.cos, "sin": math.sin, "tanh": math.tanh}


class TestConstants:
    """Numbers of any size are doubles: what Python's own float makes of the exact fraction."""

    @given(CONSTANTS)
    @at_most(60)
    def test_a_constant_is_the_double_nearest_to_it(self, c):
        text, exact = c
        f = gdlab.Formula(f"x**2/2 + ({text})*x")
        assert f.grad(0.0).tolist() == [float(exact)]
        compiled = statements(f.source("gradient"), ["x0"], "t")
        assert eval(compiled.results[0], {"x0": 0.0}) == float(exact)

    @given(CONSTANTS, st.sampled_from(sorted(ROUNDED)))
    @at_most(40)
    def test_a_function_of_a_constant_is_that_of_its_double(self, c, name):
        text, exact = c
        slope = gdlab.Formula(f"x**2/2 + {name}({text})*x").grad(0.0)[0]
        assert slope == pytest.approx(ROUNDED[name](float(exact)), rel=1e-15, abs=0)

    @pytest.mark.parametrize("text", ["(1e300*x)**2", "1e300*x**2*10**9", "1e300*x**10*1e8"])
    def test_a_number_that_grows_beyond_the_doubles_is_refused(self, text):
        with pytest.raises(ValueError, match="beyond the largest double") as refusal:
            gdlab.Formula(text)
        assert text in str(refusal.value)
