"""Least squares and logistic regression on a table.

Both are means over the rows, so that neither the loss nor 2/L grows with a longer table, and the
ridge, which counts every coefficient but the intercept, is one of the mean.

All lanes go through the same matrix products. BLAS adds their terms in an order that may depend on
how many lanes there are, and so may the last bits of a lane. What is promised instead is said by
`rounding`: in any company a lane gets the same verdict, after the same number of steps, and its
iterate there is the same but for so much of the largest coordinate. Rounding decides more than that
in two places: a measure that comes as near to the tolerance may meet it a step sooner or later, and
lanes that go to and fro until max_iter, beyond the stability limit, may end anywhere.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from gdlab.given import GdlabWarning, finite
from gdlab.objectives.base import Array
from gdlab.objectives.domain import checked_title
from gdlab.objectives.tables import Data, Design, design

ROUNDING = 1e-9


class Regression(ABC):
    """What the two have in common: a design, its ridge, and what is known of the minimum."""

    loss: str
    classes_in_target = False
    check_gradient = False  # the tests hold it against differences
    rounding = ROUNDING

    def __init__(
        self,
        data: Data,
        target: str,
        *,
        columns: Sequence[str] | None = None,
        ridge: float = 0.0,
        standardise: bool = False,
        intercept: bool = True,
        name: str | None = None,
    ) -> None:
        self.ridge: float = float(finite("ridge", ridge))
        if self.ridge < 0:
            raise ValueError(f"ridge={ridge} is negative; it must be 0 or more")
        made = design(
            *(data, target, columns),
            intercept=intercept,
            standardise=standardise,
            classes=self.classes_in_target,
        )
        self.variables: tuple[str, ...] = made.variables
        self.name: str = checked_title(name) or f"{self.loss} of {target}"
        self.identity: dict[str, object] = {
            "loss": self.loss,
            "data": made.digest,
            "variables": list(made.variables),
            "intercept": intercept,
            "standardise": standardise,
            "ridge": self.ridge,
        }
        self._penalty = self.ridge * made.penalised
        self._n = len(made.matrix)
        self.minimisers: Array | None = None
        self.minimum: float | None = None
        self._set_up(made)
        best = np.zeros(len(self.variables)) if self.minimisers is None else self.minimisers[0]
        around = np.where(best == 0, 1.0, np.abs(best) / 2)
        self.domain: Array = np.column_stack(
            [np.minimum(best, 0) - around, np.maximum(best, 0) + around]
        )

    @abstractmethod
    def _set_up(self, made: Design) -> None:
        """Keep what the loss needs, and find its minimum."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name}, {self._n} rows, variables={self.variables})"

    def _warn_of_dependence(self) -> None:
        d = len(self.variables)
        why = (
            f"the table has {self._n:,} rows for {d} coefficients"
            if self._n < d
            else "some columns are linear combinations of others"
        )
        warn(
            f"{why}, so without a ridge infinitely many points are minimisers; the one known is "
            "where descent from zero ends; objective.ridge=0.01, say, leaves but one"
        )


def warn(message: str) -> None:
    """Say what a user should know of an objective that can be used."""
    warnings.warn(message, GdlabWarning, stacklevel=5)
