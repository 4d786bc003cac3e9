"""A laboratory for gradient descent: every step size from every start, in one batched array.

    import gdlab
    f = gdlab.Formula("x**2 + 4*x + 4")
    gdlab.table(f, alpha=[0.1, 0.3, 0.9], x0=[-10.0, 10.0], tol=1e-7)

Names are imported when they are first used, so that `import gdlab` itself costs nothing.
"""

TYPE_CHECKING = False  # to import typing would make `import gdlab` cost something
if TYPE_CHECKING:
    from gdlab import figures as figures
    from gdlab import grids as grids
    from gdlab import methods as methods
    from gdlab import objectives as objectives
    from gdlab import theory as theory
    from gdlab.api import descend as descend
    from gdlab.api import orbit as orbit
    from gdlab.api import table as table
    from gdlab.api import trace as trace
    from gdlab.app import run as run
    from gdlab.experiment import Experiment as Experiment
    from gdlab.methods import GradientDescent as GradientDescent
    from gdlab.objectives.base import Objective as Objective
    from gdlab.objectives.formula import Formula as Formula
    from gdlab.objectives.function import Function as Function
    from gdlab.objectives.least_squares import LeastSquares as LeastSquares
    from gdlab.objectives.logistic import LogisticRegression as LogisticRegression
    from gdlab.results.orbit import Orbit as Orbit
    from gdlab.results.table import Descent as Descent
    from gdlab.store.loading import load as load
    from gdlab.store.loading import runs as runs
    from gdlab.store.run import Run as Run

__version__ = "0.1.0"

_HOMES = {
    "Descent": "gdlab.results.table",
    "Experiment": "gdlab.experiment",
    "Formula": "gdlab.objectives.formula",
    "Function": "gdlab.objectives.function",
    "GradientDescent": "gdlab.methods",
    "LeastSquares": "gdlab.objectives.least_squares",
    "LogisticRegression": "gdlab.objectives.logistic",
    "Run": "gdlab.store.run",
    "Objective": "gdlab.objectives.base",
    "Orbit": "gdlab.results.orbit",
    "descend": "gdlab.api",
    "load": "gdlab.store.loading",
    "run": "gdlab.app",
    "orbit": "gdlab.api",
    "runs": "gdlab.store.loading",
    "table": "gdlab.api",
    "trace": "gdlab.api",
}
_WINGS = ("figures", "grids", "methods", "objectives", "theory")
__all__ = sorted([*_HOMES, *_WINGS])


if not TYPE_CHECKING:  # for which no other name is there

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module 'gdlab' has no attribute {name!r}")
        from importlib import import_module

        if name in _WINGS:
            return import_module(f"gdlab.{name}")
        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
