"""From the text of a formula to a SymPy expression, without ever running the text.

SymPy's own `sympify` and `parse_expr` evaluate what they are given as Python. Here the text is
parsed by `ast`, and the tree is walked: numbers, names, + - * / **, parentheses and the functions
of `FUNCTIONS` are all there is. A constant part is also computed in floating point on the way, so
that a formula that is not real or too large is refused before SymPy spends time on it.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import sys
from collections.abc import Callable, Collection, Mapping

import sympy

from gdlab.given import did_you_mean
from gdlab.objectives.domain import LARGEST_NUMBER, LONGEST_EXPRESSION
from gdlab.objectives.indexed import GATHERED, OPERATORS
from gdlab.objectives.refusals import refusing_depth, short, too_deep, unreadable
from gdlab.objectives.typography import DOTS, SYNONYMS

LARGEST_EXPONENT = 1000
LARGEST_DOUBLE = sys.float_info.max
LARGEST_ZERO = sympy.Rational(1, 2**1075)
"""As a double this number is 0, and so is every smaller one."""

FUNCTIONS: dict[str, tuple[Callable[..., sympy.Expr], Callable[..., float]]] = {
    "sin": (sympy.sin, math.sin),
    "cos": (sympy.cos, math.cos),
    "tan": (sympy.tan, math.tan),
    "asin": (sympy.asin, math.asin),
    "acos": (sympy.acos, math.acos),
    "atan": (sympy.atan, math.atan),
    "sinh": (sympy.sinh, math.sinh),
    "cosh": (sympy.cosh, math.cosh),
    "tanh": (sympy.tanh, math.tanh),
    "exp": (sympy.exp, math.exp),
    "log": (sympy.log, math.log),
    "sqrt": (sympy.sqrt, math.sqrt),
    "abs": (sympy.Abs, abs),
    "atan2": (sympy.atan2, math.atan2),
}
TAKING_TWO = frozenset({"atan2"})
MISTAKABLE = {
    **dict.fromkeys(("I", "oo", "zoo", "nan", "inf"), ""),
    **dict.fromkeys(("e", "E"), "exp(…)"),
    "π": "pi",
}
"""What to write for names that mean a value elsewhere.

They are variables only where they are declared.
"""
CONSTANTS = {"pi": (sympy.pi, math.pi)}

Term = tuple[sympy.Expr, float | None]
"""A part of the formula; and its value if it is constant, else None."""


def parse(
    text: str, parameters: Mapping[str, float], variables: Collection[str] = ()
) -> sympy.Expr:
    """Parse `text`, with every name a real symbol unless it is a parameter.

    variables : the names that are declared, if any are; they only matter for `MISTAKABLE` ones.

    Raises ValueError, naming what is not understood.
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"expr={text!r} is not a formula; write one such as expr='x**2 + 4*x + 4'")
    if len(text) > LONGEST_EXPRESSION:
        raise ValueError(f"expr is longer than {LONGEST_EXPRESSION} characters")
    if re.search(f"[{DOTS}]", text):  # Python takes x·y for a name
        raise ValueError(unreadable(text))
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(unreadable(text, str(error))) from None
    except ValueError:
        raise ValueError(unreadable(text)) from None
    except (RecursionError, MemoryError):
        raise ValueError(too_deep(text)) from None
    walker = _Walker(text, parameters, variables)
    with refusing_depth(text):
        expression, _ = walker.term(tree.body)
    for name, value in parameters.items():
        if name not in walker.names:
            there = ", ".join(sorted(walker.names))
            raise ValueError(
                f"parameters.{name}={value}: there is no {name} in {short(text)}"
                f"{did_you_mean(name, walker.names)}; its names are {there}"
            )
    expression = sympy.sympify(expression)
    require_real(text, expression)
    for power in expression.atoms(sympy.Pow):
        if power.exp.is_Rational and abs(power.exp) > LARGEST_EXPONENT:
            raise ValueError(
                f"expr={short(text)} has the exponent {short(str(power.exp))}; "
                f"{LARGEST_EXPONENT} is the largest"
            )
    return expression


def names_in(text: str) -> list[str]:
    """The names of variables and parameters in a formula that `parse` has read, sorted."""
    tree = ast.parse(text.strip(), mode="eval")
    names = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
    return sorted(names - set(FUNCTIONS) - set(CONSTANTS))


def require_real(text: str, expression: sympy.Expr) -> None:
    """Raise ValueError if the expression, or one derived from it, is not real and finite."""
    if expression.has(sympy.oo, -sympy.oo, sympy.zoo, sympy.nan, sympy.I):
        raise ValueError(f"expr={short(text)} is not a real, finite formula with a real gradient")
    for number in map(abs, expression.atoms(sympy.Rational)):
        if number > LARGEST_DOUBLE:
            raise ValueError(
                f"expr={short(text)}: a number in it or in its gradient is beyond the largest "
                f"double, {LARGEST_DOUBLE:.2g}"
            )
        if 0 < number <= LARGEST_ZERO:
            raise ValueError(
                f"expr={short(text)}: a number in it or in its gradient is so small that it is 0 "
                "as a double"
            )


