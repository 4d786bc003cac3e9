"""The text of a kernel: the module `loop` with the step of one formula, method and criterion.

In the text x0, x1, … are a lane's point and y0, y1, … the next one, g0, g1, … the gradient, m0, m1,
… what the method remembers.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gdlab.core.compiled import loop
from gdlab.core.compiled.formulas import NotCompiledError, statements
from gdlab.core.criteria import Criterion, Distance, Gap, Gradient, Step
from gdlab.files import cache_folder
from gdlab.methods import Method, evaluations_a_step
from gdlab.objectives.base import Array, Objective
from gdlab.objectives.formula import Formula

MODULE = """

# What follows is made by gdlab for one formula, and all of it compiled by Numba.

DIMENSION, N_ROWS = {dimension}, {n_rows}
ALPHA, THRESHOLD, MEASURE = DIMENSION, DIMENSION + 1, DIMENSION + 2

from math import acos, asin, atan, atan2, cos, cosh, exp, expm1, inf, log, log1p, log2
from math import log10, nan, sin, sinh, sqrt, tan, tanh

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic


@intrinsic
def lowest_bit(_context, word):
    def code(_context, builder, _signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), code


# Only `run` is called from Python; to make the others callable too would take a fifth of the time.
options = {{"error_model": "numpy", "_nrt": False}}
inner = {{**options, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}}


@njit(**inner)
def start(state, j):
    {start}


@njit(**inner, forceinline=True)
def advance(state, bits, escape, known):
    hits = 0
    {advance}
    return hits


integers, numbers, table = types.int64[::1], types.float64[::1], types.float64[:, ::1]
compiled = njit(**inner)
comes_back, period_of, watch = compiled(comes_back), compiled(period_of), compiled(watch)
inlined = njit(**inner, forceinline=True)
judge, fill = inlined(judge), inlined(fill)
run = njit(
    types.boolean(
        numbers, table, types.boolean[::1], types.int64,
        numbers, types.int64, types.float64, numbers, integers,
        numbers, numbers, types.int64[:, ::1], integers, table, types.int64, types.boolean,
        types.int8[:, ::1], types.int32[:, ::1], types.int16[:, ::1], types.float64[:, :, ::1],
    ),
    **options, cache=CACHE, nogil=True,
)(run)
"""


ASKING = re.compile(r"(?P<name>\w+) = (?P<what>gradient|hessian)\((?P<point>.*)\)")
"""A statement of a method that asks the objective."""


@dataclass(frozen=True)
class Kernel:
    """A kernel before it is compiled.

    text : of a Python module with the function `run`, see `gdlab.core.compiled.loop.run`.
    n_rows : of a block's state.
    known : what the criterion knows of the minima, as the kernel takes it.
    exact : whether every operation is one that IEEE 754 rounds to the last bit.
    """

    text: str
    n_rows: int
    known: Array
    exact: bool


def kept_at(text: str) -> Path:
    """Where the text of a kernel is kept, and beside it its machine code; also names its module."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return cache_folder() / f"gdlab_kernel_{digest[:16]}.py"


def kernel(objective: Objective, method: Method, criterion: Criterion, dimension: int) -> Kernel:
    """Write the kernel.

    Raises NotCompiledError for what is Python code without a compiled form.
    """
    text = Text(objective)
    lane = _Lane(dimension, method.memory(dimension))
    x, y, g, m = lane.x, lane.y, lane.g, lane.m
    loads = [*_load(x, 0), f"alpha = {_at(lane.alpha)}", *_load(m, lane.memory)]
    step = text.of(method, dimension)
    stores = [*_store(y, 0), *_store(m, lane.memory)]
    start, n_rows, known = ["pass"], lane.gradient, np.empty(0)
    advance: list[str] = []
    if isinstance(criterion, Gradient):  # the one at x has been computed one step before
        slope, kept = text.assigned(g, "gradient", y), _store(g, lane.gradient)
        start, n_rows = [*_load(y, 0), *slope, *kept], n_rows + dimension
        step = [*loads, *_load(g, lane.gradient), *step, *stores, *slope, *kept]
    else:
        step = [*loads, *text.assigned(g, "gradient", x), *step, *stores]
    match criterion:
        case Step():
            step += _norm([f"{y_i} - {x_i}" for x_i, y_i in zip(x, y, strict=True)])
        case Gradient():
            step += _norm(g)
        case Gap(minimum=minimum):
            known, advance = np.array([minimum]), ["minimum = known[0]"]
            step += [*text.assigned(["f"], "value", y), "measure = f - minimum"]
        case Distance(minimisers=minimisers):
            known = minimisers.ravel()
            advance = [*_columns([*step, f"{_at(lane.measure)} = inf"]), *_distances(lane)]
            step = [*_load(y, 0), f"measure = {_at(lane.measure)}"]
        case _:
            raise NotCompiledError(f"has no compiled form of the criterion {criterion}")
    inside = " & ".join(f"(abs({y_i}) <= escape)" for y_i in y)
    step += [
        f"measure = measure if {inside} else -inf",
        f"{_at(lane.measure)} = measure",
        f"hits |= bits[j] if measure < {_at(lane.threshold)} else 0",
    ]
    advance += _columns(step)
    module = inspect.getsource(loop) + MODULE.format(
        dimension=dimension, n_rows=n_rows, start=_indented(start), advance=_indented(advance)
    )
    return Kernel(module, n_rows, known, text.exact)


