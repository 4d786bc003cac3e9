"""Docstrings as they are written here, made into reStructuredText for the reference.

They are prose, in which a parameter is explained as `name : text`, further lines being indented,
and code is a paragraph that is indented. No other sign of reStructuredText's means anything there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ITEM = r"(?:\w+, )*\w+ :\s"
ITEMS = re.compile(rf"\n\s*(?={ITEM})|(?<=[.;])\s(?={ITEM})")
"""Where the explanation of a parameter begins: on a line of its own, or after another's."""
SIGNS = re.compile(r"(`[^`]+`)|([*|\\])|(?<=\w)(_)(?!\w)")


def readable(lines: Sequence[str]) -> list[str]:
    """Give the lines of a docstring as reStructuredText."""
    found: list[str] = []
    for blank, group in groupby(lines, key=lambda line: not line.strip()):
        found += [""] if blank else paragraph(list(group))
    return found


def paragraph(lines: list[str]) -> Iterator[str]:
    """Give a paragraph of a docstring as reStructuredText."""
    if lines[0].startswith(">>>"):
        yield from lines
        return
    if lines[0].startswith(" "):
        yield from ["::", "", *lines]
        return
    if len(lines) > 1 and set(lines[1]) == {"-"}:
        yield from [f".. rubric:: {lines[0]}", "", *paragraph(lines[2:])]
        return
    for part in ITEMS.split("\n" + "\n".join(lines)):
        text = " ".join(part.split())
        if re.match(ITEM, text):
            names, _, explained = text.partition(" : ")
            said = ", ".join(f"``{name}``" for name in names.split(", "))
            yield from [said, f"    {plain(explained)}", ""]
        elif text:
            yield from [plain(text), ""]


def plain(text: str) -> str:
    """Take their meaning from reStructuredText's signs, but in `code`."""
    return SIGNS.sub(lambda found: found[1] or "\\" + (found[2] or found[3]), text)


def process(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Make a docstring readable in place, as Sphinx asks."""
    lines[:] = readable(lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Let Sphinx ask for it."""
    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
