"""What theory tells of other functions, taking each for its quadratic model at a minimiser."""

from __future__ import annotations

import numpy as np

from gdlab.methods import Method
from gdlab.objectives.base import Array, Objective, read_only, values
from gdlab.objectives.domain import checked_points
from gdlab.theory.prediction import predict


class Model:
    """f(c) + (x - c)'H(x - c)/2: what a function is close to its minimiser c, where H is the
    Hessian of f.
    """

    def __init__(self, centre: Array, value: float, hessian: Array) -> None:
        self.curvature = hessian
        self.minimisers: Array = centre[None]
        self.minimum = value

    def __call__(self, x: Array) -> Array:
        error = x - self.minimisers.T
        return self.minimum + (error * (self.curvature @ error)).sum(axis=0) / 2

    def grad(self, x: Array) -> Array:
        gradient: Array = self.curvature @ (x - self.minimisers.T)
        return gradient


@np.errstate(all="ignore")
def predict_near(
    objective: Objective,
    method: Method,
    alpha: Array,
    x0: Array,
    tol: float,
    criterion: str,
    *,
    max_iter: int,
    escape: float,
) -> Array | None:
    """Tell after how many iterations lanes would converge, were f its model at a minimiser.

    alpha : (n_alpha,). x0 : (n_x0, d), each of which goes by the nearest known minimiser.

    Gives (n_alpha, n_x0), infinite where a lane does not converge within `max_iter`, and where the
    Hessian has no inverse; None where no minimiser or no Hessian is known, or the method has no
    theory.
    """
    hessian, stated = getattr(objective, "hessian", None), getattr(objective, "minimisers", None)
    if hessian is None or stated is None or not np.size(stated):
        return None
    points = checked_points(stated, x0.shape[1])
    nearest = ((x0[:, None] - points) ** 2).sum(axis=2).argmin(axis=1)
    counts, tells = np.full((alpha.size, len(x0)), np.inf), False
    for i in np.unique(nearest):
        matrix = hessian(read_only(points[i][:, None]))[..., 0]
        if not np.isfinite(matrix).all() or not np.linalg.eigvalsh(matrix).min() > 0:
            continue
        model = Model(points[i], float(values(objective, points[i][:, None])[0]), matrix)
        try:
            found = predict(
                model,
                method,
                alpha,
                x0[nearest == i],
                tol,
                criterion,
                max_iter=max_iter,
                escape=escape,
            )
        except ValueError:
            return None
        tells = True
        counts[:, nearest == i] = np.where(found.mask, np.inf, found.data)[:, :, 0]
    return counts if tells else None
