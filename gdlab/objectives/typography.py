"""Formulas as books print them, and how they are typed."""

from __future__ import annotations

import re

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
DOTS = "\N{MIDDLE DOT}\N{GREEK ANO TELEIA}"
SIGNS = {
    **dict.fromkeys(f"{DOTS}⋅×∗", "*"),
    **dict.fromkeys("−–—", "-"),
    **dict.fromkeys("÷∕", "/"),
    "π": "pi",
    "^": "**",
    "½": "(1/2)",
    "¼": "(1/4)",
}
SYNONYMS = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "log10": "log(…)/log(10)",
    "log2": "log(…)/log(2)",
}
"""What functions are called elsewhere, and what to write for them."""

_RAISED = re.compile(f"[{''.join(RAISED)}]+")
_SIGNS = re.compile(f"[{re.escape(''.join(SIGNS))}]")
_ROOT = re.compile(r"√\s*(?=\()|√\s*(\w+)")
_POWER = re.compile(r"\*\*(\d+)(?![\d.eE]|\w)")
_TIMES = re.compile(r"(?<!\*) ?\* ?(?!\*)")
_FACTOR = re.compile(r"(?<![\w.])(\d+)·(?=[^\W\d_](?!\(|[^\W⁰¹²³⁴⁵⁶⁷⁸⁹])|\()")
_TO_RAISED = {digit: sign for sign, digit in RAISED.items()}
_BARS = re.compile(r"\|([^|]+)\|")


def typed(text: str) -> str:
    """The formula with signs that a keyboard has: x² + √y as x**2 + sqrt(y)."""
    text = _RAISED.sub(lambda found: "**" + "".join(RAISED[sign] for sign in found[0]), text)
    text = text.translate({ord(sign): digit for sign, digit in LOWERED.items()})
    text = _SIGNS.sub(lambda found: SIGNS[found[0]], text)
    text = _ROOT.sub(lambda found: f"sqrt({found[1]})" if found[1] else "sqrt", text)
    return _BARS.sub(r"abs(\1)", text)


def printed(text: str) -> str:
    """The formula as books print it: x**2 + 4*x as x² + 4x, and a*x as a·x."""
    text = _POWER.sub(lambda found: "".join(_TO_RAISED[digit] for digit in found[1]), text)
    text = _TIMES.sub("·", text)
    return _FACTOR.sub(r"\1", text).replace("-", "−")
