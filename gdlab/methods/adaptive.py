"""Methods that scale each coordinate by the gradients they have seen, as deep learning does.

They do not approach a minimiser linearly: with a constant α they end up walking to and fro within
about α of it, or, as Adagrad, slow down.
"""

from __future__ import annotations

import numpy as np

from gdlab.methods.iterates import Iterates
from gdlab.methods.parameters import positive, share
from gdlab.objectives.base import Array, Objective


class Adam:
    """x_k = x_{k-1} - α m̂ / (sqrt(v̂) + eps), from averages of the gradients and their squares.

    m = β1 m + (1 - β1) g and v = β2 v + (1 - β2) g², from 0; m̂ and v̂ are m and v divided by the
    same average of 1, which is 1 - β1^k and 1 - β2^k.

    D. Kingma and J. Ba, Adam: A method for stochastic optimization, 2015.
    """

    name = "Adam"

    beta1: float
    beta2: float

    def __init__(self, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> None:
        self.beta1, self.beta2 = share("beta1", beta1), share("beta2", beta2)
        self.eps: float = positive("eps", eps, 1e-8)

    def memory(self, dimension: int) -> int:
        return 2 * dimension + 2

    def step(self, at: Iterates, out: Array) -> None:
        d, gradient = len(at.x), at.gradient
        mean, square, ones = at.memory[:d], at.memory[d : 2 * d], at.memory[2 * d :]
        _average(mean, self.beta1, gradient)
        _average(square, self.beta2, gradient * gradient)
        _average(ones[0], self.beta1, 1.0)
        _average(ones[1], self.beta2, 1.0)
        np.divide(mean, ones[0], out=out)
        out /= _root(square / ones[1], self.eps)
        out *= at.alpha
        np.subtract(at.x, out, out=out)

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        d, lines = dimension, []
        for i in range(d):
            lines += [_averaged(f"m{i}", self.beta1, f"g{i}")]
            lines += [_averaged(f"m{d + i}", self.beta2, f"(g{i} * g{i})")]
        lines += [_averaged(f"m{2 * d}", self.beta1, "1.0")]
        lines += [_averaged(f"m{2 * d + 1}", self.beta2, "1.0")]
        for i in range(d):
            lines += _rooted(f"m{d + i} / m{2 * d + 1}", self.eps)
            lines += [f"y{i} = x{i} - m{i} / m{2 * d} / root * alpha"]
        return lines


class RMSProp:
    """x_k = x_{k-1} - α g / (sqrt(v) + eps), with v = β2 v + (1 - β2) g² from 0.

    T. Tieleman and G. Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012.
    """

    name = "RMSProp"

    beta2: float
    eps: float

    def __init__(self, beta2: float = 0.9, eps: float = 1e-8) -> None:
        self.beta2, self.eps = share("beta2", beta2), positive("eps", eps, 1e-8)

    def memory(self, dimension: int) -> int:
        return dimension

    def step(self, at: Iterates, out: Array) -> None:
        gradient = at.gradient
        _average(at.memory, self.beta2, gradient * gradient)
        _scaled(at, gradient, self.eps, out)

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        return [
            line
            for i in range(dimension)
            for line in (_averaged(f"m{i}", self.beta2, f"(g{i} * g{i})"), *_scaling(i, self.eps))
        ]


class Adagrad:
    """x_k = x_{k-1} - α g / (sqrt(v) + eps), v the sum of all g² so far.

    J. Duchi, E. Hazan and Y. Singer, Adaptive subgradient methods for online learning and
    stochastic optimization, 2011.
    """

    name = "Adagrad"

    def __init__(self, eps: float = 1e-8) -> None:
        self.eps: float = positive("eps", eps, 1e-8)

    def memory(self, dimension: int) -> int:
        return dimension

    def step(self, at: Iterates, out: Array) -> None:
        gradient = at.gradient
        memory = at.memory
        memory += gradient * gradient
        _scaled(at, gradient, self.eps, out)

    def statements(self, objective: Objective, dimension: int) -> list[str]:
        return [
            line
            for i in range(dimension)
            for line in (f"m{i} = m{i} + g{i} * g{i}", *_scaling(i, self.eps))
        ]


def _average(average: Array, beta: float, new: Array | float) -> None:
    """Move an average towards what is new."""
    average *= beta
    average += (1 - beta) * new


def _averaged(average: str, beta: float, new: str) -> str:
    return f"{average} = {average} * {beta!r} + {1 - beta!r} * {new}"


def _scaled(at: Iterates, gradient: Array, eps: float, out: Array) -> None:
    """Step against the gradient, divided by the root of the memory."""
    np.divide(gradient, _root(at.memory, eps), out=out)
    out *= at.alpha
    np.subtract(at.x, out, out=out)


def _scaling(i: int, eps: float) -> list[str]:
    return [*_rooted(f"m{i}", eps), f"y{i} = x{i} - g{i} / root * alpha"]


def _root(square: Array, eps: float) -> Array:
    """What to divide by: NaN where the square has overflowed.

    Divided by infinity a step would be none, and a lane that is lost pass for one that converges.
    """
    root = np.sqrt(square)
    root += eps
    np.copyto(root, np.nan, where=root == np.inf)
    return root


def _rooted(square: str, eps: float) -> list[str]:
    return [f"root = sqrt({square}) + {eps!r}", "root = root if root < inf else nan"]
