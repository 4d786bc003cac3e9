"""What is stated about an objective, checked: its variables, domain, minimisers, f*."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import ArrayLike

from gdlab.given import finite, numbers, shown
from gdlab.objectives.base import DEFAULT_DOMAIN, Array, Facts, Objective, default_variables
from gdlab.objectives.refusals import reserved_name
from gdlab.objectives.typography import DOTS

LARGEST_NUMBER = 1e300
"""In a formula."""
LONGEST_EXPRESSION = 10_000


def facts_of(objective: Objective, dimension: int) -> Facts:
    """Collect what `objective` says of itself, filling in names and a domain where it is silent.

    Raises ValueError for what it cannot mean.
    """
    variables = stated_names(objective) or default_variables(dimension)
    minimisers = getattr(objective, "minimisers", None)
    with _named_as_the_objectives():
        return Facts(
            variables=variables,
            name=checked_title(getattr(objective, "name", None)),
            minimisers=None if minimisers is None else checked_points(minimisers, dimension),
            minimum=checked_minimum(getattr(objective, "minimum", None)),
            domain=checked_domain(getattr(objective, "domain", None), dimension),
            formula=getattr(objective, "formula", None),
            curvature=checked_curvature(getattr(objective, "curvature", None), dimension),
        )


def stated_names(objective: Objective) -> tuple[str, ...] | None:
    """The names that `objective` gives its variables, or None where it gives none.

    Raises ValueError if they are none.
    """
    variables = getattr(objective, "variables", None)
    with _named_as_the_objectives():
        return None if variables is None else checked_names(variables)


def stated_domain(objective: Objective, dimension: int) -> tuple[tuple[float, float], ...]:
    """Where a picture of `objective` is worth drawing, as it says or by default.

    Raises ValueError if it says something else.
    """
    with _named_as_the_objectives():
        return checked_domain(getattr(objective, "domain", None), dimension)


@contextmanager
def _named_as_the_objectives() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ValueError(f"objective: {error}") from error


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


def checked_symbol(setting: str, given: object) -> str:
    """Give a name as a formula's text can have it.

    Raises ValueError if it cannot.
    """
    name = checked_name(setting, given)
    if keyword.iskeyword(name):
        raise ValueError(f"{setting}: {reserved_name(name)}")
    if re.search(f"[{DOTS}]", name):
        raise ValueError(f"{setting}: {shown(name)} is not a name, but a product in print")
    return name


def checked_parameters(parameters: Mapping[str, float]) -> dict[str, float]:
    """Give the values of a formula's parameters by their names.

    Raises ValueError if they are no names with numbers.
    """
    if not isinstance(parameters, Mapping):
        raise ValueError(f"parameters={shown(parameters)} are not names with their values")
    checked = {}
    for name, given in parameters.items():
        name = checked_symbol("parameters", name)
        if name in checked:
            raise ValueError(f"parameters: two of them are the same name, {name}")
        value = finite(f"parameters.{name}", given)
        if abs(value) > LARGEST_NUMBER:
            raise ValueError(
                f"parameters.{name}={shown(given)} is too large a number; "
                f"{LARGEST_NUMBER:g} is the largest"
            )
        checked[name] = value
    return checked


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
        bounds = np.broadcast_to(numbers("domain", domain), (dimension, 2))
    except ValueError:
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
        points = numbers("minimisers", minimisers)
    except ValueError:
        points = np.full((1, dimension), np.nan)
    if points.size == 0:
        return np.empty((0, dimension))
    if points.ndim < 2:  # points on the line, or a single one
        points = points.reshape(-1, 1) if dimension == 1 else np.atleast_2d(points)
    if points.ndim != 2 or points.shape[1] != dimension or not np.isfinite(points).all():
        raise ValueError(
            f"minimisers={shown(minimisers)} is not a list of points with {dimension} "
            f"coordinate{'s' * (dimension > 1)}"
        )
    return points


def checked_minimum(minimum: float | None) -> float | None:
    """Give f* as a float, or None; raise ValueError if it is not a finite number."""
    return None if minimum is None else float(finite("minimum", minimum))


def checked_smoothness(smoothness: float | None) -> float | None:
    """Give L as a float, or None; raise ValueError if it is not a positive number."""
    if smoothness is not None and not finite("smoothness", smoothness) > 0:
        raise ValueError(
            f"smoothness={shown(smoothness)} is not positive; it is L, by which the gradient of a "
            "convex f changes at most for a unit"
        )
    return None if smoothness is None else float(smoothness)


def checked_curvature(curvature: ArrayLike | None, dimension: int) -> Array | None:
    """Give the Hessian (d, d), or None; raise ValueError if it is no symmetric matrix."""
    if curvature is None:
        return None
    try:
        matrix = numbers("curvature", curvature)
    except ValueError:
        matrix = np.full((dimension, dimension), np.nan)
    square = matrix.shape == (dimension, dimension) and np.isfinite(matrix).all()
    if not square or not np.allclose(matrix, matrix.T):
        raise ValueError(
            f"curvature={shown(curvature)} is not a symmetric matrix of {dimension} by {dimension} "
            "numbers"
        )
    return matrix
