"""All methods over many test functions: who solves how many, how fast, and who wins where.

    python experiments/methods_race.py

Each method descends from the same sixteen random starts of each function with the same seven step
sizes, and is judged by its best one. A problem is solved once f is within 1e-6 of its global
minimum, from half of the starts at least; the median start's evaluations of f, a gradient or a
Hessian until then are what it costs. So a Hessian counts as much as a gradient, as it does in few
variables; in many Newton's method would look worse.

The performance profile of a method says on which share of the problems it costs at most τ times as
much as the cheapest method there: E. D. Dolan and J. J. Moré, Benchmarking optimization software
with performance profiles, Mathematical Programming 91, 2002. At τ = 1 it is the share that it wins.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from joblib import Parallel, delayed
from matplotlib.figure import Figure

import gdlab
from experiments import QUIET, Answer, show
from gdlab import figures
from gdlab.results.profiles import profile, ratios

QUESTION = "Which method solves the most problems, which is the cheapest, and where?"
METHODS = {
    "gradient_descent": "gradient descent",
    "momentum": "momentum",
    "nesterov": "Nesterov",
    "newton": "Newton",
    "exact_line_search": "exact line search",
    "armijo": "Armijo",
    "barzilai_borwein": "Barzilai and Borwein",
    "adam": "Adam",
    "rmsprop": "RMSProp",
    "adagrad": "Adagrad",
    "sign": "sign",
}
"""By the names of the configuration, what a reader calls them."""
PROBLEMS = (
    *("quadratic", "double_well", "quartic", "ellipsoid", "booth", "zakharov"),
    *("three_hump_camel", "himmelblau", "branin", "beale", "rosenbrock", "helical_valley"),
    *("powell_singular", "wood"),
)


def study(
    problems: Sequence[str] = PROBLEMS, methods: Sequence[str] = tuple(METHODS), n_jobs: int = -1
) -> Answer:
    """Let the methods race on the problems, in so many processes, by default one a core."""
    pairs = [(problem, method) for problem in problems for method in methods]
    found = Parallel(n_jobs)(delayed(cost)(*pair) for pair in pairs)
    costs = np.reshape(np.array(found, dtype=float), (len(problems), len(methods)))
    rows = [name.replace("_", " ") for name in problems]
    factors = pd.DataFrame(ratios(costs), rows, [METHODS[name] for name in methods])
    solved, won = np.isfinite(factors).sum(), (factors == 1).sum()
    numbers = {f"{m} on {p}": c for (p, m), c in zip(pairs, found, strict=True) if np.isfinite(c)}
    numbers |= {f"solved by {m}": n for m, n in zip(methods, solved.tolist(), strict=True)}
    numbers |= {f"won by {m}": n for m, n in zip(methods, won.tolist(), strict=True)}
    most, wins = solved.idxmax(), won[won > 0].sort_values(ascending=False, kind="stable")
    where = [f"{own} ({', '.join(factors.index[factors[own] == 1])})" for own in wins.index]
    sentence = (
        f"Of {len(problems)} problems {most} solves the most, {solved[most]}, and "
        f"{factors.columns[0]} {solved.iloc[0]}; the fewest evaluations are those of "
        f"{', '.join(where)}."
    )
    order = pd.DataFrame({"solved": solved, "won": won}).sort_values(["solved", "won"]).index[::-1]
    return Answer(numbers, sentence, draw(factors[order]))


def cost(problem: str, method: str) -> float:
    """Evaluations of the median start at the best step size; infinite where half do not arrive."""
    words = f"objective={problem}", f"method={method}", "parallel=serial"
    lanes = gdlab.run("+experiment=methods_race", *words, *QUIET).table()
    spent = lanes["evaluations" if "evaluations" in lanes else "iterations"].astype(float)
    spent = spent.where(lanes["status"] == "converged", np.inf)
    return float(spent.groupby(lanes["alpha"]).median().min())


def draw(factors: pd.DataFrame) -> Figure:
    """The performance profile, and the table that it is made of."""
    finite = factors.where(np.isfinite(factors))
    colours, last = sns.color_palette("colorblind", factors.shape[1]), 2 * np.nanmax(finite)
    with figures.settings():
        figure = Figure(figsize=(12, 6), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=[2, 3])
        for i, (name, own) in enumerate(factors.items()):
            tau, share = profile(own.to_numpy())
            steps, heights = [1, *tau, last], [0, *share]
            heights.append(heights[-1])
            style = {"color": colours[i], "linestyle": "--" if i > 5 else "-", "label": name}
            left.step(steps, heights, where="post", **style)
        left.set(
            xscale="log",
            title="share of the problems solved",
            xlabel="evaluations τ, in those of the cheapest",
        )
        left.legend(loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2)
        sns.heatmap(
            np.log10(finite), annot=finite, fmt=".3g", cmap="viridis_r", cbar=False, ax=right
        )
        right.set_title("evaluations, in those of the cheapest; blank: not solved")
    return figure


if __name__ == "__main__":
    show(study())
