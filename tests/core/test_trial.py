"""Objectives and methods are tried out on a few lanes before they are trusted with all."""

from __future__ import annotations

import numpy as np
import pytest

import gdlab

SQUARE = {"f": lambda x: x[0] ** 2, "grad": lambda x: 2 * x}
RANDOM = np.random.default_rng(0)


def table(alpha=(0.1, 0.3), x0=(1.0, -2.0), **functions):
    return gdlab.table(gdlab.Function(**SQUARE | functions), alpha, x0)


class TestObjectives:
    @pytest.mark.parametrize(
        ("functions", "says"),
        [
            ({"f": lambda x: x[0] ** 2 - x[0].mean()}, "f of a point depends on the other points"),
            ({"grad": lambda x: 2 * x - 0.1 * x.mean()}, "grad of a point depends on the other"),
            ({"grad": lambda x: np.cumsum(x, axis=1)}, "grad of a point depends on the other"),
            ({"grad": lambda x: 2 * x + RANDOM.normal(size=x.shape)}, "grad gives other values"),
        ],
        ids=["a mean", "a mean in the gradient", "a sum over lanes", "noise"],
    )
    @pytest.mark.parametrize("x0", [(1.0, -2.0), (3.0,)], ids=["two starts", "one start"])
    def test_a_lane_that_feels_its_neighbours_is_refused(self, functions, says, x0):
        with pytest.raises(ValueError, match=says):
            table(x0=x0, **functions)

    def test_rounding_that_depends_on_the_block_is_no_dependence(self):
        matrix = np.random.default_rng(1).normal(size=(40, 3))
        f = gdlab.Function(
            lambda x: ((matrix @ x) ** 2).sum(axis=0) / 2,
            lambda x: matrix.T @ (matrix @ x),
            variables=("a", "b", "c"),
        )
        assert gdlab.descend(f, 0.01, [[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]]).converged.all()

    def test_an_objective_without_a_value_beside_the_start_is_not_accused(self):
        def f(x):
            if (x > 1).any():
                raise OverflowError
            return x[0] ** 2

        assert (table(f=f, x0=[1.0])["status"] == "converged").all()

    @pytest.mark.parametrize(
        "grad",
        [
            lambda x: 2 * x if x.shape[1] <= 2 else 2 * x[:, :1],
            lambda x: 2 * x if x.shape[1] <= 2 else 0.0,
            lambda x: 2 * x if x.shape[1] <= 2 else np.zeros((1, 7)),
        ],
        ids=["one lane's for all", "a number", "too many"],
    )
    def test_a_shape_that_is_wrong_only_for_many_lanes_is_never_broadcast(self, grad):
        with pytest.raises(ValueError, match=r"grad gives the shape .* must give \(1, 3\)"):
            table(alpha=0.1, x0=[1.0, 2.0, 3.0], grad=grad)

    @pytest.mark.parametrize(
        "grad",
        [
            np.vectorize(lambda v: 2 * v),
            lambda x: np.stack([2 * point for point in x.T], axis=1),
            lambda x: 2 * x * (np.abs(x).max() >= 0),
        ],
        ids=["vectorize", "stack", "a maximum"],
    )
    def test_an_objective_is_never_asked_about_no_point_at_all(self, grad):
        assert table(grad=grad).equals(table())

    def test_an_objective_may_keep_what_it_was_given(self):
        class Remembering:
            """As SciPy's MemoizeJac: f and its gradient together, once for each x."""

            x: np.ndarray | None = None

            def both(self, x):
                if self.x is None or not np.array_equal(x, self.x):
                    self.x, self.f, self.slope = x, x[0] ** 2, 2 * x

            def __call__(self, x):
                self.both(x)
                return self.f

            def grad(self, x):
                self.both(x)
                return self.slope

        plain = gdlab.Function(**SQUARE)
        for max_iter in (8, 9, 20):
            settings = {"max_iter": max_iter, "tol": 1e-9}
            expected = gdlab.trace(plain, 0.1, 10.0, **settings)
            assert gdlab.trace(Remembering(), 0.1, 10.0, **settings).equals(expected)
            expected = gdlab.table(plain, [0.1, 0.45], [10.0, 1.0], **settings)
            assert gdlab.table(Remembering(), [0.1, 0.45], [10.0, 1.0], **settings).equals(expected)

    def test_the_gap_is_a_difference_of_doubles_whatever_f_gives(self):
        def f(x):
            return (x[0] ** 2).astype("f4") + np.float32(0.1)

        least = float(np.float32(0.1)) - 0.1  # 1.5e-9: as near as floats of 32 bits come to f*
        objective = gdlab.Function(f, lambda x: 2 * x, minimum=0.1)
        for tol, converged in ((0.9 * least, False), (1.1 * least, True)):
            found = gdlab.descend(objective, 0.3, [1.0, 2.0], criterion="gap", tol=tol)
            assert (found.converged == converged).all()


class Method(gdlab.GradientDescent):
    """Gradient descent with a part of its own."""

    def __init__(self, **parts):
        for name, part in parts.items():
            setattr(self, name, part)


def towards_the_mean(at, out):
    out[...] = at.x - at.alpha * at.gradient.mean()


def asking_twice(at, out):
    out[...] = at.x - at.alpha * at.gradient_at(at.x - at.alpha * at.gradient)


class TestMethods:
    @pytest.mark.parametrize(
        ("parts", "says"),
        [
            ({"step": lambda at, out: at.x - at.alpha * at.gradient}, "into all of"),
            ({"step": lambda at, out: out.fill(RANDOM.random())}, "same"),
            ({"step": lambda at: None}, "fails with TypeError"),
            ({"step": lambda at, out: 1 // 0}, "ZeroDivisionError"),
            ({"step": towards_the_mean}, "depends on the other lanes"),
            ({"step": asking_twice}, "asks the objective 2 times, and 1 is what it says"),
            ({"memory": lambda d: -1}, "memory=-1 is not a whole number"),
            ({"memory": lambda d: None}, "memory=None is not a whole number"),
            ({"memory": lambda d: 2**40}, "is larger than"),
        ],
        ids=[
            *("not written", "noise", "no out", "an error", "a mean", "two gradients"),
            *("less than none", "None", "too much"),
        ],
    )
    def test_a_method_that_takes_no_whole_step_is_refused_by_its_name(self, parts, says):
        with pytest.raises(ValueError, match=f"method: .*Method.*|{says}") as refusal:
            gdlab.table(gdlab.Formula("x**2"), 0.1, [1.0, 2.0], method=Method(**parts))
        assert says in str(refusal.value)
        assert "Method" in str(refusal.value)
