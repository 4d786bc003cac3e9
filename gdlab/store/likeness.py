"""Whether rows that were computed again are those that are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdlab.core.problem import Indices, Status

if TYPE_CHECKING:
    import pandas as pd

COUNTS = {"iterations", "steps", "evaluations"}
"""Columns that are others where a lane takes one step more."""


@dataclass(frozen=True)
class Likeness:
    """What came of comparing rows.

    unequal : places where a column differs, by its name, but for those where rounding may have
    decided it: edges, where a lane took one step more or less; wanderers, where it went to and fro
    until max_iter and is elsewhere then.
    """

    unequal: dict[str, Indices]
    edges: Indices
    wanderers: Indices


def compared(theirs: pd.DataFrame, ours: pd.DataFrame, rounding: float) -> Likeness:
    """Compare stored rows with computed ones, to the last bit or within an objective's `rounding`.

    Within rounding, iterates may differ by so much of the largest coordinate of the iterate and the
    start, and f - f* by so much of f. What is no iterate and no value of f is the same.
    """
    allowed = _allowed(ours, rounding) if rounding else {}
    differ = {}
    for name in ours.columns:
        if ours[name].dtype == np.float64:
            a, b = (table[name].to_numpy(np.float64) for table in (theirs, ours))
            differ[name] = _differ(a, b, allowed.get(name))
        else:
            differ[name] = _whole_numbers(theirs[name]) != _whole_numbers(ours[name])
    edges = wanderers = np.zeros(len(ours), bool)
    if rounding:
        apart = _whole_numbers(theirs["steps"]) - _whole_numbers(ours["steps"])
        edges = _both(theirs, ours, Status.converged) & (np.abs(apart) == 1)
        elsewhere = np.logical_or.reduce([differ[name] for name in allowed])
        wanderers = _both(theirs, ours, Status.max_iter) & elsewhere
        for name in (*allowed, "minimum"):
            differ[name] &= ~(edges | wanderers)
        for name in COUNTS & differ.keys():
            differ[name] &= ~edges
    return Likeness(
        {name: np.flatnonzero(places) for name, places in differ.items()},
        np.flatnonzero(edges),
        np.flatnonzero(wanderers),
    )


def _both(theirs: pd.DataFrame, ours: pd.DataFrame, status: Status) -> NDArray[np.bool_]:
    ended: NDArray[np.bool_] = (theirs["status"] == status.name).to_numpy() & (
        ours["status"] == status.name
    ).to_numpy()
    return ended


def _allowed(rows: pd.DataFrame, rounding: float) -> dict[str, NDArray[np.float64]]:
    """How far the columns that are computed may be apart, row by row."""
    names = [str(name) for name in rows.columns]
    last = [name for name in names if name == "x" or name.startswith("x_")]
    first = [name for name in names if name == "x0" or name.startswith("x0_")]
    with np.errstate(all="ignore"):
        reach = rounding * np.nanmax(np.abs(rows[last + first].to_numpy()), axis=1)
        f, gap = rows["f"].to_numpy(), rows["gap"].to_numpy()
        value = rounding * np.fmax(np.abs(f), np.abs(f - gap))
    return {**dict.fromkeys(last, reach), "f": value, "gap": value}


def _differ(
    a: NDArray[np.float64], b: NDArray[np.float64], allowed: NDArray[np.float64] | None
) -> NDArray[np.bool_]:
    """Where numbers differ in any bit, or by more than is allowed; all NaN are alike."""
    same = (a.view(np.int64) == b.view(np.int64)) | (np.isnan(a) & np.isnan(b))
    if allowed is not None:
        with np.errstate(all="ignore"):
            same |= np.isfinite(a) & np.isfinite(b) & (np.abs(a - b) <= allowed)
    return ~same


def _whole_numbers(column: pd.Series[Any]) -> Indices:
    """A column of counts or of categories, NA as -1."""
    if column.dtype == "category":
        column = column.cat.codes
    numbers: Indices = column.to_numpy(np.int64, na_value=-1)
    return numbers
