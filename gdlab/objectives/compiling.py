"""From the text of a NumPy function to the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def compiled(text: str) -> Callable[..., Any]:
    """Give the function that `gdlab.objectives.printing` has printed."""
    names = names_in_text()
    exec(text, names)  # what SymPy has printed, never a user's
    function: Callable[..., Any] = names["function"]
    return function


def names_in_text() -> dict[str, Any]:
    """What the text of a function can use."""
    return {"numpy": np, "whole_power": whole_power, "DiracDelta": impulse}


def whole_power(x: Any, n: int) -> Any:
    """x to the power n >= 1 by repeated squaring, from the lowest bit of n to the highest."""
    result = None
    while True:
        if n & 1:
            result = x if result is None else result * x
        n >>= 1
        if not n:
            return result
        x = x * x


def impulse(x: Any) -> Any:
    """The slope of a jump: what SymPy's second derivative of |x| has at its kink."""
    return np.where(np.equal(x, 0), np.inf, 0.0)
