"""What lanes do in the long run: the period of their orbits, Lyapunov exponents, where they are.

Lanes are followed for a while that nobody looks at, and then over a stretch. Nothing is compared
with a tolerance, so this is a loop of its own, over blocks of lanes that fit into the cache.

Of gradient descent, x_k = x_{k-1} - α grad f(x_{k-1}), the derivative is I - αH. The largest
Lyapunov exponent is the mean of ln |v_k| / |v_{k-1}| over the stretch, where v goes along:
v_k = (I - αH(x_{k-1})) v_{k-1} (E. Ott, Chaos in Dynamical Systems, 2002, section 4.4; the
renormalised vector: G. Benettin and others, Meccanica 15, 1980). With one variable that is the mean
of ln |1 - αf''|. It is negative where lanes settle, 0 where they are about to change, and positive
in chaos.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdlab.core.cycles import RETURN, WATCH, periods
from gdlab.core.descent import Progress
from gdlab.core.problem import LaneNumbers, Problem
from gdlab.given import count
from gdlab.methods import GradientDescent, Iterates, Method
from gdlab.objectives.base import Array, Objective, read_only

COORDINATES = 2**13
"""Of the lanes of a block; their last `WATCH` iterates are in memory together."""
RENORMALISED = 8
"""Steps between two logarithms: a factor of one step is 0, or at least 1e-16."""
ALIGNED = 64
"""Steps before the stretch in which the tangent vector turns to where it grows fastest."""


@dataclass(frozen=True)
class Stretch:
    """How long lanes are followed before anyone looks (`burn_in`), and over how many iterations.

    Raises ValueError for what are no such numbers.
    """

    burn_in: int
    length: int

    def __post_init__(self) -> None:
        count("burn_in", self.burn_in, least=0)
        count("length", self.length, least=WATCH + 1)


def require_derivative(objective: Objective, method: Method) -> None:
    """Raise ValueError where the derivative of a step is not known."""
    if type(method) is not GradientDescent:
        raise ValueError(
            "orbits are those of gradient descent, of which the derivative I - αH is known; take "
            "method=gradient_descent"
        )
    if getattr(objective, "hessian", None) is None:
        raise ValueError(
            "Lyapunov exponents need second derivatives, and the objective has no "
            "hessian(x) -> (d, d, n); give it one, or write f as a formula"
        )


@dataclass(frozen=True)
class Bins:
    """Where the first coordinate is counted: `number` bins of equal width from low to high."""

    low: float
    high: float
    number: int

    @property
    def edges(self) -> Array:
        """Where they begin and end, (number + 1,)."""
        return np.linspace(self.low, self.high, self.number + 1)

    def of(self, x: Array) -> NDArray[np.int64]:
        """The bin of each number, or `number` where it is in none."""
        place = np.floor((x - self.low) * (self.number / (self.high - self.low)))
        np.copyto(place, self.number, where=~((place >= 0) & (place < self.number)))
        return place.astype(np.int64)


@dataclass
class Orbits:
    """What lanes do over the stretch.

    period : (n,), the smallest with which the last `WATCH` iterates come back: 1 at a fixed point,
    2 to `LONGEST_PERIOD` as a lane's verdict has it, 0 where none is found or the lane has left.
    lyapunov : (n,), the largest exponent a step; NaN where the lane has left.
    x : (d, n), the last iterate. left : (n,), whether a lane has left the escape radius on the way.
    visited : (m, n_bins + 1), how often lanes of each step size, from that of the first lane on,
    are in each bin, and in none; empty without bins.
    """

    period: NDArray[np.int16]
    lyapunov: Array
    x: Array
    left: NDArray[np.bool_]
    visited: NDArray[np.int64]

    @classmethod
    def blank(cls, problem: Problem, lanes: LaneNumbers, bins: Bins | None) -> Orbits:
        n, m = len(lanes), 0 if bins is None else len(step_sizes_of(problem, lanes))
        return cls(
            np.zeros(n, np.int16),
            np.full(n, np.nan),
            np.empty((problem.dimension, n)),
            np.zeros(n, bool),
            np.zeros((m, 1 + (0 if bins is None else bins.number)), np.int64),
        )

    def put(self, lanes: slice, row: int, part: Orbits) -> None:
        """Put what some of the lanes do in its place, and add where they were from this row on."""
        self.period[lanes], self.lyapunov[lanes] = part.period, part.lyapunov
        self.x[:, lanes], self.left[lanes] = part.x, part.left
        self.visited[row : row + len(part.visited)] += part.visited


def step_sizes_of(problem: Problem, lanes: LaneNumbers) -> range:
    """The places of the α that lanes have whose numbers follow each other."""
    first, last = problem.step_size_of(np.array([lanes[0], lanes[-1]])).tolist()
    return range(first, last + 1)


def follow(
    problem: Problem,
    stretch: Stretch,
    lanes: LaneNumbers,
    bins: Bins | None = None,
    progress: Progress | None = None,
) -> Orbits:
    """Follow the lanes of these numbers; with bins they have to follow each other."""
    found = Orbits.blank(problem, lanes, bins)
    at_once = max(COORDINATES // problem.dimension, 1)
    for first in range(0, len(lanes), at_once):
        own = lanes[first : first + at_once]
        with np.errstate(all="ignore"):  # a lane that leaves is a result, not an accident
            part = _Block(problem, own, bins).follow(stretch)
        row = problem.step_size_of(lanes[first : first + 1]) - problem.step_size_of(lanes[:1])
        found.put(slice(first, first + len(own)), int(row[0]), part)
        if progress is not None:
            done = first + len(own)
            progress(done, done * (stretch.burn_in + stretch.length))
    return found


class _Block:
    """Some lanes, followed together."""

    def __init__(self, problem: Problem, lanes: LaneNumbers, bins: Bins | None) -> None:
        self.alpha, x0, i_x0 = problem.starts(lanes)
        self.x = np.where(problem.is_defined(i_x0, x0), x0, np.nan)
        self.at = Iterates(
            problem.objective,
            x=read_only(self.x),
            alpha=read_only(self.alpha[None]),
            memory=np.empty((0, len(lanes))),
            gradient=np.empty_like(self.x),
        )
        self.rows, self.spare = self.at.rows(self.at.x), np.empty_like(self.x)
        self.escape, self.inside = problem.escape, np.ones(len(lanes), bool)
        self.bins, self.found = bins, Orbits.blank(problem, lanes, bins)
        width = self.found.visited.shape[1]
        i_alpha = problem.step_size_of(lanes)
        self.row = (i_alpha - i_alpha[0]) * width  # of a lane's step size, among all counts

    def follow(self, stretch: Stretch) -> Orbits:
        """Give what the lanes do."""
        aligned = min(ALIGNED, stretch.burn_in)
        for _ in range(stretch.burn_in - aligned):
            self.step()
        tangent = _Tangent(self)
        for _ in range(aligned):
            tangent.step()
            self.step()
        tangent.begin()
        last = np.empty((WATCH + 1, *self.x.shape))
        for k in range(-stretch.length, 0):
            tangent.step()
            self.step()
            if k >= -len(last):
                last[k] = self.x
            if self.bins is not None:
                np.add.at(self.found.visited.reshape(-1), self.row + self.bins.of(self.x[0]), 1)
        found, inside = self.found, self.inside
        found.x[...], found.left[...] = self.x, ~inside
        found.period[...] = np.where(inside, periods_or_rest(last), 0)
        found.lyapunov[...] = np.where(inside, tangent.total() / stretch.length, np.nan)
        return found

    def step(self) -> None:
        """Take a step of gradient descent with every lane."""
        self.at.move_to(self.at.x, self.rows)
        np.multiply(self.alpha, self.at.slope(), out=self.spare)
        self.x -= self.spare
        np.abs(self.x, out=self.spare)
        self.inside &= (self.spare <= self.escape).all(axis=0)


class _Tangent:
    """How much faster than they go lanes move apart that begin side by side."""

    def __init__(self, block: _Block) -> None:
        self.block = block
        d, n = block.x.shape
        # Any direction serves that is not by chance at right angles to the fastest.
        direction = np.sqrt(np.arange(2.0, 2.0 + d))[:, None]
        self.vector = np.repeat(direction / np.linalg.norm(direction), n, axis=1)
        self.begin()

    def begin(self) -> None:
        """Count from here on."""
        self.logarithms = np.zeros(self.vector.shape[1])
        self._renormalise()
        self.logarithms[...] = 0.0

    def step(self) -> None:
        """Go along with the step that the block takes next."""
        block, v = self.block, self.vector
        hessian = block.at.hessian()
        if len(v) == 1:
            factor = hessian[0, 0]
            factor *= block.alpha
            v *= np.subtract(1.0, factor, out=factor)
        else:
            turned = sum(hessian[:, j] * v[j] for j in range(len(v)))
            turned *= block.alpha
            v -= turned
        self.steps += 1
        if self.steps == RENORMALISED:
            self._renormalise()

    def total(self) -> Array:
        """The logarithms of all factors since `begin`, (n,)."""
        self._renormalise()
        return self.logarithms

    def _renormalise(self) -> None:
        size = np.abs(self.vector[0]) if len(self.vector) == 1 else np.sqrt((self.vector**2).sum(0))
        self.logarithms += np.log(size)
        self.vector /= size
        np.copyto(self.vector, 1.0, where=~np.isfinite(self.vector))  # after a factor of 0
        self.steps = 0


def periods_or_rest(orbit: Array) -> NDArray[np.int16]:
    """As `periods`, and 1 for an orbit (k, d, n) that hardly moves: by a share of its distance."""
    extent = (orbit.max(axis=0) - orbit.min(axis=0)).max(axis=0)
    rests = extent <= RETURN * (1 + np.abs(orbit[-1]).max(axis=0))
    return np.where(rests, np.int16(1), periods(orbit))
