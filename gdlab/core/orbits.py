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

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdlab.core.cycles import RETURN, WATCH, periods
from gdlab.core.problem import LaneNumbers, Problem
from gdlab.core.visited import Bins, Visited
from gdlab.given import count, numbers
from gdlab.methods import GradientDescent, Iterates, Method
from gdlab.methods.iterates import dot
from gdlab.objectives.base import Array, Objective, read_only
from gdlab.objectives.cores import cores

COORDINATES = 2**12
"""Of the lanes of a block; their last `WATCH` iterates are in memory together."""
STRIDE = 16
"""Steps after which tangent vectors are renormalised: each factor is 0 or at least 1e-16, so that
the product of so many cannot vanish."""
MOST_BINS = 2**20
ALIGNED = 64
"""Steps before the stretch in which the tangent vector turns to where it grows fastest."""


@dataclass(frozen=True)
class Stretch:
    """How long lanes are followed before anyone looks (`burn_in`), and over how many iterations.

    bins : in how many of equal width the first coordinate is counted meanwhile. domain : where, a
    pair (low, high); None for that of the objective.

    Raises ValueError for what are no such numbers.
    """

    burn_in: int
    length: int
    bins: int = 0
    domain: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        count("burn_in", self.burn_in, least=0)
        count("length", self.length, least=WATCH + 1)
        count("bins", self.bins, least=0, largest=MOST_BINS)
        if self.domain is None:
            return
        ends = numbers("domain", self.domain).ravel().tolist()
        if len(ends) != 2 or not -np.inf < ends[0] < ends[1] < np.inf:
            raise ValueError(f"domain={ends} is no pair (low, high) with low < high")
        object.__setattr__(self, "domain", (ends[0], ends[1]))


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


@dataclass
class Orbits:
    """What lanes do over the stretch.

    period : (n,), the smallest with which the last `WATCH` iterates come back: 1 at a fixed point,
    2 to `LONGEST_PERIOD` as a lane's verdict has it, 0 where none is found or the lane has left.
    lyapunov : (n,), the largest exponent a step; NaN where the lane has left.
    x : (d, n), the last iterate. left : (n,), whether a lane has left the escape radius on the way.
    visited : how often they are where; None without bins.
    """

    period: NDArray[np.int16]
    lyapunov: Array
    x: Array
    left: NDArray[np.bool_]
    visited: Visited | None

    @classmethod
    def blank(cls, problem: Problem, lanes: LaneNumbers, bins: Bins | None) -> Orbits:
        n = len(lanes)
        return cls(
            np.zeros(n, np.int16),
            np.full(n, np.nan),
            np.empty((problem.dimension, n)),
            np.zeros(n, bool),
            None if bins is None else Visited.blank(problem, lanes, bins),
        )

    def put(self, lanes: slice, part: Orbits) -> None:
        """Put what some of the lanes do in its place, and add where they were."""
        self.period[lanes], self.lyapunov[lanes] = part.period, part.lyapunov
        self.x[:, lanes], self.left[lanes] = part.x, part.left
        if self.visited is not None and part.visited is not None:
            self.visited.add(part.visited)


