"""optax's update rules on the CPU in float64, each lane's descent a loop under `jit(vmap)`.

optax has the rule alone, so that the loop around it, which stops a lane as gdlab does, is ours. Its
Nesterov is another form of the method, with other iterates, and is not compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers import CONVERGED, DIVERGED, MAX_ITER, Answer, Lanes, Run, Solve
from benchmarks.problems import Problem


def prepare(problem: Problem, option: str) -> Solve:
    """Start JAX; each number of lanes is compiled for itself."""
    import jax
    import jax.numpy as jnp
    import optax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")

    def rule(alpha: Any) -> Any:
        return optax.sgd(alpha, momentum=0.9) if option == "momentum" else optax.adam(alpha)

    def descend(alpha: Any, start: Any) -> Any:
        own = rule(alpha)

        def going(state: Any) -> Any:
            k, status, _, _ = state
            return (status == MAX_ITER) & (k < problem.max_iter)

        def advance(state: Any) -> Any:
            k, _, x, memory = state
            updates, memory = own.update(jnp.stack(problem.gradient(*x)), memory, x)
            new = optax.apply_updates(x, updates)
            inside = (jnp.abs(new) <= problem.escape).all()
            met = jnp.linalg.norm(new - x) < problem.tol
            status = jnp.where(inside, jnp.where(met, CONVERGED, MAX_ITER), DIVERGED)
            return k + 1, status.astype(jnp.int8), new, memory

        first = jnp.int32(0), jnp.int8(MAX_ITER), start, own.init(start)
        return jax.lax.while_loop(going, advance, first)[:3]

    def solve(lanes: Lanes) -> Run:
        on_device = jnp.asarray(lanes.alpha), jnp.asarray(lanes.x0.T)
        compiled = jax.jit(jax.vmap(descend)).lower(*on_device).compile()

        def run() -> Answer:
            steps, status, x = jax.block_until_ready(compiled(*on_device))
            return Answer(np.asarray(steps), np.asarray(status), np.asarray(x).T)

        return run

    return solve
