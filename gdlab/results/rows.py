"""Rows of the table as plain arrays, of which pandas, Arrow and digests take what they need."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdlab.core import engines
from gdlab.core.criteria import distances
from gdlab.core.descent import Progress
from gdlab.core.orbits import Orbits, follow
from gdlab.core.problem import Counts, LaneNumbers, Status, Verdicts
from gdlab.experiment import Experiment
from gdlab.methods import evaluations_a_step
from gdlab.objectives.base import POINTS_AT_ONCE, Array, values
from gdlab.results.tiles import Tile

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

NEAR = 1e-3
"""A lane has found a minimiser that it is at most this far from."""
WHOLE = ("alpha", "x0", "tol", "steps", "status", "evaluations")
"""Columns in which nothing is ever missing."""
STATUSES = [status.name for status in Status]


def block(experiment: Experiment, lanes: LaneNumbers, progress: Progress | None = None) -> Rows:
    """Descend the lanes of these numbers; give their rows of the table."""
    compute = engines.descend_of(experiment.engine)
    verdicts = compute(experiment.problem, lanes, progress=progress)
    return rows_of(experiment, lanes, verdicts)


def rows_of(experiment: Experiment, lanes: LaneNumbers, verdicts: Verdicts) -> Rows:
    """Give the rows of lanes of which these are the verdicts."""
    found = in_given_order(experiment, verdicts)
    orbits = None
    if experiment.orbit is not None:
        advance = engines.advance_of(experiment.engine, experiment.problem, experiment.orbit)
        orbits = follow(experiment.problem, experiment.orbit, lanes, experiment.bins, advance)
    return Rows(experiment, lanes, *found, f=values(experiment.objective, found.x), orbits=orbits)


class Found(NamedTuple):
    """The verdicts, a row a lane and tolerance, lanes in their order, tolerances as given.

    status : (n,), codes of `gdlab.core.problem.Status`. steps : (n,). period : (n,), 0 unless
    cycling. x : (d, n), the iterate at the verdict. evaluations : (n,), how often the method asked
    the objective; None where that is once a step.
    """

    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    period: NDArray[np.int16]
    x: Array
    evaluations: NDArray[np.int64] | None


def in_given_order(experiment: Experiment, verdicts: Verdicts) -> Found:
    """Give the verdicts row by row."""
    given: Any = slice(None)  # of one tolerance nothing is copied
    if len(experiment.tol) > 1:
        given = np.argsort(np.argsort(-experiment.tol, kind="stable"))
    steps = verdicts.steps[given].T.ravel()
    a_step = evaluations_a_step(experiment.method, experiment.objective)
    if verdicts.evaluations is not None:
        evaluations = verdicts.evaluations[given].T.ravel()
    else:
        evaluations = None if a_step == 1 else steps * np.int64(a_step or 0)
    return Found(
        verdicts.status[given].T.ravel(),
        steps,
        verdicts.period[given].T.ravel(),
        verdicts.x[given].transpose(1, 2, 0).reshape(experiment.dimension, -1),
        evaluations,
    )


@dataclass(frozen=True, eq=False)
class Rows:
    """One row a lane and tolerance, lanes in their order, tolerances in the order given.

    lanes : their numbers. f : (n,), at x. orbits : of the lanes, where the experiment asks for
    them. The rest is that of `Found`.
    """

    experiment: Experiment
    lanes: LaneNumbers
    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    period: NDArray[np.int16]
    x: Array
    evaluations: NDArray[np.int64] | None
    f: Array
    orbits: Orbits | None = None

    @cached_property
    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns of the table in their order, of `status` the codes, all of them (n,)."""
        experiment = self.experiment
        alpha, x0, _ = experiment.problem.starts(self.lanes)
        n_tol, minimum = len(experiment.tol), experiment.facts.minimum
        return {
            "alpha": _each(alpha, n_tol),
            **{n: _each(x, n_tol) for n, x in zip(numbered("x0", x0), x0, strict=True)},
            "tol": np.tile(experiment.tol, alpha.size),
            "iterations": self.steps,
            "steps": self.steps,
            "status": self.status,
            "period": self._period,
            **dict(zip(numbered("x", self.x), self.x, strict=True)),
            "f": self.f,
            "gap": np.full_like(self.f, np.nan) if minimum is None else self.f - minimum,
            "minimum": self._nearest[0],
            **({} if self.evaluations is None else {"evaluations": self.evaluations}),
            **({} if self._predicted is None else {"predicted": self._predicted}),
            **({} if self.orbits is None else {"lyapunov": _each(self.orbits.lyapunov, n_tol)}),
        }

    @cached_property
    def missing(self) -> dict[str, NDArray[np.bool_]]:
        """Where the columns of whole numbers have no value, (n,)."""
        return {
            "iterations": self.status != Status.converged,
            "period": self._period == 0,
            "minimum": self._nearest[1],
            **({} if self.evaluations is None else {"evaluations": np.zeros(self.f.size, bool)}),
            **({} if self._predicted is None else {"predicted": self._predicted == 0}),
        }

    def to_pandas(self) -> pd.DataFrame:
        """The rows in pandas, with the types of `gdlab.results.table`."""
        import pandas as pd

        columns: dict[str, Any] = dict(self.columns)
        columns["status"] = pd.Categorical.from_codes(
            self.status, dtype=pd.CategoricalDtype(STATUSES, ordered=True)
        )
        for name, mask in self.missing.items():
            columns[name] = pd.arrays.IntegerArray(columns[name].copy(), mask)
        return pd.DataFrame(columns, copy=False)

    def to_arrow(self) -> pa.Table:
        """The rows in Arrow: NaN and what is missing are nulls, `status` is an ordered dictionary.

        The metadata let pandas find its types again.
        """
        import pyarrow as pa

        arrays = {
            name: _array(values, self.missing.get(name)) for name, values in self.columns.items()
        }
        arrays["status"] = pa.DictionaryArray.from_arrays(
            arrays["status"], _text(STATUSES), ordered=True
        )
        names = tuple(arrays)
        fields = [
            pa.field(name, arrays[name].type, nullable=name.partition("_")[0] not in WHOLE)
            for name in names
        ]
        return pa.table(list(arrays.values()), schema=pa.schema(fields, for_pandas(names)))

    def tile(self) -> Tile:
        """What summaries and pictures need of rows, whose lanes follow each other."""
        shape = -1, len(self.experiment.tol)
        return Tile(
            int(self.lanes[0]),
            self.status.reshape(shape),
            self.steps.reshape(shape),
            self.f.reshape(shape),
            self.missing["minimum"].reshape(shape),
            None if self._predicted is None else self._predicted.reshape(shape),
        )

    @property
    def _period(self) -> NDArray[np.int16]:
        """That of the orbit where there is one, else that of a cycling lane, (n,)."""
        if self.orbits is None:
            return self.period
        return np.repeat(self.orbits.period, len(self.experiment.tol))

    @cached_property
    def _predicted(self) -> Counts | None:
        """Iterations by theory (n,), 0 where there are none; None where theory is not exact."""
        experiment = self.experiment
        if experiment.prediction is None:
            return None
        told = experiment.prediction.of_lanes(
            experiment.alpha, experiment.starts, self.lanes, pairs=experiment.pairs
        )
        return told.T.ravel()

    @cached_property
    def _nearest(self) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
        """Which known minimiser is nearest to x, and whether none is within `NEAR`."""
        minimisers, n = self.experiment.facts.minimisers, self.f.size
        index, far = np.zeros(n, np.int16), np.ones(n, bool)
        if minimisers is not None and len(minimisers):
            with np.errstate(all="ignore"):
                for first in range(0, n, POINTS_AT_ONCE):
                    part = slice(first, first + POINTS_AT_ONCE)
                    away = distances(self.x[:, part], minimisers)
                    if len(minimisers) > 1:
                        index[part] = away.argmin(axis=0)
                    far[part] = ~(away.min(axis=0) <= NEAR)
        return index, far


