"""The Python functions: the same words as on the command line; arrays and tables come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from gdlab.core.orbits import Stretch, require_derivative
from gdlab.core.starts import Starts
from gdlab.experiment import Experiment
from gdlab.given import Numbers, did_you_mean, numbers
from gdlab.methods import Method
from gdlab.objectives.base import Objective
from gdlab.results import table as results
from gdlab.results import traces as following
from gdlab.results.orbit import Orbit
from gdlab.store import shares

if TYPE_CHECKING:
    import pandas as pd


class Settings(TypedDict, total=False):
    """The keywords of `gdlab.Experiment`."""

    tol: Numbers
    max_iter: int
    criterion: str
    escape: float
    method: Method
    pairs: bool
    engine: str


def descend(
    objective: Objective,
    alpha: Numbers,
    x0: Numbers | Starts,
    *,
    n_jobs: int | None = None,
    **settings: Unpack[Settings],
) -> results.Descent:
    """Descend every (α, x0) pair at once.

    The parameters are those of `gdlab.Experiment`: tol, max_iter, criterion, escape, method, pairs,
    engine.
    n_jobs : how many work on it, -1 for one a core: processes with NumPy, by default this one
        alone; threads with the compiled core, by default one a core. No result depends on it.

    Examples
    --------
    >>> import gdlab
    >>> f = gdlab.Formula("x**2 + 4*x + 4")
    >>> gdlab.descend(f, alpha=[0.1, 0.5], x0=10.0, tol=1e-7).steps[:, 0, 0].tolist()
    [78, 2]
    """
    return shares.descend(_ready(_experiment(objective, alpha, x0, settings)), n_jobs)


def table(
    objective: Objective,
    alpha: Numbers,
    x0: Numbers | Starts,
    *,
    n_jobs: int | None = None,
    **settings: Unpack[Settings],
) -> pd.DataFrame:
    """Descend every (α, x0) pair at once; give one row a pair and tolerance.

    The parameters are those of `gdlab.descend`, the columns those of `gdlab.results.table`.
    """
    experiment = _ready(_experiment(objective, alpha, x0, settings))
    return results.table(experiment, shares.descend(experiment, n_jobs))


def trace(
    objective: Objective, alpha: float, x0: Numbers | Starts, **settings: Unpack[Settings]
) -> pd.DataFrame:
    """Follow one lane: one row an iteration, from iteration 0 at x0 to the verdict.

    alpha : one step size. x0 : one starting point, a number or (d,). The columns are those of
    `gdlab.results.traces.trace`.
    """
    if not isinstance(x0, Starts):
        point = numbers("x0", x0)
        x0 = point.reshape(1, -1) if point.ndim == 1 else point
    experiment = _experiment(objective, alpha, x0, settings)
    if experiment.n_lanes > 1:
        raise ValueError(
            f"a trace follows one lane, and these are {experiment.n_lanes}; "
            "give one alpha and one x0"
        )
    return following.trace(experiment)


def orbit(
    objective: Objective,
    alpha: Numbers,
    x0: Numbers | Starts,
    *,
    burn_in: int = 1000,
    length: int = 1000,
    bins: int = 0,
    domain: tuple[float, float] | None = None,
    n_jobs: int | None = None,
    **settings: Unpack[Settings],
) -> Orbit:
    """Follow every (α, x0) pair in the long run: periods, Lyapunov exponents, where lanes are.

    No lane stops at a tolerance. burn_in : iterations before anything is looked at. length :
    iterations that are, at least 129. bins : in how many of equal width over `domain`, a pair
    (low, high) that by default is the objective's, the first coordinate is counted, for a
    bifurcation diagram. n_jobs : processes, -1 for one a core. Of the settings of
    `gdlab.Experiment` those count that decide where lanes go: escape, pairs.

    Raises ValueError for a method other than gradient descent, or without second derivatives.

    Examples
    --------
    >>> import gdlab
    >>> f = gdlab.Formula("x**4/4 - x**2/2")
    >>> gdlab.orbit(f, alpha=[0.5, 1.1], x0=0.3).period[:, 0].tolist()
    [1, 2]
    """
    stretch = Stretch(burn_in, length, bins, domain)
    experiment = _ready(_experiment(objective, alpha, x0, settings))
    require_derivative(experiment.objective, experiment.method)
    return shares.orbit(experiment, stretch, n_jobs)


def _experiment(
    objective: Objective, alpha: Numbers, x0: Numbers | Starts, settings: Settings
) -> Experiment:
    """Raises TypeError, as Python does, for a keyword that does not exist."""
    known = Settings.__annotations__
    for name in settings:
        if name not in known:
            raise TypeError(
                f"there is no setting {name}{did_you_mean(name, known)}; "
                f"there are {', '.join(known)}"
            )
    return Experiment(objective, alpha, x0, **settings)


def _ready(experiment: Experiment) -> Experiment:
    """Refuse what cannot be computed here before any of it is."""
    experiment.require_memory()
    return experiment
