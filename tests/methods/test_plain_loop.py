"""Every method against a plain loop: verdict, steps, iterate and evaluations of every lane."""

from __future__ import annotations

import itertools
import math
import struct
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gdlab
from gdlab import methods
from gdlab.core.compiled.descent import descend as compiled
from gdlab.core.criteria import CRITERIA
from gdlab.core.descent import descend
from gdlab.core.problem import Status, Verdicts
from gdlab.methods import evaluations_a_step
from tests.core.test_descent import numbers, starts, tolerances
from tests.examples import at_most
from tests.methods.plain import stepper
from tests.oracles import (
    Landscape,
    agree,
    descend_one,
    verdict_at,
    verdicts_agree,
    verdicts_of,
)

FORMULAS: dict[str, dict] = {
    "square": {"expr": "x**2"},
    "double_well": {"expr": "x**4/4 - x**2/2 + x/5"},
    "waves": {"expr": "sin(3*x) + x**2/4", "minimisers": [-0.4960111185575348]},
    "barrier": {"expr": "x - log(x)", "minimisers": [1.0]},
    "kink": {"expr": "abs(x) + sqrt(x + 3)", "minimisers": [0.0]},
    "valley": {"expr": "(x**2 + 30*y**2)/2 + x*y"},
    "saddle": {"expr": "x**2 - y**2 + x*y", "minimisers": [], "minimum": -1.0},
    "himmelblau": {
        "expr": "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        "minimisers": [[3, 2], [3.584428340330492, -1.848126526964404]],
        "minimum": 0.0,
    },
    "singular": {"expr": "(x + 3*y)**2 + x**4/100", "minimisers": [[0, 0]]},
    "cusp": {"expr": "x**1.5 + y**2 + x*y/2", "minimisers": [], "minimum": -1.0},
    "bowl": {"expr": "(x - 1)**2 + 3*y**2 + 7*z**2 + x*y - 2*y*z"},
    "three": {
        "expr": "x**4 + exp(y - x) - y + (z - x*y)**2 + 1/(4 + z**2)",
        "minimisers": [],
        "minimum": 0.5,
    },
}
METHODS: dict[str, tuple[str, dict]] = {
    "momentum": ("Momentum", {"beta": 0.7}),
    "nesterov": ("Nesterov", {"beta": 0.6}),
    "nesterov by the schedule": ("Nesterov", {"beta": "schedule"}),
    "newton": ("Newton", {}),
    "exact_line_search": ("ExactLineSearch", {}),
    "armijo": ("Armijo", {}),
    "armijo that soon gives up": ("Armijo", {"shrink": 0.3, "slope": 0.4, "most": 2}),
    "long barzilai_borwein": ("BarzilaiBorwein", {"kind": "long"}),
    "short barzilai_borwein": ("BarzilaiBorwein", {"kind": "short"}),
    "adam": ("Adam", {}),
    "adam of short memory": ("Adam", {"beta1": 0.5, "beta2": 0.7, "eps": 1e-3}),
    "rmsprop": ("RMSProp", {}),
    "adagrad": ("Adagrad", {}),
    "sign": ("Sign", {}),
}
COMPILED = {
    "momentum": ("double_well", "gradient"),
    "nesterov": ("square", "gap"),
    "nesterov by the schedule": ("himmelblau", "step"),
    "newton": ("cusp", "step"),
    "exact_line_search": ("valley", "step"),
    "long barzilai_borwein": ("double_well", "step"),
    "short barzilai_borwein": ("valley", "distance"),
    "adam": ("himmelblau", "gradient"),
    "rmsprop": ("double_well", "step"),
    "adagrad": ("valley", "step"),
    "sign": ("square", "step"),
}
"""Of which formula and for which criterion a kernel is compiled here; each takes seconds."""
STEP_SIZES = st.one_of(
    st.sampled_from([0.001, 0.05, 0.25, 0.5, 1.0, 1.5, 2.0, 1e300]),
    numbers(-3, 0.6).map(lambda exponent: 10.0**exponent),
)
POOLS = [0, 1, 3, 7]


@cache
def objective(name: str) -> gdlab.Formula:
    return gdlab.Formula(**FORMULAS[name])


