"""Code that writes into given arrays computes what code that returns new ones computes."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from gdlab.objectives.inplace import in_place
from gdlab.objectives.printing import printed
from gdlab.objectives.vocabulary import names_in_text
from tests.examples import at_most
from tests.oracles import bits

X, Y = SYMBOLS = [sympy.Symbol(name, real=True) for name in "xy"]


def grown(parts: st.SearchStrategy) -> st.SearchStrategy:
    functions = [sympy.sin, sympy.exp, sympy.tanh, sympy.Abs, lambda e: sympy.sqrt(1 + e**2)]
    return st.one_of(
        st.tuples(parts, parts).map(lambda pair: pair[0] + pair[1]),
        st.tuples(parts, parts).map(lambda pair: pair[0] * pair[1]),
        st.tuples(parts, parts).map(lambda pair: pair[0] / (2 + pair[1] ** 2)),
        st.tuples(parts, st.integers(2, 15)).map(lambda pair: pair[0] ** pair[1]),
        st.tuples(parts, st.sampled_from(functions)).map(lambda pair: pair[1](pair[0])),
    )


leaves = st.one_of(st.sampled_from(SYMBOLS), st.integers(-3, 9).map(sympy.Integer))
expressions = st.recursive(leaves, grown, max_leaves=8)


def written(parts: list[sympy.Expr], x: np.ndarray) -> np.ndarray:
    out = np.full((len(parts), x.shape[1]), np.nan)
    in_place(printed(SYMBOLS, parts))(x, out)
    return out


def returned(parts: list[sympy.Expr], x: np.ndarray) -> np.ndarray:
    names = names_in_text()
    exec(printed(SYMBOLS, parts), names)
    return np.array([np.broadcast_to(p, x.shape[1:]) for p in names["function"](*x)])


@at_most(60)
@given(st.lists(expressions, min_size=2, max_size=2))
def test_every_bit_is_the_same(parts):
    x = np.random.default_rng(0).uniform(-3, 3, (2, 50))
    before = x.copy()
    with np.errstate(all="ignore"):
        assert bits(written(parts, x)) == bits(returned(parts, x))
    assert bits(x) == bits(before)


@pytest.mark.parametrize("n", range(1, 70))
def test_whole_powers_are_the_products_of_repeated_squaring(n):
    x = np.random.default_rng(n).uniform(-1.5, 1.5, (2, 20))
    parts = [X**n * Y, (X + Y) ** n]
    assert bits(written(parts, x)) == bits(returned(parts, x))


@pytest.mark.parametrize(
    "parts",
    [
        [sympy.Integer(3), Y],
        [X, X],
        [1 / X, X ** sympy.Rational(-3, 2)],
        [sympy.sign(X), sympy.DiracDelta(Y)],
        [2**X, sympy.log(2) * sympy.pi],
        [(X + Y) * (X - Y) / ((X + 2 * Y) * (X - 3)), (X + Y) ** 3],
    ],
)
def test_results_may_be_numbers_coordinates_or_anything_that_numpy_has_no_ufunc_for(parts):
    x = np.array([[0.5, 1.0, 2.0], [0.0, 1.5, -2.0]])
    assert bits(written(parts, x)) == bits(returned(parts, x))


def test_the_arrays_may_be_a_part_of_larger_ones():
    whole = np.random.default_rng(0).normal(size=(2, 10))
    out = np.zeros((2, 10))
    in_place(printed(SYMBOLS, [X * Y + 1, X - Y**2]))(whole[:, :4], out[:, :4])
    assert bits(out[:, :4]) == bits(returned([X * Y + 1, X - Y**2], whole[:, :4]))
    assert not out[:, 4:].any()
