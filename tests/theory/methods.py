"""Methods on quadratics by their own definitions: loops that know nothing of recurrences."""

from __future__ import annotations

import numpy as np

from gdlab.methods import Momentum, Nesterov, Newton


def iterates(method, alpha, hessian, e0, n):
    """Errors e_0 to e_n (n + 1, d) by the methods' own definitions, one product after another."""
    e, before, every = np.array(e0, float), np.array(e0, float), [np.array(e0, float)]
    for _ in range(n):
        match method:
            case Momentum(beta=beta):
                new = e - alpha * (hessian @ e) + beta * (e - before)
            case Nesterov(beta=beta):
                ahead = e + beta * (e - before)
                new = ahead - alpha * (hessian @ ahead)
            case Newton():
                new = e - alpha * np.linalg.solve(hessian, hessian @ e)
            case _:
                new = e - alpha * (hessian @ e)
        e, before = new, e
        every.append(e)
    return np.array(every)


def followed(f, method, alpha, x0, tol, criterion, *, max_iter=1000, escape=1e8):
    """Iterations (n_alpha, n_x0) of lanes to convergence, 0 without, by a loop over the steps."""
    points = np.array(x0, float)
    a = np.repeat(alpha, len(points))
    x = before = np.tile(points.T, len(alpha))
    found, lanes = np.zeros(a.size, int), np.arange(a.size)
    for k in range(1, max_iter + 1):
        match method:
            case Momentum(beta=beta):
                new = x - a * f.grad(x) + beta * (x - before)
            case Nesterov(beta=beta):
                ahead = x + beta * (x - before)
                new = ahead - a * f.grad(ahead)
            case Newton():
                new = x - a * np.linalg.solve(f.curvature, f.grad(x))
            case _:
                new = x - a * f.grad(x)
        before, x = x, new
        measure = {
            "step": lambda x, before: np.linalg.norm(x - before, axis=0),
            "gradient": lambda x, before: np.linalg.norm(f.grad(x), axis=0),
            "distance": lambda x, before: np.linalg.norm(x - f.minimisers.T, axis=0),
            "gap": lambda x, before: f(x) - f.minimum,
        }[criterion](x, before)
        inside = (np.abs(x) <= escape).all(axis=0)
        found[lanes[inside & (measure < tol)]] = k
        on = inside & ~(measure < tol)
        lanes, a, x, before = lanes[on], a[on], x[:, on], before[:, on]
    return found.reshape(len(alpha), -1)