def _each(values: Array, n_tol: int) -> Array:
    """A value of each lane for each of its tolerances."""
    return values if n_tol == 1 else np.repeat(values, n_tol)


def numbered(name: str, x: Array) -> list[str]:
    return [name] if len(x) == 1 else [f"{name}_{i}" for i in range(1, len(x) + 1)]


def _array(values: NDArray[Any], missing: NDArray[np.bool_] | None) -> pa.Array:
    """The same numbers in Arrow. (`pyarrow.array` would import pandas, to know its types.)"""
    import pyarrow as pa

    if missing is None and values.dtype.kind == "f":
        missing = np.isnan(values)
    n_missing = 0 if missing is None else int(np.count_nonzero(missing))
    there = np.packbits(~missing, bitorder="little") if missing is not None and n_missing else None
    buffers = [None if there is None else pa.py_buffer(there)]
    buffers.append(pa.py_buffer(np.ascontiguousarray(values)))
    type_ = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(type_, values.size, buffers, n_missing)


def _text(words: list[str]) -> pa.Array:
    import pyarrow as pa

    ends = np.cumsum([0, *map(len, words)], dtype=np.int32)
    content = pa.py_buffer("".join(words).encode("ascii"))
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(ends), content)


@cache
def for_pandas(names: tuple[str, ...]) -> dict[bytes, bytes]:
    """What pandas writes beside a table of Arrow's columns of these names, to know its own types.

    As in "Storing pandas DataFrame objects in Apache Parquet format" of pandas' documentation.
    """
    import pyarrow as pa

    types = {
        "iterations": ("int32", "Int32"),
        "steps": ("int32", "int32"),
        "evaluations": ("int64", "Int64"),
        "status": ("categorical", "int8"),
        "period": ("int16", "Int16"),
        "minimum": ("int16", "Int16"),
        "predicted": ("int32", "Int32"),
        "visits": ("int64", "int64"),
    }
    columns = []
    for name in names:
        of_pandas, of_numpy = types.get(name, ("float64", "float64"))
        ordered = {"num_categories": len(STATUSES), "ordered": True} if name == "status" else None
        columns.append(
            {
                "name": name,
                "field_name": name,
                "pandas_type": of_pandas,
                "numpy_type": of_numpy,
                "metadata": ordered,
            }
        )
    whole = {
        "index_columns": [],
        "column_indexes": [],
        "columns": columns,
        "attributes": {},
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": version("pandas"),
    }
    return {b"pandas": json.dumps(whole).encode()}
