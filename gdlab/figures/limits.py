"""Step sizes from which on descent is lost by theory: where they stand, and what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gdlab.figures import words
from gdlab.figures.subject import Subject

MOST_LIMITS = 3
"""Limits that are told one by one."""
_LOOK: dict[str, Any] = {"linewidth": 1.3, "linestyle": (0, (4, 2))}

Crossed = Sequence[tuple[Subject, Sequence[float]]]
"""The runs in which limits are drawn, each with these limits, rising."""


def limits_of(subject: Subject) -> list[float]:
    """The limit of every start, or else those at each known minimiser, rising."""
    if subject.exact_limit is not None:
        return [subject.exact_limit]
    finite = subject.limits[np.isfinite(subject.limits)]
    return sorted({float(f"{alpha:.6g}") for alpha in finite})


def draw_limit(axes: Axes, place: float) -> None:
    """Draw an upright line that is seen on any ground."""
    axes.axvline(place, color="white", linewidth=2.6, label="_under")
    axes.axvline(place, color="black", **_LOOK)


def limits_entry(crossed: Crossed) -> list[Artist]:
    """What a legend says of the limits that are drawn, if any are."""
    crossed = [(subject, alphas) for subject, alphas in crossed if alphas]
    return [Line2D([], [], color="black", label=limits_said(crossed), **_LOOK)] if crossed else []


def limits_said(crossed: Crossed) -> str:
    """What the dashed lines are; their step sizes where they are few and of one run."""
    exact = all(subject.exact_limit is not None for subject, _ in crossed)
    written = {subject.symbols for subject, _ in crossed}
    symbols = written.pop() if len(written) == 1 else None
    name = f"α = {symbols}" if symbols and exact else f"local {symbols or 'limit'}"
    if not symbols and exact:
        name = "limit of α"
    alphas = {alpha for _, own in crossed for alpha in own}
    if len(alphas) > 1 and (len(crossed) > 1 or len(alphas) > MOST_LIMITS):
        return name if exact else f"{name}, at a minimiser"
    subject, own = crossed[0]
    return f"{name} = " + ", ".join(
        words.number(alpha, 4 if exact else 3) + ("" if exact else _place_said(alpha, subject))
        for alpha in own
    )


def _place_said(limit: float, subject: Subject) -> str:
    """At which of several minimisers a step size is the limit."""
    points = subject.facts.minimisers
    if points is None or len(points) == 1:
        return ""
    own = points[np.isclose(subject.limits, limit, rtol=1e-5)]
    return f" at {words.sign(subject)}* = {words.point(own[0])}" if len(own) == 1 else ""
