"""Logistic regression on 569 tumours: which step size, and what standardising the columns buys.

    python experiments/learning_rate_of_a_regression.py     (needs the extra `data`)

Of each tumour there are its mean radius and its mean texture; which of them are malignant? Without
a ridge the two columns have the same least loss, whatever their units, so that the same loss can be
waited for: on the columns as they are, and standardised to mean 0 and deviation 1.

L is the largest curvature that the loss has anywhere, which it has at zero, where all tumours are
as likely as not: below 2/L no step raises the loss. At the minimiser the model is surer of most of
them, and curvature is smaller, so longer steps than 2/L can be better. There κ, the ratio of the
largest to the smallest curvature, says how many iterations each further digit of the loss takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import seaborn as sns
from hydra.utils import instantiate
from matplotlib.figure import Figure

import gdlab
from experiments import QUIET, Answer, show
from gdlab import figures

QUESTION = "Which learning rate does a logistic regression want, and what does standardising buy?"
RAW, STANDARDISED = "as they are", "standardised"
COLOURS = {RAW: "#d55e00", STANDARDISED: "#0173b2"}


@dataclass(frozen=True)
class Descents:
    """On one of the two tables: a row for each step size and tolerance, α in units of 2/L, too.

    least : the least loss. kappa : at the minimiser. limit : how many times 2/L the step size is
    beyond which no descent settles there.
    """

    lanes: pd.DataFrame
    least: float
    kappa: float
    limit: float

    def best(self, tol: float) -> tuple[float, float]:
        """The step size that needs the fewest iterations, in units of 2/L, and how many."""
        own = self.lanes[self.lanes["tol"] == tol].dropna(subset="iterations")
        first = own.sort_values(["iterations", "share"]).iloc[0]
        return float(first["share"]), float(first["iterations"])


def study(tols: Sequence[float] = (1e-1, 1e-2, 1e-3), max_iter: int = 30_000) -> Answer:
    """Descend on both tables with step sizes from a quarter of 2/L on."""
    words = f"tol={list(tols)}", f"max_iter={max_iter}"
    tables = {RAW: descents("false", *words), STANDARDISED: descents("true", *words)}
    numbers: dict[str, float] = {}
    for name, own in tables.items():
        facts = {"least loss": own.least, "kappa": own.kappa, "limit": own.limit}
        for tol in tols:
            facts[f"best share at {tol:g}"], facts[f"iterations at {tol:g}"] = own.best(tol)
        numbers |= {f"{fact}, {name}": value for fact, value in facts.items()}
    raw, own = tables.values()
    (share, slow), (own_share, quick) = raw.best(tols[-1]), own.best(tols[-1])
    sentence = (
        f"On standardised columns (κ = {own.kappa:.1f}) the best learning rate is {own_share:g} "
        f"times 2/L and brings the loss within {tols[-1]:g} of its least in {quick:,.0f} "
        f"iterations; on the columns as they are (κ = {raw.kappa:,.0f}) the best is {share:g} "
        f"times 2/L, close to the {raw.limit:.2f} from which on nothing settles, and takes "
        f"{slow:,.0f}: standardising makes it {slow / quick:,.0f} times faster."
    )
    return Answer(numbers, sentence, draw(tables))


def descents(standardise: str, *words: str) -> Descents:
    """Descend on one of the tables."""
    word = f"objective.standardise={standardise}"
    run = gdlab.run("+experiment=learning_rate_of_a_regression", word, *words, *QUIET)
    loss = instantiate(run.config["objective"])
    curvatures = np.linalg.eigvalsh(loss.hessian(np.reshape(loss.minimisers, (-1, 1)))[:, :, 0])
    lanes = run.table().assign(share=lambda table: table["alpha"] * loss.smoothness / 2)
    kappa, limit = curvatures[-1] / curvatures[0], loss.smoothness / curvatures[-1]
    return Descents(lanes, float(loss.minimum), float(kappa), float(limit))


def draw(tables: Mapping[str, Descents]) -> Figure:
    """Iterations over the step size on both tables, a line for each tolerance."""
    lanes = pd.concat([own.lanes.assign(columns=name) for name, own in tables.items()])
    lanes = lanes.dropna(subset="iterations").astype({"iterations": float})
    lanes["loss within"] = lanes["tol"].map("{:g}".format)
    with figures.settings():
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        axes = figure.add_subplot()
        by = {"hue": "columns", "style": "loss within", "markers": True}
        sns.lineplot(lanes, x="share", y="iterations", palette=COLOURS, ax=axes, **by)
        for name, own in tables.items():
            axes.axvline(own.limit, color=COLOURS[name], linestyle=":", linewidth=1)
        axes.set(
            title="Logistic regression: malignant tumours by mean radius and mean texture",
            xlabel="α in units of 2/L; dotted: 2/L at the minimiser",
            ylabel="iterations",
            yscale="log",
        )
        sns.move_legend(axes, "center left", bbox_to_anchor=(1, 0.5))
    return figure


if __name__ == "__main__":
    show(study())
