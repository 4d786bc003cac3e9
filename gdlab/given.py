"""What a user gives: as messages show it, as the number that is meant, and what may be meant."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from numbers import Integral, Real
from types import UnionType
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers: TypeAlias = ArrayLike
"""A number, a sequence of numbers or an array."""
LARGEST_COUNT = 2**60 - 1
"""More float64 than this have no place in an address space of 64 bits."""
LONGEST_SHOWN = 60


class ConfigError(ValueError):
    """A setting that cannot be used; the text says which, and what would be right."""


class GdlabWarning(UserWarning):
    """Something that can be used, and of which a user should know more."""


def shown(given: object) -> str:
    """A value as Python writes it, shortened where it is long."""
    try:
        text = repr(given)
    except ValueError:  # Python writes no whole number of more than 4300 digits
        return "a number of thousands of digits"
    if len(text) <= LONGEST_SHOWN:
        return text
    if isinstance(given, int):
        return f"{text[:12]}... ({len(text.lstrip('-'))} digits)"
    return f"{text[: LONGEST_SHOWN - 3]}..."


def one_line(text: str) -> str:
    """A text, as of an error of a user's, without its line breaks."""
    return " ".join(line.strip() for line in text.splitlines())


def whole(given: object) -> int | None:
    """The whole number that is given, 1e4 being one as well; None if it is none."""
    if isinstance(given, bool) or not isinstance(given, Real):
        return None
    if isinstance(given, Integral):
        return int(given)
    value = float(given)
    return int(value) if value.is_integer() else None


def count(name: str, given: object, least: int = 1, largest: int = LARGEST_COUNT) -> int:
    """The whole number that is given, between these bounds.

    Raises ValueError if it is none.
    """
    number = whole(given)
    if number is None or number < least:
        raise ValueError(f"{name}={shown(given)} is not a whole number of at least {least}")
    if number > largest:
        raise ValueError(f"{name}={shown(given)} is larger than {largest}")
    return number


def finite(name: str, given: object) -> float:
    """The finite number that is given; a whole one stays exact.

    Raises ValueError if it is none, or larger than any floating-point number.
    """
    if isinstance(given, bool) or not isinstance(given, Real):
        raise ValueError(f"{name}={shown(given)} is not a finite number")
    try:
        value = float(given)
    except OverflowError:
        value = math.inf
    if math.isinf(value) and given not in (math.inf, -math.inf):
        raise ValueError(f"{name}={shown(given)} is too large a number")
    if not math.isfinite(value):
        raise ValueError(f"{name}={given} is not a finite number")
    return int(given) if isinstance(given, Integral) else value


def numbers(name: str, given: Numbers) -> NDArray[np.float64]:
    """What is given as an array of float64.

    Raises ValueError if it is no number, list of numbers or list of points.
    """
    if np.ma.is_masked(given) or _holds(given, type(np.ma.masked)):
        raise ValueError(f"{name} has masked values; give those alone that count")
    try:
        values = np.asarray(given)
    except ValueError:
        raise ValueError(f"{name} is ragged; every entry must have the same length") from None
    plain = values.dtype == object and all(type(value) in (int, float) for value in values.flat)
    other = values.size > 0 and values.dtype.kind not in "iuf" and not plain
    if other or _holds(given, bool | np.bool_):
        raise ValueError(f"{name}={shown(given)} is not a number or a list of numbers")
    try:
        with np.errstate(over="raise"):
            return values.astype(np.float64)
    except (OverflowError, FloatingPointError):
        raise ValueError(f"{name}={shown(given)} is too large a number") from None


def positive(name: str, given: Numbers, meaning: str) -> NDArray[np.float64]:
    """The positive numbers (n,) that are given, one or several.

    meaning : what each of them is. Raises ValueError if they are none.
    """
    values = numbers(name, given)
    if values.ndim > 1:
        raise ValueError(f"{name} has the shape {values.shape}; give a number or a flat list")
    values = np.atleast_1d(values)
    if not values.size:
        raise ValueError(f"{name}=[] is empty; give at least one {meaning}")
    wrong = values[~(np.isfinite(values) & (values > 0))]
    if wrong.size:
        raise ValueError(f"{name}={wrong[0]:g} is not a {meaning}; it must be positive and finite")
    return values


def single(name: str, given: float, meaning: str) -> float:
    """The positive number that is given.

    Raises ValueError if it is none.
    """
    values = positive(name, given, meaning)
    if np.ndim(given):
        raise ValueError(f"{name}={shown(given)} is a list; give one {meaning}")
    return values.item()


def _holds(given: object, kind: type | UnionType) -> bool:
    """Whether a list holds what NumPy would take for a number: true for 1, masked for NaN."""
    if isinstance(given, list | tuple):
        return any(_holds(one, kind) for one in given)
    return isinstance(given, kind)


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The name that a word may stand for, in parentheses; nothing where none is near."""
    names = list(names)
    close = difflib.get_close_matches(word, names, n=1) or [
        name for name in names if len(name) > 1 and word.startswith(name)
    ]
    return f" (did you mean {close[0]}?)" if close else ""
