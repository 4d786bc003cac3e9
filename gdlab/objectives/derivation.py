"""What SymPy makes of a formula: functions, minima, print; as text and numbers alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

import sympy

from gdlab.objectives.analysis import constant_hessian, minima
from gdlab.objectives.parsing import CONSTANTS, FUNCTIONS, names_in, parse, require_real
from gdlab.objectives.printing import printed
from gdlab.objectives.refusals import refusing_depth, short


class Derivation:
    """A formula that is read, and all that can be asked of it.

    expr : the formula. parameters : values of names in it. declared : its variables, in their
    order; by default those found in it, sorted (x2 before x10).

    Raises ValueError if it cannot be read, or if it or its gradient is not real and finite.
    """

    def __init__(
        self, expr: str, parameters: Mapping[str, float], declared: tuple[str, ...] | None
    ) -> None:
        for name in declared or ():
            if name in FUNCTIONS or name in CONSTANTS or name in parameters:
                raise ValueError(f"variables: {name} already has a meaning in formulas")
        self._expr = expr
        self._expression = parse(expr, parameters, declared or ())
        self._names = _ordered(expr, self._expression, declared, parameters)
        self._symbols = [sympy.Symbol(name, real=True) for name in self._names]
        with refusing_depth(expr):
            self._slopes = [self._expression.diff(symbol) for symbol in self._symbols]
            for slope in self._slopes:
                require_real(expr, slope)

    def variables(self) -> list[str]:
        """The names of the coordinates in their order."""
        return list(self._names)

    def expression(self) -> str:
        """The formula as SymPy has read it: the same for formulas that it reads alike."""
        return str(sympy.srepr(self._expression))

    def value(self) -> str:
        """The text of f; see `gdlab.objectives.printing`."""
        with refusing_depth(self._expr):
            return printed(self._symbols, [self._expression])

    def gradient(self) -> str:
        """The text of the gradient, an entry a coordinate."""
        with refusing_depth(self._expr):
            return printed(self._symbols, self._slopes)

    def hessian(self) -> str:
        """The text of the Hessian, row by row."""
        with refusing_depth(self._expr):
            entries = [
                _without_impulses(slope.diff(symbol))
                for slope in self._slopes
                for symbol in self._symbols
            ]
            return printed(self._symbols, entries)

    def minima(self) -> tuple[list[list[float]] | None, float | None]:
        """The minimisers (m, d) and f*, each None where it is not known for certain."""
        points, minimum = minima(self._expression, self._symbols) or (None, None)
        return None if points is None else points.tolist(), minimum

    def curvature(self) -> list[list[float]] | None:
        """The Hessian (d, d) where it is the same everywhere, else None."""
        matrix = constant_hessian(self._expression, self._symbols)
        return None if matrix is None else [[*map(float, row)] for row in matrix.evalf(20).tolist()]

    def latex(self) -> str:
        """The formula in LaTeX's mathematics, without dollar signs."""
        return str(sympy.latex(self._shown))

    def mathml(self) -> str:
        """The formula in MathML, which browsers show as it is; without the element `math`."""
        return str(sympy.mathml(self._shown, printer="presentation"))

    @property
    def _shown(self) -> sympy.Expr:
        """The formula without fractions that are decimals."""
        return self._expression.replace(
            lambda part: part.is_Rational and part.q > 1000, lambda part: sympy.Float(part, 6)
        )


def _without_impulses(expression: sympy.Expr) -> sympy.Expr:
    """Drop impulses at 0 of what is 0 there, as |x|³ has none: SymPy keeps x²·δ(x), 0 times ∞."""

    def vanishes(part: sympy.Expr) -> bool:
        impulses = [factor for factor in part.args if isinstance(factor, sympy.DiracDelta)]
        return any(
            at.is_Symbol and part.xreplace({impulse: sympy.Integer(1)}).subs(at, 0) == 0
            for impulse in impulses
            for at in impulse.args[:1]
        )

    if not expression.has(sympy.DiracDelta):
        return expression
    return expression.replace(lambda part: part.is_Mul and vanishes(part), lambda part: 0)


def _ordered(
    expr: str,
    expression: sympy.Expr,
    declared: tuple[str, ...] | None,
    parameters: Mapping[str, float],
) -> tuple[str, ...]:
    found = sorted((symbol.name for symbol in expression.free_symbols), key=_natural)
    if declared is None:
        if not found:
            gone = [name for name in names_in(expr) if name not in parameters]
            if gone:
                raise ValueError(
                    f"expr={short(expr)} does not depend on {', '.join(gone)}: the factor is 0, or "
                    f"all cancels; if that is meant, write variables=[{','.join(gone)}]"
                )
            raise ValueError(f"expr={short(expr)} has no variable; state them, as in variables=[x]")
        return tuple(found)
    for name in found:
        if name not in declared:
            raise ValueError(
                f"expr={short(expr)} uses {name}, which is neither among the variables "
                f"({', '.join(declared)}) nor a parameter"
            )
    return declared


def _natural(name: str) -> tuple[str | int, ...]:
    """A key that sorts x2 before x10."""
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name))
