"""How iterations grow with the condition number κ: as κ, or as its root.

    python experiments/conditioning.py

Four methods descend (x² + κy²)/2 for κ from 1 to 10,000, each with the parameters that theory says
are best (`gdlab.theory.best_parameters`), until a hundredth of the distance to the minimiser is
left. Gradient descent shrinks the error by (κ - 1)/(κ + 1) a step, and so does exact line search
from (1, 1/κ), where it is slowest (H. Akaike, 1959): iterations grow as κ. Momentum has √κ in place
of κ, and so, but for a factor, has Nesterov's method in the end. On logarithmic axes that makes
straight lines of the slopes 1 and 1/2, which are fitted here.
"""

from itertools import product

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

import gdlab
from experiments import QUIET, Answer, show
from gdlab import figures, theory
from gdlab.figures.style import LINES

QUESTION = "How do iterations grow with the condition number κ, by method?"
METHODS = {
    "gradient_descent": "gradient descent",
    "exact_line_search": "exact line search",
    "momentum": "momentum",
    "nesterov": "Nesterov's method",
}
LARGE = 10.0
"""From which κ on exponents are fitted."""


def study() -> Answer:
    """Descend with condition numbers from 1 to 10,000, two to a decade; fit exponents."""
    table = pd.DataFrame(product(METHODS, np.geomspace(1, 1e4, 9)), columns=["method", "kappa"])
    table["iterations"] = [
        iterations(*lane) for lane in zip(table["method"], table["kappa"], strict=True)
    ]
    numbers: dict[str, float] = {}
    said = []
    for method, name in METHODS.items():
        own = table[table["method"] == method]
        exponent, error = exponent_of(own[own["kappa"] >= LARGE])
        numbers |= {f"exponent_{method}": exponent, f"error_{method}": error}
        numbers[f"iterations_{method}"] = own["iterations"].iloc[-1]
        said.append(f"{exponent:.4f} ± {error:.4f} for {name}")
    most, least = numbers["iterations_gradient_descent"], numbers["iterations_momentum"]
    sentence = (
        f"Iterations grow as a power of κ with the exponent {', '.join(said)} (± a standard error; "
        f"1 and 1/2 by theory), so at κ = 10,000 gradient descent takes {most:,} iterations, "
        f"{most / least:.0f} times as many as momentum, {least:,}."
    )
    return Answer(numbers, sentence, draw(table))


def iterations(method: str, kappa: float) -> int:
    """How many a method takes with its best parameters; of the two starts, which are alike."""
    words = [f"method={method}", f"objective.parameters.kappa={kappa}"]
    if method != "exact_line_search":
        best = theory.best_parameters(method, kappa, largest=kappa)
        words += [f"alpha={best.alpha}"]
        words += [] if best.beta is None else [f"method.beta={best.beta}"]
    starts = f"x0=[[1,{1 / kappa}],[1,{-1 / kappa}]]"
    run = gdlab.run("+experiment=conditioning", *words, starts, *QUIET)
    return int(run.table()["iterations"].max())


def exponent_of(own: pd.DataFrame) -> tuple[float, float]:
    """Fit k = c κ^p to iterations by least squares; give p with its standard error.

    Counts are rounded up, by half an iteration on average, so their logarithm is the less certain
    the fewer they are; and 1/√κ is small only in the end, so that a term of it is fitted too.
    """
    kappa, count = own["kappa"].to_numpy(), own["iterations"].to_numpy()
    terms = np.stack([np.log(kappa), np.ones_like(kappa), kappa**-0.5], axis=1) * count[:, None]
    found, squares, *_ = np.linalg.lstsq(terms, count * np.log(count - 0.5))
    covariance = np.linalg.inv(terms.T @ terms) * squares / (len(own) - len(found))
    return float(found[0]), float(np.sqrt(covariance[0, 0]))


def draw(table: pd.DataFrame) -> Figure:
    """Iterations over κ on logarithmic axes, and what slopes of 1 and 1/2 look like."""
    with figures.settings():
        figure = Figure(figsize=(7, 4.4), layout="constrained")
        axes = figure.add_subplot()
        named = table.assign(method=table["method"].map(METHODS))
        sns.lineplot(
            named,
            x="kappa",
            y="iterations",
            hue="method",
            style="method",
            markers=["o", "X", "s", "D"],
            dashes=False,
            size="method",
            sizes=[5, 2, 2, 2],  # two of them are on top of each other
            palette=[colour for colour, _ in LINES[: len(METHODS)]],
            ax=axes,
        )
        for slope, name in ((1.0, "slope 1"), (0.5, "slope 1/2")):
            kappa = np.array([100, 1e4])
            axes.plot(kappa, 0.7 * kappa**slope, color="black", linestyle=":")
            axes.annotate(name, (1e3, 0.3 * 1e3**slope))
        axes.set(
            title="(x² + κy²)/2 with the best parameters, until 1/100 of the distance is left",
            xlabel="condition number κ",
            ylabel="iterations",
            xscale="log",
            yscale="log",
        )
        axes.legend(title=None)
    return figure


if __name__ == "__main__":
    show(study())
