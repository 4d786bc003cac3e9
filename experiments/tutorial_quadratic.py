"""θ² from θ = 3 with α = 0.3: the tutorial's descent, and every other step size beside it.

    python experiments/tutorial_quadratic.py

The tutorial allows twenty iterations and stops at the fifteenth. Here is its trace; then step
sizes on both sides of the stability limit 2/L = 1 show what α does: below it the distance to the
minimiser shrinks by |1 - 2α| in each step, at it the descent goes to and fro for ever, beyond it
the distance grows.
"""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from numpy.typing import NDArray

import gdlab
from experiments import Answer, show
from gdlab import figures

QUESTION = "When does the tutorial's descent of θ² stop, and would another step size stop sooner?"
EXPERIMENT = "+experiment=tutorial_quadratic"
STEP_SIZES = "alpha={_target_: numpy.linspace, start: 0.02, stop: 1.2, num: 60}"


def main() -> None:
    """Print the trace and what becomes of other step sizes; then show the answer."""
    trace = gdlab.run(EXPERIMENT, "figures=none").trace()
    for iteration, theta in zip(trace["iteration"][1:], trace["theta"][1:], strict=True):
        print(iteration, theta)
    print(other_step_sizes().groupby("status", observed=True)["alpha"].agg(["min", "max", "count"]))
    show(study())


def study() -> Answer:
    """Find the step size that needs the fewest iterations."""
    trace = gdlab.run(EXPERIMENT, "figures=none").trace()
    results = other_step_sizes()
    last = int(trace["iteration"].iloc[-1])
    best = results.nsmallest(1, "iterations").iloc[0]
    numbers = {
        "iterations": last,
        "best": best["alpha"],
        "fewest": best["iterations"],
        "largest": results.dropna(subset="iterations")["alpha"].max(),
    }
    sentence = (
        f"With α = 0.3 it stops at iteration {last}; α = {best['alpha']:g} needs the fewest, "
        f"{best['iterations']}, which is {last / best['iterations']:g} times fewer, and the "
        f"largest that converges is {numbers['largest']:g}, below 2/L = 1."
    )
    return Answer(numbers, sentence, draw(results))


def other_step_sizes() -> pd.DataFrame:
    """The same descent with step sizes on both sides of the stability limit."""
    return gdlab.run(EXPERIMENT, STEP_SIZES, "max_iter=1000", "figures=none").table()


def predicted(alpha: NDArray[np.float64], theta: float, tol: float) -> NDArray[np.float64]:
    """Give the real number k at which the step 2αθ|1 - 2α|^(k-1) falls below tol."""
    return 1 + np.log(tol / (2 * alpha * theta)) / np.log(np.abs(1 - 2 * alpha))


def draw(results: pd.DataFrame) -> Figure:
    """Iterations to convergence against the step size, and what the theory says."""
    with figures.settings():
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.add_subplot()
        converged = results.dropna(subset="iterations").astype({"iterations": float})
        alpha = np.linspace(0.015, 0.995, 981)
        alpha = alpha[np.abs(alpha - 0.5) > 1e-9]  # the theory's logarithm of zero
        theory = predicted(alpha, theta=3.0, tol=1e-5)
        axes.plot(alpha, theory, color="black", linewidth=1, label="theory")
        sns.scatterplot(
            converged, x="alpha", y="iterations", color="red", s=24, ax=axes, label="measured"
        )
        axes.axvline(1, color="grey", linestyle="--")
        axes.annotate("2/L", (1, axes.get_ylim()[1]), (4, -12), textcoords="offset points")
        axes.set(
            title="θ² from θ = 3 until a step is shorter than 1e-5",
            xlabel="step size α",
            ylabel="iterations",
            yscale="log",
            xlim=(0, 1.25),
        )
        axes.legend(loc="upper center")
    return figure


if __name__ == "__main__":
    main()
