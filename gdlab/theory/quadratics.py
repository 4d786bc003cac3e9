"""A quadratic along the eigenvectors of its Hessian, where its coordinates are independent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdlab.objectives.base import Array, Objective, evaluated, read_only
from gdlab.objectives.domain import checked_curvature, checked_points

EPS = float(np.finfo(float).eps)
FLAT = 8 * EPS
"""Share of the largest curvature, for each variable, below which one is 0 but for rounding."""


@dataclass(frozen=True, eq=False)
class Quadratic:
    """f(x) = f(c) + (x - c)'H(x - c)/2, and H = QΛQ'.

    curvatures : (d,) the eigenvalues λ of H, rising. directions : (d, d) Q, whose columns are the
    eigenvectors. centre : (d,) c, where the gradient is 0. slope : (d,) the gradient there as it
    is computed, 0 but for rounding.
    """

    curvatures: Array
    directions: Array
    centre: Array
    slope: Array

    @classmethod
    def of(cls, objective: Objective) -> Quadratic:
        """Find the quadratic that an objective is, by its `curvature`.

        Raises ValueError if it is none, or if it is nowhere level.
        """
        stated = getattr(objective, "curvature", None)
        if stated is None:
            raise ValueError(
                "exact theory is for quadratics, whose Hessian is the same everywhere, and the "
                "objective states no such `curvature`; near minimisers stability_limits and "
                "local_rates hold"
            )
        dimension = len(np.atleast_2d(np.asarray(stated)))
        matrix = checked_curvature(stated, dimension)
        assert matrix is not None
        curvatures, directions = np.linalg.eigh(matrix)
        largest = np.abs(curvatures).max()
        if not largest > 0:
            raise ValueError("the objective has no curvature, so that descent never settles")
        curvatures[np.abs(curvatures) <= FLAT * dimension * largest] = 0.0
        centre, slope = _level(objective, curvatures, directions)
        return cls(curvatures, directions, centre, slope)

    @property
    def dimension(self) -> int:
        return len(self.curvatures)

    @property
    def mu(self) -> float:
        """The least curvature."""
        return float(self.curvatures[0])

    @property
    def L(self) -> float:  # noqa: N802 (as it is written everywhere)
        """The largest curvature."""
        return float(self.curvatures[-1])

    @property
    def convex(self) -> bool:
        """Whether f rises from its least value in every direction."""
        return self.mu > 0

    def along(self, vectors: Array) -> Array:
        """Coordinates of vectors (d, n) along the eigenvectors, (d, n)."""
        return product(self.directions.T, vectors)

    def errors(self, x: Array) -> Array:
        """Coordinates of x - c along the eigenvectors, (d, n), for x (d, n)."""
        return self.along(x - self.centre[:, None])

    def points(self, errors: Array) -> Array:
        """The points x (d, n) of which these are the errors."""
        return self.centre[:, None] + product(self.directions, errors)


def product(matrix: Array, vectors: Array) -> Array:
    """The matrix (d, d) times vectors (d, n), each by itself.

    Written out, since a BLAS product of a vector depends in its last bit on the others.
    """
    out = np.zeros_like(vectors)
    for row, factors in zip(out, matrix, strict=True):
        for factor, coordinate in zip(factors, vectors, strict=True):
            if factor:
                row += factor * coordinate
    return out


def _level(objective: Objective, curvatures: Array, directions: Array) -> tuple[Array, Array]:
    """Where the gradient is 0: the stated minimiser, else by Newton's step; the gradient there.

    Raises ValueError where it is 0 nowhere.
    """
    d = len(curvatures)
    minimisers = getattr(objective, "minimisers", None)
    stated = np.empty((0, d)) if minimisers is None else checked_points(minimisers, d)
    centre = stated[0] if len(stated) else np.zeros(d)
    bent = curvatures != 0
    inverse = np.divide(1.0, curvatures, out=np.zeros(d), where=bent)
    scale = np.abs(_gradient(objective, np.zeros(d))).max()
    if not len(stated):
        for _ in range(2):  # the second makes good the rounding of the first
            centre = centre - directions @ (inverse * (directions.T @ _gradient(objective, centre)))
    slope = _gradient(objective, centre)
    scale += np.abs(curvatures).max() * np.abs(centre).max()
    if not np.abs(slope).max() <= 1e-9 * scale:
        raise ValueError(
            f"the gradient of this quadratic is 0 nowhere, or not at {centre.tolist()}: it has no "
            "minimum, so that descent never settles"
        )
    return centre, slope


def _gradient(objective: Objective, x: Array) -> Array:
    with np.errstate(all="ignore"):
        return evaluated("grad", objective.grad, read_only(x[:, None]))[:, 0]
