"""What a page says before any lane is followed, as markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.explorer.colours import palette
from gdlab.figures.looks import LOOKS
from gdlab.figures.numbers import GREEK, count, number, plural, share
from gdlab.methods import name_of
from gdlab.objectives.formula import Formula

LONGEST_FORMULA = 120
"""Signs; of a longer one the page shows nothing."""
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
STOPS = 9
"""Of the gradient in the legend."""


def variables(experiment: Experiment) -> list[str]:
    return [GREEK.get(name, name) for name in experiment.facts.variables]


def starts(experiment: Experiment) -> list[str]:
    """What to call each coordinate of a starting point."""
    names = variables(experiment)
    return [f"{name} at 0" if name[-1].isdigit() else f"{name}₀" for name in names]


def title(experiment: Experiment, given: str | None) -> str:
    return html.escape(given or experiment.facts.name or _formula(experiment) or "f")


def about(experiment: Experiment, given: str | None) -> str:
    """The formula, unless it is the title; the method; and when a lane stops."""
    tol = experiment.tol
    until = f"until {_measure(experiment)} < {number(float(tol.min()))}"
    if tol.size > 1:
        until += f", the tightest of {tol.size} tolerances"
    formula = _formula(experiment) if given or experiment.facts.name else ""
    return html.escape(" · ".join(filter(None, [formula, name_of(experiment.method), until])))


def notes(experiment: Experiment, shown: int, rounding: Sequence[str]) -> str:
    texts = ["This page computes every descent that it shows, in the arithmetic of the table."]
    if shown < experiment.n_lanes:
        lanes = f"{count(shown)} of {count(experiment.n_lanes)} lanes"
        texts.append(f"The map has {lanes}, evenly chosen.")
    if rounding:
        texts.append(
            f"Browsers round {', '.join(rounding)} in their own way: the last bits may differ from "
            "the table's, and near a tolerance a count may."
        )
    return html.escape(" ".join(texts))


def map_label(experiment: Experiment) -> str:
    across, up = starts(experiment) if experiment.dimension == 2 else ("α", *starts(experiment))
    return html.escape(f"Map of the verdicts, {across} across, {up} up. Arrow keys move the lane.")


def sliders(experiment: Experiment) -> str:
    return "\n".join(
        f'<label class="slider"><span>{html.escape(name)}</span>'
        '<input type="range" step="any"><span></span></label>'
        for name in ("α", *starts(experiment))
    )


def legend(counts: Sequence[int], ends: Sequence[int] | None, max_iter: int) -> str:
    """What the colours mean. counts : lanes by verdict. ends : the fewest and most iterations."""
    return "\n".join(f"<span>{entry}</span>" for entry in _entries(counts, ends, max_iter))


def _entries(counts: Sequence[int], ends: Sequence[int] | None, max_iter: int) -> Iterator[str]:
    colours = [f"#{colour}" for colour in re.findall("." * 6, palette(STOPS))]
    if ends is None:
        yield "No lane converged."
    elif ends[0] == ends[1]:
        yield f"{_swatch(colours[STOPS // 2])}converged after {plural(ends[0], 'iteration')}"
    else:
        background = f"linear-gradient(90deg, {', '.join(colours)})"
        bar = f'<span class="bar" style="background: {background}"></span>'
        yield f"{count(ends[0])}{bar}{count(ends[1])} iterations"
    for status, look in LOOKS.items():
        if counts[status]:
            limit = count(max_iter) if status == Status.max_iter else ""
            yield f"{_swatch(look.colour)}{look.name}{limit} ({share(counts[status], sum(counts))})"


def _swatch(colour: str) -> str:
    return f'<span class="swatch" style="background: {colour}"></span>'


def _measure(experiment: Experiment) -> str:
    """What has to fall below the tolerance."""
    plane = experiment.dimension == 2
    x = "x" if plane else variables(experiment)[0]
    bar, slope = ("‖", "∇f(xₖ)") if plane else ("|", f"f′({x}ₖ)")
    return {
        "step": f"{bar}{x}ₖ − {x}ₖ₋₁{bar}",
        "gradient": f"{bar}{slope}{bar}",
        "distance": f"{bar}{x}ₖ − {x}*{bar}",
        "gap": f"f({x}ₖ) − f*",
    }[experiment.criterion]


def _formula(experiment: Experiment) -> str:
    """f and what it is, as it is read; nothing where that is too long."""
    assert isinstance(experiment.objective, Formula)
    sides = [f"f({', '.join(experiment.facts.variables)})", _pretty(experiment.objective.expr)]
    values = (f"{own} = {value:g}" for own, value in experiment.objective.parameters.items())
    formula = ", ".join([" = ".join(sides), *values])
    return formula if len(formula) <= LONGEST_FORMULA else ""


def _pretty(expr: str) -> str:
    """A formula as it is read, as far as that needs no parser."""
    text = " ".join(expr.split())
    text = re.sub(r"\s*\*\*\s*(\d+)(?![.\w])", lambda at: at[1].translate(SUPERSCRIPTS), text)
    text = re.sub(r"(?<![\w.)*])(\d+(?:\.\d+)?)\s*\*\s*(?=[^\W\d]|\()", r"\1", text)
    return re.sub(r"(?<!\*)\*(?!\*)", "·", text).replace("-", "−")
