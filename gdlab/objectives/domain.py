"""What a user may state about an objective, checked: its domain, its minimisers, f*."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gdlab.objectives.base import DEFAULT_DOMAIN, Array


def checked_domain(
    domain: Sequence[float] | Sequence[Sequence[float]] | None, dimension: int
) -> tuple[tuple[float, float], ...]:
    """Give a (low, high) for each coordinate, from one for all or one for each.

    Raises ValueError if it is neither.
    """
    if domain is None:
        return (DEFAULT_DOMAIN,) * dimension
    try:
        bounds = np.broadcast_to(np.asarray(domain, dtype=float), (dimension, 2))
    except (TypeError, ValueError):
        bounds = np.full((1, 2), np.nan)
    if not (np.isfinite(bounds).all() and (bounds[:, 0] < bounds[:, 1]).all()):
        raise ValueError(
            f"domain={domain!r} is not (low, high) with low < high, or one such pair a variable"
        )
    return tuple((float(low), float(high)) for low, high in bounds)


def checked_points(
    minimisers: Sequence[float] | Sequence[Sequence[float]], dimension: int
) -> Array:
    """Give the points (m, d), or (m,) where d = 1, as an array (m, d).

    Raises ValueError if they are not finite points of that dimension.
    """
    try:
        points = np.asarray(minimisers, dtype=float).reshape(-1, dimension)
    except (TypeError, ValueError):
        points = np.full((1, dimension), np.nan)
    if not np.isfinite(points).all():
        raise ValueError(
            f"minimisers={minimisers!r} is not a list of points with {dimension} coordinates"
        )
    return points


def checked_minimum(minimum: float | None) -> float | None:
    """Give f* as a float, or None; raise ValueError if it is not a finite number."""
    if minimum is None:
        return None
    if isinstance(minimum, bool) or not isinstance(minimum, int | float | np.number):
        raise ValueError(f"minimum={minimum!r} is not a number")
    if not np.isfinite(minimum):
        raise ValueError(f"minimum={minimum!r} is not finite")
    return float(minimum)
