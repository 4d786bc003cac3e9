"""Everything that decides a run's numbers, checked once, before anything is computed."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import psutil

from gdlab.core import engines
from gdlab.core.criteria import criterion as criterion_of
from gdlab.core.problem import Problem
from gdlab.core.stepsizes import StepSizes
from gdlab.core.trial import try_method, try_objective
from gdlab.given import Numbers, count, numbers, shown
from gdlab.methods import GradientDescent, Method
from gdlab.objectives.base import (
    Array,
    Facts,
    Objective,
    default_variables,
    values,
)
from gdlab.objectives.domain import facts_of, stated_names

DEFAULT_TOL = 1e-6
DEFAULT_MAX_ITER = 1000
DEFAULT_ESCAPE = 1e8
LARGEST_MAX_ITER = 2**31 - 1


class Experiment:
    """One objective, one method, and every step size from every starting point.

    Parameters
    ----------
    objective : f with its gradient, `f(x) -> (n,)` and `f.grad(x) -> (d, n)` for x of shape (d, n).
    alpha : step sizes, a number or (n_alpha,).
    x0 : starting points, a number, (n_x0,) for one variable, or (n_x0, d).
    tol : tolerances, a number or (n_tol,), all measured in one descent.
    max_iter : iterations after which a lane is given up.
    criterion : what has to fall below the tolerance: "step", "gradient", "distance" or "gap".
    escape : largest coordinate beyond which a lane has diverged.
    pairs : whether each step size goes with the starting point of the same place, instead of with
        all of them; their numbers must be equal.
    method : how a step is taken; by default gradient descent.
    engine : what computes: "numpy"; "numba", compiled, for formulas and with the extra `fast`; or
        "auto", compiled where that gives the same bits and is worth compiling, else NumPy.

    Attributes hold the checked values: `alpha` (n_alpha,), `x0` (n_x0, d), `tol` (n_tol,).

    Raises
    ------
    ValueError naming the setting, its value and what would be right.
    """

    def __init__(
        self,
        objective: Objective,
        alpha: Numbers,
        x0: Numbers,
        *,
        tol: Numbers = DEFAULT_TOL,
        max_iter: int = DEFAULT_MAX_ITER,
        criterion: str = "step",
        escape: float = DEFAULT_ESCAPE,
        method: Method | None = None,
        pairs: bool = False,
        engine: str = "auto",
    ) -> None:
        self.objective = objective
        self.method: Method = GradientDescent() if method is None else method
        _require_parts("objective", objective, ("__call__", "grad"), "gdlab.Formula('x**2')")
        _require_parts("method", self.method, ("memory", "step"), "gdlab.GradientDescent()")
        self.alpha = _positive("alpha", alpha, "step size")
        self.tol = _positive("tol", tol, "tolerance")
        self.max_iter = count("max_iter", max_iter, largest=LARGEST_MAX_ITER)
        self.criterion = criterion
        self.escape = _single("escape", escape, "largest coordinate")
        self.x0 = _points(x0, objective, self.escape)
        if not isinstance(pairs, bool):
            raise ValueError(f"pairs={pairs!r} is neither true nor false")
        self.pairs = pairs
        if pairs and len(self.alpha) != len(self.x0):
            raise ValueError(
                f"pairs=true pairs each step size with one starting point, and there are "
                f"{len(self.alpha)} step sizes and {len(self.x0)} starting points; "
                "give as many of the one as of the other"
            )
        try_objective(objective, self.x0)
        try_method(self.method, self.dimension)
        made = criterion_of(criterion, objective, self.facts)
        engines.require(engine, objective, self.method, made, self.dimension)
        self._engine = engine

    @property
    def dimension(self) -> int:
        return self.x0.shape[1]

    @property
    def n_lanes(self) -> int:
        return len(self.alpha) * (1 if self.pairs else len(self.x0))

    @property
    def n_rows(self) -> int:
        return self.n_lanes * len(self.tol)

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.objective, self.dimension)

    @cached_property
    def step_sizes(self) -> StepSizes:
        """Its distinct step sizes, by rising value."""
        return StepSizes.of(self.alpha, 1 if self.pairs else len(self.x0))

    @cached_property
    def problem(self) -> Problem:
        """The experiment as the core takes it, tolerances from loose to tight."""
        x0 = np.ascontiguousarray(self.x0.T)
        return Problem(
            objective=self.objective,
            method=self.method,
            alpha=self.alpha,
            x0=x0,
            defined=np.isfinite(values(self.objective, x0)),
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
            engines.Choice(self._engine) if self._engine != "auto" else engines.chosen(self.problem)
        )

    @property
    def engine(self) -> str:
        """What computes, "numpy" or "numba"."""
        return self.choice.engine

    @property
    def rounds_as_numpy(self) -> bool:
        """Whether the engine gives the bits that the NumPy core gives."""
        return engines.rounds_as_numpy(
            self._engine, self.objective, self.method, self.problem.criterion, self.dimension
        )

    def require_memory(self) -> None:
        """Raise ValueError if the table of all lanes is larger than the memory that is free."""
        needed = self.n_rows * (120 + 40 * self.dimension)
        free = psutil.virtual_memory().available
        if needed > free:
            raise ValueError(
                f"the grid is too large: {self.n_rows:,} rows (step sizes: {len(self.alpha):,}, "
                f"starting points: {len(self.x0):,}, tolerances: {len(self.tol)}) need about "
                f"{_size(needed)} of memory, and this machine has {_size(free)} free; "
                "take fewer points (alpha_grid.num, x0_grid.num)"
            )


def _positive(name: str, given: Numbers, meaning: str) -> Array:
    values = numbers(name, given)
    if values.ndim > 1:
        raise ValueError(f"{name} has the shape {values.shape}; give a number or a flat list")
    values = np.atleast_1d(values)
    if not values.size:
        raise ValueError(f"{name}=[] is empty; give at least one {meaning}")
    wrong = values[~(np.isfinite(values) & (values > 0))]
    if wrong.size:
        raise ValueError(f"{name}={wrong[0]:g} is not a {meaning}; it must be positive and finite")
    return values


def _single(name: str, given: float, meaning: str) -> float:
    values = _positive(name, given, meaning)
    if np.ndim(given):
        raise ValueError(f"{name}={shown(given)} is a list; give one {meaning}")
    return values.item()


def _points(given: Numbers, objective: Objective, escape: float) -> Array:
    values = numbers("x0", given)
    names = stated_names(objective)
    if names is None:
        names = default_variables(values.shape[1] if values.ndim == 2 else 1)
    d = len(names)
    if not values.size:
        raise ValueError("x0=[] is empty; give at least one starting point")
    if values.ndim <= 1 and d == 1:
        values = values.reshape(-1, 1)
    if values.ndim != 2 or values.shape[1] != d:
        raise ValueError(
            f"x0 {_described(values)}, and the objective has {d} variable{'s' * (d > 1)} "
            f"({', '.join(names)}); {_advice(d)}"
        )
    if not np.isfinite(values).all():
        raise ValueError("x0 has a value that is not finite; every starting point must be finite")
    outside = np.abs(values).max(axis=1) > escape
    if outside.any():
        raise ValueError(
            f"x0={values[outside][0].tolist()} lies outside escape={escape:g}, where a lane counts "
            "as diverged; start nearer, or raise tolerance.escape"
        )
    return np.ascontiguousarray(values)


def _described(values: Array) -> str:
    if values.ndim == 0:
        return f"is one number ({values:g})"
    if values.ndim == 1:
        return f"is a flat list of {len(values)} numbers, that is points on a line"
    if values.ndim == 2:
        return f"has points of {values.shape[1]} coordinates"
    return f"has the shape {values.shape}"


def _advice(d: int) -> str:
    if d == 1:
        return "give numbers, as in x0='[-3,0.5]', or choose x0_grid=line"
    point = ",".join(str(i) for i in range(1, d + 1))
    return (
        f"give points, as in x0='[[{point}]]', or choose x0_grid={'plane' if d == 2 else 'random'}"
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
        example = "gdlab.Function(f, grad), or as gdlab.Formula('x**2')"
    if missing:
        raise ValueError(
            f"{name}={shown(given)} has no {' and no '.join(missing)}; give one such as {example}"
        )


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:,.1f} GB"
