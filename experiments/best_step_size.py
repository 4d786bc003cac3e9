"""Which step size is best, and what a wrong guess of the curvature costs.

    python experiments/best_step_size.py

On a quadratic with curvatures from μ = 1 to L = 9 gradient descent shrinks the error along each
eigenvector by |1 - αλ| a step. The slower of the two ends decides: the best step size makes both
equal, α = 2/(μ + L), and from 2/L on nothing converges. Who knows L alone takes α = 1/L; who
guesses it takes 1/guess. Here 110 step sizes up to 1.1 times 2/L descend from 100 random starts.
"""

import numpy as np
import pandas as pd

import gdlab
from experiments import QUIET, Answer, show
from gdlab import figures

QUESTION = "Which step size needs the fewest iterations, and what does it cost to guess L wrongly?"
L, MU = 9.0, 1.0


def study() -> Answer:
    """Compare step sizes by the median of their iterations over the starts."""
    run = gdlab.run("+experiment=best_step_size", *QUIET)
    lanes = run.table()
    medians = median_iterations(lanes)
    alpha = medians.index.to_numpy(dtype=float)

    def at(step_size: float) -> float:
        return float(medians.iloc[np.abs(alpha - step_size).argmin()])

    told = lanes["predicted"].notna()
    at_limit = lanes.loc[np.isclose(lanes["alpha"], 1 / (L / 2)), "iterations"]
    numbers = {
        "best": float(alpha[medians.argmin()]),
        "iterations": float(medians.min()),
        "best_by_theory": 2 / (MU + L),
        "iterations_by_theory": at(2 / (MU + L)),
        "iterations_at_1/L": at(1 / L),
        "twice_L": at(1 / (2 * L)) / at(1 / L),
        "twice_L_by_theory": np.log(1 - MU / L) / np.log(1 - MU / (2 * L)),
        "half_L_converge": at_limit.count(),
        "told": told.sum(),
        "differ": (lanes["iterations"] != lanes["predicted"])[told].sum(),
    }
    sentence = (
        f"Theory's best step size, α = 2/(μ + L) = {numbers['best_by_theory']:g}, takes "
        f"{numbers['iterations_by_theory']:g} iterations in the median, close to the least of "
        f"{alpha.size} step sizes ({numbers['iterations']:g} at α = {numbers['best']:.3g}), and "
        f"α = 1/L takes {numbers['iterations_at_1/L']:g}; a guess of L that is twice too large "
        f"costs {numbers['twice_L']:.2f} times as many ({numbers['twice_L_by_theory']:.2f} by "
        f"theory), and with half of L, that is at α = 2/L, {numbers['half_L_converge']} of "
        f"{at_limit.size} lanes converge; theory tells {numbers['told']:,} counts beforehand, "
        f"{numbers['differ']} of them wrongly."
    )
    return Answer(numbers, sentence, figures.iterations(run))


def median_iterations(lanes: pd.DataFrame) -> pd.Series:
    """The median over the starts at each step size; a lane that fails counts as infinitely many."""
    counts = lanes["iterations"].astype("float64").fillna(np.inf)
    return counts.groupby(lanes["alpha"]).median()


if __name__ == "__main__":
    show(study())
