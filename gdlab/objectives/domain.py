"""The part of space where a picture of an objective is worth drawing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gdlab.objectives.base import DEFAULT_DOMAIN


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
