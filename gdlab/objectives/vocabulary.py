"""What the text of a NumPy function can use."""

from __future__ import annotations

from typing import Any

import numpy as np


def names_in_text() -> dict[str, Any]:
    """All of it, by name."""
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
