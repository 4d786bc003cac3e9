"""Numbers, counts and letters as people write them, in pictures and on pages."""

from __future__ import annotations

from collections.abc import Sequence

_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = dict(zip(_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
FEWEST_DIGITS = 4


def number(value: float, digits: int = FEWEST_DIGITS) -> str:
    """Write a number to so many significant digits, powers of ten as such."""
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text.replace("-", "−")
    mantissa, exponent = text.split("e")
    raised = power(int(exponent))
    sign = "−" if mantissa.startswith("-") else ""
    mantissa = mantissa.removeprefix("-")
    return f"{sign}{raised}" if mantissa == "1" else f"{sign}{mantissa}×{raised}"


def power(exponent: int) -> str:
    """Write a power of ten."""
    return f"10{str(exponent).translate(RAISED)}"


def numbers(values: Sequence[float]) -> list[str]:
    """Write numbers to as few digits as tell them apart, four at least."""
    for digits in range(FEWEST_DIGITS, 17):
        texts = [number(value, digits) for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts


def count(n: int) -> str:
    """Write a whole number, thousands set apart by commas."""
    return f"{n:,}"


def share(part: int, whole: int) -> str:
    """Write a share in per cent; neither a few nor nearly all are rounded away."""
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "<0.1%"
    if 99.9 < percent < 100:
        return ">99.9%"
    return f"{percent:.1f}".removesuffix(".0") + "%"


def plural(n: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun."""
    return f"{count(n)} {one if n == 1 else many or one + 's'}"
