"""x² + 4x + 4 from x = 10 with α = 0.1: the tutorial's trace, and the question that it leaves open.

    python experiments/tutorial_shifted_quadratic.py

The tutorial prints 78 iterates and stops. Here they are again, digit for digit. Then 99 step
sizes descend from the same start to the same tolerance, and the table tells which of them needs
the fewest iterations.
"""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

import gdlab
from experiments import Answer, show
from gdlab import figures

QUESTION = "The tutorial on x² + 4x + 4 takes 78 iterations with α = 0.1: which step size is best?"
EXPERIMENT = "+experiment=tutorial_shifted_quadratic"
STEP_SIZES = "alpha={_target_: numpy.linspace, start: 0.01, stop: 0.99, num: 99}"
MINIMISER = -2.0


def main() -> None:
    """Print the trace, then show which step size needs the fewest iterations."""
    trace = gdlab.run(EXPERIMENT, "figures=none").trace()
    for iteration, x in zip(trace["iteration"][1:], trace["x"][1:], strict=True):
        print(iteration, x)
    show(study())


def study() -> Answer:
    """Tell when the tutorial's descent comes close, and find the fastest of 99 step sizes."""
    trace = gdlab.run(EXPERIMENT, "figures=none").trace()
    close = int(((trace["x"] - MINIMISER).abs() < 1 / 100).to_numpy().argmax())
    results = gdlab.run(EXPERIMENT, STEP_SIZES, "figures=none").table()
    best, tutorial = results.nsmallest(1, "iterations").iloc[0], at(results, 0.1)
    numbers = {
        "close": close,
        "iterations": tutorial["iterations"],
        "best": best["alpha"],
        "fewest": best["iterations"],
    }
    sentence = (
        f"Within 1/100 of the minimiser from iteration {close} on, α = {tutorial['alpha']:g} stops "
        f"after {tutorial['iterations']}; α = {best['alpha']:g} needs the fewest, "
        f"{best['iterations']}, {tutorial['iterations'] / best['iterations']:g} times fewer."
    )
    return Answer(numbers, sentence, draw(results))


def at(results: pd.DataFrame, alpha: float) -> pd.Series:
    """The row of the step size nearest to alpha."""
    return results.iloc[int((results["alpha"] - alpha).abs().to_numpy().argmin())]


def draw(results: pd.DataFrame) -> Figure:
    """Iterations to convergence against the step size."""
    with figures.settings():
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.add_subplot()
        converged = results.dropna(subset="iterations").astype({"iterations": float})
        sns.lineplot(converged, x="alpha", y="iterations", color="black", ax=axes)
        for alpha, name in ((0.1, "the tutorial's α = 0.1"), (0.5, "the best, α = 1/L = 0.5")):
            count = at(converged, alpha)["iterations"]
            axes.plot(alpha, count, "o", color="red")
            text = f"{name}: {count:.0f} iterations"
            axes.annotate(text, (alpha, count), (8, 4), textcoords="offset points")
        axes.set(
            title="x² + 4x + 4 from x = 10 until a step is shorter than 1e-7",
            xlabel="step size α",
            ylabel="iterations",
            yscale="log",
        )
    return figure


if __name__ == "__main__":
    main()
