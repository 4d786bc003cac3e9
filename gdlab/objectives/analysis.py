"""What SymPy can say for certain about the minima of a formula."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import sympy

from gdlab.objectives.base import Array

DIGITS = 30
LARGEST_DEGREE = 40
"""Beyond it the exact isolation of roots takes longer than a descent."""
LARGEST_EXPANSION = 10_000
"""Terms up to which a product of sums is expanded."""


def constant_hessian(
    expression: sympy.Expr, symbols: Sequence[sympy.Symbol]
) -> sympy.Matrix | None:
    """Give the Hessian if the formula is a polynomial of degree 2 at most, else None."""
    if not _expands(expression, symbols):
        return None
    if sympy.Poly(expression, *symbols).total_degree() > 2:
        return None
    return sympy.hessian(expression, symbols)


def minima(
    expression: sympy.Expr, symbols: Sequence[sympy.Symbol]
) -> tuple[Array, float | None] | None:
    """Give all local minimisers (m, d), in rising order, and the least value f*.

    For quadratics with a positive definite Hessian and for polynomials in one variable, up to
    `LARGEST_DEGREE`, with rational coefficients; else None. f* is None where f is unbounded below.
    What is beyond the doubles is not known either.
    """
    curvature = constant_hessian(expression, symbols)
    found = None
    if curvature is not None:
        found = _minimum_of_quadratic(expression, symbols, curvature)
    elif len(symbols) == 1 and _expands(expression, symbols):
        found = _minima_of_polynomial(sympy.Poly(expression, symbols[0]))
    if found is None or not np.isfinite(found[0]).all():
        return None
    minimisers, minimum = found
    return minimisers, minimum if minimum is not None and math.isfinite(minimum) else None


def _expands(expression: sympy.Expr, symbols: Sequence[sympy.Symbol]) -> bool:
    """Whether this is a polynomial with few enough terms to write them all out."""
    if not expression.is_polynomial(*symbols):
        return False
    degree = _largest_degree(expression)
    return degree <= 2 or math.comb(degree + len(symbols), degree) <= LARGEST_EXPANSION


def _largest_degree(expression: sympy.Expr) -> int:
    """The degree of a polynomial if no powers cancel, read off without expanding it."""
    if expression.is_Symbol:
        return 1
    if expression.is_Pow and expression.exp.is_Integer:
        return int(expression.exp) * _largest_degree(expression.base)
    degrees = [_largest_degree(part) for part in expression.args]
    return sum(degrees) if expression.is_Mul else max(degrees, default=0)


def _minimum_of_quadratic(
    expression: sympy.Expr, symbols: Sequence[sympy.Symbol], curvature: sympy.Matrix
) -> tuple[Array, float | None] | None:
    if not curvature.is_positive_definite:
        return None
    origin = dict.fromkeys(symbols, 0)
    slope = sympy.Matrix([expression.diff(symbol).subs(origin) for symbol in symbols])
    minimiser = -curvature.LUsolve(slope)
    minimum = expression.subs(dict(zip(symbols, minimiser, strict=True)))
    return np.array([[_float(value) for value in minimiser]]), _float(minimum)


def _minima_of_polynomial(polynomial: sympy.Poly) -> tuple[Array, float | None] | None:
    if not polynomial.domain.is_QQ and not polynomial.domain.is_ZZ:
        return None
    if polynomial.degree() > LARGEST_DEGREE:
        return None
    slope = polynomial.diff()
    rising = slope.LC() > 0  # beyond the last root
    minimisers = []
    for root, multiplicity in reversed(sympy.real_roots(slope, multiple=False)):
        if multiplicity % 2:
            if rising:
                minimisers.append(root)
            rising = not rising
    if not minimisers:
        return None
    minimisers.reverse()
    bounded = polynomial.degree() % 2 == 0 and polynomial.LC() > 0
    minimum = min(_float(polynomial.eval(_plain(root))) for root in minimisers) if bounded else None
    return np.array([[_float(root)] for root in minimisers]), minimum


def _plain(root: sympy.Expr) -> sympy.Expr:
    """A root without a closed form as a long decimal: exact arithmetic with it takes minutes."""
    return root.evalf(2 * DIGITS) if isinstance(root, sympy.ComplexRootOf) else root


def _float(value: sympy.Expr) -> float:
    return float(value.evalf(DIGITS))
