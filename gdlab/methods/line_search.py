"""Steepest descent that looks along the ray before it steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdlab.given import count
from gdlab.methods.iterates import SMALLEST, Iterates, dot, written_dot
from gdlab.methods.parameters import fraction
from gdlab.objectives.base import Array, Objective

DOUBLINGS, NARROWINGS = 200, 200
"""How often a trial step is doubled before f is said to fall without end, and a bracket made
smaller, at most."""
FLAT, NARROW = 1e-10, 1e-12
"""A line search is done where the slope is this share of the first one, or the bracket that of its
own end."""


AHEAD = 16384
"""Points at which f is asked for at once at most, where few lanes are left: a call costs as much as
thousands of them."""


class ExactLineSearch:
    """Cauchy's steepest descent: x_k = x_{k-1} - α t g, where t > 0 makes f(x_{k-1} - t g) least.

    g is the gradient at x_{k-1}. For a quadratic t is g'g / g'Hg; else the slope along the ray is
    followed to a point where it changes its sign: steps are doubled, from the last t on, until it
    has, and the bracket made smaller by the Illinois rule. α = 1 is Cauchy's own step. A lane for
    which f falls without end along the ray diverges, and so does one for which g'g or g'Hg
    overflows; where g'g underflows, g counts as 0.

    A. Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées, 1847;
    M. Dowell and P. Jarratt, A modified regula falsi method for computing the root of an
    equation, 1971.
    """

    name = "exact line search"

    def memory(self, dimension: int) -> int:
        """The last t, from which the next search starts."""
        return 1

    def evaluations(self, objective: Objective) -> int | None:
        """One for a quadratic, else as many as the search takes."""
        return None if _curvature(objective) is None else 1

    def require(self, objective: Objective, dimension: int) -> None:
        """Raises ValueError for a quadratic that has no minimum along any ray."""
        curvature = _curvature(objective)
        if curvature is not None and np.linalg.eigvalsh(curvature)[-1] <= 0:
            raise ValueError(
                "method=exact_line_search looks for the least f along -grad f, and this objective "
                "falls without end along every such ray; give one that curves upwards, or take "
                "method=gradient_descent or armijo, whose steps have an end"
            )

    def step(self, at: Iterates, out: Array) -> None:
        gradient = at.gradient
        curvature = _curvature(at.objective)
        square = dot(gradient, gradient)
        if curvature is None:
            size = _searched(at, gradient, square)
        else:
            bend = dot(gradient, np.stack([dot(row, gradient) for row in curvature]))
            size = square / bend
            size[~((bend > 0) & (bend < np.inf))] = np.inf
        size[square < SMALLEST] = 0.0
        size *= at.alpha[0]
        np.multiply(gradient, size, out=out)
        np.subtract(at.x, out, out=out)

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        curvature = _curvature(objective)
        if curvature is None:
            raise ValueError("compiles the exact line search for quadratics alone")
        g = [f"g{i}" for i in range(dimension)]
        rows = [[repr(entry) for entry in row] for row in curvature.tolist()]
        return [
            *(f"t{i} = {written_dot(row, g)}" for i, row in enumerate(rows)),
            f"square = {written_dot(g, g)}",
            f"bend = {written_dot(g, [f't{i}' for i in range(dimension)])}",
            "size = square / bend if (bend > 0.0) & (bend < inf) else inf",
            f"size = (0.0 if square < {SMALLEST!r} else size) * alpha",
            *(f"y{i} = x{i} - g{i} * size" for i in range(dimension)),
        ]


class Armijo:
    """Backtracking: x_k = x_{k-1} - t g with the first t of α, α·shrink, α·shrink², … that serves.

    It serves where f(x_{k-1} - t g) <= f(x_{k-1}) - slope · t · g'g; where none of them does, the
    last is taken, and α where g'g overflows.

    shrink : between 0 and 1. slope : between 0 and 1, the share of the promised fall that is asked
    for. most : how often t is made smaller at most.

    L. Armijo, Minimization of functions having Lipschitz continuous first partial
    derivatives, 1966.
    """

    name = "Armijo's backtracking"

    def __init__(self, shrink: float = 0.5, slope: float = 1e-4, most: int = 50) -> None:
        self.shrink: float = fraction("shrink", shrink, 0.5)
        self.slope: float = fraction("slope", slope, 1e-4)
        self.most: int = count("most", most, least=0, largest=2000)

    def memory(self, dimension: int) -> int:
        """f at the iterate, and whether it is there."""
        return 2

    def evaluations(self, objective: Objective) -> None:
        """The gradient, and f at every trial step."""

    def step(self, at: Iterates, out: Array) -> None:
        gradient = at.gradient
        square = dot(gradient, gradient)
        value, is_there = at.memory
        new = (is_there == 0).nonzero()[0]
        if new.size:
            value[new] = at.value_at(at.x.take(new, axis=1), new)
            is_there[new] = 1

        np.multiply(gradient, at.alpha, out=out)
        np.subtract(at.x, out, out=out)
        found = at.value_at(out)
        bound = self.slope * at.alpha[0]
        bound *= square
        np.subtract(value, bound, out=bound)
        trying = (~(found <= bound)).nonzero()[0]
        if trying.size:
            trying = trying[np.isfinite(square.take(trying))]  # else another t gains nothing
            self._try_shorter(at, trying, square, found, out)
        value[...] = found

    def _try_shorter(
        self, at: Iterates, trying: NDArray[np.int64], square: Array, found: Array, out: Array
    ) -> None:
        """Shrink the steps of these columns until they serve; write where they lead, and f.

        The fewer columns are left, the more steps of each are tried at once, though at most one
        more than have failed; those beyond the first that serves are not counted.
        """
        ray = np.stack([row.take(trying) for row in (at.alpha[0], at.memory[0], square)])
        x, gradient = at.x.take(trying, axis=1), at.gradient.take(trying, axis=1)
        left, n = self.most, 1
        while left and trying.size:
            n = min(n, left)
            size, value, square = ray
            sizes = self._shrunk(size, n)
            points = x[:, None] - gradient[:, None] * sizes
            there = at.value_ahead(points.reshape(len(x), -1)).reshape(sizes.shape)
            serve = there <= value - self.slope * sizes * square
            serves = serve.any(axis=0)
            last = np.where(serves, serve.argmax(axis=0), n - 1)
            each = np.arange(trying.size)
            out[:, trying], found[trying] = points[:, last, each], there[last, each]
            at.count(last + 1, trying)

            on = (~serves).nonzero()[0]
            trying, ray = trying.take(on), ray.take(on, axis=1)
            x, gradient = x.take(on, axis=1), gradient.take(on, axis=1)
            ray[0] = sizes[-1].take(on)
            left -= n
            n = max(1, min(2 * n, AHEAD // max(on.size, 1)))

    def _shrunk(self, size: Array, n: int) -> Array:
        """The next n sizes (n, m) after these (m,)."""
        sizes = np.empty((n, size.size))
        for row in sizes:
            np.multiply(size, self.shrink, out=row)
            size = row
        return sizes


def _curvature(objective: Objective) -> Array | None:
    matrix: Array | None = getattr(objective, "curvature", None)
    return matrix


def _searched(at: Iterates, gradient: Array, square: Array) -> Array:
    """A t (n,) for each lane at which the slope of f along the ray changes its sign."""
    (last,) = at.memory
    size = np.where(last > 0, last, 1 / np.sqrt(1 + square))
    size[~(square < np.inf)] = np.inf
    search = _Search(at, gradient, square, size)
    search.double()
    search.narrow()
    np.copyto(last, search.size, where=np.isfinite(search.size))
    return search.size


class _Search:
    """Searches along the rays of some lanes; each is asked only while its own goes on.

    low, high, size : (m,), t where f still falls, where it rises or has no value, and the latest.
    """

    def __init__(self, at: Iterates, gradient: Array, square: Array, size: Array) -> None:
        self.at, self.gradient, self.square = at, gradient, square
        self.size = size
        self.low, self.high = np.zeros_like(size), np.full_like(size, np.inf)
        self.slope_low, self.slope_high = -square, np.full_like(size, np.nan)

    def slopes(self, columns: NDArray[np.int64]) -> Array:
        """The slope of f along the ray at `size`."""
        gradient = self.gradient[:, columns]
        point = self.at.x[:, columns] - gradient * self.size[columns]
        return -dot(self.at.gradient_at(point, columns), gradient)

    def double(self) -> None:
        """Take larger steps until f does not fall there; without end, the step is infinite."""
        going = ((self.square >= SMALLEST) & (self.square < np.inf)).nonzero()[0]
        for _ in range(DOUBLINGS):
            if not going.size:
                return
            slope = self.slopes(going)
            falls = slope < 0
            rises, going = going[~falls], going[falls]
            self.high[rises], self.slope_high[rises] = self.size[rises], slope[~falls]
            self.low[going], self.slope_low[going] = self.size[going], slope[falls]
            self.size[going] *= 2
            going = going[np.isfinite(self.size[going])]
        self.size[going] = np.inf

    def narrow(self) -> None:
        """Make the brackets smaller until they are as good as a point."""
        going = np.isfinite(self.high).nonzero()[0]
        slope, side = self.slope_high[going], np.zeros(going.size)  # 1: the high end moved last
        for _ in range(NARROWINGS):
            wide = self.high[going] - self.low[going] > NARROW * self.high[going]
            on = (wide & ~(np.abs(slope) <= FLAT * self.square[going])).nonzero()[0]
            going, side = going[on], side[on]
            if not going.size:
                return
            self.size[going] = self._inside(going)
            slope = self.slopes(going)
            falls = slope < 0
            lower, upper = going[falls], going[~falls]
            self.low[lower], self.slope_low[lower] = self.size[lower], slope[falls]
            self.high[upper], self.slope_high[upper] = self.size[upper], slope[~falls]
            # the end that stays twice counts for half, or it might stay for ever
            self.slope_high[going[falls & (side < 0)]] *= 0.5
            self.slope_low[going[~falls & (side > 0)]] *= 0.5
            side = np.where(falls, -1.0, 1.0)

    def _inside(self, columns: NDArray[np.int64]) -> Array:
        """Where the chord of the slopes is 0, or the middle where that is no point between."""
        low, high = self.low[columns], self.high[columns]
        below, above = self.slope_low[columns], self.slope_high[columns]
        chord = (low * above - high * below) / (above - below)
        return np.where((chord > low) & (chord < high), chord, low + (high - low) / 2)
