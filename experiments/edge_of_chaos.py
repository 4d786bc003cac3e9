"""The way into chaos beyond the stable step, and Feigenbaum's number on it.

    python experiments/edge_of_chaos.py

On x⁴/4 - x²/2 descent converges to the minima ±1 while α < 2/L = 1. Then they repel, and lanes go
to and fro between two points, from α = √5 - 1 between four, and so on: the period doubles at step
sizes that follow each other the faster, each interval δ = 4.669… times as long as the next (M. J.
Feigenbaum, Quantitative universality for a class of nonlinear transformations, 1978). Soon after
there is chaos, at α = 2 with the Lyapunov exponent ln 3, and beyond that nothing stays.

A cycle of period p with the Lyapunov exponent Λ has the multiplier |m| = exp(pΛ): by this factor
lanes come closer to it in p steps. It doubles where m reaches -1, which lanes take for ever to tell
by themselves; a polynomial through step sizes before tells it to seven digits.
"""

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

import gdlab
from experiments import QUIET, Answer, show
from gdlab import figures
from gdlab.store.run import Run

QUESTION = "How does descent become chaotic beyond the stable step size?"
EXPERIMENT = "+experiment=edge_of_chaos"
PERIODS = 1, 2, 4, 8, 16, 32
REGIMES = {  # from below, with their colours
    "at rest": "#0173b2",
    "cycling": "#029e73",
    "chaotic": "#de8f05",
    "diverged": "#4d4d4d",
}


def study() -> Answer:
    """Measure where periods double, how far apart, and what becomes of lanes beyond."""
    doublings = measured_doublings()
    intervals = np.diff(doublings)
    ratios = intervals[:-1] / intervals[1:]
    delta, error = ratios[-1], abs(ratios[-1] - ratios[-2])
    run = gdlab.run(EXPERIMENT, *QUIET)
    lanes = run.table()
    regime = regimes(lanes)
    at_two = lanes.loc[np.isclose(lanes["alpha"], 2), "lyapunov"].median()
    beyond = lanes["alpha"] > 2.001
    numbers = {f"doubling of {p}": a for p, a in zip(PERIODS, doublings, strict=True)} | {
        "delta": delta,
        "error": error,
        "chaos": doublings[-1] + intervals[-1] / (delta - 1),
        "first positive exponent": lanes.loc[lanes["lyapunov"] > 1e-3, "alpha"].min(),
        "exponent at 2": at_two,
        "diverged": (regime[beyond] == "diverged").mean(),
    }
    sentence = (
        f"Periods double at α = {', '.join(f'{a:.5f}' for a in doublings)} (1 and √5 − 1 = "
        f"{np.sqrt(5) - 1:.5f} by theory), intervals that shrink by δ = {delta:.3f} ± {error:.3f} "
        f"(4.669 by Feigenbaum), so chaos begins at α = {numbers['chaos']:.5f}; at α = 2 its "
        f"Lyapunov exponent is {at_two:.3f} (ln 3 = {np.log(3):.3f} by theory), and beyond "
        f"it {100 * numbers['diverged']:.3g}% of the lanes diverge."
    )
    return Answer(numbers, sentence, draw(run, lanes["alpha"], regime, doublings))


def measured_doublings() -> list[float]:
    """Where each of the periods loses to its double; each is looked for close after the last."""
    found: list[float] = []
    for period in PERIODS:
        last, before = ([0.0, 0.0, *found])[-1], ([0.0, 0.0, *found])[-2]
        low, high = (last, last + (last - before) / 4) if found else (0.5, 1.2)
        alpha = f"alpha={{_target_: numpy.linspace, start: {low}, stop: {high}, num: 200}}"
        words = alpha, "x0=0.3", "orbit.burn_in=20000", "orbit.length=2048", "orbit.bins=0"
        lanes = gdlab.run(EXPERIMENT, *words, *QUIET).table()
        own = lanes[lanes["period"] == period]
        multiplier = np.exp(period * own["lyapunov"])
        rising = (own["alpha"] > own["alpha"][multiplier.idxmin()]) & multiplier.between(0.5, 0.99)
        line = np.polyfit(multiplier[rising], own.loc[rising, "alpha"], 3)
        found.append(float(np.polyval(line, 1.0)))
    return found


def regimes(lanes: pd.DataFrame) -> pd.Series:
    """What becomes of each lane in the long run; chaos is where neighbours part."""
    exponents = lanes["lyapunov"]
    conditions = [exponents.isna(), exponents > 0, lanes["period"].eq(1).fillna(False)]
    named = np.select(conditions, ["diverged", "chaotic", "at rest"], "cycling")
    return pd.Series(named, lanes.index)


def draw(run: Run, alpha: pd.Series, regime: pd.Series, doublings: list[float]) -> Figure:
    """Where lanes are in the long run by step size, and below, how many are in which regime."""
    visited = run.visited().dropna()
    counts = visited.pivot_table(index="x_low", columns="alpha_low", values="visits")
    shares = pd.crosstab(alpha, regime, normalize="index").reindex(columns=list(REGIMES))
    with figures.settings():
        figure = Figure(figsize=(7, 5.4), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        norm = LogNorm(1, counts.max().max())
        above.pcolormesh(
            counts.columns, counts.index, counts.where(counts > 0), norm=norm, cmap="magma_r"
        )
        above.set(title="x⁴/4 − x²/2: where lanes are in the long run", ylabel="x")
        below.stackplot(
            shares.index, 100 * shares.T, labels=list(REGIMES), colors=list(REGIMES.values())
        )
        below.set(xlabel="step size α", ylabel="% of the starts", xlim=(0.8, 2.1), ylim=(0, 100))
        for axes in (above, below):
            for at in doublings[:3]:
                axes.axvline(at, color="black", linewidth=0.8, linestyle=":")
        figure.legend(loc="outside lower center", ncols=4)
    return figure


if __name__ == "__main__":
    show(study())
