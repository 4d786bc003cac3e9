"""The ways to descend many lanes that are held against each other.

A peer is a module with a function `prepare(problem) -> Solve`; what it needs to import or to
compile is imported and compiled there, so that a peer whose library is absent is absent alone.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.problems import Array, Problem
from gdlab.core.problem import Status

CONVERGED, CYCLING, MAX_ITER, DIVERGED = (int(status) for status in Status)


class Answer(NamedTuple):
    """What became of the lanes.

    steps : (n,). status : (n,), gdlab's codes. x : (d, n), the last iterate. period : (n,), 0
    unless cycling; None from a peer that knows no cycles.
    """

    steps: NDArray[np.int32]
    status: NDArray[np.int8]
    x: Array
    period: NDArray[np.int16] | None = None

    @classmethod
    def blank(cls, x0: Array, max_iter: int) -> Answer:
        """All lanes at `max_iter`: what is left once the others have been written down."""
        n = x0.shape[1]
        return cls(np.full(n, max_iter, np.int32), np.full(n, MAX_ITER, np.int8), np.empty_like(x0))


class Lanes(NamedTuple):
    """The chosen lanes, α (n,) and x0 (d, n), and the grid they are from."""

    alpha: Array
    x0: Array
    grid: tuple[Array, Array]


Run = Callable[[], Answer]
Solve = Callable[[Lanes], Run]
"""Make ready for these lanes; what comes back is what is timed."""


class AbsentError(Exception):
    """Why a peer cannot be had here."""


@dataclass(frozen=True)
class Peer:
    """A way to descend.

    module : where its `prepare` is. option : what tells apart several ways of one module.
    needs : libraries without which it is absent. cycles : whether it tells a cycle from a lane that
    is merely slow. whole : whether it takes grids alone, never a choice of lanes. contracts :
    whether its compiler fuses a product and a sum into one rounding, so that the last bits may
    differ. within : how far its last iterate may be from gdlab's, of one that stops by a rule of
    its own, whose steps are not asked for then. like : the key of gdlab's way that takes the same
    steps, with which it must agree, and than which it is said to be slower. compared, most : as
    many lanes as it is given in a comparison and on the cost curve.
    """

    key: str
    name: str
    module: str
    option: str = ""
    needs: tuple[str, ...] = ()
    cycles: bool = False
    whole: bool = False
    contracts: bool = False
    within: float | None = None
    like: str = "core"
    compared: int = sys.maxsize
    most: int = 1_000_000

    def prepare(self, problem: Problem) -> Solve:
        """Import and compile; raise AbsentError where that cannot be done."""
        for library in self.needs:
            if importlib.util.find_spec(library) is None:
                raise AbsentError(f"{library} is not installed (the extra `bench` has it)")
        module = importlib.import_module(f"benchmarks.peers.{self.module}")
        solve: Solve = (
            module.prepare(problem, self.option) if self.option else module.prepare(problem)
        )
        return solve
