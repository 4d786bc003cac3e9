"""From SymPy expressions to the text of NumPy functions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy
from sympy.printing.numpy import NumPyPrinter

LARGEST_INTEGER = 2**53
"""Up to it a double holds every integer."""


class _Printer(NumPyPrinter):  # type: ignore[misc]  # SymPy has no types
    """Prints whole powers as products, and numbers that are no short integers as doubles.

    NumPy's own power is slow and not the same on every machine; products are fast and exact to
    the last bit by IEEE 754. Integers beyond 64 bits would reach NumPy as Python objects.
    """

    def _print_Pow(self, expr: sympy.Expr, rational: bool = False) -> str:  # noqa: N802 (SymPy's)
        base, exponent = expr.as_base_exp()
        if exponent.is_Integer and abs(exponent) > 1:
            power = f"whole_power({self._print(base)}, {abs(int(exponent))})"
            return power if exponent > 0 else f"(1.0/{power})"
        printed: str = super()._print_Pow(expr, rational=rational)
        return printed

    def _print_Rational(self, expr: sympy.Rational) -> str:  # noqa: N802 (SymPy's)
        return _double(expr)

    def _print_Integer(self, expr: sympy.Integer) -> str:  # noqa: N802 (SymPy's)
        return str(int(expr)) if abs(int(expr)) <= LARGEST_INTEGER else _double(expr)


def _double(number: sympy.Rational) -> str:
    """The nearest double, as Python writes it."""
    try:
        return repr(float(Fraction(int(number.p), int(number.q))))
    except OverflowError:
        return "numpy.inf" if number > 0 else "(-numpy.inf)"


def printed(symbols: Sequence[sympy.Symbol], expressions: Sequence[sympy.Expr]) -> str:
    """Give the text of a function of one array a symbol that returns the values of expressions.

    Subexpressions that recur are computed once. A constant expression gives a scalar.
    """
    # A variable may have any name, even one of NumPy's. SymPy would number its own stand-ins by all
    # that it made before, and it orders sums by their names: so would the rounding be.
    backwards = list(sympy.ordered(symbols))[::-1]
    stand_ins = {symbol: sympy.Dummy(f"Dummy_{i:04d}") for i, symbol in enumerate(backwards)}
    printer = _Printer(
        {"fully_qualified_modules": True, "inline": True, "allow_unknown_functions": True}
    )

    def text(expression: sympy.Expr) -> str:
        written: str = printer.doprint(expression.xreplace(stand_ins))
        return written

    assignments, results = sympy.cse(list(expressions), list=False)
    arguments = ", ".join(str(stand_ins[symbol]) for symbol in symbols)
    lines = [
        f"def function({arguments}):",
        *(f"{name} = {text(part)}" for name, part in assignments),
        f"return [{', '.join(map(text, results))}]",
    ]
    return "\n    ".join(lines) + "\n"