@cache
def landscape(name: str) -> Landscape:
    """Each point is asked for once, whatever the tolerance."""
    land = Landscape.of(objective(name))

    def once(function):
        known: dict[bytes, Any] = {}

        def found(x):
            key = struct.pack(f"{len(x)}d", *x)  # 0.0 and -0.0 are not the same
            if key not in known:
                known[key] = function(x)
            return known[key]

        return found

    land.f, land.grad, land.hessian = map(once, (land.f, land.grad, land.hessian))
    return land


def method(name: str) -> methods.Method:
    kind, parameters = METHODS[name]
    return getattr(methods, kind)(**parameters)


def criteria(name: str) -> list[str]:
    """Those that the formula has what they need for."""
    known = len(FORMULAS[name].get("minimisers", [0])) > 0
    return [criterion for criterion in CRITERIA if known or criterion != "distance"]


@st.composite
def experiments(
    draw: st.DrawFn, how: str, name: str, criterion: str, engine: str = "numpy"
) -> gdlab.Experiment:
    f = objective(name)
    most = 1 if how == "exact_line_search" else 2  # since that asks some forty times a step
    return gdlab.Experiment(
        f,
        draw(st.lists(STEP_SIZES, min_size=1, max_size=most)),
        draw(starts(f.dimension, 2 * most)),
        tol=draw(st.lists(tolerances, min_size=1, max_size=most)),
        max_iter=draw(st.one_of(st.sampled_from([1, 2, 3]), st.integers(1, 40))),
        criterion=criterion,
        escape=draw(st.sampled_from([5.0, 50.0, 1e8, 1e200, 1e308])),
        method=method(how),
        engine=engine,
    )


def assert_every_lane_as_in_the_loop(
    experiment: gdlab.Experiment, found: Verdicts, how: str, name: str
) -> None:
    a_step = evaluations_a_step(experiment.method, experiment.objective)
    pairs = itertools.product(experiment.alpha.tolist(), experiment.x0.tolist())
    for lane, (alpha, x0) in enumerate(pairs):
        if not math.isfinite(landscape(name).f(x0)):
            x0 = [math.nan] * len(x0)  # from where f has no value a step leads nowhere
        for level, tol in enumerate(experiment.tol.tolist()):
            expected = descend_one(
                landscape(name),
                alpha,
                x0,
                tol=tol,
                max_iter=experiment.max_iter,
                criterion=experiment.criterion,
                escape=experiment.escape,
                stepper=stepper(*METHODS[how]),
            )
            verdict = verdict_at(found, level, lane)
            if verdict.evaluations is None:
                verdict.evaluations = a_step * verdict.steps
            assert agree(verdict, expected), (lane, level, verdict, expected)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("how", METHODS)
def test_every_lane_goes_as_in_a_plain_loop_in_any_company(how, name):
    chosen = st.sampled_from(criteria(name)).flatmap(partial(experiments, how, name))

    @at_most(3)
    @given(chosen, st.sampled_from(POOLS))
    def holds(experiment, pool):
        found = verdicts_of(experiment, pool=pool)
        assert_every_lane_as_in_the_loop(experiment, found, how, name)

    holds()


@pytest.mark.parametrize("how", COMPILED)
def test_so_it_does_compiled(how):
    name, criterion = COMPILED[how]

    @at_most(12)
    @given(experiments(how, name, criterion, engine="numba"), st.sampled_from(POOLS))
    def holds(experiment, pool):
        found = verdicts_of(experiment, pool=pool)
        assert_every_lane_as_in_the_loop(experiment, found, how, name)

    holds()


@pytest.mark.parametrize("how", COMPILED)
def test_a_crowd_of_lanes_has_the_same_bits_in_both_engines(how):
    name, criterion = COMPILED[how]
    f, rng = objective(name), np.random.default_rng(3)
    alpha = np.concatenate([10 ** rng.uniform(-3, 0.3, 9), [1.0, 1e300]])
    x0 = np.concatenate([rng.uniform(-4, 4, (67, f.dimension)), np.zeros((1, f.dimension))])
    problem = gdlab.Experiment(
        f, alpha, x0, tol=[1e-2, 1e-9], max_iter=90, criterion=criterion, method=method(how)
    ).problem
    ours, theirs = compiled(problem), descend(problem)
    assert verdicts_agree(ours, theirs)
    assert ours.lane_steps == theirs.lane_steps
    assert (ours.status == Status.converged).any()
