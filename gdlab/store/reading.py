"""Many runs as one table: checked, with the values in which they differ as columns."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdlab.config import flat
from gdlab.files import checksum
from gdlab.given import did_you_mean, shown
from gdlab.store.conditions import Condition, Where, filtered, groups_of
from gdlab.store.run import REMEDY, Run, StoreError, open_run, read_record

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True)
class Member:
    """A run among those that are read, and the values of the sweep that it belongs to."""

    run: Run
    swept: dict[str, Any]


def load(
    path: str | Path, columns: Sequence[str] | None = None, where: Where | None = None
) -> pd.DataFrame:
    """Every finished run of a folder as one table: a run, a sweep, or a tree of them.

    To the columns of `gdlab.results.table` come what tells the runs apart: `objective`, `method`,
    what the sweep sweeps, and every configuration value in which the runs differ, under its dotted
    name. A run that is not finished or damaged is left out and named in a warning.

    Parameters
    ----------
    columns : the columns to read, by default all.
    where : the rows to read: conditions such as [("status", "=", "converged"), ("alpha", "<", 0.5)]
        that all hold, or a list of such lists of which one does; the operators are =, ==, !=, <, >,
        <=, >=, in and not in.

    Raises
    ------
    ValueError if there is no run to read, or no such column.
    """
    import pyarrow as pa

    path = _folder(path)
    _check_columns(columns)
    conditions = groups_of(where)
    found = list(members(path))
    _warn_of_unfinished(path)
    if not found:
        raise StoreError(f"there is no finished run below {path}")
    settings = told_apart(found)
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
        warnings.warn(f"left out: {failure}", stacklevel=2)
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
    return to_pandas(together if columns is None else together.select(list(columns)))


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


def read_parts(run: Run, columns: Sequence[str] | None = None) -> pa.Table:
    """The results of a run as an Arrow table, every part checked.

    columns : those to read, as far as the run has them; the first where it has none of them, since
    a table without columns would have no rows.

    Raises StoreError if a part is missing, damaged or has the wrong rows.
    """
    import pyarrow as pa

    return pa.concat_tables(part for _, part in tiles(run, columns))


def tiles(
    run: Run, columns: Sequence[str] | None = None, rows: tuple[int, int] | None = None
) -> Iterator[tuple[int, pa.Table]]:
    """The parts of a run, one at a time, each checked, with the number of its first row.

    columns : as for `read_parts`. rows : from the first to before the second; parts that have none
    of them are passed over.

    Raises StoreError if a part is missing, damaged or has the wrong rows.
    """
    first = 0
    low, high = rows or (0, run.record["rows"])
    for name, stated in run.record["parts"].items():
        if first < high and low < first + stated["rows"]:
            yield first, _part(run.path / "results" / name, stated, columns)
        first += stated["rows"]


def _part(path: Path, stated: Mapping[str, Any], columns: Sequence[str] | None) -> pa.Table:
    """Read a part of which the record says this."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise StoreError(f"{path} is missing; {REMEDY}") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}") from None
    if checksum(content) != stated["sha256"]:
        raise StoreError(f"{path} is damaged: its checksum does not fit; {REMEDY}")
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        there = file.schema_arrow.names
        chosen = None if columns is None else [n for n in there if n in columns] or there[:1]
        part = file.read(columns=chosen, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise StoreError(f"{path} cannot be read: {error}; {REMEDY}") from None
    if part.num_rows != stated["rows"]:
        raise StoreError(f"{path} has {part.num_rows} rows instead of {stated['rows']}; {REMEDY}")
    return part


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """A table of results in pandas, with the types that `gdlab.results.table` gives."""
    from gdlab.results.table import STATUS

    frame = table.unify_dictionaries().to_pandas()
    return frame.astype({"status": STATUS}) if "status" in frame else frame


def members(path: Path) -> Iterator[Member]:
    """The finished runs below a folder; those whose record is damaged are named in a warning."""
    for folder, swept in run_folders(path):
        try:
            run = open_run(folder)
        except StoreError as error:
            warnings.warn(f"left out: {error}", stacklevel=3)
        else:
            yield Member(run, swept)


def _warn_of_unfinished(path: Path) -> None:
    for folder in unfinished(path):
        warnings.warn(
            f"left out: {folder} is not finished; the command that began it goes on with it",
            stacklevel=3,
        )


def run_folders(path: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Folders with a record, and the values swept where `path` is a sweep.

    Raises StoreError if there is no such path, or the record of the sweep cannot be trusted.
    """
    if not path.exists():
        raise StoreError(f"there is no folder {path}")
    sweep = path / "sweep.json"
    if not sweep.is_file():
        return [(record.parent, {}) for record in sorted(path.rglob("run.json"))]
    record = read_record(sweep, "a sweep")
    try:
        done = [job for job in record["jobs"] if job["run"] is not None]
        first = {job["run"]: dict(job["swept"]) for job in reversed(done)}  # a run may serve two
        return [(path / run, first[run]) for run in dict.fromkeys(job["run"] for job in done)]
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{sweep} is damaged: {error!r}") from None


def unfinished(path: Path) -> list[Path]:
    """Folders of runs that were begun and have no record yet."""
    begun = [results.parent for results in sorted(path.rglob("results")) if results.is_dir()]
    return [folder for folder in begun if not (folder / "run.json").exists()]


def told_apart(members: list[Member]) -> list[dict[str, Any]]:
    """For each run the values that tell it from the others, and its objective and method."""
    settings = [{"engine": "numpy"} | flat(member.run.config) for member in members]
    own = {"alpha", "x0", "tol"}  # columns of every table
    names = [
        name
        for name in sorted(set().union(*settings))
        if name.partition(".")[0] not in own | {"figures", "force", "parallel"}
        and not name.endswith("_target_")
        and len({repr(setting.get(name)) for setting in settings}) > 1
    ]
    rows = [
        {"objective": member.run.record["objective"], "method": member.run.record["method"]}
        | {name: value for name, value in member.swept.items() if name not in own}
        | {name: setting.get(name) for name in names}
        for member, setting in zip(members, settings, strict=True)
    ]
    for name in set().union(*rows):
        for row, value in zip(rows, _of_one_type([row.get(name) for row in rows]), strict=True):
            row[name] = value
    return rows


def _of_one_type(values: list[Any]) -> list[Any]:
    """Let a column have one type: numbers are floats among floats, and texts among texts.

    Whole numbers of which some are missing are floats too, as pandas has it.
    """
    types = {type(value) for value in values if value is not None}
    if len(types) <= 1 and not (int in types and None in values):
        return values
    made = float if types <= {int, float} else str
    return [None if value is None else made(value) for value in values]


def _folder(path: str | Path) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"path={shown(path)} is not a folder; write one as in 'outputs'")
    return Path(path)


def _check_columns(columns: Sequence[str] | None) -> None:
    if isinstance(columns, str):
        raise ValueError(f"columns={columns!r} is one name; give a list of names")
    if columns is None:
        return
    if not isinstance(columns, Iterable) or not all(isinstance(name, str) for name in columns):
        raise ValueError(f"columns={shown(columns)} is not a list of names")


def _named_in(conditions: Sequence[Sequence[Condition]]) -> Collection[str]:
    """Columns that conditions speak of."""
    return dict.fromkeys(name for group in conditions for name, _, _ in group)


def types_of(settings: list[dict[str, Any]]) -> dict[str, pa.DataType]:
    """Types of the columns that tell runs apart; `_of_one_type` has made them the same."""
    import pyarrow as pa

    return {name: pa.array([row[name] for row in settings]).type for name in settings[0]}


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
