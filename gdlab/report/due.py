"""Whether a run's report is there, and says what it would say now."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from gdlab.store.run import REPORT as REPORT

MARK = "<!-- made of {} -->\n"
"""How a report ends: with a hash of all that it was made of."""


def is_current(run: Path, caption: Mapping[str, str | None]) -> bool:
    """Whether the report in the folder of a run was made of what is there now.

    caption : what the run's pictures call its objective.
    """
    ending = MARK.format(made_of(run, caption)).encode()
    try:
        with (run / REPORT).open("rb") as file:
            file.seek(-len(ending), os.SEEK_END)
            return file.read() == ending
    except OSError:  # it is not there, or shorter
        return False


def made_of(run: Path, caption: Mapping[str, str | None]) -> str:
    """A hash of all that decides the report of a run: its record, its pictures, the code."""
    whole = hashlib.sha256(json.dumps([dict(caption), *_makers()]).encode())
    for path in (run / "run.json", *sorted((run / "figures").glob("[!.]*"))):
        whole.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


@cache
def _makers() -> tuple[str, ...]:
    """The version of gdlab, and the code and the templates of this folder and the explorer's."""
    here, code = Path(__file__).parent, hashlib.sha256()
    for path in sorted([*here.rglob("*.*"), *here.with_name("explorer").rglob("*.*")]):
        if path.suffix != ".pyc":
            code.update(path.read_bytes())
    return version("gdlab"), code.hexdigest()
