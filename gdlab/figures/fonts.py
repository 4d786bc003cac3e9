"""Which font has a sign: the house's own, else another of the system."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import matplotlib as mpl
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager, get_font

MAIN = "DejaVu Sans"
"""Comes with Matplotlib, so that pictures are the same on every machine."""
BOX = "□"


def drawable(text: str) -> str:
    """Replace what no font of the system has a glyph for.

    Texts that are made from now on under the house's settings take other glyphs from their fonts.
    """
    return "".join(sign if _is_there(sign) else BOX for sign in text)


def undrawable(texts: Iterable[str]) -> list[str]:
    """The signs of these texts that no font of the system has."""
    signs = dict.fromkeys(sign for text in texts for sign in text if not sign.isspace())
    return [sign for sign in signs if not _is_main(sign) and _other(sign) is None]


def all_main(text: str) -> bool:
    """Whether the house's font has every glyph, and mathematics can be set with it."""
    return all(map(_is_main, text))


def _is_there(sign: str) -> bool:
    if _is_main(sign) or sign == "\n":
        return True
    family = _other(sign)
    if family is None:
        return False
    families = mpl.rcParams["font.family"]
    if family not in families:
        mpl.rcParams["font.family"] = [*families, family]
    return True


def _is_main(sign: str) -> bool:
    return ord(sign) in _glyphs(_main(mpl.rcParams["font.family"][0]))


@cache
def _main(family: str) -> str:
    return str(findfont(FontProperties(family=[family])))


@cache
def _other(sign: str) -> str | None:
    """The family of a font that has this sign: one without serifs, then the first by name.

    All fonts are looked through only for a sign that the house's font lacks.
    """
    for entry in _others():
        if ord(sign) in _glyphs(entry.fname):
            path = findfont(FontProperties(family=entry.name))
            if path == entry.fname or ord(sign) in _glyphs(path):
                return str(entry.name)
    return None


@cache
def _others() -> list[FontEntry]:
    regular = {
        entry.name: entry
        for entry in sorted(fontManager.ttflist, key=lambda entry: entry.fname, reverse=True)
        if entry.style == "normal"
        and entry.weight in (400, "normal", "regular")
        and entry.stretch == "normal"
        and not entry.name.startswith("Last Resort")  # has a box for every sign
    }
    return sorted(regular.values(), key=lambda entry: ("Sans" not in entry.name, entry.name))


@cache
def _glyphs(path: str) -> frozenset[int]:
    try:
        return frozenset(get_font(path).get_charmap())
    except (OSError, RuntimeError):  # a font that cannot be read
        return frozenset()
