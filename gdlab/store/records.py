"""Records: JSON that knows its format and its checksum, and what is said of damage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gdlab.files import checksum, write_text

FORMAT = 1
"""Of run.json and of the parts; a reader refuses a newer one."""
REMEDY = "the command that made this run computes it anew with force=true"
"""What can be done about a damaged run."""
REMEDIES = {"a run": REMEDY, "a sweep": "the command that made this sweep writes it anew"}


class StoreError(ValueError):
    """Something in a store that cannot be read or trusted; the text says what and where."""


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record with its format and a checksum of itself."""
    whole = {"format": FORMAT, **record}
    whole["checksum"] = _checksum_of(whole)
    write_text(path, json.dumps(whole, indent=2) + "\n")


def read_record(path: Path, kind: str) -> dict[str, Any]:
    """Read what `write_record` has written.

    kind : of what it is the record, as in "a run".

    Raises StoreError if it cannot be read, is damaged, or of a newer format.
    """
    try:
        record = json.loads(path.read_bytes())
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise StoreError(f"{path} is damaged: {error}; {REMEDIES[kind]}") from None
    if not isinstance(record, dict) or not isinstance(record.get("format"), int):
        raise StoreError(f"{path} is not the record of {kind}; {REMEDIES[kind]}")
    if record["format"] > FORMAT:
        raise StoreError(
            f"{path} has format {record['format']}, and this gdlab reads up to {FORMAT}; "
            "read it with the gdlab that wrote it, or a newer one"
        )
    if record.pop("checksum", None) != _checksum_of(record):
        raise StoreError(
            f"{path} was changed after it was written: its checksum does not fit; {REMEDIES[kind]}"
        )
    return record


def check(path: Path, sha256: str) -> None:
    """Raise StoreError unless the file is there and has this checksum."""
    if not path.is_file():
        raise StoreError(f"{path} is missing; {REMEDY}")
    if checksum(path) != sha256:
        raise StoreError(f"{path} is damaged: its checksum does not fit; {REMEDY}")


def _checksum_of(record: Mapping[str, Any]) -> str:
    text = json.dumps(record, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