class _Lane:
    """Names of a lane's numbers in the text, and the rows of a block's state."""

    def __init__(self, dimension: int, n_memory: int) -> None:
        self.x, self.y, self.g = (numbered(letter, dimension) for letter in "xyg")
        self.m = numbered("m", n_memory)
        self.alpha, self.threshold, self.measure = (dimension + i for i in range(3))
        self.memory = dimension + 3
        self.gradient = self.memory + n_memory


class Text:
    """What a formula and a method become; `exact` as of `Kernel`, for all that was made so far."""

    def __init__(self, objective: Objective) -> None:
        if type(objective) is not Formula:
            name = getattr(objective, "name", None) or type(objective).__name__
            raise NotCompiledError(f"compiles formulas, and {name} is Python code")
        self.formula = objective
        self.exact: bool = True

    def assigned(self, names: Sequence[str], what: str, point: Sequence[str]) -> list[str]:
        """Assign the "value", "gradient" or "hessian" at a point to these names."""
        found = statements(self.formula.source(what), point, "_")
        self.exact = self.exact and found.exact
        results = zip(names, found.results, strict=True)
        return [*found.assignments, *(f"{name} = {result}" for name, result in results)]

    def of(self, method: Method, dimension: int) -> list[str]:
        """The statements of a method, with what they ask for written out."""
        write = getattr(method, "statements", None)
        if write is None:
            raise NotCompiledError(f"has no compiled form of the method {type(method).__name__}")
        try:
            given = write(self.formula, dimension)
        except ValueError as error:
            raise NotCompiledError(str(error)) from error
        if evaluations_a_step(method, self.formula) is None:
            raise NotCompiledError(f"does not count what {type(method).__name__} asks for")
        lines: list[str] = []
        for line in given:
            asked = ASKING.fullmatch(line)
            if asked is None:
                lines.append(line)
                continue
            name, what, point = asked["name"], asked["what"], asked["point"].split(", ")
            names = numbered(name, dimension if what == "gradient" else dimension**2)
            lines += self.assigned(names, what, point)
        return lines


def numbered(letter: str, n: int) -> list[str]:
    return [f"{letter}{i}" for i in range(n)]


def _norm(coordinates: Sequence[str]) -> list[str]:
    """The measure is the square of the norm; see `thresholds`."""
    if len(coordinates) == 1:
        return [f"measure = abs({coordinates[0]})"]
    parts = [f"n{i} = {coordinate}" for i, coordinate in enumerate(coordinates)]
    total = " + ".join(f"n{i} * n{i}" for i in range(len(coordinates)))
    return [*parts, f"measure = {total}"]


def _distances(lane: _Lane) -> list[str]:
    """Let the measure be the least of the distances to the minimisers, one after another."""
    d = len(lane.x)
    to = [f"c{i}" for i in range(d)]
    nearer = [
        *_load(lane.y, 0),
        *_norm([f"{y_i} - {c_i}" for y_i, c_i in zip(lane.y, to, strict=True)]),
        f"least = {_at(lane.measure)}",
        f"{_at(lane.measure)} = measure if measure < least else least",
    ]
    return [
        f"for i in range(0, known.size, {d}):",
        *(f"    {c_i} = known[i + {i}]" for i, c_i in enumerate(to)),
        *(f"    {line}" for line in _columns(nearer)),
    ]


def _at(row: int) -> str:
    return f"state[{row} * WIDTH + j]"


def _load(names: Sequence[str], row: int) -> list[str]:
    return [f"{name} = {_at(row + i)}" for i, name in enumerate(names)]


def _store(names: Sequence[str], row: int) -> list[str]:
    return [f"{_at(row + i)} = {name}" for i, name in enumerate(names)]


def _columns(lines: Sequence[str]) -> list[str]:
    return ["for j in range(WIDTH):", *(f"    {line}" for line in lines)]


def _indented(lines: Sequence[str]) -> str:
    return "\n    ".join(lines)
