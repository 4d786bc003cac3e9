"""Checking the parameters of methods."""

from __future__ import annotations

import math

from gdlab.given import finite, shown


def share(name: str, given: object, otherwise: str = "") -> float:
    """The number from 0 to less than 1 that is given; `otherwise` is what else would be right.

    Raises ValueError if it is none.
    """
    advice = "give a number from 0 to less than 1, as in {}=0.9" + otherwise
    return _number(name, given, 0.0, advice, from_least=True, below=1.0)


def fraction(name: str, given: object, example: float) -> float:
    """The number between 0 and 1, neither included. Raises ValueError if it is none."""
    advice = f"give a number between 0 and 1, as in {{}}={example:g}"
    return _number(name, given, 0.0, advice, below=1.0)


def positive(name: str, given: object, example: float) -> float:
    """The positive number that is given. Raises ValueError if it is none."""
    return _number(name, given, 0.0, f"give a positive number, as in {{}}={example:g}")


def _number(
    name: str,
    given: object,
    least: float,
    advice: str,
    *,
    from_least: bool = False,
    below: float = math.inf,
) -> float:
    try:
        value = float(finite(name, given))
    except ValueError:
        value = math.nan
    if not (value > least or (from_least and value == least)) or not value < below:
        raise ValueError(f"{name}={shown(given)} cannot be used; {advice.format(name)}")
    return value
