"""What the page computes is what the table says: in a real browser, lane by lane."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import gdlab
from gdlab import grids
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.explorer import columns_of, section
from gdlab.explorer import page as page_of
from gdlab.methods import (
    Adagrad,
    Adam,
    BarzilaiBorwein,
    ExactLineSearch,
    Momentum,
    Nesterov,
    Newton,
    RMSProp,
    Sign,
    name_of,
)
from tests.explorer.conftest import html_of

HIMMELBLAU = gdlab.Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", domain=[-5, 5])
QUARTIC = gdlab.Formula("x**4 - 3*x**2 + x")
SIDE = 40
"""Starts along each side of the plane."""
EXACT = {
    "a quadratic": Experiment(
        gdlab.Formula("x**2 + 4*x + 4"), np.linspace(0.02, 1.1, 55), np.linspace(-10, 10, 61)
    ),
    "two wells": Experiment(QUARTIC, np.geomspace(0.01, 0.4, 60), np.linspace(-2.5, 2.5, 60)),
    "the plane": Experiment(
        HIMMELBLAU, [0.005, 0.0122, 0.02, 0.03], grids.plane(SIDE, objective=HIMMELBLAU)
    ),
}
FOLLOWED = """async (ways) => {
    const root = document.querySelector(".gdlab-explorer");
    const found = [];
    for (const way of ways) {
        if (typeof way === "string") {
            const heard = new Promise((then) => {
                addEventListener("hashchange", then, { once: true });
            });
            location.hash = way;
            await heard;
        } else {
            const [clientX, clientY] = way;
            root.querySelector(".map").dispatchEvent(new MouseEvent("click", { clientX, clientY }));
        }
        await new Promise(requestAnimationFrame);
        const { status, steps, last, compared } = root.dataset;
        found.push([status, Number(steps), last.split(" "), compared]);
    }
    return found;
}"""
"""Follows lanes that are clicked on the map, or named by a fragment."""


def agree(page, descent, ways, lanes, level=0) -> set[str]:
    """Follow lanes, which agree with the table to the last bit; gives the verdicts on them."""
    found = page.page.evaluate(FOLLOWED, ways)
    for (status, steps, last, compared), (i, j) in zip(found, lanes, strict=True):
        assert status == Status(descent.status[i, j, level]).name
        assert steps == descent.steps[i, j, level]
        theirs = descent.x[i, j, level]
        assert np.array_equal(np.array(last, float), theirs, equal_nan=True)
        assert compared == "same"
    return {status for status, *_ in found}


def some(experiment: Experiment, number: int) -> list[tuple[int, int]]:
    """So many lanes, by step size and start; all where there are fewer."""
    n, n_x0 = experiment.n_lanes, len(experiment.starts)
    chosen = np.random.default_rng(20261125).choice(n, min(number, n), replace=False)
    return [divmod(int(lane), n_x0) for lane in chosen]


def agree_on_some(opened, experiment: Experiment, number: int = 12) -> set[str]:
    """The same for lanes that are named by fragments, at the tightest tolerance."""
    html, descent = html_of(experiment)
    lanes = some(experiment, number)
    ways = [
        f"alpha={experiment.alpha[i].item()!r}&x0={','.join(map(repr, experiment.x0[j].tolist()))}"
        for i, j in lanes
    ]
    return agree(opened(html), descent, ways, lanes, int(np.argmin(experiment.tol)))


@pytest.mark.parametrize("name", EXACT)
def test_two_hundred_clicked_lanes_go_where_the_table_says_to_the_last_bit(opened, name):
    experiment = EXACT[name]
    html, descent = html_of(experiment)
    page, lanes = opened(html), some(experiment, 200)
    columns, rows = len(experiment.alpha), len(experiment.starts)
    cells = lanes
    if experiment.dimension == 2:
        page.follow(f"alpha={experiment.alpha[2].item()!r}&x0=0,0")  # whose plane is the map
        columns = rows = SIDE
        cells = [divmod(j, SIDE) for _, j in lanes]
        lanes = [(2, j) for _, j in lanes]
    ways = [page.place("map", (i + 0.5) / columns, (j + 0.5) / rows) for i, j in cells]
    assert len(agree(page, descent, ways, lanes)) >= 2


METHODS = [
    *(Momentum(0.5), Nesterov(), Nesterov(0.3), Newton(), Sign()),
    *(BarzilaiBorwein(), BarzilaiBorwein("short"), Adam(), RMSProp(), Adagrad()),
]


@pytest.mark.parametrize("method", METHODS, ids=[name_of(method) for method in METHODS])
def test_other_methods_whose_step_is_arithmetic_go_where_the_table_says(opened, method):
    settings = {"method": method, "max_iter": 300}
    line, plane = np.linspace(-3, 3, 8), grids.plane(6, objective=HIMMELBLAU)
    agree_on_some(opened, Experiment(QUARTIC, np.geomspace(0.01, 1.5, 8), line, **settings))
    agree_on_some(opened, Experiment(HIMMELBLAU, [0.01, 0.1, 1.0], plane, **settings))


def test_cauchys_steps_on_a_quadratic_go_where_the_table_says(opened):
    f = gdlab.Formula("x**2 + x*y + 5*y**2")
    mesh = grids.plane(6, objective=f)
    agree_on_some(opened, Experiment(f, [0.5, 1, 2.5], mesh, method=ExactLineSearch()))


@pytest.mark.parametrize("criterion", ["gradient", "distance", "gap"])
def test_every_criterion_stops_where_the_table_says(opened, criterion):
    settings = {"criterion": criterion, "tol": [1e-9, 1e-3]}
    f = gdlab.Formula("x**2 + 3*y**2")
    line, plane = np.linspace(-2.5, 2.5, 9), grids.plane(5, objective=f)
    agree_on_some(opened, Experiment(QUARTIC, [0.02, 0.1, 0.13], line, **settings))
    agree_on_some(opened, Experiment(f, [0.02, 0.1, 0.34], plane, **settings))


def test_a_page_knows_all_four_verdicts(opened):
    grid = np.linspace(0.05, 0.4, 8), np.linspace(-2.2, 2.2, 9)
    verdicts = agree_on_some(opened, Experiment(QUARTIC, *grid), 72)
    assert verdicts == {"converged", "cycling", "max_iter", "diverged"}


def test_where_sine_is_rounded_anew_the_page_says_so_and_still_compares(opened):
    f = gdlab.Formula("sin(3*x) + x**2/4 + exp(-x)")
    page = opened(Experiment(f, np.linspace(0.01, 0.3, 10), np.linspace(-3, 3, 10)))
    assert "Browsers round cos, exp, sin in their own way" in page.text("notes")
    assert page.lane[3] in {"same", "near", "apart"}


def test_a_table_that_says_something_else_is_found_out(opened):
    experiment = EXACT["a quadratic"]
    _, descent = html_of(experiment)

    def with_table(**others):
        return opened(page_of(section(experiment, columns_of(replace(descent, **others))), "other"))

    page = with_table(steps=descent.steps + 1)
    assert page.lane[3] == "apart"
    assert re.fullmatch(r"The table says: .*\. This page does not\.", page.text("compared"))
    page = with_table(x=np.nextafter(descent.x, 9))
    assert page.lane[3] == "apart"
    assert "As in the table, but for its last iterate −2.0000" in page.text("compared")
