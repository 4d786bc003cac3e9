"""The runs below a folder, and what tells them apart."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdlab.store.records import StoreError, read_record
from gdlab.store.run import Run, open_run

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Member:
    """A run among those that are read, and the values of the sweep that it belongs to."""

    run: Run
    swept: dict[str, Any]


def members(path: Path) -> Iterator[Member]:
    """The finished runs below a folder; those whose record is damaged are named in a warning."""
    for folder, swept in run_folders(path):
        try:
            run = open_run(folder)
        except StoreError as error:
            warnings.warn(f"left out: {error}", stacklevel=3)
        else:
            yield Member(run, swept)


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
    settings = [flat(member.run.config) for member in members]
    for setting in settings:  # older records do not say; "auto" gives the bits of NumPy
        setting["engine"] = "numba" if setting.get("engine") == "numba" else "numpy"
    own = {"alpha", "x0", "tol"}  # columns of every table
    names = [
        name
        for name in sorted(set().union(*settings))
        if name.partition(".")[0] not in own | {"figures", "force", "parallel", "report"}
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


def types_of(settings: list[dict[str, Any]]) -> dict[str, pa.DataType]:
    """Types of the columns that tell runs apart; `_of_one_type` has made them the same."""
    import pyarrow as pa

    return {name: pa.array([row[name] for row in settings]).type for name in settings[0]}


def flat(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """The values of a configuration under dotted names; a list counts as one value, as JSON."""
    found: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, dict):
            found.update(flat(value, f"{prefix}{name}."))
        else:
            found[f"{prefix}{name}"] = json.dumps(value) if isinstance(value, list) else value
    return found
