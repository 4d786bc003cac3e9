"""What each further digit costs: as many iterations again, or several times as many.

    python experiments/tolerance_ladder.py

Where f has curvature λ at the minimiser the error shrinks by the factor |1 - αλ| a step, so each
digit takes as many iterations as the one before, -1/log10 |1 - αλ|: a straight line over the digits
of the tolerance. The quartic x⁴ has no curvature at 0. There x_k goes as 1/√(8αk), the length of
the step as k^(-3/2), and iterations as the tolerance to the power -2/3: each digit multiplies them
by 10^(2/3) = 4.64. A descent meets all tolerances on its way.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import gdlab
from experiments import QUIET, Answer, show
from gdlab import figures, theory
from gdlab.figures.style import LINES
from gdlab.objectives.base import Array

QUESTION = "How many iterations does each further digit take?"
ALPHA = 0.1
LADDERS = {  # a name, what is descended, from where, and to which of its minimisers
    "quadratic": ("shifted_quadratic", "x**2 + 4*x + 4", 1.5, 0),
    "left well": ("double_well", "x**4/4 - x**2/2 + x/5", -1.5, 0),
    "right well": ("double_well", "x**4/4 - x**2/2 + x/5", 1.5, 1),
    "quartic": ("quartic", "x**4", 1.0, 0),
}
FEWEST = 4
"""The digits from which on lines are fitted: far from a minimiser descent is otherwise."""


def study() -> Answer:
    """Fit iterations over digits: themselves, and their logarithm for the quartic."""
    table = pd.concat(ladder(name) for name in LADDERS)
    numbers: dict[str, float] = {}
    said = []
    for name, (_, formula, _, minimiser) in LADDERS.items():
        own = table[table["objective"] == name]
        digits, iterations = own["digits"].to_numpy(), own["iterations"].to_numpy()
        if name == "quartic":
            slope, error, told = *fit(digits, np.log10(iterations)), 2 / 3
        else:
            slope, error = fit(digits, iterations)
            rate = theory.local_rates(gdlab.Formula(formula), ALPHA)[minimiser].item()
            told = -1 / np.log10(rate)
            said.append(f"{slope:.1f} ± {error:.1f} in the {name} ({told:.1f} by theory)")
        numbers |= {name: slope, f"{name} error": error, f"{name} by theory": told}
    power, error = numbers["quartic"], numbers["quartic error"]
    numbers["quartic iterations"] = table["iterations"].max()
    sentence = (
        f"With α = {ALPHA:g} each further digit takes as many iterations as the last, "
        f"{', '.join(said)}, but on the quartic iterations go as the tolerance to the power "
        f"−{power:.4f} ± {error:.4f} (−2/3 by theory), so that each digit multiplies them by "
        f"{10**power:.2f}, up to {numbers['quartic iterations']:,.0f} for eight."
    )
    return Answer(numbers, sentence, draw(table, numbers))


def ladder(name: str) -> pd.DataFrame:
    """The iterations of a lane until its step is shorter than each of the tolerances."""
    objective, _, x0, _ = LADDERS[name]
    words = f"objective={objective}", f"alpha={ALPHA}"
    lanes = gdlab.run("+experiment=tolerance_ladder", *words, *QUIET).table()
    own = lanes[lanes["x0"] == x0]
    iterations = own["iterations"].astype(float)
    return pd.DataFrame(
        {"objective": name, "digits": -np.log10(own["tol"]), "iterations": iterations}
    )


def fit(digits: Array, y: Array) -> tuple[float, float]:
    """The slope of a straight line, and its error.

    That is the standard error, and what it changes to begin a digit later: y is a line in the end.
    """
    keep, later = digits > FEWEST - 0.01, digits > FEWEST + 0.99
    _, covariance = np.polyfit(digits[keep], y[keep], 1, cov=True)
    slope, sooner = (np.polyfit(digits[which], y[which], 1)[0] for which in (later, keep))
    return float(slope), float(np.hypot(np.sqrt(covariance[0, 0]), slope - sooner))


def draw(table: pd.DataFrame, numbers: dict[str, float]) -> Figure:
    """Iterations over digits, with lines of theory's slopes; the quartic's logarithmically."""
    with figures.settings():
        figure = Figure(figsize=(8, 4), layout="constrained")
        left, right = figure.subplots(1, 2)
        right.set(yscale="log")
        for (name, own), (colour, dashes) in zip(
            table.groupby("objective", sort=False), LINES, strict=False
        ):
            axes = right if name == "quartic" else left
            digits, iterations = own["digits"], own["iterations"]
            behind = numbers[f"{name} by theory"] * (digits - digits.max())
            told = iterations.max() * 10**behind if axes is right else iterations.max() + behind
            axes.plot(digits, told.clip(lower=1), color=colour, linestyle=dashes)
            axes.plot(digits, iterations, "o", markersize=5, color=colour, label=str(name))
        for axes in (left, right):
            axes.set(xlabel="digits: −log₁₀ of the tolerance", ylabel="iterations")
            axes.grid(axis="y")
            axes.legend(loc="upper left")
        figure.suptitle(
            f"α = {ALPHA:g}, until a step is shorter than the tolerance; theory as lines"
        )
    return figure


if __name__ == "__main__":
    show(study())
