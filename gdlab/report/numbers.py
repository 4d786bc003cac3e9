"""Numbers, points and lists as they stand on a page."""

from __future__ import annotations

from collections.abc import Sequence

from gdlab.figures.numbers import share as share
from gdlab.objectives.base import Array


def number(value: float) -> str:
    """A number to six significant digits at most."""
    return f"{value:.6g}".replace("-", "−").replace("inf", "∞")


def coordinates(point: Array) -> str:
    """A point: a number on the line, else its coordinates in parentheses, the first of many."""
    texts = [number(float(coordinate)) for coordinate in point[:4]]
    if len(point) > len(texts):
        texts.append("…")
    return texts[0] if len(point) == 1 else f"({', '.join(texts)})"


def joined(parts: Sequence[str], verb: str = "") -> str:
    """Parts of a sentence as an enumeration; `verb` after the first word of the first."""
    parts = list(parts)
    if verb:
        head, _, tail = parts[0].partition(" ")
        parts[0] = f"{head} {verb} {tail}"
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def capital(sentence: str) -> str:
    """A sentence that begins as sentences do, unless it begins with a symbol: α is no Α."""
    first = sentence[:1]
    return (first.upper() if first.isascii() else first) + sentence[1:]


def shortened(text: str, most: int) -> str:
    """A text, cut where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