def follow(
    problem: Problem,
    stretch: Stretch,
    lanes: LaneNumbers,
    bins: Bins | None = None,
    advance: Advance | None = None,
) -> Orbits:
    """Follow the lanes of these numbers.

    advance : takes steps with the lanes of a block, by default with NumPy; anything else works on
    blocks in several threads.
    """
    found = Orbits.blank(problem, lanes, bins)
    at_once = max(COORDINATES // problem.dimension, 1)
    firsts = range(0, len(lanes), at_once)

    def followed(first: int) -> Orbits:
        block = Block.of(problem, lanes[first : first + at_once])
        with np.errstate(all="ignore"):  # a lane that leaves is a result, not an accident
            return _followed(block, stretch, bins, advance or advanced)

    with ThreadPoolExecutor(1 if advance is None else cores()) as threads:
        for first, part in zip(firsts, threads.map(followed, firsts), strict=True):
            found.put(slice(first, first + len(part.period)), part)
    return found


@dataclass(eq=False)
class Block:
    """Some lanes, followed together.

    alpha : (n,). x : (d, n), where they are. tangent : (d, n), the vector that goes along. far :
    (n,), their largest coordinate so far; NaN once there is one. trail : (`STRIDE`, d, n), the
    latest iterates.
    """

    problem: Problem
    lanes: LaneNumbers
    alpha: Array
    x: Array
    tangent: Array
    far: Array
    trail: Array

    @classmethod
    def of(cls, problem: Problem, lanes: LaneNumbers) -> Block:
        """The lanes of these numbers at their starting points."""
        alpha, x0, i_x0 = problem.starts(lanes)
        d, n = x0.shape
        # Any direction serves that is not by chance at right angles to the fastest.
        direction = np.sqrt(np.arange(2.0, 2.0 + d))[:, None]
        return cls(
            problem,
            lanes,
            np.ascontiguousarray(alpha),
            np.where(problem.is_defined(i_x0, x0), x0, np.nan),
            np.repeat(direction / np.linalg.norm(direction), n, axis=1),
            np.zeros(n),
            np.empty((STRIDE, d, n)),
        )

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Whether lanes have never left, (n,)."""
        return self.far <= self.problem.escape


Advance = Callable[[Block, int, bool, bool], None]
"""Takes so many steps with the lanes of a block, with their tangents or without; and writes the
trail or not, at most `STRIDE` of them."""


def _followed(block: Block, stretch: Stretch, bins: Bins | None, advance: Advance) -> Orbits:
    problem, aligned = block.problem, min(ALIGNED, stretch.burn_in)
    found = Orbits.blank(problem, block.lanes, bins)
    count_at = _counting(block, bins, found.visited)
    last = np.empty((WATCH + 1, *block.x.shape))
    logarithms = np.zeros(len(block.alpha))
    advance(block, stretch.burn_in - aligned, False, False)
    for steps in _strides(aligned):
        advance(block, steps, True, False)
        _renormalised(block.tangent)
    left = stretch.length
    for steps in _strides(stretch.length):
        advance(block, steps, True, bins is not None or left <= WATCH + STRIDE)
        logarithms += np.log(_renormalised(block.tangent))
        for x in block.trail[:steps]:
            left -= 1
            if left < len(last):
                last[-1 - left] = x
            count_at(x[0])
    inside = block.inside
    found.x[...], found.left[...] = block.x, ~inside
    found.period[...] = np.where(inside, periods_or_rest(last), 0)
    found.lyapunov[...] = np.where(inside, logarithms / stretch.length, np.nan)
    return found


def _counting(
    block: Block, bins: Bins | None, visited: Visited | None
) -> Callable[[Array], object]:
    """Give what counts where the lanes of a block are, by their first coordinates (n,)."""
    if bins is None or visited is None:
        return lambda x: None
    rows = bins.rows[block.problem.step_size_of(np.asarray(block.lanes))]
    first = np.searchsorted(visited.rows, rows) * (bins.number + 1)
    counts = visited.counts.reshape(-1)
    return lambda x: np.add.at(counts, first + bins.of(x), 1)


def _strides(steps: int) -> Iterator[int]:
    for first in range(0, steps, STRIDE):
        yield min(STRIDE, steps - first)


def _renormalised(tangent: Array) -> Array:
    """Make the tangent vectors (d, n) of length 1; give how long they were."""
    size = np.abs(tangent[0]) if len(tangent) == 1 else np.sqrt(dot(tangent, tangent))
    tangent /= size
    np.copyto(tangent, 1.0, where=~np.isfinite(tangent))  # after a factor of 0
    return size


def advanced(block: Block, steps: int, tangent: bool, trail: bool) -> None:
    """Take steps with NumPy, as `Advance` says."""
    at = Iterates(
        block.problem.objective,
        x=read_only(block.x),
        alpha=read_only(block.alpha[None]),
        memory=block.x[:0],
        gradient=np.empty_like(block.x),
    )
    spare = np.empty_like(block.x)
    for k in range(steps):
        new = block.trail[k % STRIDE]
        if tangent:
            _turn(block.tangent, at.hessian(), block.alpha)
        np.multiply(block.alpha, at.slope(), out=spare)
        np.subtract(at.x, spare, out=new)
        np.abs(new, out=spare)
        for size in spare:
            np.maximum(block.far, size, out=block.far)
        at.move_to(read_only(new), at.rows(read_only(new)))
    block.x[...] = at.x


def _turn(tangent: Array, hessian: Array, alpha: Array) -> None:
    """Multiply the tangent vectors by I - αH."""
    if len(tangent) == 1:
        factor = hessian[0, 0]
        factor *= alpha
        tangent *= np.subtract(1.0, factor, out=factor)
        return
    turned = np.stack([dot(row, tangent) for row in hessian])
    turned *= alpha
    tangent -= turned


def periods_or_rest(orbit: Array) -> NDArray[np.int16]:
    """As `periods`, and 1 for an orbit (k, d, n) that hardly moves: by a share of its distance."""
    extent = (orbit.max(axis=0) - orbit.min(axis=0)).max(axis=0)
    rests = extent <= RETURN * (1 + np.abs(orbit[-1]).max(axis=0))
    return np.where(rests, np.int16(1), periods(orbit))
