"""Where rounding decides, theory does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdlab.objectives.base import Array
from gdlab.theory.measures import Measure
from gdlab.theory.quadratics import EPS, Quadratic, product
from gdlab.theory.recurrences import radius

DOUBT = 1e-3
"""The share of an iteration by which rounding may move the last one, for theory to tell it."""
AT_A_STEP = 20
"""Roundings, at most, of a step and of what is measured after it."""


def sizes(quadratic: Quadratic, x0: Array, *, lenient: bool = False) -> Array:
    """How large the errors along the eigenvectors are, (d, l), from the starts x0 (d, l).

    They are at least as large as the rounding of x0 and c, and that grows where errors grow: no
    start lies on an eigenvector but on an axis along which the gradient at c is 0 to the last bit.

    lenient : whether errors up to the rounding are taken for none instead.
    """
    errors, positive = np.abs(quadratic.errors(x0)), np.abs(quadratic.directions.T)
    least = EPS * product(positive, np.abs(x0) + np.abs(quadratic.centre)[:, None])
    along_axis = (quadratic.directions != 0).sum(axis=0) == 1
    level = quadratic.along(quadratic.slope[:, None])[:, 0] == 0
    least[along_axis & level] = 0.0
    return np.where(errors <= least, 0.0, errors) if lenient else np.maximum(errors, least)


def told(
    quadratic: Quadratic,
    measure: Measure,
    tol: Array,
    along: tuple[Array, Array],
    max_iter: int,
    far: float,
) -> NDArray[np.bool_]:
    """Where rounding does not decide after how many iterations lanes converge, (m, n_tol).

    An iterate x is rounded by up to ε|x|, and its gradient by L times as much, of which the step
    takes as large a share as it takes of λe, namely (1 - a - b)e. The next step passes that on, and
    once more with momentum; until an error has shrunk, so many of them add up. Where all that moves
    the step at which a tolerance is met by more than `DOUBT`, nothing is told.

    tol : (n_tol,). along : a and b, (d, m), of the step sizes. far : the largest |x| at which lanes
    settle.
    """
    curved, curvatures = quadratic.curvatures != 0, np.abs(quadratic.curvatures)
    a, b = (own[curved] for own in along)
    steps = np.minimum(1 / np.abs(np.log(radius(a, b))), max_iter).max(axis=0)[:, None]
    taken = (np.abs(1 - a - b) / curvatures[curved, None]).max(axis=0)[:, None]
    kept = np.abs(b).max(axis=0)[:, None].clip(max=0.999)
    error = EPS * far * (1 + curvatures.max() * taken) / (1 - kept)
    if not measure.moves:
        error = error * steps
    square = np.square(measure.weights.max() * error)
    if measure.height:
        moved = (EPS * measure.height + square) / tol
    else:
        moved = np.sqrt(square / measure.thresholds)
    within: NDArray[np.bool_] = (moved + AT_A_STEP * EPS * steps) * steps <= DOUBT
    return within