class _Walker:
    def __init__(
        self, text: str, parameters: Mapping[str, float], variables: Collection[str]
    ) -> None:
        self.text = text
        self.parameters = parameters
        self.variables = variables
        self.names: set[str] = set()

    def term(self, node: ast.expr) -> Term:
        match node:
            case ast.Constant(value=bool() | complex() | str() | bytes() | None):
                raise self.refusal(f"{self.source(node)} is not a real number")
            case ast.Constant(value=int() | float() as number):
                if number == 0 and re.match(r"[0_.]*[1-9]", self.written(node)):
                    raise self.refusal(f"{self.source(node)} is so small that it is 0 as a double")
                return self.number(number)
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                expression, value = self.term(operand)
                return -expression, None if value is None else -value
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.term(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return self.operation(node, OPERATORS[type(op)], self.term(left), self.term(right))
            case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
                return self.call(node, name)
            case ast.Call(func=ast.Name(id=name), args=arguments) if (
                len(arguments) == 1 or name in GATHERED
            ):
                raise self.unknown(name)
            case ast.BinOp(op=ast.BitXor()):
                raise self.refusal("^ is not a power here; write ** instead")
        hint = ""
        if isinstance(node, ast.Subscript):
            hint = "; x[i] is the i-th variable where a dimension is given, as in dimension=3"
        elif isinstance(node, ast.Tuple):
            hint = "; write decimals with a point, as in 0.5"
        elif isinstance(node, ast.Call):
            hint = "; write every product with *, as in 4*x"
        raise self.refusal(
            f"{self.source(node)!r} is not part of a formula, which has numbers, variables, "
            f"+ - * / **, parentheses and functions{hint}"
        )

    def number(self, value: float) -> Term:
        if abs(value) > LARGEST_NUMBER or not math.isfinite(value):
            raise self.refusal("a number in it is too large")
        return _exact(value), float(value)

    def name(self, name: str) -> Term:
        self.names.add(name)
        if name in self.parameters:
            return self.number(self.parameters[name])
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in FUNCTIONS:
            raise self.refusal(f"{name} is a function; write {name}(…)")
        if name in MISTAKABLE and name not in self.variables:
            hint = f"; write {MISTAKABLE[name]}" if MISTAKABLE[name] else ""
            raise self.refusal(f"{name} is neither a variable nor a number here{hint}")
        return sympy.Symbol(name, real=True), None

    def operation(
        self, node: ast.expr, operate: Callable[..., object], left: Term, right: Term
    ) -> Term:
        value = None
        if left[1] is not None and right[1] is not None:
            value = self.value(node, operate, left[1], right[1])
        if operate is operator.truediv and right[1] == 0:
            raise self.refusal(f"{self.source(node)} divides by zero")
        if operate is operator.pow and right[1] is not None and abs(right[1]) > LARGEST_EXPONENT:
            raise self.refusal(f"the exponent in {self.source(node)} is beyond {LARGEST_EXPONENT}")
        return operate(left[0], right[0]), value

    def call(self, node: ast.Call, name: str) -> Term:
        n = 2 if name in TAKING_TWO else 1
        if len(node.args) != n or node.keywords:
            raise self.refusal(f"{name} takes {'two arguments' if n == 2 else 'one argument'}")
        symbolic, numeric = FUNCTIONS[name]
        expressions, values = zip(*map(self.term, node.args), strict=True)
        value = None if None in values else self.value(node, numeric, *values)
        return symbolic(*expressions), value

    def unknown(self, name: str) -> ValueError:
        if name in GATHERED:
            return self.refusal(
                f"{name} is over the variables x[i] where a dimension is given, as in dimension=3"
            )
        lower = name.lower()
        meant = SYNONYMS.get(lower) or (lower if lower in FUNCTIONS else "")
        return self.refusal(
            f"the function {name} is not known{f' (did you mean {meant}?)' if meant else ''}; "
            f"there are {', '.join(FUNCTIONS)}"
            + ("" if meant else f"; if {name} is a factor, write {name}*(…)")
        )

    def value(self, node: ast.expr, operate: Callable[..., object], *arguments: float) -> float:
        """Compute a constant part, or refuse it."""
        try:
            value = operate(*arguments)
        except (ArithmeticError, ValueError):
            value = math.nan
        if not isinstance(value, float | int) or not math.isfinite(value):
            raise self.refusal(f"{self.source(node)} is not a real, finite number")
        return float(value)

    def source(self, node: ast.expr) -> str:
        return short(self.written(node) or "a part of it")

    def written(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text.strip(), node) or ""

    def refusal(self, reason: str) -> ValueError:
        return ValueError(f"expr={short(self.text)}: {reason}")


def _exact(value: float) -> sympy.Expr:
    """Take a decimal as it was written: 0.1 is a tenth."""
    return sympy.Integer(value) if isinstance(value, int) else sympy.Rational(repr(float(value)))
