"""How many random starts does it take to find the lowest of Rastrigin's minima?

    python experiments/random_starts.py

Rastrigin's function is a bowl with a ripple in every coordinate, with eleven minima along each of
them and 11^d in all. With α ≤ 1/L gradient descent never leaves the well that it starts in, so it
finds the lowest if every coordinate starts in the middle one. That has a share p of the domain,
and random starts find it with probability p^d: each coordinate more takes 1/p times as many.
"""

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

import gdlab
from experiments import QUIET, Answer, show
from gdlab import figures

QUESTION = "How many random starts find Rastrigin's global minimum in 1 to 6 dimensions?"
DIMENSIONS = range(1, 7)
HALF_DOMAIN = 5.12
FEW_FAIL = 0.05
"""Probability that so many starts miss the minimum all the same."""
NORMAL = 1.959964  # standard deviations within which 95% of a normal distribution lie


@dataclass(frozen=True)
class Count:
    """Starts, how many find the minimum, and how many of all do not end in their own well."""

    starts: int
    found: int
    hopped: int

    @property
    def needed(self) -> tuple[float, float, float]:
        """Starts that are needed: the least, by the share that was found, and the most."""
        low, high = wilson(self.found, self.starts)
        return needed(high), needed(self.found / self.starts), needed(low)


def study(most: int = 1_000_000) -> Answer:
    """Descend from ten times as many starts in each dimension more, at most from so many."""
    share = edge_of_the_middle_well() / HALF_DOMAIN
    counts = {d: count(d, min(most, 100 * 10**d)) for d in DIMENSIONS}
    last = max(d for d, own in counts.items() if own.found)
    numbers: dict[str, float] = {"share": share}
    for d, own in counts.items():
        numbers |= {f"starts in {d}": own.starts, f"found in {d}": own.found}
        bounds = {f"least in {d}": own.needed[0], f"most in {d}": own.needed[2]}
        numbers |= {name: bound for name, bound in bounds.items() if math.isfinite(bound)}
        numbers |= {f"theory in {d}": needed(share**d), f"hopped in {d}": own.hopped}
    return Answer(
        numbers,
        f"In 1 to {len(counts)} dimensions it is found by "
        f"{', '.join(f'{own.found:,} of {own.starts:,}' for own in counts.values())} random "
        f"starts. To be {1 - FEW_FAIL:.0%} sure of it takes {counts[1].needed[0]:,.0f} to "
        f"{counts[1].needed[2]:,.0f} in one dimension and {counts[last].needed[0]:,.0f} to "
        f"{counts[last].needed[2]:,.0f} in {last} (at 95% confidence). By theory each dimension "
        f"more takes {1 / share:.1f} times as many, since the middle well has {share:.2%} of an "
        f"axis: {needed(share ** len(counts)):,.0f} in {len(counts)}.",
        draw(counts, share),
    )


def count(dimension: int, starts: int) -> Count:
    """Descend from so many random starts."""
    words = f"objective.dimension={dimension}", f"x0.num={starts}", f"x0.seed={dimension}"
    lanes = gdlab.run("+experiment=random_starts", *words, *QUIET).table()
    found = lanes["gap"] < 0.5  # the next lowest minimum is 0.99 above
    inside = (lanes.filter(regex="^x0").abs() < edge_of_the_middle_well()).all(axis=1)
    return Count(starts, int(found.sum()), int((found != inside).sum()))


def edge_of_the_middle_well() -> float:
    """The first maximum beside 0, where the derivative 2x + 20π sin 2πx is zero."""
    x = np.linspace(0.5, 0.51, 1001)
    return float(np.interp(0, -(2 * x + 20 * np.pi * np.sin(2 * np.pi * x)), x))


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Bounds of a probability with 95% confidence, which hold for few successes, too.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of
    the American Statistical Association 22, 1927.
    """
    share, z2 = successes / trials, NORMAL**2 / trials
    middle, half = share + z2 / 2, math.sqrt(z2 * (share * (1 - share) + z2 / 4))
    return (middle - half) / (1 + z2), (middle + half) / (1 + z2)


def needed(probability: float) -> float:
    """Starts of which at least one succeeds but for `FEW_FAIL`, each having this probability."""
    return math.log(FEW_FAIL) / math.log1p(-probability) if probability > 0 else math.inf


def draw(counts: dict[int, Count], share: float) -> Figure:
    """Starts that are needed by dimension, with their bounds, and what theory says."""
    some, none = ([d for d in counts if (counts[d].found > 0) is own] for own in (True, False))
    least, middle, most = np.array([counts[d].needed for d in some]).T
    with figures.settings():
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        axes = figure.add_subplot()
        theory = [needed(share**d) for d in counts]
        axes.plot(list(counts), theory, color="black", label="theory")
        bounds, label = [middle - least, most - middle], "measured, with 95% confidence"
        axes.errorbar(some, middle, bounds, fmt="o", color="red", capsize=4, label=label)
        label, least = "none found: it takes more than this", [counts[d].needed[0] for d in none]
        axes.plot(none, least, "^", color="red", label=label)
        axes.set(xlabel="dimension $d$", ylabel="random starts", yscale="log")
        axes.set_title(f"To be {1 - FEW_FAIL:.0%} sure of Rastrigin's global minimum")
        axes.legend(loc="upper left")
    return figure


if __name__ == "__main__":
    show(study())
