"""What the pictures in a run's folder say beyond its results, so that others are drawn again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gdlab.files import write_text

RECORD = "figures.json"
"""File beside the folder of the pictures, with the caption of each."""

Caption = Mapping[str, str | None]


def is_drawn(run: Path, name: str, formats: Sequence[str], caption: Caption) -> bool:
    """Whether a figure is there in all these formats, and says what it would say now."""
    captions = _captions(run)
    files = [f"{name}.{kind}" for kind in formats]
    return all(
        (run / "figures" / file).exists() and captions.get(file) == caption for file in files
    )


@contextmanager
def drawing(run: Path, files: Sequence[str], caption: Caption) -> Iterator[None]:
    """Record what figures say that are drawn in this block into files of these names.

    Nothing is recorded meanwhile: of a block that does not end well any picture may be the new one.
    """
    captions = _captions(run)
    (run / RECORD).unlink(missing_ok=True)
    yield
    captions |= {file: dict(caption) for file in files}
    write_text(run / RECORD, json.dumps(captions, indent=2, sort_keys=True) + "\n")


def _captions(run: Path) -> dict[str, Any]:
    """By file; none where the record is not there or cannot be read, so that all is drawn again."""
    try:
        captions = json.loads((run / RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    return captions if isinstance(captions, dict) else {}
