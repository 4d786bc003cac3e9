"""How verdicts are painted, in pictures and on pages; known without what draws them."""

from __future__ import annotations

from dataclasses import dataclass

from gdlab.core.problem import Status


@dataclass(frozen=True)
class Look:
    """How a verdict other than convergence is painted, and what it is called."""

    colour: str
    hatch: str
    ink: str
    short: str
    name: str


# Told apart on viridis under the three colour-vision deficiencies and in grey.
LOOKS = {
    Status.cycling: Look("#b2182b", "////", "white", "cyc", "cycling"),
    Status.max_iter: Look("#f0f0f0", "...", "#9a9a9a", "max", "not converged after "),
    Status.diverged: Look("#161616", "", "white", "div", "diverged"),
}
