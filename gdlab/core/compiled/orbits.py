"""Steps of orbits in machine code: the same as `gdlab.core.orbits.advanced`, bit by bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gdlab.core.compiled.building import built
from gdlab.core.compiled.formulas import NotCompiledError
from gdlab.core.compiled.kernels import Text, numbered
from gdlab.core.orbits import Advance, Block
from gdlab.objectives.base import Objective

MODULE = '''"""Steps of gradient descent for one formula, with tangent vectors; made by gdlab."""

from math import acos, asin, atan, cos, cosh, exp, expm1, inf, log, log1p, log2, log10
from math import nan, sin, sinh, sqrt, tan, tanh

from numba import njit, types

numbers, table = types.float64[::1], types.float64[:, ::1]


@njit(
    types.void(numbers, table, table, numbers, types.float64[:, :, ::1], types.int64,
               types.boolean, types.boolean, numbers),
    error_model="numpy", _nrt=False, cache=CACHE, nogil=True,
)
def run(alpha, x, tangent, far, trail, steps, turning, trailing, state):
    for first in range(0, alpha.size, WIDTH):
        n = min(WIDTH, alpha.size - first)
        for j in range(n):
            {load}
        for k in range(steps):
            if turning:
                for j in range(WIDTH):
                    {turn}
            else:
                for j in range(WIDTH):
                    {step}
            if trailing:
                for i in range({dimension}):
                    for j in range(n):
                        trail[k, i, first + j] = state[i * WIDTH + j]
        for j in range(n):
            {store}
'''
WIDTH = 64
"""Lanes abreast, which have their numbers beside each other: so the compiler sees that no row lies
over another, and makes vector instructions of every step."""


def advance_of(objective: Objective, dimension: int) -> Advance:
    """Give what takes steps with a block.

    Raises NotCompiledError for what is Python code without a compiled form, or would be rounded
    otherwise than by NumPy.
    """
    written = Text(objective)
    text = _text(written, dimension)
    if not written.exact:
        raise NotCompiledError("rounds these second derivatives otherwise than NumPy")
    run = built(text)

    def advance(block: Block, steps: int, tangent: bool, trail: bool) -> None:
        run(
            *(block.alpha, block.x, block.tangent, block.far, block.trail),
            *(steps, tangent, trail, np.zeros((2 * dimension + 2) * WIDTH)),
        )

    return advance


def _text(written: Text, dimension: int) -> str:
    """The text of the kernel."""
    x, y, g, v = (numbered(letter, dimension) for letter in "xygv")
    h = numbered("h", dimension**2)
    along = range(dimension)
    names = [*x, *v, "far", "alpha"]
    state = {name: f"state[{i * WIDTH} + j]" for i, name in enumerate(names)}
    arrays = [
        *(f"x[{i}, first + j]" for i in along),
        *(f"tangent[{i}, first + j]" for i in along),
        "far[first + j]",
        "alpha[first + j]",
    ]
    step = [
        *(f"{name} = {state[name]}" for name in x),
        f"a = {state['alpha']}",
        f"most = {state['far']}",
        *written.assigned(g, "gradient", x),
        *(f"{y[i]} = {x[i]} - a * {g[i]}" for i in along),
        *(f"{state[x[i]]} = {y[i]}" for i in along),
        # NaN stays.
        *(f"most = most if (abs({y_i}) <= most) | (most != most) else abs({y_i})" for y_i in y),
        f"{state['far']} = most",
    ]
    turn = [
        *step[: dimension + 1],
        *(f"{name} = {state[name]}" for name in v),
        *written.assigned(h, "hessian", x),
        *(f"{state[v[i]]} = {_turned(i, dimension)}" for i in along),
        *step,
    ]
    return MODULE.format(
        load=_lines(
            [f"{own} = {array}" for own, array in zip(state.values(), arrays, strict=True)], 3
        ),
        turn=_lines(turn, 5),
        step=_lines(step, 5),
        store=_lines(
            [f"{array} = {own}" for own, array in zip(state.values(), arrays[:-1], strict=False)], 3
        ),
        dimension=dimension,
    ).replace("WIDTH", str(WIDTH))


def _lines(statements: Sequence[str], depth: int) -> str:
    return ("\n" + 4 * depth * " ").join(statements)


def _turned(i: int, dimension: int) -> str:
    if dimension == 1:
        return "v0 * (1.0 - h0 * a)"
    products = " + ".join(f"h{i * dimension + j} * v{j}" for j in range(dimension))
    return f"v{i} - ({products}) * a"
