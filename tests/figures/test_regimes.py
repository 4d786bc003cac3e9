from __future__ import annotations

import numpy as np
import pytest

from gdlab.core.orbits import Stretch
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.figures.pictures import regimes as module
from gdlab.figures.pictures.regimes import Regime, regimes
from gdlab.methods import Momentum
from gdlab.objectives.formula import Formula
from gdlab.results.escape import escape_times
from tests.figures.runs import Run, heading, legend_texts, quadratic
from tests.figures.test_basins import shades

WELL = Formula("x**4/4 - x**2/2 + x/5")


@pytest.fixture(scope="module")
def chaotic() -> Run:
    """Lanes of all kinds, with their exponents."""
    alpha, x0 = np.linspace(0.05, 2.4, 48), np.linspace(-2.2, 2.2, 21)
    return Run(Experiment(WELL, alpha, x0, orbit=Stretch(500, 500)))


def bars(figure):
    return [axes.get_ylabel() for axes in figure.axes if axes.get_label() == "<colorbar>"]


def escaped(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """The escape times of the lanes of one variable that diverged, and their steps."""
    table = run.table[run.table["status"] == "diverged"]
    x = table["x"].to_numpy()[None]
    steps = table["steps"].to_numpy()
    return escape_times(run.experiment, table["alpha"].to_numpy(), x, steps), steps


def test_a_quadratic_escapes_when_its_geometric_sequence_passes_the_radius():
    alpha, x0 = np.linspace(1.05, 3, 40), np.linspace(0.5, 9, 30)
    run = Run(Experiment(Formula("x**2"), alpha, x0))
    times, steps = escaped(run)
    expected = np.log(1e8 / x0) / np.log(2 * alpha - 1)[:, None]
    np.testing.assert_allclose(times, expected.ravel(), rtol=1e-9)
    assert ((steps - 1 <= times) & (times <= steps)).all()


@pytest.mark.parametrize("formula", ["x**4/4 - x**2/2 + x/5", "x**6 - 3*x", "x**3", "7*x**2 - x"])
def test_the_escape_time_has_no_step_where_the_count_of_iterations_has_one(formula):
    run = Run(Experiment(Formula(formula), 1.3, -np.geomspace(2.5, 900, 4001)))
    times, steps = escaped(run)
    assert times.size == 4001
    assert np.abs(np.diff(steps)).max() == 1
    assert np.abs(np.diff(times)).max() < 0.01


def test_in_the_plane_the_escape_time_has_no_step_either():
    f = Formula("(x**2 + y - 11)**2 + (x + y**2 - 7)**2")
    x0 = np.stack([np.geomspace(6.5, 500, 2001), np.full(2001, 3.0)], axis=1)
    run = Run(Experiment(f, 0.03, x0))
    x = run.table[["x_1", "x_2"]].to_numpy().T
    steps = run.table["steps"].to_numpy()
    times = escape_times(run.experiment, run.table["alpha"].to_numpy(), x, steps)
    assert np.ptp(steps) >= 1
    assert np.abs(np.diff(times)).max() < 0.01


@pytest.mark.parametrize("settings", [{"method": Momentum(0.5)}, {"expr": "exp(x**2)"}])
def test_an_escape_that_has_no_known_law_is_counted_in_iterations(settings):
    f = Formula(settings.pop("expr", "x**4"))
    run = Run(Experiment(f, [0.5, 2.0], [2.0, 3.0, 5.0], **settings))
    assert np.isnan(escaped(run)[0]).all()
    said = [*bars(regimes(run.loaded)), *legend_texts(regimes(run.loaded))]
    assert any("iterations to escape" in text for text in said)


def test_each_lane_has_the_colours_of_its_regime(chaotic):
    ramps, _ = shades(regimes(chaotic.loaded).axes[0])
    status = chaotic.table["status"].cat.codes.to_numpy().reshape(48, 21).T
    assert ((ramps == Regime.converged) == (status == Status.converged)).all()
    assert ((ramps == Regime.diverged) == (status == Status.diverged)).all()
    bounded = (status == Status.cycling) | (status == Status.max_iter)
    assert bounded.any()
    assert (np.isin(ramps, [Regime.bounded, Regime.max_iter, Regime.cycling]) == bounded).all()


def test_bounded_lanes_are_on_the_side_of_the_scale_that_their_exponent_is_on(chaotic):
    ramps, place = shades(regimes(chaotic.loaded).axes[0])
    exponents = chaotic.table["lyapunov"].to_numpy(float).reshape(48, 21).T
    own = ramps == Regime.bounded
    assert ((place[own] > 31.5) == (exponents[own] > 0)).mean() > 0.99  # 0 is between two shades
    order = np.argsort(exponents[own])
    assert (np.diff(place[own][order]) >= 0).all()


def test_each_regime_has_a_scale_that_names_it_with_its_share(chaotic):
    counts = chaotic.table["status"].value_counts(normalize=True)
    (converged, _, diverged) = bars(regimes(chaotic.loaded))[::-1]
    assert converged == f"converged ({100 * counts['converged']:.1f}%): iterations"
    assert diverged == f"diverged ({100 * counts['diverged']:.1f}%): escape time"


def test_without_exponents_bounded_lanes_go_by_their_verdicts():
    run = Run(Experiment(WELL, np.linspace(0.8, 1.3, 40), np.linspace(-1, 1, 9)))
    figure = regimes(run.loaded)
    ramps, _ = shades(figure.axes[0])
    status = run.table["status"].cat.codes.to_numpy().reshape(40, 9).T
    for regime, code in ((Regime.cycling, Status.cycling), (Regime.max_iter, Status.max_iter)):
        assert ((ramps == regime) == (status == code)).all()
    assert [text.split(" (")[0] for text in legend_texts(figure)[:2]] == [
        "cycling",
        "not converged after 1,000 iterations",
    ]


def lightness(colour: np.ndarray) -> float:
    """CIE L*, from 0 for black to 100."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return float(116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16)


def test_in_grey_each_regime_keeps_its_own_part_of_the_brightness():
    converged, bounded, diverged = (
        [lightness(colour[:3]) for colour in ramp(np.linspace(0, 1, 50))]
        for ramp in (module.CONVERGED, module.BOUNDED, module.DIVERGED)
    )
    assert max(diverged) < min(bounded)
    assert max(bounded) < min(converged)
    for scale in (converged, bounded, diverged):
        assert (np.diff(scale) > 0).all()


def test_lanes_that_all_do_the_same_have_no_scale_but_are_told():
    figure = regimes(quadratic([0.5], [1.0, 3.0, 7.0]).loaded)
    assert not bars(figure)
    assert legend_texts(figure)[0] == "converged (100%): iterations = 2"
    assert "all lanes converged after 2 iterations" in heading(figure)
