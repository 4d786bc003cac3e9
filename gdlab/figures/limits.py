"""The step sizes at which descent is lost by theory, as lines in a heatmap."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gdlab.figures import words
from gdlab.figures.axis import CellAxis
from gdlab.figures.subject import Subject

MOST_LINES = 4
LIMIT: dict[str, Any] = {"linewidth": 1.3, "linestyle": (0, (4, 2))}
CHARACTER_ABOVE = 0.07
"""Inches that a character takes in the name of a limit."""


def mark_limits(axes: Axes, across: CellAxis, subject: Subject, *, named: bool) -> None:
    """Draw the step size 2/L, or the local one of each minimiser, where it lies on the axis."""
    places = places_of(across, subject)
    for place, text in places:
        axes.axvline(place, color="white", linewidth=2.6, label="_under")
        axes.axvline(place, color="black", label=text, **LIMIT)
    if not named:
        return
    if len(places) > MOST_LINES:
        axes.set_title(f"dashed: local limits 2/L of {len(places)} minimisers", size=9)
        return
    ends = [-np.inf] * 3
    for place, text in places:
        half = 0.5 * CHARACTER_ABOVE * len(text) * across.end / across.length
        centre = float(np.clip(place, half, max(half, across.end - half)))
        row = next((i for i, end in enumerate(ends) if centre - half > end), len(ends) - 1)
        ends[row] = centre + half
        axes.annotate(
            text,
            (place, 1),
            xycoords=("data", "axes fraction"),
            xytext=((centre - place) * across.length / across.end * 72, 4 + 13 * row),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size=9,
        )


def places_of(across: CellAxis, subject: Subject) -> list[tuple[float, str]]:
    found = [(across.position(alpha), text) for alpha, text in limits(subject)]
    return [(place, text) for place, text in found if place is not None]


def limits(subject: Subject) -> list[tuple[float, str]]:
    """Step sizes to mark, rising, and what to call them."""
    if subject.exact_limit is not None:
        return [(subject.exact_limit, f"α = 2/L = {words.number(subject.exact_limit)}")]
    said = []
    finite = np.unique([float(f"{limit:.6g}") for limit in subject.limits if np.isfinite(limit)])
    points = subject.facts.minimisers
    for limit in finite.tolist():
        own = [] if points is None else points[np.isclose(subject.limits, limit, rtol=1e-5)]
        at = (
            f" at {words.sign(subject)}* = {words.point(own[0])}"
            if len(own) == 1 and len(subject.limits) > 1
            else ""
        )
        said.append((limit, f"local 2/L = {words.number(limit, 3)}{at}"))
    return said
