"""Every method once more, one lane at a time, in plain Python floats.

Written from the definitions: a stepper is made for a lane, keeps what the method remembers, and
leads from one point to the next. It shares nothing with `gdlab.methods` but the order in which sums
and products are taken, on which bits depend.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.oracles import Landscape, Point

Matrix = list[Point]


def over(a: float, b: float) -> float:
    """The quotient as IEEE 754 has it, which divides by 0 too."""
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def dot(a: Point, b: Point) -> float:
    total = a[0] * b[0]
    for u, v in zip(a[1:], b[1:], strict=True):
        total += u * v
    return total


def moved(x: Point, along: Point, size: float) -> Point:
    return [x_i - a_i * size for x_i, a_i in zip(x, along, strict=True)]


def minus(a: Point, b: Point) -> Point:
    return [u - v for u, v in zip(a, b, strict=True)]


@dataclass
class Lane:
    """One lane: its objective and step size, and how often it has asked for f or a derivative."""

    land: Landscape
    alpha: float
    asked: int = 0

    def f(self, x: Point) -> float:
        self.asked += 1
        return self.land.f(x)

    def grad(self, x: Point) -> Point:
        self.asked += 1
        return self.land.grad(x)

    def hessian(self, x: Point) -> Matrix:
        self.asked += 1
        return self.land.hessian(x)


@dataclass
class GradientDescent(Lane):
    def __call__(self, x: Point) -> Point:
        return moved(x, self.grad(x), self.alpha)


@dataclass
class Momentum(Lane):
    beta: float = 0.9
    before: Point = field(default_factory=list)

    def __call__(self, x: Point) -> Point:
        move = minus(x, self.before or x)
        self.before = x
        down = moved(x, self.grad(x), self.alpha)
        return [d + self.beta * m for d, m in zip(down, move, strict=True)]


@dataclass
class Nesterov(Lane):
    beta: float | str = "schedule"
    before: Point = field(default_factory=list)
    k: int = 0

    def __call__(self, x: Point) -> Point:
        share = (self.k - 1) / (self.k + 2) if self.beta == "schedule" else float(self.beta)
        self.k += 1
        move = minus(x, self.before or x)
        self.before = x
        ahead = [share * m + x_i for m, x_i in zip(move, x, strict=True)]
        return moved(ahead, self.grad(ahead), self.alpha)


@dataclass
class Newton(Lane):
    def __call__(self, x: Point) -> Point:
        return moved(x, solution(self.hessian(x), self.grad(x)), self.alpha)


def solution(a: Matrix, b: Point) -> Point:
    """The solution of a s = b by Gauss's elimination; no number where there is none."""
    d = len(b)
    if not all(math.isfinite(entry) for row in a for entry in row):
        return [math.nan] * d
    rows = [[*row, value] for row, value in zip(a, b, strict=True)]
    for k in range(d):
        for i in range(k + 1, d):
            if abs(rows[i][k]) > abs(rows[k][k]):
                rows[i], rows[k] = rows[k], rows[i]
        for i in range(k + 1, d):
            share = over(rows[i][k], rows[k][k])
            rows[i] = [v - share * u for u, v in zip(rows[k], rows[i], strict=True)]
    s = [math.nan] * d
    for k in reversed(range(d)):
        rest = rows[k][d]
        for j in range(k + 1, d):
            rest -= rows[k][j] * s[j]
        s[k] = over(rest, rows[k][k])
    return s


@dataclass
class ExactLineSearch(Lane):
    last: float = 0.0

    def __call__(self, x: Point) -> Point:
        g = self.grad(x)
        square = dot(g, g)
        if math.isnan(square) or math.isinf(square):
            size = math.inf
        elif square < sys.float_info.min:
            size = 0.0
        elif self.land.curvature is not None:
            bend = dot(g, [dot(row, g) for row in self.land.curvature])
            size = square / bend if 0 < bend < math.inf else math.inf
        else:
            size = self.searched(x, g, square)
            if math.isfinite(size):
                self.last = size
        return moved(x, g, size * self.alpha)

    def searched(self, x: Point, g: Point, square: float) -> float:
        """Doubles t until f rises there; then draws the chord of the two slopes, again and again,
        counting half the slope of an end that has stayed twice."""

        def slope_at(t: float) -> float:
            return -dot(self.grad(moved(x, g, t)), g)

        t = self.last if self.last > 0 else 1 / math.sqrt(1 + square)
        low, falling, slope = 0.0, -square, math.nan
        for _ in range(200):
            slope = slope_at(t)
            if not slope < 0:
                break
            low, falling, t = t, slope, 2 * t
            if math.isinf(t):
                return math.inf
        else:
            return math.inf
        high, rising, stayed = t, slope, ""
        for _ in range(200):
            if high - low <= 1e-12 * high or abs(slope) <= 1e-10 * square:
                break
            t = over(low * rising - high * falling, rising - falling)
            if not low < t < high:
                t = low + (high - low) / 2
            slope = slope_at(t)
            if slope < 0:
                low, falling = t, slope
                if stayed == "high":
                    rising *= 0.5
                stayed = "high"
            else:
                high, rising = t, slope
                if stayed == "low":
                    falling *= 0.5
                stayed = "low"
        return t


