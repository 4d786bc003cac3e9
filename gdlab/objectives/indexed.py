"""Formulas in x[1] to x[d], for any number d of variables, written out for one of them.

`sum(x[i]**2)` is `x**2 + y**2` in the plane. The text is parsed and taken apart, and never run.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from gdlab.given import count, finite, shown
from gdlab.objectives.base import Array, default_variables
from gdlab.objectives.domain import LONGEST_EXPRESSION, checked_names
from gdlab.objectives.refusals import refusing_depth, short

OPERATORS: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
GATHERED: dict[str, tuple[ast.operator, int]] = {"sum": (ast.Add(), 0), "prod": (ast.Mult(), 1)}
"""What stands between the terms, and what is there without any."""
LARGEST_DIMENSION = 1000
MOST_COMBINED = 256
"""Minimisers up to which all combinations of their coordinates are listed."""


class Indexed:
    """What is given once for any number of variables, as it reads for `dimension` of them.

    variables : their names, by default x, y in the plane and x1 to xd in space. parameters : values
        of names in the formula: numbers, and for a c[i] a list of d of them, or a formula in i and
        d such as "10**i".

    Raises ValueError for what cannot be meant.
    """

    def __init__(
        self,
        dimension: object,
        variables: str | Sequence[str] | None,
        parameters: Mapping[str, Any],
    ) -> None:
        self.dimension: int = count("dimension", dimension, largest=LARGEST_DIMENSION)
        self.variables: tuple[str, ...] = default_variables(self.dimension)
        if variables is not None:
            self.variables = checked_names(variables)
        if len(self.variables) != self.dimension:
            raise ValueError(
                f"variables={list(self.variables)} does not have as many names as "
                f"dimension={self.dimension} asks for"
            )
        if not isinstance(parameters, Mapping):
            raise ValueError(f"parameters={shown(parameters)} are not names with their values")
        for name in {"d", "i"} & {*parameters, *self.variables}:
            raise ValueError(
                f"{name} already has a meaning in a formula with a dimension; take another name"
            )
        self.lists: dict[str, list[float]] = {
            name: self._coefficients(name, given)
            for name, given in parameters.items()
            if isinstance(given, str | Sequence)
        }
        self.parameters: dict[str, Any] = {
            name: given for name, given in parameters.items() if name not in self.lists
        }

    def text(self, expr: str) -> str:
        """The formula in the variables' own names, without sums over i.

        One that cannot be read is given back as it is: its parser says why.
        """
        try:
            tree = ast.parse(expr.strip(), mode="eval")
        except (AttributeError, SyntaxError, ValueError, RecursionError, MemoryError):
            return expr
        writing = _Writing(self, expr)
        with refusing_depth(expr):
            text = ast.unparse(writing.visit(tree))
        left_out = [
            f"x[{i}]" for i, name in enumerate(self.variables, start=1) if name not in writing.names
        ]
        if left_out:
            raise ValueError(
                f"dimension={self.dimension} leaves expr={short(expr)} without "
                f"{', '.join(left_out[:3])}{', …' * (len(left_out) > 3)}; take another dimension"
            )
        for name in self.lists.keys() - writing.names:
            raise ValueError(f"parameters.{name}: there is no {name}[i] in {short(expr)}")
        if len(text) > LONGEST_EXPRESSION:
            raise self.too_long(expr)
        return text

    def too_long(self, expr: str) -> ValueError:
        return ValueError(
            f"dimension={self.dimension} makes expr={short(expr)} longer than "
            f"{LONGEST_EXPRESSION} characters; take a smaller one, or fewer terms"
        )

    def points(self, minimisers: Any, f: Callable[[Array], Array]) -> Any:
        """The minimisers as points; those that are points already stay as they are.

        Of numbers, or formulas in i and d, for the i-th coordinate every combination is a
        minimiser; where there are too many, the lowest of those that take one for all coordinates.
        """
        if not isinstance(minimisers, Sequence) or isinstance(minimisers, str):
            return minimisers
        if any(isinstance(one, Sequence) and not isinstance(one, str) for one in minimisers):
            return minimisers
        entries = [
            [self.value("minimisers", entry, i) for i in range(1, self.dimension + 1)]
            for entry in minimisers
        ]
        choices = [list(dict.fromkeys(column)) for column in zip(*entries, strict=True)]
        if math.prod(map(len, choices)) <= MOST_COMBINED:
            return [list(point) for point in itertools.product(*choices)] if choices else []
        values = f(np.transpose(entries))
        return [entry for entry, at in zip(entries, values, strict=True) if at == values.min()]

    def domain(self, domain: Any) -> Any:
        """The domain with its last pair for all further coordinates."""
        pairs = isinstance(domain, Sequence) and domain and isinstance(domain[0], Sequence)
        if not pairs or len(domain) > self.dimension:
            return domain
        return [*domain, *[domain[-1]] * (self.dimension - len(domain))]

    def value(self, setting: str, given: object, i: int) -> float:
        """A number, or what a formula gives for one i.

        Raises ValueError, naming the setting, for what is neither.
        """
        if not isinstance(given, str):
            return float(finite(setting, given))
        try:
            node = ast.parse(given.strip(), mode="eval").body
            value = _number(node, {"i": i, "d": self.dimension})
        except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError):
            value = math.nan
        if not math.isfinite(value):
            raise ValueError(
                f"{setting}={shown(given)} is not a finite number for i={i}, d={self.dimension}; "
                "it can be made of i and d with numbers, + - * / ** and parentheses"
            )
        return value

    def _coefficients(self, name: str, given: Any) -> list[float]:
        setting = f"parameters.{name}"
        if isinstance(given, str):
            return [self.value(setting, given, i) for i in range(1, self.dimension + 1)]
        if len(given) != self.dimension:
            raise ValueError(
                f"{setting}={shown(list(given))} does not have as many numbers as "
                f"dimension={self.dimension} asks for"
            )
        return [float(finite(setting, number)) for number in given]


class _Writing(ast.NodeTransformer):
    """Puts names and numbers where a formula has indices and sums.

    names : those of the variables and lists that were met.
    """

    def __init__(self, indexed: Indexed, expr: str) -> None:
        self.indexed, self.expr = indexed, expr
        self.known = {"d": indexed.dimension}
        self.names: set[str] = set()
        self.n_terms = 0

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.known:
            return ast.Constant(self.known[node.id])
        if node.id == "i":
            raise self.refusal("i stands outside a sum")
        self.names.add(node.id)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        of, written = ast.unparse(node.value), ast.unparse(node)
        lists: dict[str, Sequence[str | float]] = {
            **self.indexed.lists,
            "x": self.indexed.variables,
        }
        if of not in lists:
            there = ", ".join(f"{name}[i]" for name in lists)
            raise self.refusal(f"there is no {written}; it can have {there}")
        place = self.whole(node.slice)
        if not 1 <= place <= self.indexed.dimension:
            raise self.refusal(f"{written} is number {place} of dimension={self.indexed.dimension}")
        found = lists[of][place - 1]
        self.names.add(found if isinstance(found, str) else of)
        return ast.Name(found) if isinstance(found, str) else ast.Constant(found)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(func=ast.Name(id="sum" | "prod" as name), args=[term], keywords=[]):
                return self.gathered(name, term, range(1, self.indexed.dimension + 1))
            case ast.Call(func=ast.Name(id="sum" | "prod" as name), args=[term, first, last]):
                return self.gathered(name, term, range(self.whole(first), self.whole(last) + 1))
            case ast.Call(func=ast.Name(id="sum" | "prod" as name)):
                raise self.refusal(f"{name} takes a term, and perhaps the first and the last i")
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def gathered(self, name: str, term: ast.expr, places: range) -> ast.expr:
        """The terms for these i, in halves of halves: a long chain would be nested too deeply."""
        between, nothing = GATHERED[name]
        self.n_terms += max(places.stop - places.start, 0)
        if self.n_terms > LONGEST_EXPRESSION:  # said before they are made
            raise self.indexed.too_long(self.expr)
        outside = self.known
        terms: list[ast.expr] = []
        for i in places:
            self.known = outside | {"i": i}
            terms.append(self.visit(deepcopy(term)))
        self.known = outside

        def joined(terms: list[ast.expr]) -> ast.expr:
            if len(terms) == 1:
                return terms[0]
            half = len(terms) // 2
            return ast.BinOp(joined(terms[:half]), between, joined(terms[half:]))

        return joined(terms) if terms else ast.Constant(nothing)

    def whole(self, node: ast.expr) -> int:
        try:
            value = _number(node, self.known)
        except (ValueError, TypeError, ArithmeticError):
            value = math.nan
        if not value.is_integer():
            raise self.refusal(f"{ast.unparse(node)} is not a whole number made of i and d")
        return int(value)

    def refusal(self, reason: str) -> ValueError:
        return ValueError(f"expr={short(self.expr)}: {reason}")


def _number(node: ast.expr, known: Mapping[str, float]) -> float:
    """Compute what is made of numbers and known names; in floating point, which soon overflows.

    Raises ValueError for anything else.
    """
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name) if name in known:
            return float(known[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand, known)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return float(OPERATORS[type(op)](_number(left, known), _number(right, known)))
    raise ValueError(f"{ast.unparse(node)} is not a number")
