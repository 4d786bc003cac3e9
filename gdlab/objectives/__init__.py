"""What is descended: formulas, Python functions, regressions on tables, and what is known of them.

Names are imported when they are first used, so that whoever needs one does not wait for all.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gdlab.objectives.automatic import jax as jax
    from gdlab.objectives.datasets import breast_cancer as breast_cancer
    from gdlab.objectives.datasets import diabetes as diabetes
    from gdlab.objectives.formula import Formula as Formula
    from gdlab.objectives.function import Function as Function
    from gdlab.objectives.least_squares import LeastSquares as LeastSquares
    from gdlab.objectives.logistic import LogisticRegression as LogisticRegression

_HOMES = {
    "Formula": "formula",
    "Function": "function",
    "LeastSquares": "least_squares",
    "LogisticRegression": "logistic",
    "breast_cancer": "datasets",
    "diabetes": "datasets",
    "jax": "automatic",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'gdlab.objectives' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"gdlab.objectives.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
