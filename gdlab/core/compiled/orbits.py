"""Steps of orbits in machine code: the same as `gdlab.core.orbits.advanced`, bit by bit."""

from __future__ import annotations

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
    types.void(numbers, table, table, types.boolean[::1], types.float64[:, :, ::1], types.int64,
               types.float64, types.boolean),
    error_model="numpy", _nrt=False, cache=CACHE, nogil=True,
)
def run(alpha, x, tangent, inside, trail, steps, escape, turning):
    for first in range(0, alpha.size, 128):
        last = min(first + 128, alpha.size)
        for k in range(steps):
            if turning:
                for j in range(first, last):
                    {turn}
            for j in range(first, last):
                {step}
'''


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

    def advance(block: Block, steps: int, tangent: bool) -> None:
        run(
            *(block.alpha, block.x, block.tangent, block.inside, block.trail),
            *(steps, block.problem.escape, tangent),
        )

    return advance


def _text(written: Text, dimension: int) -> str:
    """The text of the kernel."""
    x, y, g, v = (numbered(letter, dimension) for letter in "xygv")
    h = numbered("h", dimension**2)
    along = range(dimension)
    load = [f"{x_i} = x[{i}, j]" for i, x_i in enumerate(x)]
    turn = [
        *load,
        *(f"{v_i} = tangent[{i}, j]" for i, v_i in enumerate(v)),
        *written.assigned(h, "hessian", x),
        *(f"tangent[{i}, j] = {_turned(i, dimension)}" for i in along),
    ]
    step = [
        *load,
        *written.assigned(g, "gradient", x),
        *(f"{y[i]} = {x[i]} - alpha[j] * {g[i]}" for i in along),
        *(f"x[{i}, j] = {y[i]}" for i in along),
        *(f"trail[k, {i}, j] = {y[i]}" for i in along),
        f"inside[j] &= {' & '.join(f'(abs({y_i}) <= escape)' for y_i in y)}",
    ]
    indented = ("\n" + 20 * " ").join(turn), ("\n" + 16 * " ").join(step)
    return MODULE.format(turn=indented[0], step=indented[1])


def _turned(i: int, dimension: int) -> str:
    if dimension == 1:
        return "v0 * (1.0 - h0 * alpha[j])"
    products = " + ".join(f"h{i * dimension + j} * v{j}" for j in range(dimension))
    return f"v{i} - ({products}) * alpha[j]"
