"""What a user may state about an objective, checked: its variables, domain, minimisers, f*."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from gdlab.given import finite, shown
from gdlab.objectives.base import DEFAULT_DOMAIN, Array


def checked_names(variables: str | Sequence[str]) -> tuple[str, ...]:
    """Give the names of the variables, of which there may be one.

    Raises ValueError if they are not one or more different names.
    """
    if isinstance(variables, str):
        variables = [variables]
    if not isinstance(variables, Sequence):
        raise ValueError(f"variables={shown(variables)} is not a list of names")
    names = tuple(checked_name("variables", name) for name in variables)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"variables={list(names)} are not one or more different names")
    return names


def checked_name(setting: str, given: object) -> str:
    """Give a name as Python reads it in a formula: the micro sign µ is the Greek letter μ there.

    Raises ValueError if it is none.
    """
    if not isinstance(given, str) or not given.isidentifier():
        raise ValueError(f"{setting}: {shown(given)} is not a name")
    return unicodedata.normalize("NFKC", given)


def checked_title(name: object) -> str | None:
    """What to call the objective; a number serves as well as a text."""
    return name if name is None or isinstance(name, str) else shown(name)


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
    except (TypeError, ValueError, OverflowError):
        bounds = np.full((1, 2), np.nan)
    if not (np.isfinite(bounds).all() and (bounds[:, 0] < bounds[:, 1]).all()):
        raise ValueError(
            f"domain={shown(domain)} is not (low, high) with low < high, or one such pair a "
            "variable"
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
    except (TypeError, ValueError, OverflowError):
        points = np.full((1, dimension), np.nan)
    if not np.isfinite(points).all():
        raise ValueError(
            f"minimisers={shown(minimisers)} is not a list of points with {dimension} coordinates"
        )
    return points


def checked_minimum(minimum: float | None) -> float | None:
    """Give f* as a float, or None; raise ValueError if it is not a finite number."""
    return None if minimum is None else float(finite("minimum", minimum))
