"""Verifying: a run is computed again from its own record, and compared bit for bit.

Of an objective that has a `rounding`, since its lanes share their products, it is compared within
that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from gdlab.core.problem import Indices
from gdlab.experiment import Experiment
from gdlab.given import ConfigError
from gdlab.results.table import to_pandas
from gdlab.results.visits import to_arrow
from gdlab.settings import experiment_of
from gdlab.store import provenance
from gdlab.store.identity import decisive
from gdlab.store.likeness import compared
from gdlab.store.records import check
from gdlab.store.run import Run, tiles, visits

if TYPE_CHECKING:
    import pyarrow as pa


LEFT_TO_ROUNDING = (
    "rows took one step more or less, as rounding decides near a tolerance",
    "rows came to max_iter elsewhere, as rounding leads what neither settles nor diverges",
)
"""What is said of rows of which not all can be compared where an objective rounds."""


@dataclass(frozen=True)
class Finding:
    """What came of verifying a run.

    lanes : compared. differences : what is not as it was, in words. notes : what a reader of the
    result should know. rounding : share of the largest coordinate up to which numbers count as the
    same; 0 where every bit must be.
    """

    lanes: int
    differences: tuple[str, ...]
    notes: tuple[str, ...]
    rounding: float = 0.0


def verify(run: Run, sample: int | None = None, seed: int = 0) -> Finding:
    """Compute a run again and compare every bit of its table, or all that its objective promises.

    sample : compare so many lanes, drawn with `seed`, instead of all.

    Changed code and differing numbers are differences, and so are parts of something else; nothing
    is written.

    Raises StoreError where a file is missing or damaged.
    """
    from omegaconf import OmegaConf

    notes = tuple(_version_notes(run))
    try:
        config = OmegaConf.create(run.config)
        experiment = experiment_of(config)
    except ConfigError as error:
        return Finding(0, (str(error),), notes)
    except (Exception, SystemExit) as error:  # whatever a user's module may do when it is imported
        return Finding(0, (f"cannot be made again: {type(error).__name__}: {error}",), notes)
    if "trace" in run.record:
        check(run.path / "trace.csv", run.record["trace"])
    changed = _changed(run.record["experiment"], decisive(experiment, config))
    if changed:
        names = ", ".join(changed)
        return Finding(0, (f"what decides the numbers is not what it was: {names}",), notes)
    n_lanes, n_tol = experiment.n_lanes, len(experiment.tol)
    chosen = None
    if sample is not None and sample < n_lanes:
        chosen = np.sort(np.random.default_rng(seed).choice(n_lanes, sample, replace=False))
    rows = sum(part["rows"] for part in run.record["parts"].values())
    if rows != experiment.n_rows:
        return Finding(0, (f"the table has {rows} rows instead of {experiment.n_rows}",), notes)
    strays = tuple(_strays(run))
    n_compared, tally = 0, Counter[str]()
    rounding = float(getattr(experiment.objective, "rounding", 0.0))
    counted = repeat(None) if experiment.bins is None else visits(run)
    for (first_row, part), histogram in zip(tiles(run), counted, strict=False):
        first, last = first_row // n_tol, (first_row + part.num_rows) // n_tol
        lanes = np.arange(first, last)
        if chosen is not None:
            lanes = chosen[(first <= chosen) & (chosen < last)]
        n_compared += lanes.size
        seen = histogram if chosen is None else None
        difference = lanes.size and _first_difference(experiment, part, seen, first, lanes, tally)
        if difference:
            return Finding(n_compared, (difference, *strays), notes)
    notes += tuple(f"{tally[what]:,} {what}" for what in LEFT_TO_ROUNDING if tally[what])
    return Finding(n_compared, strays, notes, rounding)


def _strays(run: Run) -> Iterator[str]:
    """Say which files would be read with the parts, as by `results/*.parquet`, and are none."""
    for path in sorted((run.path / "results").glob("[!.]*.parquet")):
        if path.name not in run.record["parts"]:
            yield f"{path} is no part of this run, and what reads results/*.parquet counts its rows"


def _first_difference(
    experiment: Experiment,
    part: pa.Table,
    histogram: pa.Table | None,
    first: int,
    lanes: Indices,
    tally: Counter[str],
) -> str | None:
    """Say where the stored rows of these lanes first differ from computed ones.

    part : of which `first` is the first lane. histogram : of all its lanes, if that is compared.
    tally : counts the rows that are left to rounding.
    """
    from gdlab.results.rows import block

    n_tol = len(experiment.tol)
    rows = ((lanes - first)[:, None] * n_tol + np.arange(n_tol)).ravel()
    theirs = to_pandas(part).iloc[rows].reset_index(drop=True)
    try:
        made = block(experiment, lanes)
        ours = made.to_pandas()
    except (Exception, SystemExit) as error:  # of a user's objective
        return f"cannot be computed again: {type(error).__name__}: {error}"
    if "predicted" not in theirs:  # as in parts of earlier versions
        ours = ours.drop(columns="predicted", errors="ignore")
    if list(theirs.columns) != list(ours.columns):
        return f"the table has the columns {list(theirs.columns)} instead of {list(ours.columns)}"
    found = compared(theirs, ours, float(getattr(experiment.objective, "rounding", 0.0)))
    for what, places in zip(LEFT_TO_ROUNDING, (found.edges, found.wanderers), strict=True):
        tally[what] += places.size
    differing = [(int(places[0]), name) for name, places in found.unequal.items() if places.size]
    if not differing:
        if histogram is None or made.orbits is None or made.orbits.visited is None:
            return None
        same = histogram.equals(to_arrow(experiment, made.orbits.visited))
        return None if same else f"visits of lanes {lanes[0]} to {lanes[-1]} are counted otherwise"
    place, name = min(differing)
    lane, tol = lanes[place // n_tol], experiment.tol[place % n_tol]
    return (
        f"lane {lane} at tolerance {tol:g}: {name} is stored as {_plain(theirs[name].iloc[place])} "
        f"and computed as {_plain(ours[name].iloc[place])}"
    )


def _plain(value: object) -> str:
    """A value as Python writes it, to the last bit, whichever NumPy holds it."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def _changed(then: Any, now: Any, name: str = "") -> list[str]:
    """Dotted names of the settings that are not the same."""
    if isinstance(then, dict) and isinstance(now, dict):
        if then.keys() == now.keys() == {"name", "source"} and then["name"] == now["name"]:
            return [f"{name} (the source of {now['name']})"] if then != now else []
        keys = sorted({*then, *now})
        return [
            found
            for key in keys
            for found in _changed(then.get(key), now.get(key), f"{name}.{key}".strip("."))
        ]
    return [] if then == now else [name]


def _version_notes(run: Run) -> Iterator[str]:
    made, here = run.record["versions"], provenance.versions()
    for name in sorted({*made, *here}):
        if made.get(name) != here.get(name):
            yield f"made with {name} {made.get(name, '(none)')}, here is {here.get(name, '(none)')}"
