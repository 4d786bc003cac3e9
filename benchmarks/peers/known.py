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

COMMAND = "command"
"""The key of gdlab's command line, which is on the cost curve alone."""
COMMAND_NAME = "gdlab, command line to disk"


def name_of(key: str) -> str:
    return COMMAND_NAME if key == COMMAND else PEERS[key].name


def is_gdlab(key: str) -> bool:
    """Whether this is a way of gdlab's own."""
    return key == COMMAND or PEERS[key].module == "gdlab_core"
