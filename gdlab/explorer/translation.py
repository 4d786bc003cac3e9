"""From statements on single numbers, as the compiled core has them, to JavaScript.

There is one source of a formula and of a method's step: what `gdlab.core.compiled` gives to Numba
is given to the browser as well, operation by operation, so that it rounds alike.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from gdlab.core.compiled.formulas import NotCompiledError
from gdlab.core.compiled.kernels import Text, numbered
from gdlab.methods import Method
from gdlab.objectives.formula import Formula

OPERATORS: dict[type[ast.AST], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
COMPARISONS: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "===",
    ast.NotEq: "!==",
}
JOINS: dict[type[ast.AST], str] = {ast.BitAnd: "&&", ast.BitOr: "||", ast.And: "&&", ast.Or: "||"}
ROUNDED_ALIKE = {"abs", "sqrt"}
LIBRARY = {
    *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
    *("exp", "expm1", "log", "log1p", "log2", "log10"),
}
"""What each library of functions, and each browser, rounds in its own way."""
CONSTANTS = {"inf": "Infinity", "nan": "NaN"}
LARGEST_INTEGER = 2**53


class NoJavaScriptError(ValueError):
    """Something that has no form in JavaScript; the text is a sentence."""


@dataclass(frozen=True)
class Code:
    """What a page descends by.

    text : a JavaScript object with the functions `value(x)`, `gradient(x)` and
        `step(x, memory, alpha)`, which writes the next point into x.
    rounding : names of the functions in it that browsers round in their own way; none where every
        operation is one that IEEE 754 rounds to the last bit.
    """

    text: str
    rounding: tuple[str, ...]


def code_of(formula: Formula, method: Method, name: str) -> Code:
    """Write the functions of a formula and of a method.

    name : what to call the method.

    Raises NoJavaScriptError.
    """
    text, d = Text(formula), formula.dimension
    x, y, g, m = (numbered(letter, n) for letter, n in zip("xygm", _sizes(method, d), strict=True))
    try:
        value, gradient = text.assigned(["f"], "value", x), text.assigned(g, "gradient", x)
    except NotCompiledError:
        raise NoJavaScriptError("The explorer has no form of this formula.") from None
    try:
        step = text.of(method, d)
    except NotCompiledError:
        raise NoJavaScriptError(
            f"The explorer follows methods whose step is plain arithmetic, unlike {name}."
        ) from None
    loads, translation = [f"{x_i} = x[{i}]" for i, x_i in enumerate(x)], _Translation()
    parts = [
        translation.function("value(x)", loads, value, "return $f;"),
        translation.function(
            "gradient(x)", loads, gradient, f"return [{', '.join(f'${g_i}' for g_i in g)}];"
        ),
        translation.function(
            "step(x, memory, alpha)",
            [*loads, *(f"{m_i} = memory[{i}]" for i, m_i in enumerate(m)), "alpha = alpha"],
            [*gradient, *step],
            *(f"x[{i}] = ${y_i};" for i, y_i in enumerate(y)),
            *(f"memory[{i}] = ${m_i};" for i, m_i in enumerate(m)),
        ),
    ]
    return Code("{\n" + ",\n".join(parts) + "\n}", tuple(sorted(translation.rounding)))


def _sizes(method: Method, dimension: int) -> tuple[int, int, int, int]:
    return dimension, dimension, dimension, method.memory(dimension)


def _is_truth(node: ast.expr) -> bool:
    """Whether an expression is true or false, and no number."""
    match node:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            return True
    return False


class _Translation:
    """Turns Python's assignments into JavaScript's; a name has a $ before it in JavaScript.

    So no name is one of JavaScript's own words.
    """

    def __init__(self) -> None:
        self.rounding: set[str] = set()
        self.truths: set[str] = set()

    def function(
        self, head: str, loads: Sequence[str], assignments: Sequence[str], *ends: str
    ) -> str:
        """A method of an object: what is loaded, what is assigned, and how it ends."""
        lines, names = [], dict.fromkeys(line.partition(" = ")[0] for line in loads)
        for line in assignments:
            name, text = self.assignment(line)
            names[name] = None
            lines.append(text)
        given = [f"${load};" for load in loads]
        body = [f"let {', '.join(f'${name}' for name in names)};", *given, *lines, *ends]
        return f"  {head} {{\n" + "\n".join(f"    {line}" for line in body) + "\n  }"

    def assignment(self, line: str) -> tuple[str, str]:
        """The name that is assigned, and the statement."""
        match ast.parse(line).body:
            case [ast.Assign(targets=[ast.Name(id=name)], value=value)]:
                if _is_truth(value):
                    self.truths.add(name)
                return name, f"${name} = {self.expression(value)};"
        raise NoJavaScriptError(f"The explorer cannot read {line!r}.")

    def expression(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=name):
                return CONSTANTS.get(name, f"${name}")
            case ast.Constant(value=float() | int() as value) if not isinstance(value, bool):
                return self.number(value)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"(-{self.expression(operand)})"
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                sign = OPERATORS[type(op)]
                return f"({self.expression(left)} {sign} {self.expression(right)})"
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                self.rounding.add("powers")
                return f"Math.pow({self.expression(left)}, {self.expression(right)})"
            case ast.IfExp(test=test, body=body, orelse=other):
                return (
                    f"({self.condition(test)} ? {self.expression(body)} : {self.expression(other)})"
                )
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(name, arguments)
        if _is_truth(node):
            return self.condition(node)
        raise self.refusal(node)

    def condition(self, node: ast.expr) -> str:
        """What is true or false: `&` and `|` of comparisons mean `and` and `or`."""
        match node:
            case ast.Name(id=name) if name in self.truths:
                return f"${name}"
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
                sign = COMPARISONS[type(op)]
                return f"({self.expression(left)} {sign} {self.expression(right)})"
            case ast.BinOp(left=left, op=op, right=right) if type(op) in JOINS:
                return f"({self.condition(left)} {JOINS[type(op)]} {self.condition(right)})"
            case ast.BoolOp(op=op, values=values):
                return f"({f' {JOINS[type(op)]} '.join(map(self.condition, values))})"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"(!{self.condition(operand)})"
        raise self.refusal(node)

    def call(self, name: str, arguments: Sequence[ast.expr]) -> str:
        if name not in ROUNDED_ALIKE | LIBRARY:
            raise NoJavaScriptError(f"The explorer does not know the function {name}.")
        if name in LIBRARY:
            self.rounding.add(name)
        return f"Math.{name}({', '.join(map(self.expression, arguments))})"

    def number(self, value: float) -> str:
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise NoJavaScriptError(f"The explorer cannot hold the whole number {value:g}.")
        return CONSTANTS.get(repr(value), repr(value))

    def refusal(self, node: ast.AST) -> NoJavaScriptError:
        return NoJavaScriptError(f"The explorer has no form of {ast.unparse(node)[:60]}.")
