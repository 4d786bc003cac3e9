"""Would Newton's method be faster? The question with which the tutorial on x² + 4x + 4 closes.

    python experiments/newton_or_gradient.py

There it would: a quadratic is its own model, and one step leads to the minimum. Each step asks for
a Hessian besides the gradient, so evaluations are counted as well, and lanes are timed. Then both
descend the double well x⁴/4 - x²/2 + x/5. Between its inflection points ±1/√3 it bends down, and
Newton's step goes uphill there: to the maximum, or, where the curvature is nearly 0, far away. It
fails from a start if it ends elsewhere than gradient descent, which stays in its valley.
"""

from functools import partial
from timeit import repeat

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import gdlab
from experiments import QUIET, Answer, show
from gdlab import figures, methods

QUESTION = "Is Newton's method faster than gradient descent, and where does it fail?"
TUTORIAL, WELL = "+experiment=tutorial_shifted_quadratic", "+experiment=newton_or_gradient"
NEWTON = "method=newton", "alpha=1"
INFLECTION = 1 / np.sqrt(3)
OWN, OTHER, MAXIMUM = "the same minimum", "the other minimum", "the maximum"


def study() -> Answer:
    """Race on the quadratic; tell where Newton's method ends in the double well."""
    numbers = race() | failures(lanes := ends())
    sentence = (
        "On x² + 4x + 4 Newton's method takes {newton_iterations:g} iterations with "
        "{newton_evaluations:g} evaluations ({newton_microseconds:.2g} µs a lane), gradient "
        "descent {slow_iterations:g} with as many ({slow_microseconds:.2g} µs) at the tutorial's "
        "α = 0.1, but {best_iterations:g} ({best_microseconds:.2g} µs) at α = 0.5; in the double "
        "well it takes {newton_median:g} in the median where it works instead of "
        "{gradient_median:g}, and fails from {fails:.1%} of the starts ({at_maximum:.1%} end at "
        "the maximum, {other_valley:.1%} in the other valley), all of them within "
        "{farthest:.3f} of 0, between the inflection points at ±{inflection:.3f}."
    ).format(**numbers, inflection=INFLECTION)
    return Answer(numbers, sentence, draw(lanes))


def race() -> dict[str, float]:
    """Iterations, evaluations and time of both methods on the tutorial's quadratic."""
    f, x0 = gdlab.Formula("x**2 + 4*x + 4"), np.linspace(-12, 8, 100_001)
    numbers = {}
    for name, alpha, method in (
        ("newton", 1.0, methods.Newton()),
        ("slow", 0.1, methods.GradientDescent()),
        ("best", 0.5, methods.GradientDescent()),
    ):
        words = NEWTON if name == "newton" else (f"alpha={alpha}",)
        (lane,) = gdlab.run(TUTORIAL, *words, *QUIET).table().to_dict("records")
        numbers[f"{name}_iterations"] = lane["iterations"]
        numbers[f"{name}_evaluations"] = lane.get("evaluations", lane["steps"])
        descend = partial(gdlab.descend, f, alpha, x0, tol=1e-7, method=method, engine="numpy")
        seconds = min(repeat(descend, number=1, repeat=3))
        numbers[f"{name}_microseconds"] = 1e6 * seconds / x0.size
    return numbers


def ends() -> pd.DataFrame:
    """Iterations of both methods from each start in the double well, and where Newton's ends."""
    newton = gdlab.run(WELL, *NEWTON, *QUIET).table()
    gradient = gdlab.run(WELL, *QUIET).table()
    end = np.where(newton["minimum"].eq(gradient["minimum"]).fillna(False), OWN, OTHER)
    end[newton["minimum"].isna()] = MAXIMUM
    return newton[["x0", "x", "iterations"]].assign(end=end, gradient=gradient["iterations"])


def failures(lanes: pd.DataFrame) -> dict[str, float]:
    """How often Newton's method fails, how, and where."""
    fails = lanes["end"] != OWN
    return {
        "starts": len(lanes),
        "newton_median": lanes.loc[~fails, "iterations"].median(),
        "gradient_median": lanes.loc[~fails, "gradient"].median(),
        "fails": fails.mean(),
        "at_maximum": (lanes["end"] == MAXIMUM).mean(),
        "other_valley": (lanes["end"] == OTHER).mean(),
        "farthest": lanes.loc[fails, "x0"].abs().max(),
    }


def draw(lanes: pd.DataFrame) -> Figure:
    """Iterations over the starts, and where Newton's method ends."""
    colours = {OWN: "#0173b2", OTHER: "#de8f05", MAXIMUM: "#d55e00"}
    with figures.settings():
        figure = Figure(figsize=(7, 4.8), layout="constrained")
        axes = figure.add_subplot()
        axes.axvspan(-INFLECTION, INFLECTION, color="0.92", label="f bends down")
        axes.plot(lanes["x0"], lanes["gradient"], color="black", label="gradient descent, α = 0.1")
        for end, own in lanes.groupby("end", sort=False):
            name, colour = f"Newton's method, to {end}", colours[str(end)]
            axes.plot(own["x0"], own["iterations"], ".", markersize=5, color=colour, label=name)
        axes.set(
            title="x⁴/4 − x²/2 + x/5 until the gradient is below 10⁻⁸",
            xlabel="starting point",
            ylabel="iterations",
            yscale="log",
        )
        figure.legend(loc="outside lower center", ncols=2, fontsize="small")
    return figure


if __name__ == "__main__":
    show(study())
