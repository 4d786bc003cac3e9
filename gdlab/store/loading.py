"""Many runs as one table: checked, with the values in which they differ as columns."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from gdlab.given import did_you_mean, shown
from gdlab.results.rows import STATUSES
from gdlab.store.conditions import Condition, Where, filtered, groups_of
from gdlab.store.members import Member, members, told_apart, types_of, unfinished
from gdlab.store.records import StoreError
from gdlab.store.run import read_parts, tiles

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyarrow.dataset import Dataset

Form = Literal["pandas", "arrow", "dataset"]
FORMS: tuple[Form, ...] = ("pandas", "arrow", "dataset")


@overload
def load(
    path: str | Path,
    columns: Iterable[str] | None = None,
    where: Where | None = None,
    as_: Literal["pandas"] = "pandas",
) -> pd.DataFrame: ...


@overload
def load(
    path: str | Path,
    columns: Iterable[str] | None = None,
    where: Where | None = None,
    *,
    as_: Literal["arrow"],
) -> pa.Table: ...


@overload
def load(path: str | Path, *, as_: Literal["dataset"]) -> Dataset: ...


def load(
    path: str | Path,
    columns: Iterable[str] | None = None,
    where: Where | None = None,
    as_: Form = "pandas",
) -> pd.DataFrame | pa.Table | Dataset:
    """Every finished run of a folder as one table: a run, a sweep, or a tree of them.

    To the columns of `gdlab.results.table` come what tells the runs apart: `objective`, `method`,
    what the sweep sweeps, and every configuration value in which the runs differ, under its dotted
    name. A run that is not finished or damaged is left out and named in a warning.

    Parameters
    ----------
    columns : the columns to read, by default all.
    where : the rows to read: conditions such as [("status", "=", "converged"), ("alpha", "<", 0.5)]
        that all hold, or a list of such lists of which one does; the operators are =, ==, !=, <, >,
        <=, >=, in and not in. A missing value satisfies none; a status is less than those that
        come after it in converged, cycling, max_iter, diverged.
    as_ : "pandas"; "arrow", the same as a pyarrow.Table, which needs no pandas; or "dataset", a
        pyarrow.dataset.Dataset of which nothing is read yet: DuckDB, polars and Arrow ask it for
        the columns and rows that they need, and nobody looks at checksums.

    Raises
    ------
    ValueError if there is no run to read, or no such column.
    """
    if as_ not in FORMS:
        raise ValueError(f"as_={shown(as_)} is not known; choose one of {', '.join(FORMS)}")
    if as_ == "dataset" and (columns is not None or where is not None):
        raise ValueError(
            "as_='dataset' reads nothing yet, and takes neither columns nor where; choose them "
            "when you ask it, as in dataset.to_table(columns=['alpha', 'iterations'])"
        )
    path = _folder(path)
    columns = _checked_columns(columns)
    conditions = groups_of(where)
    found = list(members(path))
    _warn_of_unfinished(path)
    if not found:
        raise StoreError(f"there is no finished run below {path}")
    settings = told_apart(found)
    if as_ == "dataset":
        from gdlab.store.lazily import dataset

        return dataset(found, settings)
    together = _together(path, found, settings, columns, conditions)
    if as_ == "arrow":
        return _as_arrow(together)
    from gdlab.results.table import to_pandas

    return to_pandas(together)


def _together(
    path: Path,
    found: list[Member],
    settings: list[dict[str, Any]],
    columns: list[str] | None,
    conditions: list[list[Condition]],
) -> pa.Table:
    """The columns and rows that are wanted of all runs, each checked."""
    import pyarrow as pa

    types = types_of(settings)
    wanted = None if columns is None else [*dict.fromkeys([*columns, *_named_in(conditions)])]

    def read(member: Member, setting: dict[str, Any]) -> pa.Table | StoreError:
        stored = None if wanted is None else [name for name in wanted if name not in setting]
        parts = []
        try:
            for _, part in tiles(member.run, stored):
                whole = with_setting(part, setting, types, wanted)
                if conditions and set(_named_in(conditions)) <= set(whole.column_names):
                    whole = filtered(whole, conditions)  # so that not all parts are in memory
                parts.append(whole)
        except StoreError as error:
            return error
        return pa.concat_tables(parts)

    with ThreadPoolExecutor() as pool:
        tables = list(pool.map(read, found, settings))
    for failure in (table for table in tables if isinstance(table, StoreError)):
        warnings.warn(f"left out: {failure}", stacklevel=3)
    whole = [table for table in tables if not isinstance(table, StoreError)]
    if not whole:
        raise StoreError(f"there is no finished run that can be read below {path}")
    together = pa.concat_tables(whole, promote_options="permissive")
    for name in wanted or _named_in(conditions):
        if name not in together.column_names:
            one = found[tables.index(whole[0])].run
            there = [*read_parts(one).column_names, *types]
            raise ValueError(
                f"there is no column {name!r}{did_you_mean(name, there)}; "
                f"these runs have {', '.join(there)}"
            )
    if conditions:
        together = filtered(together, conditions)
    return together if columns is None else together.select(columns)


def _as_arrow(table: pa.Table) -> pa.Table:
    """The table with every status in its dictionary, and without the label of a single part."""
    import pyarrow as pa
    import pyarrow.compute as pc

    metadata = {k: v for k, v in (table.schema.metadata or {}).items() if k != b"gdlab"}
    table = table.replace_schema_metadata(metadata)
    at = table.schema.get_field_index("status")
    if at < 0:
        return table
    names = pa.array(STATUSES, pa.string())
    codes = pc.index_in(table["status"].cast(pa.string()), names).cast(pa.int8())
    ordered = [pa.DictionaryArray.from_arrays(c, names, ordered=True) for c in codes.chunks]
    field = table.schema.field(at)
    return table.set_column(at, field, pa.chunked_array(ordered, field.type))


def runs(path: str | Path) -> pd.DataFrame:
    """One row a run below a folder, finished or not, without reading any results.

    Columns: path, objective, method, finished, lanes, the number of lanes with each verdict at the
    tightest tolerance, lane_steps, started (UTC), seconds, and every configuration value in which
    the runs differ. A run whose record is damaged is left out and named in a warning.

    Raises ValueError if there is no run.
    """
    import pandas as pd

    path = _folder(path)
    found, rows = list(members(path)), []
    for member, setting in zip(found, told_apart(found), strict=True):
        record = member.run.record
        rows.append(
            {
                "path": str(member.run.path),
                "objective": record["objective"],
                "method": record["method"],
                "finished": True,
                "lanes": record["lanes"],
                **record["counts"],
                "lane_steps": record["lane_steps"],
                "started": pd.Timestamp(record["started"]),
                "seconds": record["seconds"],
            }
            | setting
        )
    rows += [{"path": str(folder), "finished": False} for folder in unfinished(path)]
    if not rows:
        raise StoreError(f"there is no run below {path}")
    return pd.DataFrame(rows)


def _warn_of_unfinished(path: Path) -> None:
    for folder in unfinished(path):
        warnings.warn(
            f"left out: {folder} is not finished; the command that began it goes on with it",
            stacklevel=3,
        )


def _folder(path: str | Path) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"path={shown(path)} is not a folder; write one as in 'outputs'")
    return Path(path)


def _checked_columns(columns: Iterable[str] | None) -> list[str] | None:
    if isinstance(columns, str):
        raise ValueError(f"columns={columns!r} is one name; give a list of names")
    if columns is None:
        return None
    names = list(columns) if isinstance(columns, Iterable) else [columns]
    if not all(isinstance(name, str) for name in names):
        raise ValueError(f"columns={shown(columns)} is not a list of names")
    return names


def _named_in(conditions: Sequence[Sequence[Condition]]) -> Collection[str]:
    """Columns that conditions speak of."""
    return dict.fromkeys(name for group in conditions for name, _, _ in group)


def with_setting(
    part: pa.Table,
    setting: dict[str, Any],
    types: dict[str, pa.DataType],
    wanted: Collection[str] | None = None,
) -> pa.Table:
    """Append what tells a run from the others, by default all of it, as columns of these types."""
    for name, value in setting.items():
        if wanted is None or name in wanted:
            part = part.append_column(name, _constant(value, types[name], part.num_rows))
    return part


def _constant(value: Any, type_: pa.DataType, n: int) -> pa.Array:
    import pyarrow as pa

    return pa.nulls(n, type_) if value is None else pa.repeat(pa.scalar(value, type_), n)
