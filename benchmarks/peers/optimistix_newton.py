"""optimistix's Newton on the gradient, under `jit(vmap)` on the CPU in float64; α = 1."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import CONVERGED, MAX_ITER, Answer, Lanes, Run, Solve
from benchmarks.problems import Problem


def prepare(problem: Problem) -> Solve:
    """Start JAX; each number of lanes is compiled for itself."""
    import jax
    import jax.numpy as jnp
    import optimistix

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    newton = optimistix.Newton(rtol=0.0, atol=problem.tol)

    def descend(start: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        found = optimistix.root_find(
            lambda x, _: jnp.stack(problem.gradient(*x)),
            newton,
            start,
            max_steps=problem.max_iter,
            throw=False,
        )
        good = found.result == optimistix.RESULTS.successful
        status = jnp.where(good, CONVERGED, MAX_ITER).astype(jnp.int8)
        return found.stats["num_steps"].astype(jnp.int32), status, found.value

    def solve(lanes: Lanes) -> Run:
        on_device = jnp.asarray(lanes.x0.T)
        compiled = jax.jit(jax.vmap(descend)).lower(on_device).compile()

        def run() -> Answer:
            steps, status, x = jax.block_until_ready(compiled(on_device))
            return Answer(np.asarray(steps), np.asarray(status), np.asarray(x).T)

        return run

    return solve
