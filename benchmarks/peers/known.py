"""All peers by their keys, in the order in which they are shown."""

from __future__ import annotations

from benchmarks.peers import Peer

PEERS = {
    peer.key: peer
    for peer in (
        Peer("loop", "plain Python loop", "loop", compared=20_000, most=100_000),
        Peer("masked", "NumPy, masked whole grid", "masked"),
        Peer("compacting", "NumPy, compacting whole arrays", "compacting"),
        Peer("scipy", "SciPy elementwise framework", "elementwise", needs=("scipy",)),
        Peer("jax", "JAX jit(vmap(while_loop))", "jax_vmap", needs=("jax",), contracts=True),
        Peer("numba", "Numba prange, scalar loops", "numba_prange", needs=("numba",)),
        Peer(
            "core",
            "gdlab, one process",
            "gdlab_core",
            option="one process",
            cycles=True,
            whole=True,
            most=10_000_000,
        ),
        Peer(
            "core-4tol",
            "gdlab, one process, 4 tolerances",
            "gdlab_core",
            option="four tolerances",
            cycles=True,
            whole=True,
        ),
        Peer(
            "core-all",
            "gdlab, all processes",
            "gdlab_core",
            option="all processes",
            cycles=True,
            whole=True,
            most=10_000_000,
        ),
        Peer(
            "compiled-1",
            "gdlab compiled, one thread",
            "gdlab_core",
            option="compiled, one thread",
            cycles=True,
            whole=True,
        ),
        Peer(
            "compiled",
            "gdlab compiled, all threads",
            "gdlab_core",
            option="compiled, all threads",
            cycles=True,
            whole=True,
            most=10_000_000,
        ),
        Peer(
            "compiled-4tol",
            "gdlab compiled, 4 tolerances",
            "gdlab_core",
            option="compiled, four tolerances",
            cycles=True,
            whole=True,
        ),
        Peer("c", "C, OpenMP, vectors", "c_limit", cycles=True, most=10_000_000),
    )
}

OWN = {
    "momentum": "momentum",
    "nesterov": "Nesterov",
    "schedule": "schedule",
    "newton": "Newton",
    "adam": "Adam",
}
"""Methods of gdlab by the keys of their first way; `schedule` is Nesterov's with its own β."""
METHODS = {
    peer.key: peer
    for peer in (
        *(
            Peer(
                key + suffix,
                f"{method}{comma} {way}",
                "gdlab_core",
                option=f"{way}; {method}",
                cycles=True,
                whole=True,
                like=key,
            )
            for key, method in OWN.items()
            for suffix, comma, way in (
                ("", ",", "one process"),
                ("-1", "", "compiled, one thread"),
                ("-all", "", "compiled, all threads"),
            )
        ),
        Peer(
            "armijo",
            "Armijo, one process",
            "gdlab_core",
            option="one process; Armijo",
            cycles=True,
            whole=True,
            like="armijo",
        ),
        Peer(
            "armijo-asked",
            "Armijo's evaluations alone",
            "evaluations",
            option="one process; Armijo",
            cycles=True,
            whole=True,
            like="armijo",
        ),
        Peer(
            "optax-momentum",
            "optax.sgd, momentum, jit(vmap)",
            "optax_vmap",
            option="momentum",
            needs=("jax", "optax"),
            contracts=True,
            like="momentum",
        ),
        Peer(
            "optax-adam",
            "optax.adam, jit(vmap)",
            "optax_vmap",
            option="adam",
            needs=("jax", "optax"),
            contracts=True,
            like="adam",
        ),
        Peer(
            "optimistix-newton",
            "optimistix.Newton, jit(vmap)",
            "optimistix_newton",
            needs=("jax", "optimistix"),
            contracts=True,
            within=1e-6,
            like="newton",
        ),
        Peer(
            "scipy-newton",
            "scipy.optimize.newton",
            "scipy_newton",
            needs=("scipy",),
            within=1e-6,
            like="newton",
        ),
    )
}
"""Ways to take other steps than gradient descent's."""


def known() -> dict[str, Peer]:
    """Each and every peer."""
    return PEERS | METHODS


COMMAND = "command"
"""The key of gdlab's command line, which is on the cost curve alone."""
COMMAND_NAME = "gdlab, command line to disk"


def name_of(key: str) -> str:
    return COMMAND_NAME if key == COMMAND else known()[key].name


def is_gdlab(key: str) -> bool:
    """Whether this is a way of gdlab's own."""
    return key == COMMAND or known()[key].module == "gdlab_core"
