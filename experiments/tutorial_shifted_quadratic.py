"""x² + 4x + 4 from x = 10 with α = 0.1: the tutorial's trace, and the question it leaves open.

    python experiments/tutorial_shifted_quadratic.py

The tutorial prints 78 iterates and stops. Here they are again, digit for digit; then every step
size from 0.01 to 0.99 descends from the same start, and the table tells which needs the fewest
iterations.
"""

from pathlib import Path

import pandas as pd
import seaborn as sns

import gdlab
from gdlab.figures import new_figure, save

MINIMISER = -2.0
CLOSE = 1 / 100


def main() -> None:
    tutorial = gdlab.run("+experiment=tutorial_shifted_quadratic", "figures=none")
    trace = pd.read_csv(tutorial.path / "trace.csv", float_precision="round_trip")
    for iteration, x in zip(trace["iteration"][1:], trace["x"][1:], strict=True):
        print(iteration, x)

    far = (trace["x"] - MINIMISER).abs() >= CLOSE
    print(f"within 1/100 of the minimiser from iteration {trace['iteration'][far].max() + 1}")

    step_sizes = "alpha={_target_: numpy.linspace, start: 0.01, stop: 0.99, num: 99}"
    every = gdlab.run(
        "+experiment=tutorial_shifted_quadratic", step_sizes, "max_iter=2000", "figures=none"
    )
    results = every.table()
    best = results.loc[results["iterations"].idxmin()]
    taken = int(trace["iteration"].max())
    print(
        f"fewest iterations: {best['iterations']} with α = {best['alpha']:g}, "
        f"{taken / best['iterations']:g} times fewer than the {taken} with α = 0.1"
    )
    print(draw(results, taken, best))


def draw(results: pd.DataFrame, taken: int, best: pd.Series) -> Path:  # type: ignore[type-arg]
    """Iterations to convergence against the step size, the tutorial's and the best one marked."""
    with new_figure("How many iterations does each step size need?") as figure:
        axes = figure.add_subplot()
        sns.lineplot(results, x="alpha", y="iterations", color="black", ax=axes)
        axes.plot(0.1, taken, "o", color="red", label=f"the tutorial: α = 0.1, {taken} iterations")
        axes.plot(
            best["alpha"],
            best["iterations"],
            "*",
            color="red",
            markersize=12,
            label=f"the best: α = {best['alpha']:g}, {best['iterations']} iterations",
        )
        axes.set(xlabel="step size α", ylabel="iterations until a step is below 1e-7", yscale="log")
        axes.legend()
        path = Path("outputs", "tutorial_shifted_quadratic.png")
        save(figure, path)
    return path


if __name__ == "__main__":
    main()
