"""What a stopping criterion measures of the errors along the eigenvectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdlab.core.criteria import CRITERIA
from gdlab.objectives.base import Array, Objective, values
from gdlab.objectives.domain import checked_minimum, checked_points
from gdlab.theory.quadratics import EPS, Quadratic


@dataclass(frozen=True, eq=False)
class Measure:
    """The sum over the eigenvectors of (weight u)², u being e_k, or the move e_k - e_{k-1}.

    weights : (d,), not negative. moves : whether of the moves. thresholds : (n_tol,), what it has
    to be below. height : of the values from which a gap is computed, and rounded with them.
    """

    weights: Array
    moves: bool
    thresholds: Array
    height: float = 0.0

    @classmethod
    def of(cls, criterion: str, objective: Objective, quadratic: Quadratic, tol: Array) -> Measure:
        """That of a criterion, for these tolerances.

        Raises ValueError where the criterion measures something else.
        """
        if criterion not in CRITERIA:
            raise ValueError(
                f"criterion={criterion!r} is not known; choose one of {', '.join(CRITERIA)}"
            )
        curvatures, ones = quadratic.curvatures, np.ones_like(quadratic.curvatures)
        if criterion == "gap":
            height = _height(objective, quadratic)
            return cls(np.sqrt(curvatures / 2), moves=False, thresholds=tol, height=height)
        if criterion == "gradient":
            return cls(np.abs(curvatures), moves=False, thresholds=tol**2)
        if criterion == "distance":
            _require_one_minimiser(objective)
        return cls(ones, moves=criterion == "step", thresholds=tol**2)


def _height(objective: Objective, quadratic: Quadratic) -> float:
    """How large values near the minimum and at 0 are.

    Raises ValueError unless f* is stated, and is f at the centre.
    """
    minimum = checked_minimum(getattr(objective, "minimum", None))
    centre = quadratic.centre
    at_centre, at_0 = values(objective, np.stack([centre, np.zeros_like(centre)], axis=1)).tolist()
    height = float(np.abs([at_centre, at_0]).max() + 4 * quadratic.L * np.sum(centre**2))
    if minimum is None or quadratic.mu < 0 or not abs(minimum - at_centre) <= 8 * EPS * height:
        raise ValueError(
            "criterion=gap is told where f* is known and attained, and the objective states "
            f"minimum={minimum}; take criterion=step or gradient"
        )
    return height


def _require_one_minimiser(objective: Objective) -> None:
    """Raise ValueError where the distance is not that to the centre."""
    minimisers = getattr(objective, "minimisers", None)
    if minimisers is None or len(checked_points(minimisers, _dimension(objective))) != 1:
        raise ValueError(
            "criterion=distance is told where one minimiser is known, and here is none or are "
            "several; take criterion=step or gradient"
        )


def _dimension(objective: Objective) -> int:
    return len(np.atleast_2d(np.asarray(getattr(objective, "curvature", 1.0))))
