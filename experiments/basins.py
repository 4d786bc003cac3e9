"""Himmelblau's four basins, and the dimension of the boundary between them.

    python experiments/basins.py

From a million starting points gradient descent goes to whichever minimum it goes to. With short
steps the four basins have smooth borders. With long ones some minima no longer hold a descent,
lanes wander for a while before they settle, and where they settle then depends on the last digits
of where they started: the border becomes a fractal.

The dimension of a border is counted in boxes. With boxes of half the size a smooth curve needs
twice as many, which is dimension 1; in general they are 2 to the power of the dimension times as
many. So it is the slope of the number of boxes over their size, on logarithmic scales: S. W.
McDonald, C. Grebogi, E. Ott and J. A. Yorke, Fractal basin boundaries, Physica D 17, 1985.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import gdlab
from experiments import QUIET, Answer, show
from gdlab import figures

QUESTION = "How far does a longer step fray the borders between Himmelblau's basins?"
EXPERIMENT = "+experiment=basins"
NAMES = ["dimension", "error", "settled"]
BOXES = 16
"""Along a side, at the least; larger boxes than those see little but the frame of the picture."""


def study(cells: int = 1024) -> Answer:
    """Colour the plane by where descents end; count boxes along the borders.

    cells : of the grid along each side, a power of 2.
    """
    run = gdlab.run(EXPERIMENT, f"x0_grid.num={cells + 1}", *QUIET)
    lanes = run.table().groupby("alpha")
    found = pd.DataFrame({alpha: borders(own, cells) for alpha, own in lanes}, NAMES).T
    smooth, wild = found.iloc[:-1], found.iloc[-1]
    return Answer(
        {f"{name} at {alpha:g}": row[name] for alpha, row in found.iterrows() for name in NAMES},
        f"With α from {smooth.index[0]:g} to {smooth.index[-1]:g} the borders of the basins have "
        f"dimension {smooth['dimension'].min():.2f} to {smooth['dimension'].max():.2f}, close to "
        f"the 1 of a smooth curve, although with α = {smooth.index[-1]:g} only "
        f"{smooth['settled'].iloc[-1]:.0%} of the descents settle at a minimum; with "
        f"α = {found.index[-1]:g} they are fractal, of dimension {wild['dimension']:.2f} ± "
        f"{wild['error']:.2f}.",
        figures.basins(run),
    )


def borders(lanes: pd.DataFrame, cells: int) -> list[float]:
    """Dimension of the borders, its standard error, and the share of lanes at a minimum."""
    end = lanes["minimum"].fillna(-1).mask(lanes["status"] == "diverged", -2)
    labels = end.to_numpy(int).reshape(cells + 1, cells + 1)
    return [*dimension(crossed(labels)), float((labels >= 0).mean())]


def crossed(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which cells of a grid a border goes through: those whose four corners do not agree.

    labels : of the corners, (n + 1, n + 1). Gives (n, n).
    """
    first = labels[:-1, :-1]
    return (first != labels[1:, :-1]) | (first != labels[:-1, 1:]) | (first != labels[1:, 1:])


def dimension(crossed: NDArray[np.bool_]) -> tuple[float, float]:
    """Box-counting dimension of a set of cells (n, n), and the standard error of the fit.

    The error says how straight the line is: a curve may come out as 1.03 ± 0.01.
    """
    sides, counts = [], []
    side = len(crossed)
    while side >= BOXES:
        size = len(crossed) // side
        sides.append(side)
        counts.append(crossed.reshape(side, size, side, size).any(axis=(1, 3)).sum())
        side //= 2
    line, covariance = np.polyfit(np.log(sides), np.log(counts), 1, cov=True)
    return float(line[0]), float(np.sqrt(covariance[0, 0]))


if __name__ == "__main__":
    show(study())
