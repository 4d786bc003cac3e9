"""The pictures of a page, inside it: as SVG, or as PNG where they would make it too large."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

EMBEDDED = {"svg": "image/svg+xml", "png": "image/png"}
"""Formats that a page can hold, the best first."""
MOST_BYTES = 2_600_000
"""Of all pictures of a page and what it holds besides, so that it stays below 3 MB."""


@dataclass(frozen=True)
class Picture:
    """A picture of a page.

    name : of the figure. files : all formats in which it is there, by their suffixes, relative to
    the page. alternative : what it shows, for those who do not see it. title : what it is.
    source : the picture itself as a `data:` address; None where it is not in the page, and `why`
    says why not.
    """

    name: str
    files: Mapping[str, str]
    title: str = ""
    alternative: str = ""
    source: Markup | None = None
    why: str = ""


def pictures(page: Path, names: Iterable[str], besides: int = 0) -> list[Picture]:
    """Find the figures beside a page, in this order, and take in as many as there is room for.

    besides : how many bytes the page has of something else that is large.

    While all are too large together, the largest that is there as a smaller PNG is taken as that;
    then the largest is left to its file.
    """
    found: dict[str, dict[str, str]] = {}
    for path in sorted((page / "figures").glob("[!.]*.*")):
        found.setdefault(path.stem, {})[path.suffix[1:]] = f"figures/{path.name}"
    made = [Picture(name, found[name]) for name in names if name in found]
    taken = {
        picture.name: next((kind for kind in EMBEDDED if kind in picture.files), None)
        for picture in made
    }

    def size(name: str) -> int:
        kind = taken[name]
        return 0 if kind is None else _encoded(page / found[name][kind])

    dropped = set()
    while any(taken.values()) and sum(map(size, taken)) + besides > MOST_BYTES:
        largest_first = sorted(taken, key=size, reverse=True)
        for name in largest_first:
            png = found[name].get("png")
            if taken[name] == "svg" and png and _encoded(page / png) < size(name):
                taken[name] = "png"
                break
        else:
            taken[largest_first[0]] = None
            dropped.add(largest_first[0])
    return [
        _embedded(page, picture, taken[picture.name], too_large=picture.name in dropped)
        for picture in made
    ]


def _encoded(path: Path) -> int:
    """How long a file is as base64."""
    return 4 * -(-path.stat().st_size // 3)


def _embedded(page: Path, picture: Picture, kind: str | None, *, too_large: bool) -> Picture:
    if kind is None:
        why = "it is too large for this page" if too_large else "a page cannot hold such a file"
        return replace(picture, why=why)
    content = b64encode((page / picture.files[kind]).read_bytes()).decode("ascii")
    # Base64 has no sign that HTML would take for its own, and so much text is slow to escape.
    return replace(picture, source=Markup(f"data:{EMBEDDED[kind]};base64,{content}"))
