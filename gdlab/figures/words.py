"""Numbers, names and sentences as they stand in a picture."""

from __future__ import annotations

import re
from functools import cache

from matplotlib.mathtext import MathTextParser

from gdlab.core.starts import Starts
from gdlab.figures.fonts import all_main, drawable
from gdlab.figures.numbers import GREEK as GREEK
from gdlab.figures.numbers import count as count
from gdlab.figures.numbers import number as number
from gdlab.figures.numbers import numbers as numbers
from gdlab.figures.numbers import plural as plural
from gdlab.figures.numbers import power as power
from gdlab.figures.numbers import share as share
from gdlab.figures.subject import Subject
from gdlab.objectives.base import Array

LONGEST_NAME = 60
LOWERED = str.maketrans("0123456789k", "₀₁₂₃₄₅₆₇₈₉ₖ")


def title(subject: Subject) -> list[str]:
    """The objective by its name, or the method where it has none, and its formula."""
    drawable("".join(subject.facts.variables))  # before any text is made, so that all have the font
    name = plain(subject.name) if subject.name else subject.method[0].upper() + subject.method[1:]
    if len(name) > LONGEST_NAME:
        name = name[:LONGEST_NAME].rstrip("\\ ") + " …"
    return [name, *formula(subject)]


def symbol(name: str, index: str = "") -> str:
    """The variable `name` in mathematics, without dollar signs: theta is θ, x1 has an index."""
    stem, digits = re.fullmatch(r"(.*?)_?(\d*)", name).groups()  # type: ignore[union-attr]
    if not stem:
        stem, digits = name, ""
    if stem in GREEK:
        letter = rf"\{stem}"
    elif len(stem) == 1 and stem.isascii():
        letter = stem
    else:
        letter = rf"\mathrm{{{stem.replace('_', chr(92) + '_')}}}"
    below = ",".join(part for part in (digits, index) if part)
    return rf"{letter}_{{{below}}}" if below else letter


def start(subject: Subject, coordinate: int = 0) -> str:
    """A coordinate of the starting point, as mathematics."""
    return maths(symbol(subject.facts.variables[coordinate], "0"))


def sign(subject: Subject) -> str:
    """The letter for a point, outside mathematics, which takes long to set."""
    (name, *others) = subject.facts.variables
    return "x" if others else GREEK.get(name, plain(name))


def function(subject: Subject) -> str:
    """The f(x, y) before the equals sign, without dollar signs."""
    names = [symbol(name) for name in subject.facts.variables]
    if len(names) > 3:
        names = [names[0], r"\ldots", names[-1]]
    return f"f({', '.join(names)})"


def formula(subject: Subject) -> list[str]:
    """f = its formula as text for Matplotlib, where there is one with a glyph for every sign."""
    tex = f"${function(subject)} = {subject.facts.formula}$"
    return [tex] if subject.facts.formula is not None and _is_drawable(tex) else []


@cache
def _is_drawable(tex: str) -> bool:
    if not all_main(tex):
        return False
    try:
        MathTextParser("path").parse(tex)
    except ValueError:
        return False
    return True


def plain(text: str) -> str:
    """A user's words, with nothing in them that Matplotlib would take for mathematics."""
    return drawable(" ".join(text.split())).replace("$", r"\$")


def maths(tex: str) -> str:
    """Mathematics between dollar signs, or as text where names have signs of another font."""
    if all_main(tex):
        return f"${tex}$"
    text = re.sub(r"\\mathrm\{((?:[^\\}]|\\_)*)\}", r"\1", tex)
    text = re.sub(r"_\{(.*?)\}|(?<!\\)_(\w)", lambda at: (at[1] or at[2]).translate(LOWERED), text)
    text = re.sub(r"\\([A-Za-z]+)", lambda at: GREEK.get(at[1], "…"), text)
    return plain(text.replace("\\_", "_").replace("^*", "*").replace(" - ", " − "))


def measure(subject: Subject) -> str:
    """What has to fall below the tolerance."""
    letter = sign(subject)
    bar, slope = ("|", f"f′({letter}ₖ)") if subject.facts.dimension == 1 else ("‖", "∇f(xₖ)")
    return {
        "step": f"{bar}{letter}ₖ − {letter}ₖ₋₁{bar}",
        "gradient": f"{bar}{slope}{bar}",
        "distance": f"{bar}{letter}ₖ − {letter}*{bar}",
        "gap": f"f({letter}ₖ) − f*",
    }[subject.criterion]


def grid(alpha: Array, x0: Starts, subject: Subject) -> list[str]:
    """Which lanes there are: step sizes α and starting points x0, values where single."""
    n_alpha, n_x0 = alpha.size, len(x0)
    name = f"{sign(subject)}₀" if subject.facts.dimension == 1 else "starting points"
    alphas = f"α = {number(alpha[0])}" if n_alpha == 1 else f"{count(n_alpha)} α"
    starts = f"{count(n_x0)} {name}"
    if n_x0 == 1:
        starts = "one starting point"
        if x0.dimension <= 3:
            starts = f"{sign(subject)}₀ = {point(x0.take(range(1))[:, 0])}"
    if n_alpha == 1 or n_x0 == 1:
        return [f"{subject.method}, {alphas}", starts]
    return [f"{subject.method} on {alphas} × {starts} = {count(n_alpha * n_x0)} lanes"]


def point(coordinates: Array) -> str:
    """Write a point: a number on the line, else its coordinates in parentheses."""
    texts = [number(coordinate, 3) for coordinate in coordinates]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def shown_of(n: int, of: int, one: str, many: str | None = None) -> str:
    """Write `6 of 100 α`, or `6 α` where that is all."""
    if n == of:
        return plural(n, one, many)
    return f"{count(n)} of {plural(of, one, many)}"


def x(subject: Subject) -> str:
    """The letter for the iterate x_k, without dollar signs."""
    return symbol(subject.facts.variables[0] if subject.facts.dimension == 1 else "x", "k")
