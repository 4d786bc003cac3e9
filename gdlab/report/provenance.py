"""Where, when and with what a run was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gdlab.store import provenance

CORES = {"numpy": "NumPy", "numba": "the compiled core"}


def of_record(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the record of a run says of its making, by name."""
    yield "identity", record["identity"]
    yield "started", record["started"]
    processes = record.get("processes", 1)
    by = "one process" if processes == 1 else f"{processes} processes"
    yield "took", f"{record['seconds']:,.3g} s in {by}, {record['lane_steps']:,} steps of lanes"
    engine = record.get("engine", "numpy")
    yield "computed by", CORES.get(engine, engine)
    yield from _made_with(record)


def of_this_process() -> Iterator[tuple[str, str]]:
    """The same of what is being written now."""
    yield "written", datetime.now(UTC).isoformat(timespec="seconds")
    yield from _made_with(
        {
            "machine": provenance.machine(),
            "versions": provenance.versions(),
            "git_of_gdlab": provenance.git(Path(__file__).resolve().parent),
            "git": provenance.git(Path.cwd()),
            "command": provenance.command(),
        }
    )


def _made_with(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    machine = record["machine"]
    yield "machine", f"{machine['cpu'] or 'unknown'}, {machine['cores']} cores, {machine['system']}"
    yield "versions", ", ".join(f"{name} {what}" for name, what in record["versions"].items())
    for name, key in (("sources of gdlab", "git_of_gdlab"), ("folder of the command", "git")):
        git = record.get(key)
        if git is not None:
            yield name, f"commit {git['commit']}{', with changes' if git['dirty'] else ''}"
    yield "command", record["command"]


def checksums(record: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The files of the results, their rows and SHA-256."""
    parts = [
        (f"results/{name}", f"{part['rows']:,}", part["sha256"])
        for name, part in record["parts"].items()
    ]
    if "trace" in record:
        parts.append(("trace.csv", "", record["trace"]))
    return parts
