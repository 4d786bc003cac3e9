"""Everything that decides a run's numbers, checked once, before anything is computed."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import psutil
from numpy.typing import NDArray

from gdlab.core import engines
from gdlab.core.criteria import criterion as criterion_of
from gdlab.core.orbits import Stretch, require_derivative
from gdlab.core.points import starts_of
from gdlab.core.problem import (
    DEFAULT_ESCAPE,
    DEFAULT_MAX_ITER,
    DEFAULT_TOL,
    LARGEST_MAX_ITER,
    Indices,
    Problem,
)
from gdlab.core.starts import Listed, Starts
from gdlab.core.stepsizes import StepSizes
from gdlab.core.trial import try_method, try_objective
from gdlab.core.visited import Bins
from gdlab.given import Numbers, count, positive, shown, single
from gdlab.methods import GradientDescent, Method
from gdlab.objectives.base import Array, Facts, Objective, values
from gdlab.objectives.domain import facts_of
from gdlab.theory import Prediction

MOST_ROWS = 1024
"""Rows of the histogram of a run: of more step sizes some share one."""
MOST_ASKED = 2**20
"""Starting points that are not in memory, of which it is kept where f is defined."""


class Experiment:
    """One objective, one method, and every step size from every starting point.

    Parameters
    ----------
    objective : f with its gradient, `f(x) -> (n,)` and `f.grad(x) -> (d, n)` for x of shape (d, n).
    alpha : step sizes, a number or (n_alpha,).
    x0 : starting points, a number, (n_x0,) for one variable, or (n_x0, d); or `Starts`, which need
        not be in memory, as those of `gdlab.grids.plane`.
    tol : tolerances, a number or (n_tol,), all measured in one descent.
    max_iter : iterations after which a lane is given up.
    criterion : what has to fall below the tolerance: "step", "gradient", "distance" or "gap".
    escape : largest coordinate beyond which a lane has diverged.
    pairs : whether each step size goes with the starting point of the same place, instead of with
        all of them; their numbers must be equal.
    method : how a step is taken; by default gradient descent.
    engine : what computes: "numpy"; "numba", compiled, for formulas and with the extra `fast`; or
        "auto", compiled where that gives the same bits and is worth compiling, else NumPy.
    orbit : how long lanes are followed besides, for periods and Lyapunov exponents, and in how
        many bins it is counted where they are.

    Attributes hold the checked values: `alpha` (n_alpha,), `starts` or, as an array, `x0`
    (n_x0, d), `tol` (n_tol,).

    Raises
    ------
    ValueError naming the setting, its value and what would be right.
    """

    def __init__(
        self,
        objective: Objective,
        alpha: Numbers,
        x0: Numbers | Starts,
        *,
        tol: Numbers = DEFAULT_TOL,
        max_iter: int = DEFAULT_MAX_ITER,
        criterion: str = "step",
        escape: float = DEFAULT_ESCAPE,
        method: Method | None = None,
        pairs: bool = False,
        engine: str = "auto",
        orbit: Stretch | None = None,
    ) -> None:
        self.objective = objective
        self.method: Method = GradientDescent() if method is None else method
        _require_parts("objective", objective, ("__call__", "grad"), "gdlab.Formula('x**2')")
        _require_parts("method", self.method, ("memory", "step"), "gdlab.GradientDescent()")
        self.alpha: Array = positive("alpha", alpha, "step size")
        self.tol: Array = positive("tol", tol, "tolerance")
        self.max_iter: int = count("max_iter", max_iter, largest=LARGEST_MAX_ITER)
        self.criterion = criterion
        self.escape: float = single("escape", escape, "largest coordinate")
        self.starts: Starts = starts_of(x0, objective, self.escape)
        if not isinstance(pairs, bool):
            raise ValueError(f"pairs={pairs!r} is neither true nor false")
        self.pairs = pairs
        if pairs and len(self.alpha) != len(self.starts):
            raise ValueError(
                f"pairs=true pairs each step size with one starting point, and there are "
                f"{len(self.alpha)} step sizes and {len(self.starts)} starting points; "
                "give as many of the one as of the other"
            )
        try_objective(objective, self.starts)
        try_method(self.method, objective, self.starts)
        made = criterion_of(criterion, objective, self.facts)
        engines.require(engine, objective, self.method, made, self.dimension)
        self.asked_engine = engine
        self.orbit = orbit
        if orbit is not None:
            require_derivative(objective, self.method)

    @property
    def dimension(self) -> int:
        return self.starts.dimension

    @property
    def n_lanes(self) -> int:
        return len(self.alpha) * (1 if self.pairs else len(self.starts))

    @property
    def n_rows(self) -> int:
        return self.n_lanes * len(self.tol)

    @cached_property
    def x0(self) -> Array:
        """All starting points as an array (n_x0, d)."""
        return np.asarray(self.starts)

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.objective, self.dimension)

    @cached_property
    def bins(self) -> Bins | None:
        """Where lanes are counted in a run: for at most `MOST_ROWS` groups of like step sizes."""
        if self.orbit is None:
            return None
        sizes = self.step_sizes
        group = np.arange(len(sizes)) * min(len(sizes), MOST_ROWS) // len(sizes)
        return self.bins_of(self.orbit, group[sizes.ranks_of(0, len(self.alpha))])

    def bins_of(self, stretch: Stretch, rows: Indices) -> Bins | None:
        """Where lanes are counted over a stretch, those of each step size (n_alpha,) in its row."""
        if not stretch.bins:
            return None
        low, high = stretch.domain or self.facts.domain[0]
        return Bins(float(low), float(high), stretch.bins, rows)

    @cached_property
    def step_sizes(self) -> StepSizes:
        """Its distinct step sizes, by rising value."""
        return StepSizes.of(self.alpha, 1 if self.pairs else len(self.starts))

    @cached_property
    def problem(self) -> Problem:
        """The experiment as the core takes it, tolerances from loose to tight."""
        return Problem(
            objective=self.objective,
            method=self.method,
            alpha=self.alpha,
            x0=self.starts,
            defined=self._defined(),
            tol=np.sort(self.tol)[::-1],
            max_iter=self.max_iter,
            criterion=criterion_of(self.criterion, self.objective, self.facts),
            escape=self.escape,
            pairs=self.pairs,
        )

    @cached_property
    def choice(self) -> engines.Choice:
        """The engine that computes; with "auto" a few lanes are descended to choose it."""
        return (
            engines.Choice(self.asked_engine)
            if self.asked_engine != "auto"
            else engines.chosen(self.problem)
        )

    @property
    def engine(self) -> str:
        """What computes, "numpy" or "numba"."""
        return self.choice.engine

    def _defined(self) -> NDArray[np.bool_] | None:
        """Where f is finite at x0 (n_x0,), found out once for all step sizes; None for too many."""
        if len(self.starts) > MOST_ASKED and not isinstance(self.starts, Listed):
            return None
        tiles = self.starts.tiles()
        return np.concatenate([np.isfinite(values(self.objective, points)) for points in tiles])

    @cached_property
    def prediction(self) -> Prediction | None:
        """What theory tells of its lanes; None where it is not exact."""
        try:
            return Prediction.of(
                self.objective,
                self.method,
                self.starts,
                criterion=self.criterion,
                tol=self.tol,
                max_iter=self.max_iter,
                escape=self.escape,
            )
        except ValueError:
            return None

    @cached_property
    def told(self) -> NDArray[np.bool_]:
        """Where theory and not rounding decides, (n_alpha, n_tol)."""
        if self.prediction is None:
            return np.zeros((len(self.alpha), len(self.tol)), bool)
        return self.prediction.told(self.alpha)

    @property
    def rounds_as_numpy(self) -> bool:
        """Whether the engine gives the bits that the NumPy core gives."""
        return engines.rounds_as_numpy(
            self.asked_engine, self.objective, self.method, self.problem.criterion, self.dimension
        )

    def require_memory(self) -> None:
        """Raise ValueError if the table of all lanes is larger than the memory that is free."""
        needed = self.n_rows * (120 + 40 * self.dimension)
        free = psutil.virtual_memory().available
        if needed > free:
            raise ValueError(
                f"the grid is too large: {self.n_rows:,} rows (step sizes: {len(self.alpha):,}, "
                f"starting points: {len(self.starts):,}, tolerances: {len(self.tol)}) need about "
                f"{_size(needed)} of memory, and this machine has {_size(free)} free; "
                "take fewer points (alpha_grid.num, x0_grid.num)"
            )


def _require_parts(name: str, given: object, parts: tuple[str, ...], example: str) -> None:
    if isinstance(given, type):
        raise ValueError(f"{name}={given.__name__} is a class; give one such as {example}")
    if isinstance(given, str):
        raise ValueError(
            f"{name}={shown(given)} is a text; give an object, as in {example}, "
            f"or choose one by its name with gdlab.run('{name}=...')"
        )
    missing = [part for part in parts if not callable(getattr(given, part, None))]
    if missing == ["grad"]:
        example = (
            "gdlab.Function(f, grad), or gdlab.Function(f, gradient='differences'), or as "
            "gdlab.Formula('x**2'), which derives its gradient"
        )
    if missing:
        raise ValueError(
            f"{name}={shown(given)} has no {' and no '.join(missing)}; give one such as {example}"
        )


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:,.1f} GB"
