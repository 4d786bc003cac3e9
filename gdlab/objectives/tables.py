"""A table, a CSV or Parquet file or a DataFrame: read, and refused where it is no data."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdlab.given import did_you_mean, one_line, shown
from gdlab.objectives.base import Array

if TYPE_CHECKING:
    import pandas as pd

Data: TypeAlias = "str | Path | pd.DataFrame"

PARQUET = (".parquet", ".pq")
UNNAMED = re.compile(r"Unnamed: \d+")
"""What pandas calls a column without a name, as an index is that was written along."""
INTERCEPT = "intercept"
MOST_LISTED = 12
"""Columns that a message names."""


@dataclass(frozen=True)
class Design:
    """What a linear model is fitted to.

    matrix : (n, d), a row for each row of the table; with an intercept its last column is ones.
    target : (n,), as it stands in the table. variables : d names, made from those of the columns.
    penalised : (d,), 1 where the ridge counts and 0 for the intercept.
    digest : a hash of the numbers read, whatever file they stand in.
    """

    matrix: Array
    target: NDArray[Any]
    variables: tuple[str, ...]
    penalised: Array
    digest: str


def design(
    data: Data,
    target: str,
    columns: Sequence[str] | None,
    *,
    intercept: bool,
    standardise: bool,
    classes: bool = False,
) -> Design:
    """Read a table and make of it what a linear model is fitted to.

    columns : that are used, by default all but the target. classes : whether the target may hold
    other than numbers.

    Raises ValueError for a table that cannot be read, has no rows or no such columns, or in which a
    value is missing, infinite or no number.
    """
    for name, given in (("intercept", intercept), ("standardise", standardise)):
        if not isinstance(given, bool):
            raise ValueError(f"{name}={shown(given)} is neither true nor false")
    frame = _read(data)
    _require_columns(frame, [target], "target")
    if columns is None:
        columns = [str(name) for name in frame.columns if name != target]
    elif isinstance(columns, str) or not isinstance(columns, Sequence):
        raise ValueError(f"columns={shown(columns)} is not a list of columns, as in [age,height]")
    _require_columns(frame, columns, "columns")
    if target in columns or not columns:
        raise ValueError(
            f"target={shown(target)} is one of the columns={shown(list(columns))}"
            if target in columns
            else f"the table has no column besides the target {shown(target)}; there is nothing "
            "to tell it from"
        )
    matrix = np.column_stack([_numbers(frame[name], "columns") for name in columns])
    values = _present(frame[target]) if classes else _numbers(frame[target], "target")
    digest = hashlib.sha256(repr((list(columns), target)).encode())
    digest.update(matrix.tobytes())
    digest.update(repr(values.tolist()).encode() if values.dtype == object else values.tobytes())
    if intercept or standardise:
        _require_variety(matrix, columns)
    if standardise:
        matrix = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    penalised = np.ones(matrix.shape[1])
    names = [str(name) for name in columns]
    if intercept:
        matrix = np.column_stack([matrix, np.ones(len(matrix))])
        penalised = np.append(penalised, 0.0)
        names.append(INTERCEPT)
    return Design(matrix, values, _identifiers(names), penalised, digest.hexdigest())


def _read(data: Data) -> pd.DataFrame:
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        frame = data
    elif isinstance(data, str | Path):
        frame = _read_file(Path(data))
    else:
        raise ValueError(
            f"data={shown(data)} is neither the path of a table nor a DataFrame of pandas"
        )
    if not len(frame):
        raise ValueError(f"{_named(data)} has no rows, only the columns {_listed(frame)}")
    unnamed = [str(name) for name in frame.columns if UNNAMED.fullmatch(str(name))]
    if unnamed:
        raise ValueError(
            f"{_named(data)} has a column without a name, such as an index that was written along; "
            "give it a name, or write the table without it (pandas: index=False)"
        )
    return frame


def _read_file(path: Path) -> pd.DataFrame:
    import pandas as pd
    from pyarrow.lib import ArrowException

    try:
        if path.suffix.lower() in PARQUET:
            return pd.read_parquet(path)
        return pd.read_csv(path)
    except FileNotFoundError:
        raise ValueError(f"data={path} does not exist (seen from {Path.cwd()})") from None
    except pd.errors.EmptyDataError:
        raise ValueError(f"data={path} is empty; give a table whose first row has names") from None
    except OSError as error:
        raise ValueError(f"data={path} cannot be read: {error.strerror or error}") from None
    except (ValueError, ArrowException) as error:
        kind = "a Parquet file" if path.suffix.lower() in PARQUET else "a CSV file (of UTF-8)"
        raise ValueError(f"data={path} cannot be read as {kind}: {one_line(str(error))}") from error


def _named(data: Data) -> str:
    return f"data={data}" if isinstance(data, str | Path) else "the table"


def _require_columns(frame: pd.DataFrame, names: Sequence[str], setting: str) -> None:
    there = [str(name) for name in frame.columns]
    for name in names:
        if there.count(name) > 1:
            raise ValueError(f"{setting}: the table has several columns {shown(name)}")
        if name not in there:
            separated = next((sign for sign in ";\t|" if len(there) == 1 and sign in there[0]), "")
            why = f"; a CSV file has commas, and this one {separated!r}" if separated else ""
            raise ValueError(
                f"{setting}={name} is no column of the table{did_you_mean(str(name), there)}; "
                f"it has {_listed(frame)}{why}"
            )


def _listed(frame: pd.DataFrame) -> str:
    names = [str(name) for name in frame.columns]
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _numbers(column: pd.Series[Any], setting: str) -> Array:
    """The values of a column; raise ValueError unless all are finite numbers."""
    import pandas as pd

    kind, advice = column.dtype.kind, _advice(setting)
    if kind not in "iufb":
        present = column.dropna()
        numbers = pd.to_numeric(present.astype(object), errors="coerce")
        texts = kind in "OUT"
        wrong = present[numbers.isna()] if texts else present
        if len(wrong):
            what = f"text ({shown(wrong.iloc[0])}" if texts else f"no numbers ({wrong.iloc[0]}"
            row = int(np.flatnonzero(column.index == wrong.index[0])[0]) + 1
            raise ValueError(f"column {shown(column.name)} holds {what} in row {row}); {advice}")
        column = pd.to_numeric(column.astype(object))
    _present(column, advice)
    values = column.to_numpy(np.float64)
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise ValueError(
            f"column {shown(column.name)} has an infinite value in row {infinite[0] + 1}; {advice}"
        )
    return values


def _present(column: pd.Series[Any], advice: str = "") -> NDArray[Any]:
    """The values of a column; raise ValueError where one is missing."""
    missing = np.flatnonzero(column.isna())
    if missing.size:
        many = "1 value is" if missing.size == 1 else f"{missing.size:,} values are"
        raise ValueError(
            f"column {shown(column.name)}: {many} missing, the first in row {missing[0] + 1}; "
            f"fill them in, {advice or _advice('target')}"
        )
    values: NDArray[Any] = column.to_numpy()
    return values


def _advice(setting: str) -> str:
    if setting == "target":
        return "leave out such rows, or take another target"
    return "leave out such rows, or name the columns to be used (objective.columns=[...])"


def _require_variety(matrix: Array, columns: Sequence[str]) -> None:
    """Raise ValueError for a column that is the same in every row."""
    for name, values in zip(columns, matrix.T, strict=True):
        if values.min() == values.max():
            raise ValueError(
                f"column {shown(name)} is {values[0]:g} in every row, which tells nothing beside "
                "the intercept and cannot be standardised; name the columns to be used without it "
                "(objective.columns=[...])"
            )


def _identifiers(names: Sequence[str]) -> tuple[str, ...]:
    """Different names such as variables have, from any texts."""
    made: list[str] = []
    for name in names:
        word = re.sub(r"\W+", "_", name).strip("_") or "column"
        word = word if word.isidentifier() else f"_{word}"
        own, n = word, 2
        while own in made:
            own, n = f"{word}_{n}", n + 1
        made.append(own)
    return tuple(made)
