"""What computes: the NumPy core, or the same compiled by Numba."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from tempfile import TemporaryFile

import numpy as np

from gdlab.core.criteria import Criterion
from gdlab.core.descent import descend
from gdlab.core.orbits import Advance, Stretch
from gdlab.core.problem import Problem, Verdicts
from gdlab.files import cache_folder
from gdlab.methods import Method
from gdlab.objectives.base import Objective

_log = logging.getLogger(__name__)

ENGINES = ("auto", "numpy", "numba")
STRETCHES, STRETCH, STEPS = 64, 128, 1000
"""Lanes that are descended to know how long all will take: stretches of so many, that random starts
need not all be drawn for; and how far at most."""
SLOWEST = 50e-9
"""Seconds that a step of one lane and coordinate takes with NumPy at the most: 3 to 12 ns
are usual.

This and what follows were measured on an AMD EPYC at 2.4 GHz, two shared cores, on 2026-11-24.
"""
COMPILING, LOADING = 3.2, 0.7
"""Seconds until a kernel can be run, Numba's import included: a new one, and one that is kept."""
FASTER = 8
"""How many times as fast as NumPy in one process the compiled core is, on two threads, at least:
9.4 and 15 were measured."""
WORTHWHILE = 1.5
"""How many times the time that they save others must save before an extra is spoken of."""

Descend = Callable[..., Verdicts]
"""`gdlab.core.descent.descend`, or what takes its place."""


@dataclass(frozen=True)
class Choice:
    """The engine that was taken, "numpy" or "numba".

    remark : what whoever waits for the run should know of it, or nothing.
    """

    engine: str
    remark: str = ""


def require(
    engine: str, objective: Objective, method: Method, criterion: Criterion, dimension: int
) -> None:
    """Raise ValueError if there is no such engine, or it cannot compute this here."""
    if engine not in ENGINES:
        raise ValueError(f"engine={engine!r} is not known; choose one of {', '.join(ENGINES)}")
    if engine == "numba":
        from gdlab.core.compiled.kernels import kernel

        if not _is_installed():
            raise ValueError("engine=numba needs an extra: pip install 'gdlab[fast]'")
        kernel(objective, method, criterion, dimension)


def chosen(problem: Problem) -> Choice:
    """Take the compiled core where it gives the bits of NumPy and saves more than it costs.

    What it gives for a sample of the lanes is held against what NumPy gives for them.
    """
    choice = _choice(problem)
    _log.info("engine=auto takes %s%s", choice.engine, choice.remark and f": {choice.remark}")
    return choice


def _choice(problem: Problem) -> Choice:
    from gdlab.core.compiled.formulas import NotCompiledError
    from gdlab.core.compiled.kernels import kept_at, kernel

    most = SLOWEST * problem.n_lanes * problem.max_iter * problem.dimension
    if most < LOADING:
        return Choice("numpy")
    try:
        made = kernel(problem.objective, problem.method, problem.criterion, problem.dimension)
    except NotCompiledError:
        return Choice("numpy")
    if not made.exact:
        return Choice("numpy")
    sample = _Sample(problem)
    cost = LOADING if kept_at(made.text).exists() else COMPILING
    _log.debug(
        "NumPy would take about %.2f s, the compiled core begin after %.1f s", sample.seconds, cost
    )
    if not _is_installed():
        factor = sample.seconds / (sample.seconds / FASTER + COMPILING)
        remark = f"the compiled core would descend about {factor:.0f} times as fast here: "
        spoken_of = factor > WORTHWHILE and sample.seconds > WORTHWHILE * COMPILING
        return Choice("numpy", f"{remark}pip install 'gdlab[fast]'" if spoken_of else "")
    if sample.seconds < cost:
        return Choice("numpy")
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        compiled = "engine=numba compiles for this run alone"
        unkept = f"{folder} cannot be written ({error.strerror}), so NumPy computes"
        return Choice("numpy", f"{unkept} ({compiled})")
    try:
        alike = sample.is_alike(descend_of("numba"))
    except Exception as error:  # whatever a Numba does that does not fit what is installed here
        reason = (str(error).strip() or type(error).__name__).partition("\n")[0]
        return Choice("numpy", f"Numba does not work here ({reason}), so NumPy computes")
    if not alike:
        remark = "the compiled core does not give the same bits here, so NumPy computes"
        return Choice("numpy", remark)
    return Choice("numba")


class _Sample:
    """Some lanes of a problem, descended with NumPy.

    seconds : that all lanes would take in one process; fewer than that where lanes go on for more
    than `STEPS` steps.
    """

    def __init__(self, problem: Problem) -> None:
        firsts = np.linspace(0, max(problem.n_lanes - STRETCH, 0), STRETCHES).astype(np.int64)
        lanes = np.unique(firsts[:, None] + np.arange(STRETCH))
        self.lanes = lanes[lanes < problem.n_lanes]
        self.problem = replace(problem, max_iter=min(problem.max_iter, STEPS))
        began = time.perf_counter()
        self.verdicts = descend(self.problem, self.lanes)
        self.seconds = (time.perf_counter() - began) / self.lanes.size * problem.n_lanes

    def is_alike(self, compute: Descend) -> bool:
        """Whether another engine gives the same bits for all of it."""
        ours, theirs = self.verdicts, compute(self.problem, self.lanes)
        same = (ours.x.view(np.int64) == theirs.x.view(np.int64)) | np.isnan(ours.x + theirs.x)
        return bool(
            same.all()
            and np.array_equal(np.isnan(ours.x), np.isnan(theirs.x))
            and np.array_equal(ours.status, theirs.status)
            and np.array_equal(ours.steps, theirs.steps)
            and np.array_equal(ours.period, theirs.period)
        )


def seconds_with_numpy(problem: Problem) -> float:
    """How long all lanes take in one process, as a sample of them says."""
    return _Sample(problem).seconds


def rounds_as_numpy(
    engine: str, objective: Objective, method: Method, criterion: Criterion, dimension: int
) -> bool:
    """Whether an engine gives the bits that the NumPy core gives."""
    if engine != "numba":
        return True
    from gdlab.core.compiled.kernels import kernel

    return kernel(objective, method, criterion, dimension).exact


def advance_of(engine: str, problem: Problem, stretch: Stretch) -> Advance | None:
    """What takes the steps of orbits; None for NumPy, which takes them where that is quicker.

    Raises ValueError where the engine is "numba" and cannot.
    """
    steps = stretch.burn_in + stretch.length
    seconds = SLOWEST / 8 * problem.n_lanes * steps * problem.dimension
    if engine == "numpy" or (engine == "auto" and (not _is_installed() or seconds < COMPILING)):
        return None
    from gdlab.core.compiled.formulas import NotCompiledError
    from gdlab.core.compiled.orbits import advance_of as compiled

    try:
        return compiled(problem.objective, problem.dimension)
    except NotCompiledError:
        if engine == "numba":
            raise
        return None


def descend_of(engine: str) -> Descend:
    """The core of "numpy" or of "numba"."""
    if engine == "numba":
        from gdlab.core.compiled.descent import descend as compiled

        return compiled
    return descend


def _is_installed() -> bool:
    return find_spec("numba") is not None
