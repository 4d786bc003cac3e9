"""What is said of formulas that cannot be used."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from contextlib import contextmanager

from gdlab.objectives.typography import typed


@contextmanager
def refusing_depth(text: str) -> Iterator[None]:
    """Turn what Python and SymPy raise for formulas with too deep a tree into a ValueError."""
    try:
        yield
    except (RecursionError, MemoryError):
        raise ValueError(too_deep(text)) from None


def short(text: str) -> str:
    """A formula as messages show it: on one line, and not all of a long one."""
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:77] + "..."


def too_deep(text: str) -> str:
    """Say that a formula is nested too deeply."""
    return (
        f"expr={short(text)} is nested too deeply, or is too long a sum or product; "
        "write it with fewer parentheses or terms"
    )


def unreadable(text: str, reason: str = "") -> str:
    """Say that a text is no formula, and what may be meant.

    reason : Python's own words.
    """
    if "too many nested" in reason:
        return too_deep(text)
    if re.search(r"\d[\d_]{4300}", text):  # Python reads no longer one
        return f"expr={short(text)}: a number in it is too large"
    plain = typed(text)
    hint = f"; with the signs of a keyboard it is {short(plain)}" if plain != text else ""
    reserved = [word for word in re.findall(r"\w+", text) if keyword.iskeyword(word)]
    if reserved:
        hint += f"; {reserved_name(reserved[0])}"
    elif re.search(r"\d\s*[^\W\d_]|\)\s*[\w(]", plain):
        hint += "; write every product with *, as in 4*x"
    elif "=" in text:
        hint += "; give what is to be minimised alone, without ="
    return f"expr={short(text)} is not a formula that can be read{hint}"


def reserved_name(name: str) -> str:
    """Say that a keyword names nothing in a formula, which is read as Python is."""
    return f"{name} is reserved in Python; call it another name, such as {name}_"
