"""JAX on the CPU in float64: `jit(vmap(while_loop))`, one lane's descent written as a loop.

XLA turns the mapped loop into one loop over the whole batch that goes on until the last lane has
stopped, with a select for those that have.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from benchmarks.peers import CONVERGED, DIVERGED, MAX_ITER, Answer, Lanes, Run, Solve
from benchmarks.problems import Problem


def prepare(problem: Problem) -> Solve:
    """Start JAX; each number of lanes is compiled for itself."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")

    def descend(alpha: Any, start: Any) -> Any:
        def going(state: Any) -> Any:
            k, status, _ = state
            return (status == MAX_ITER) & (k < problem.max_iter)

        def advance(state: Any) -> Any:
            k, _, x = state
            slopes = problem.gradient(*x)
            new = tuple(x_i - alpha * slope for x_i, slope in zip(x, slopes, strict=True))
            parts = [new_i - x_i for new_i, x_i in zip(new, x, strict=True)]
            square = reduce(jnp.add, [part * part for part in parts])
            step = jnp.abs(parts[0]) if len(parts) == 1 else jnp.sqrt(square)
            inside = reduce(jnp.logical_and, [jnp.abs(new_i) <= problem.escape for new_i in new])
            status = jnp.where(inside, jnp.where(step < problem.tol, CONVERGED, MAX_ITER), DIVERGED)
            return k + 1, status.astype(jnp.int8), new

        return jax.lax.while_loop(going, advance, (jnp.int32(0), jnp.int8(MAX_ITER), start))

    def solve(lanes: Lanes) -> Run:
        on_device = jnp.asarray(lanes.alpha), tuple(jnp.asarray(x_i) for x_i in lanes.x0)
        compiled = jax.jit(jax.vmap(descend)).lower(*on_device).compile()

        def run() -> Answer:
            steps, status, x = jax.block_until_ready(compiled(*on_device))
            return Answer(np.asarray(steps), np.asarray(status), np.stack(x))

        return run

    return solve
