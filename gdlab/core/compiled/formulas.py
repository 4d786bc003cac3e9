"""From the NumPy code of a formula to statements on single numbers, operation by operation."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gdlab.objectives.vocabulary import whole_power

ROUNDED_ALIKE = {"abs": "abs({})", "numpy.abs": "abs({})", "numpy.sqrt": "sqrt({})"}
"""What IEEE 754 gives to the last bit, and so does every machine."""
ROUNDED_ALIKE |= {
    "numpy.sign": "(1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else 0.0 if {0} == 0.0 else {0})",
    "DiracDelta": "(inf if {} == 0.0 else 0.0)",
}
LIBRARY = {
    **{f"numpy.{name}": name + "({})" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"numpy.{name}": name + "({})" for name in ("exp", "log", "log2", "log10", "log1p")},
    **{f"numpy.arc{name}": "a" + name + "({})" for name in ("sin", "cos", "tan")},
    "numpy.expm1": "expm1({})",
    "numpy.arctan2": "atan2({}, {})",
}
"""What each library of functions rounds in its own way."""
OPERATORS: dict[type[ast.AST], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
LONGEST_NESTED = 60


class NotCompiledError(ValueError):
    """Something that the compiled core has no form for; the text says what to do instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"engine=numba {reason}; use engine=numpy")


@dataclass(frozen=True)
class Statements:
    """Assignments in their order, and the names or expressions of the results.

    exact : whether every operation is one that IEEE 754 rounds to the last bit.
    """

    assignments: tuple[str, ...]
    results: tuple[str, ...]
    exact: bool


def statements(source: str, arguments: Sequence[str], prefix: str) -> Statements:
    """Turn the source of a function that `compile_numpy` made into statements on numbers.

    arguments : the names to give to its arguments. prefix : begins the names that are assigned.

    The operations and their order stay as they are, so that they round alike; constants are
    computed now, by NumPy.

    Raises NotCompiledError for a function that the compiled core does not have.
    """
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    try:
        return _Translation(function, arguments, prefix).translated()
    except RecursionError:
        raise NotCompiledError("compiles no formula that is nested so deeply") from None


class _Translation:
    def __init__(self, function: ast.FunctionDef, arguments: Sequence[str], prefix: str) -> None:
        names = [argument.arg for argument in function.args.args]
        self.function = function
        self.prefix = prefix
        self.names = dict(zip(names, arguments, strict=True))
        self.varying: set[ast.AST] = set()
        self.assignments: list[str] = []
        self.exact = True

    def translated(self) -> Statements:
        results: list[str] = []
        for node in self.function.body:
            self.mark(node)
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.names[name] = self.expression(value)
                case ast.Return(value=ast.List(elts=parts)):
                    results = [self.expression(part) for part in parts]
                case _:
                    raise self.refusal(node)
        return Statements(tuple(self.assignments), tuple(results), self.exact)

    def mark(self, node: ast.AST) -> bool:
        """Find the parts that depend on the variables."""
        parts = [self.mark(part) for part in ast.iter_child_nodes(node)]
        varies = any(parts) or (isinstance(node, ast.Name) and node.id in self.names)
        if varies:
            self.varying.add(node)
        return varies

    def expression(self, node: ast.expr) -> str:
        if node not in self.varying:
            return self.constant(node)
        match node:
            case ast.Name(id=name):
                return self.names[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.short(f"(-{self.expression(operand)})")
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self.power(left, right)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                sign = OPERATORS[type(op)]
                return self.short(f"({self.expression(left)} {sign} {self.expression(right)})")
            case ast.Call(func=ast.Name(id="whole_power"), args=[base, ast.Constant(value=int(n))]):
                return str(whole_power(_Product(self, self.expression(base)), n))
            case ast.Call(func=function, args=arguments, keywords=[]):
                return self.call(node, ast.unparse(function), arguments)
        raise self.refusal(node)

    def power(self, base: ast.expr, exponent: ast.expr) -> str:
        """A power that is no whole one; NumPy takes the two simplest exponents by themselves."""
        base_text, exponent_text = self.expression(base), self.expression(exponent)
        if exponent_text == "-1.0":
            return self.short(f"(1.0 / {base_text})")
        if exponent_text == "0.5":
            return self.short(f"sqrt({base_text})")
        self.exact = False
        return self.assigned(f"({base_text}) ** ({exponent_text})")

    def call(self, node: ast.expr, name: str, arguments: Sequence[ast.expr]) -> str:
        if name in ROUNDED_ALIKE:
            given = [self.assigned(self.expression(argument)) for argument in arguments]
            return self.assigned(ROUNDED_ALIKE[name].format(*given))
        if name in LIBRARY:
            self.exact = False
            return self.assigned(LIBRARY[name].format(*map(self.expression, arguments)))
        raise self.refusal(node)

    def constant(self, node: ast.expr) -> str:
        """Compute a part without variables as NumPy does whenever the function is called."""
        code = compile(ast.Expression(node), "<constant>", "eval")
        with np.errstate(all="ignore"):
            value = float(eval(code, {"numpy": np, "whole_power": whole_power}))  # SymPy's own text
        if not np.isfinite(value):
            raise self.refusal(node)
        return repr(value)

    def short(self, text: str) -> str:
        """Give a long expression a name, or parentheses would nest beyond what Python reads."""
        return text if len(text) <= LONGEST_NESTED else self.assigned(text)

    def assigned(self, text: str) -> str:
        if text.isidentifier():
            return text
        name = f"{self.prefix}{len(self.assignments)}"
        self.assignments.append(f"{name} = {text}")
        return name

    def refusal(self, node: ast.AST) -> NotCompiledError:
        return NotCompiledError(f"has no compiled form of {ast.unparse(node)[:60]}")


class _Product:
    """Stands for a number in `whole_power`, and writes its products down."""

    def __init__(self, translation: _Translation, text: str) -> None:
        self.translation = translation
        self.name = translation.assigned(text)

    def __mul__(self, other: _Product) -> _Product:
        return _Product(self.translation, f"{self.name} * {other.name}")

    def __str__(self) -> str:
        return self.name
