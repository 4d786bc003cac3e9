"""What objectives of one's own say of themselves, checked as a Function's settings are."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gdlab
from gdlab import grids
from gdlab.objectives.domain import facts_of
from gdlab.theory import stability_limits


class Bowl:
    """|x|² with attributes as they are given."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def __call__(self, x):
        return (x**2).sum(axis=0)

    def grad(self, x):
        return 2 * x

    def hessian(self, x):
        return np.repeat(2 * np.eye(len(x))[..., None], x.shape[1], axis=2)


WRONG = [
    ({"variables": 5}, "variables=5 is not a list of names"),
    ({"variables": ()}, "variables=[] are not one or more"),
    ({"variables": (1,)}, "variables: 1 is not a name"),
    ({"variables": ("x", "x")}, "different names"),
    ({"minimum": "0"}, "minimum='0' is not a finite number"),
    ({"minimum": True}, "minimum=True is not a finite number"),
    ({"minimum": -math.inf}, "minimum=-inf is not a finite number"),
    ({"minimum": 10**400}, "(401 digits) is too large a number"),
    ({"domain": "a"}, "domain='a' is not (low, high)"),
    ({"domain": (1, 0)}, "domain=(1, 0) is not (low, high)"),
    ({"curvature": "c"}, "curvature='c' is not a symmetric matrix of 1 by 1 numbers"),
    ({"curvature": [[1, 2]]}, "curvature=[[1, 2]] is not a symmetric matrix"),
    ({"curvature": [[math.inf]]}, "curvature=[[inf]] is not a symmetric matrix"),
    ({"minimisers": [[0, 0]]}, "minimisers=[[0, 0]] is not a list of points with 1 coordinate"),
    ({"minimisers": "0"}, "minimisers='0' is not a list of points"),
    ({"minimisers": [True]}, "minimisers=[True] is not a list of points"),
]


@pytest.mark.parametrize(("attributes", "says"), WRONG, ids=lambda value: str(value)[:40])
def test_what_an_objective_of_ones_own_cannot_mean_is_refused(attributes, says):
    with pytest.raises(ValueError, match=r"^objective: ") as refusal:
        gdlab.table(Bowl(**attributes), 0.1, [1.0])
    assert says in str(refusal.value)


def test_a_grid_refuses_names_and_a_domain_as_the_descent_does():
    for attributes in ({"variables": 5}, {"domain": "a"}):
        with pytest.raises(ValueError, match=r"^objective: (variables=5|domain='a') is not"):
            grids.line(5, objective=Bowl(**attributes))


def test_what_is_said_in_short_is_taken_as_function_takes_it():
    facts = facts_of(Bowl(domain=(0, 1), minimisers=[0], name=5, minimum=np.float64(0)), 1)
    assert facts.variables == ("x",)
    assert facts.domain == ((0.0, 1.0),)
    assert facts.minimisers.tolist() == [[0.0]]
    assert (facts.name, facts.minimum) == ("5", 0.0)
    assert facts_of(Bowl(minimisers=[]), 2).minimisers.shape == (0, 2)


def test_minimisers_on_the_line_have_their_limits_however_they_are_written():
    for minimisers in ([0.0, 1.0], [[0.0], [1.0]]):
        assert stability_limits(Bowl(minimisers=minimisers)).tolist() == [1.0, 1.0]
