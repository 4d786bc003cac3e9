"""What the pictures of descent paths share: panels by step size, each with its verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from gdlab.figures import words
from gdlab.figures.page import page
from gdlab.figures.style import STAR, START
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array
from gdlab.results.table import STATUS

MOST_PANELS = 6
RED = "#e8000b"
APART = 0.012
"""Share of the frame by which dots must differ to be told apart."""
JOINED = 50
"""Iterates that a line joins; those of a lane that goes on hopping would fill the panel."""
LONG_TITLE = 34
"""Characters above which a title is set smaller."""
CONVERGED, CYCLING, MAX_ITER, DIVERGED = STATUS.categories


def by_alpha(paths: pd.DataFrame) -> list[tuple[float, pd.DataFrame]]:
    """The paths of each step size, rising. More than six step sizes are a ValueError."""
    parts = [(float(part["alpha"].iloc[0]), part) for _, part in paths.groupby("alpha", sort=True)]
    if len(parts) > MOST_PANELS:
        raise ValueError(
            f"the paths have {len(parts)} step sizes, and there is room for {MOST_PANELS}; "
            "choose some"
        )
    return parts


def sheet(
    n: int,
    size: tuple[float, float],
    subject: Subject,
    said: Sequence[str],
    legend: Sequence[Artist],
    bar: float,
) -> tuple[Figure, Any, list[Axes]]:
    """A figure with `n` panels of `size` inches; `bar` inches remain at the right."""
    columns = n if n <= 3 else -(-n // 2)
    rows = -(-n // columns)
    width = columns * (size[0] + 0.25) + 0.75 + bar
    figure = page(
        max(width, 5.6),
        rows * (size[1] + 0.42) + 0.45,
        words.title(subject),
        said,
        legend,
        body_width=width,
    )
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    return figure, grid, list(grid.flat[:n])


def title(alpha: float, paths: pd.DataFrame) -> str:
    """The step size and what became of its lanes."""
    return f"α = {words.number(alpha)}  ({_verdict(paths.drop_duplicates('lane'))})"


def _verdict(lanes: pd.DataFrame) -> str:
    statuses = lanes["status"].astype(str)
    n = len(lanes)
    if n > 1:
        converged = int((statuses == CONVERGED).sum())
        if converged == n:
            return "all converge"
        others = {CYCLING: "cycle", DIVERGED: "diverge", MAX_ITER: "not yet"}
        parts = [f"{converged} converge"] if converged else []
        counts = {word: int((statuses == status).sum()) for status, word in others.items()}
        if n in counts.values():
            return next(f"all {word}" for word, k in counts.items() if k == n).replace(
                "all not yet", "none yet"
            )
        return ", ".join([*parts, *(f"{k} {word}" for word, k in counts.items() if k)])
    lane = lanes.iloc[0]
    iterations = words.plural(int(lane["steps"]), "iteration")
    if lane["status"] == CYCLING:
        return f"cycles, period {lane['period']}"
    if lane["status"] == DIVERGED:
        return "diverges"
    return iterations if lane["status"] == CONVERGED else f"not yet, {iterations}"


def set_title(axes: Axes, text: str) -> None:
    """Set a title that leaves room for those of the neighbours."""
    axes.set_title(text, size=9 if len(text) > LONG_TITLE else None)


def cut_said(paths: pd.DataFrame) -> list[str]:
    """Say in words that paths go on, and that their later iterates are dots alone."""
    last = int(paths["iteration"].max())
    joined = [f"a line joins the first {JOINED}"] if last > JOINED else []
    if last >= int(paths["steps"].max()):
        return joined
    return [f"the first {words.plural(last, 'iteration')} drawn", *joined]


def bounded(paths: pd.DataFrame, variables: Sequence[str]) -> Array:
    """The iterates (d, n) of the lanes that did not diverge."""
    stayed = paths[paths["status"].astype(str) != DIVERGED]
    points = stayed[list(variables)].to_numpy().T
    return points[:, np.isfinite(points).all(axis=0)]


def points_of(paths: pd.DataFrame, variables: Sequence[str], iteration: int | None = None) -> Array:
    """The starting points (d, n), or all iterates."""
    rows = paths if iteration is None else paths[paths["iteration"] == iteration]
    return rows[list(variables)].to_numpy().T


def legend(subject: Subject, curve: Sequence[Artist] = ()) -> list[Artist]:
    """What the signs mean."""
    entries: list[Artist] = [
        *curve,
        Line2D(
            [],
            [],
            color=RED,
            linewidth=0.9,
            marker="o",
            markersize=5,
            markeredgecolor="white",
            label=f"iterates {words.maths(words.x(subject))}",
        ),
        Line2D([], [], linestyle="none", markersize=7, label="start", **START),
    ]
    if subject.facts.minimisers is not None and len(subject.facts.minimisers):
        entries.append(Line2D([], [], linestyle="none", markersize=11, label="minimiser", **STAR))
    return entries


def thinned(points: Array, extent: Array) -> NDArray[np.bool_]:
    """Which of the iterates (d, n) get a dot: of those on top of each other the first."""
    with np.errstate(over="ignore"):  # those far away are all in one place
        places = np.floor(points / (APART * extent[:, None]))
    kept = np.zeros(points.shape[1], bool)
    kept[np.unique(places, axis=1, return_index=True)[1]] = True
    return kept
