"""Newton's method."""

from __future__ import annotations

import numpy as np

from gdlab.methods.iterates import Iterates
from gdlab.objectives.base import Array, Objective

LARGEST_COMPILED = 4
"""Coordinates up to which elimination is written out for the compiled core."""


class Newton:
    """Newton's method, damped by α: x_k = x_{k-1} - α H⁻¹ grad f(x_{k-1}), H the Hessian there.

    The step solves H s = grad f by elimination with pivots. It leads to stationary points of any
    kind. Where H is singular, so that a pivot is 0, or not finite, a lane diverges.

    J. Nocedal and S. Wright, Numerical Optimization, 2006, sections 3.3 and A.1.
    """

    name = "Newton's method"

    def memory(self, dimension: int) -> int:
        return 0

    def evaluations(self, objective: Objective) -> int:
        """The gradient and the Hessian."""
        return 2

    def require(self, objective: Objective, dimension: int) -> None:
        """Raises ValueError for an objective without a Hessian."""
        if getattr(objective, "hessian", None) is None:
            raise ValueError(
                "method=newton needs second derivatives, and the objective has no "
                "hessian(x) -> (d, d, n); give it one, as in gdlab.Function(f, grad, "
                "hessian=hessian), or write f as a formula, or take method=barzilai_borwein, which "
                "learns the curvature from the gradients"
            )

    def step(self, at: Iterates, out: Array) -> None:
        np.copyto(out, at.gradient)
        solve(at.hessian(), out)
        out *= at.alpha
        np.subtract(at.x, out, out=out)

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        if dimension > LARGEST_COMPILED:
            raise ValueError(f"compiles Newton's method for up to {LARGEST_COMPILED} variables")
        along = range(dimension)
        return [
            f"h = hessian({', '.join(f'x{i}' for i in along)})",
            f"finite = {' & '.join(f'(abs(h{i}) < inf)' for i in range(dimension**2))}",
            *(f"s{i} = g{i} if finite else nan" for i in along),
            *_solving(dimension),
            *(f"y{i} = x{i} - s{i} * alpha" for i in along),
        ]

    def recurrence(self, alpha: Array, curvature: Array) -> tuple[Array, Array]:
        return 1 - alpha * np.ones_like(curvature), np.zeros_like(alpha * curvature)


def solve(h: Array, s: Array) -> None:
    """Solve h s = s for every lane by elimination, h (d, d, n) and s (d, n), which both change.

    Each row in its turn gives place to those below it that have a larger pivot. LAPACK would refuse
    all lanes where one is singular; here that one alone has no finite solution. Nor has one with an
    infinite entry, which as a pivot would make the others vanish.
    """
    d = len(s)
    np.copyto(s, np.nan, where=~np.isfinite(h).all(axis=(0, 1)))
    for k in range(d):
        for i in range(k + 1, d):
            larger = np.abs(h[i, k]) > np.abs(h[k, k])
            if larger.any():
                for j in range(k, d):
                    _swap(h[k, j], h[i, j], larger)
                _swap(s[k], s[i], larger)
        for i in range(k + 1, d):
            factor = h[i, k] / h[k, k]
            for j in range(k + 1, d):
                h[i, j] -= factor * h[k, j]
            s[i] -= factor * s[k]
    for k in reversed(range(d)):
        for j in range(k + 1, d):
            s[k] -= h[k, j] * s[j]
        s[k] /= h[k, k]


def _swap(a: Array, b: Array, where: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
    kept = a.copy()
    np.copyto(a, b, where=where)
    np.copyto(b, kept, where=where)


def _solving(d: int) -> list[str]:
    """The same on single numbers: the matrix h0, h1, … row by row, and s0, s1, …"""

    def h(i: int, j: int) -> str:
        return f"h{i * d + j}"

    lines = []
    for k in range(d):
        for i in range(k + 1, d):
            lines.append(f"larger = abs({h(i, k)}) > abs({h(k, k)})")
            pairs = [(h(k, j), h(i, j)) for j in range(k, d)]
            for a, b in [*pairs, (f"s{k}", f"s{i}")]:
                lines += [f"kept = {a}", f"{a} = {b} if larger else {a}"]
                lines += [f"{b} = kept if larger else {b}"]
        for i in range(k + 1, d):
            lines.append(f"factor = {h(i, k)} / {h(k, k)}")
            lines += [f"{h(i, j)} = {h(i, j)} - factor * {h(k, j)}" for j in range(k + 1, d)]
            lines.append(f"s{i} = s{i} - factor * s{k}")
    for k in reversed(range(d)):
        lines += [f"s{k} = s{k} - {h(k, j)} * s{j}" for j in range(k + 1, d)]
        lines.append(f"s{k} = s{k} / {h(k, k)}")
    return lines
