"""The alternative text of a picture states what is to be seen in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gdlab.experiment import Experiment
from gdlab.figures.applicable import FIGURES
from gdlab.objectives.formula import Formula
from gdlab.report.alternatives import Found, alternative
from gdlab.results import findings
from gdlab.results import table as results
from gdlab.results.breakdown import Breakdown, Ends
from gdlab.results.overview import overview_of
from gdlab.results.tally import Tally
from gdlab.store import shares

BOWL = Formula("x**2 + 4*x + 4")
WELL = Formula("x**4/4 - x**2/2")
PLANE = Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", minimisers=[[3, 2]])


def found_of(experiment: Experiment) -> Found:
    table = results.table(experiment, shares.descend(experiment))
    overview = overview_of(experiment, table)
    tight = table[table["tol"] == experiment.tol.min()]
    ends = Ends(
        0,
        tight["status"].cat.codes.to_numpy(np.int8),
        tight["steps"].to_numpy(np.int32),
        tight["minimum"].to_numpy(np.int16, na_value=-1),
    )
    lane = findings.verdict(table) if experiment.n_lanes == 1 else None
    breakdown = Breakdown.of(experiment, [ends], findings.best_of(overview))
    return Found(experiment, overview, breakdown, lane)


@pytest.mark.parametrize(
    ("experiment", "figure", "expected"),
    [
        (
            Experiment(BOWL, [0.1, 0.5, 0.9, 1.5, 2], [1, 2, 3]),
            "heatmap",
            "Iterations to convergence, a cell a lane (gradient descent, 5 step sizes × 3 starting "
            "points). All lanes converge at α from 0.1 to 0.9; no lane converges at α from 1.5 to "
            "2. Of all 15 lanes 40% diverge. Fastest at α = 0.5: 2 iterations from every starting "
            "point.",
        ),
        (
            Experiment(BOWL, [0.1, 0.5, 0.9, 1.5, 2], [1, 2, 3]),
            "curves",
            "Fastest at α = 0.5: 2 iterations from every starting point. Of those that mostly "
            "converge the slowest is α = 0.9, 72 iterations in the median. Of all 15 lanes 40% "
            "diverge.",
        ),
        (Experiment(BOWL, [0.1, 0.5], [1, 2]), "path", "All lanes that converge end at −2."),
        (
            Experiment(BOWL, [1.5, 2], [1, 2]),
            "heatmap",
            "No lane converges at any α from 1.5 to 2. All 4 lanes diverge.",
        ),
        (Experiment(BOWL, [1.5, 2], [1, 2]), "path", "No lane converges."),
        (Experiment(BOWL, [1.5, 2], [1, 2]), "runtime", "No lane converges."),
        (
            Experiment(BOWL, [0.1, 0.5, 0.9], [1, 2, 3]),
            "runtime",
            "100% of all lanes converge, the first after 2, the last after 73 iterations, half of "
            "all within 62.",
        ),
        (
            Experiment(BOWL, [0.5, 1.5, 2], [1, 2]),
            "runtime",
            "33.3% of all lanes converge, after 2 iterations.",
        ),
        (
            Experiment(BOWL, [1e-300, 1e300], [1, 2]),
            "heatmap",
            "All lanes converge at α = 1e−300; no lane converges at α = 1e+300.",
        ),
        (
            Experiment(BOWL, [1e-300, 1e-299], [1, 2]),
            "heatmap",
            "All lanes converge at every α from 1e−300 to 1e−299. Fastest at α = 1e−300: 1 "
            "iteration from every starting point.",
        ),
        (
            Experiment(BOWL, [0.1], [10.0], tol=1e-7),
            "curves",
            "a curve a step size (gradient descent, α = 0.1, x₀ = 10). α = 0.1: converged at "
            "iteration 78 (as predicted).",
        ),
        (
            Experiment(BOWL, [0.3], [1, 10]),
            "heatmap",
            "All lanes converge at α = 0.3. 18 iterations in the median, at most 19.",
        ),
        (
            Experiment(WELL, [0.5, 1.1], [-2, -1.5, 1.2, 0]),
            "basins",
            "Of the lanes that converge 40% end at 1, 20% at −1 and 40% at none that is known.",
        ),
        (
            Experiment(WELL, [0.1, 2.9], [-1.5, 0.3, 0]),
            "regimes",
            "All lanes converge at α = 0.1; 33.3% of the lanes converge at α = 2.9.",
        ),
        (
            Experiment(PLANE, [0.01], [[3, 2.1], [2.9, 2], [-3, -3]]),
            "path",
            "Of the lanes that converge 66.7% end at (3, 2) and 33.3% at none that is known.",
        ),
        (
            Experiment(Formula("0*x + 3", variables=["x"]), [0.1], [1, 2]),
            "curves",
            "1 iteration from every starting point.",
        ),
        (
            Experiment(Formula("1/x"), [0.1], [0, 1]),
            "heatmap",
            "No lane converges at α = 0.1. Of all 2 lanes 50% do not converge in time and 50% "
            "diverge.",
        ),
    ],
)
def test_a_text_states_the_finding(experiment, figure, expected):
    assert expected in alternative(figure, found_of(experiment))


def test_of_step_sizes_of_many_kinds_only_their_number_is_told():
    found = found_of(Experiment(WELL, [0.2, 0.9], [0.3, 1.0, 0.01]))
    all_, some, none = (
        Tally.of(np.array(own, np.int8), np.ones(3, np.int32))
        for own in ([0, 0, 0], [0, 1, 2], [3, 3, 2])
    )
    rows = dict(enumerate([all_, some, all_, some, none, all_]))
    many = replace(found, breakdown=Breakdown(rows, 1000, found.breakdown.minima))
    assert many.verdicts.startswith(
        "6 of 1,000 step sizes looked at: all lanes converge at 3, some at 2 and none at 1 of 6 "
    )


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_that_there_is_has_a_text_of_its_own(figure):
    found = found_of(Experiment(BOWL, [0.1, 0.5], [1, 2]))
    said = alternative(figure, found)
    assert not said.startswith(f"{figure} (")
    assert said.count(".") >= 2