@dataclass
class Armijo(Lane):
    shrink: float = 0.5
    slope: float = 1e-4
    most: int = 50
    value: float | None = None

    def __call__(self, x: Point) -> Point:
        g = self.grad(x)
        square, t = dot(g, g), self.alpha
        here = self.f(x) if self.value is None else self.value
        for trial in range(self.most + 1):
            if trial:
                t *= self.shrink
            point = moved(x, g, t)
            self.value = self.f(point)
            if self.value <= here - self.slope * t * square or not math.isfinite(square):
                break
        return point


@dataclass
class BarzilaiBorwein(Lane):
    kind: str = "long"
    before: tuple[Point, Point] | None = None

    def __call__(self, x: Point) -> Point:
        g = self.grad(x)
        size = self.alpha if self.before is None else self.taught(x, g, *self.before)
        self.before = x, g
        return moved(x, g, size)

    def taught(self, x: Point, g: Point, x_before: Point, g_before: Point) -> float:
        s, y = minus(x, x_before), minus(g, g_before)
        above, below = (dot(s, s), dot(s, y)) if self.kind == "long" else (dot(s, y), dot(y, y))
        if not dot(s, y) > 0 or not below >= sys.float_info.min:
            return self.alpha
        return math.inf if math.isinf(below) else above / below


@dataclass
class Scaled(Lane):
    """What Adam and its like share: a number for each coordinate, and the root to divide by."""

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    mean: Point = field(default_factory=list)
    square: Point = field(default_factory=list)

    def averaged(self, averages: Point, beta: float, new: Point) -> Point:
        averages = averages or [0.0] * len(new)
        return [m * beta + (1 - beta) * n for m, n in zip(averages, new, strict=True)]

    def scaled(self, x: Point, steps: Point, squares: Point) -> Point:
        y = []
        for x_i, step, v in zip(x, steps, squares, strict=True):
            root = math.sqrt(v) + self.eps if v < math.inf else math.nan
            y.append(x_i - step / root * self.alpha)
        return y


@dataclass
class Adam(Scaled):
    ones: tuple[float, float] = (0.0, 0.0)

    def __call__(self, x: Point) -> Point:
        g = self.grad(x)
        self.mean = self.averaged(self.mean, self.beta1, g)
        self.square = self.averaged(self.square, self.beta2, [g_i * g_i for g_i in g])
        one, two = self.ones
        self.ones = one * self.beta1 + (1 - self.beta1), two * self.beta2 + (1 - self.beta2)
        means = [m / self.ones[0] for m in self.mean]
        return self.scaled(x, means, [v / self.ones[1] for v in self.square])


@dataclass
class RMSProp(Scaled):
    beta2: float = 0.9

    def __call__(self, x: Point) -> Point:
        g = self.grad(x)
        self.square = self.averaged(self.square, self.beta2, [g_i * g_i for g_i in g])
        return self.scaled(x, g, self.square)


@dataclass
class Adagrad(Scaled):
    def __call__(self, x: Point) -> Point:
        g = self.grad(x)
        sums = self.square or [0.0] * len(g)
        self.square = [v + g_i * g_i for v, g_i in zip(sums, g, strict=True)]
        return self.scaled(x, g, self.square)


@dataclass
class Sign(Lane):
    def __call__(self, x: Point) -> Point:
        def sign(g: float) -> float:
            return g if math.isnan(g) else float((g > 0) - (g < 0))

        return moved(x, [sign(g) for g in self.grad(x)], self.alpha)


def stepper(name: str, parameters: dict[str, object]) -> Callable[[Landscape, float], Lane]:
    """Give what makes a stepper of the method of this name for one lane."""
    kind = globals()[name]

    def made(land: Landscape, alpha: float) -> Lane:
        lane: Lane = kind(land, alpha, **parameters)
        return lane

    return made
