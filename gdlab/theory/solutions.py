"""Solutions of e_k = a e_{k-1} + b e_{k-2} at any k, to nearly the last bit."""

from __future__ import annotations

import numpy as np

from gdlab.core.problem import Indices
from gdlab.objectives.base import Array

BLOCK = 256
"""Steps that are taken one after another, from wherever they begin."""
CLOSE = 0.5
"""From which ratio of the roots on their powers are subtracted by way of logarithms."""


class Solutions:
    """Those of many recurrences, a and b of shape (d, m), by the one that is v_0 = 1, v_{-1} = 0.

    Where e_0 = e_{-1} = 1, e_k is v_k + b v_{k-1}, and e_k - e_{k-1} is (a + b - 1) v_{k-1}. Both
    roots of z² = a z + b together tell v_k at any k; from v_k and v_{k-1} on it goes as
    v_{k+n} = v_n v_k + b v_{n-1} v_{k-1}, which is how all others are found: by itself that
    doubling would lose a digit each time where the roots are far apart.
    """

    a: Array
    b: Array

    def __init__(self, a: Array, b: Array) -> None:
        self.a, self.b = a, b
        steps = np.empty((BLOCK + 1, *a.shape))  # v_{-1} to v_{BLOCK - 1}
        steps[0], steps[1] = 0.0, 1.0
        for n in range(2, BLOCK + 1):
            steps[n] = a * steps[n - 1] + b * steps[n - 2]
        self._ahead = np.ascontiguousarray(np.moveaxis(steps, 0, 2))

    def of(self, chosen: Indices) -> Solutions:
        """Those of some of the m alone."""
        made = Solutions.__new__(Solutions)
        made.a, made.b, made._ahead = self.a[:, chosen], self.b[:, chosen], self._ahead[:, chosen]
        return made

    def from_(self, first: int, n: int) -> Array:
        """v_{first} to v_{first + n - 1}, (d, m, n)."""
        if first == 0 and n <= BLOCK:
            return self._ahead[..., 1 : 1 + n]
        blocks = np.arange(first, first + n, BLOCK)
        now, before = (self.at(k)[..., None] for k in (blocks, blocks - 1))
        before = before * self.b[..., None, None]
        ahead = self._ahead[:, :, None]
        length = min(n, BLOCK)
        v = now * ahead[..., 1 : 1 + length] + before * ahead[..., :length]
        return v.reshape(*self.a.shape, -1)[..., :n]

    def at(self, k: Indices) -> Array:
        """v_k (d, m, n) for k (n,) from -1 on."""
        a, b = self.a[..., None], self.b[..., None]
        quarter = a * a / 4 + b
        root = np.sqrt(np.abs(quarter))
        largest = a / 2 + np.where(a < 0, -root, root)
        smaller = np.divide(-b, largest, out=np.zeros_like(b), where=largest != 0)
        real = largest**k * _geometric(smaller, largest, np.copysign(2 * root, a), k + 1)
        modulus, angle = np.sqrt(np.abs(b)), np.arctan2(root, a / 2)
        turning = modulus**k * np.sin((k + 1) * angle) / np.sin(angle)
        return np.where(k < 0, 0.0, np.where(quarter >= 0, real, turning))


def _geometric(smaller: Array, largest: Array, apart: Array, n: Indices) -> Array:
    """1 + q + … + q^(n - 1) for the ratio q of two roots, whose difference is `apart`."""
    ratio = np.divide(smaller, largest, out=np.zeros_like(largest), where=largest != 0)
    log = np.log1p(-np.divide(apart, largest, out=np.ones_like(largest), where=largest != 0))
    close = np.where(apart == 0, n, np.expm1(n * log) / np.expm1(log))
    return np.where(ratio > CLOSE, close, (1 - ratio**n) / (1 - ratio))
