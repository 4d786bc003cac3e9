"""NumPy code that writes into given arrays, made from code that returns new ones.

`2*x + 4` makes two arrays and drops one; `multiply(2, x, out); add(out, 4, out)` makes none. The
operations and their order are the same, and so is every bit.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from gdlab.objectives.base import Array
from gdlab.objectives.vocabulary import names_in_text

UFUNCS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
}

Rows: TypeAlias = Sequence[Array] | Array
"""An array (d, n), or its rows."""
Writer = Callable[[Rows, Rows], None]
"""Takes points (d, n) and an array for what is found there."""


def in_place(text: str) -> Writer:
    """Give write(x, out) for a function that was printed: d arrays in, d arrays out."""
    (made,) = ast.parse(text).body
    assert isinstance(made, ast.FunctionDef)
    names = names_in_text()
    exec(_Rewriting(made).source(), names)  # of what SymPy has printed, never a user's
    writer: Writer = names["write"]
    return writer


class _Rewriting:
    """Statements of which each leaves one operation's result in an array at hand."""

    def __init__(self, made: ast.FunctionDef) -> None:
        self.body = made.body
        self.arguments = [argument.arg for argument in made.args.args]
        self.arrays = set(self.arguments)  # names of what has one value a lane
        self.statements: list[str] = []
        self.n_spare = self.most_spare = 0

    def source(self) -> str:
        n_out = 0
        for node in self.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.keep(name, value)
                case ast.Return(value=ast.List(elts=results)):
                    n_out = len(results)
                    for i, result in enumerate(results):
                        self.write(f"out{i}", result)
        lines = [
            f"[{', '.join(self.arguments)}] = x",
            f"[{', '.join(f'out{i}' for i in range(n_out))}] = out",
        ]
        if self.most_spare:
            spare = ", ".join(f"spare{i}" for i in range(self.most_spare))
            lines.append(f"[{spare}] = numpy.empty(({self.most_spare}, *x[0].shape))")
        return "\n    ".join(["def write(x, out):", *lines, *self.statements])

    def keep(self, name: str, node: ast.expr) -> None:
        """Compute what later statements know by a name."""
        if self.is_constant(node):
            self.statements.append(f"{name} = {ast.unparse(node)}")
            return
        self.statements.append(f"{name} = {self.value(node, self.spare())}")
        self.arrays.add(name)

    def write(self, target: str, node: ast.expr) -> None:
        """Compute one of the results."""
        value = self.value(node, target)
        if value != target:
            self.statements.append(f"{target}[...] = {value}")

    def value(self, node: ast.expr, target: str) -> str:
        """Say where the value is: in `target`, which it may have taken, or where it was before."""
        if self.is_constant(node):
            return ast.unparse(node)
        match node:
            case ast.Name(id=name):
                return name
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.operation("negative", [operand], target)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in UFUNCS:
                return self.operation(UFUNCS[type(op)], [left, right], target)
            case ast.Call(func=ast.Name(id="whole_power"), args=[base, ast.Constant(value=int(n))]):
                return self.power(base, n, target)
            case ast.Call(func=ast.Attribute(attr=name), args=arguments, keywords=[]) if isinstance(
                getattr(np, name, None), np.ufunc
            ):
                return self.operation(name, arguments, target)
        self.statements.append(f"{target}[...] = {ast.unparse(node)}")
        return target

    def operation(self, name: str, operands: list[ast.expr], target: str) -> str:
        before = self.n_spare
        values: list[str] = []
        for operand in operands:
            taken = target in values and not self.is_at_hand(operand)
            values.append(self.value(operand, self.spare() if taken else target))
        self.n_spare = before
        self.statements.append(f"numpy.{name}({', '.join(values)}, {target})")
        return target

    def power(self, base: ast.expr, n: int, target: str) -> str:
        """The products of `whole_power`, in its order."""
        before = self.n_spare
        square, result = self.value(base, target), ""
        other = self.spare() if n & (n - 1) else target  # squares alone need no second array

        def product(a: str, b: str, needed: str) -> str:
            place = target if needed != target else other
            self.statements.append(f"numpy.multiply({a}, {b}, {place})")
            return place

        while True:
            more = n > 1
            if n & 1:
                result = product(result, square, square if more else "") if result else square
            if not more:
                self.n_spare = before
                return result
            square = product(square, square, result)
            n >>= 1

    def spare(self) -> str:
        """Take another array; those above `n_spare` are free again."""
        self.n_spare += 1
        self.most_spare = max(self.most_spare, self.n_spare)
        return f"spare{self.n_spare - 1}"

    def is_at_hand(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) or self.is_constant(node)

    def is_constant(self, node: ast.expr) -> bool:
        return not any(isinstance(p, ast.Name) and p.id in self.arrays for p in ast.walk(node))
