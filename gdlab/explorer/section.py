"""The explorer of an experiment as a piece of a page, and as a page of its own."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdlab.core.cycles import LONGEST_PERIOD, RETURN, WATCH
from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.explorer.colours import VERDICTS, of_iterations
from gdlab.explorer.lanes import Columns, Shown
from gdlab.explorer.translation import Code, NoJavaScriptError, code_of
from gdlab.methods import name_of
from gdlab.objectives.base import Array
from gdlab.objectives.formula import Formula
from gdlab.theory import exact_limit, symbols_of

LONGEST_FORMULA = 120
"""Signs; of a longer one the page shows nothing."""
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
WIDENED = 0.05
"""By what share of itself a picture of f is wider than the starting points on it."""


@dataclass(frozen=True)
class Section:
    """The explorer as it goes into the body of any page, or why there is none.

    html : its markup with its style, script and data; a page can have one. Empty where there is
        none. why_not : then a sentence, else empty.
    """

    html: str = ""
    why_not: str = ""


def section(experiment: Experiment, columns: Columns, title: str | None = None) -> Section:
    """Make the explorer of an experiment whose table is there.

    columns : a function of a sequence of names that gives those columns part by part, as pairs
        (first, part): the number of the first lane, and the columns by name, each an array
        (n, n_tol) of the n lanes from it on, tolerances as given. Asked for are `status` (codes of
        `gdlab.core.problem.Status`, int8), `steps` (int32) and the last iterate `x`, or `x_1` and
        `x_2` (float64). The parts come in the order of the lanes and together hold them all.
    title : what to call the objective, by default its name or its formula.
    """
    try:
        code = _code(experiment)
    except NoJavaScriptError as error:
        return Section(why_not=str(error))
    shown = Shown.of(experiment)
    level = int(np.argmin(experiment.tol))
    d = experiment.dimension
    coordinates = ["x"] if d == 1 else [f"x_{i + 1}" for i in range(d)]
    status, steps, *x = shown.gathered(columns, ["status", "steps", *coordinates], level)
    data = {
        **_words(experiment, title),
        **_settings(experiment, level),
        "rounding": code.rounding,
        "alpha": shown.alpha.tolist(),
        "axes": None if shown.axes is None else [axis.tolist() for axis in shown.axes],
        "points": None if shown.points is None else shown.points.tolist(),
        "view": _view(experiment, shown),
        "colours": of_iterations(),
        "looks": [VERDICTS.get(code, "") for code in sorted(Status)],
        "counts": np.bincount(status, minlength=len(Status)).tolist(),
        "range": _range(steps[status == Status.converged]),
        "lanes": experiment.n_lanes,
        "table": _packed(status.astype(np.int8), steps.astype(np.int32), np.concatenate(x)),
    }
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return Section(
        Template(_file("section.html")).substitute(
            style=_file("explorer.css"), script=_file("explorer.js"), data=text, code=code.text
        )
    )


def page(section: Section, title: str) -> str:
    """A page with the explorer alone; or with the sentence why there is none."""
    content = section.html or f"<p>{html.escape(section.why_not)}</p>"
    return Template(_file("page.html")).substitute(title=html.escape(title), content=content)


def _code(experiment: Experiment) -> Code:
    """Raises NoJavaScriptError, which says why there is no explorer."""
    objective = experiment.objective
    if experiment.pairs:
        raise NoJavaScriptError(
            "The explorer shows every step size with every starting point, and these are pairs."
        )
    if type(objective) is not Formula:
        name = experiment.facts.name or type(objective).__name__
        raise NoJavaScriptError(f"The explorer descends formulas, and {name} is Python code.")
    if experiment.dimension > 2:
        raise NoJavaScriptError(
            "The explorer draws objectives of one or two variables, and this one has "
            f"{experiment.dimension}."
        )
    return code_of(objective, experiment.method, name_of(experiment.method))


def _words(experiment: Experiment, title: str | None) -> dict[str, Any]:
    assert isinstance(experiment.objective, Formula)
    facts, parameters = experiment.facts, experiment.objective.parameters
    name = title or facts.name
    sides = [f"f({', '.join(facts.variables)})", _pretty(experiment.objective.expr)]
    values = (f"{own} = {value:g}" for own, value in parameters.items())
    formula = ", ".join([" = ".join(sides), *values])
    if len(formula) > LONGEST_FORMULA:
        formula = ""
    return {
        "title": name or formula or "f",
        "formula": formula if name else "",
        "method": name_of(experiment.method),
        "variables": facts.variables,
    }


def _settings(experiment: Experiment, level: int) -> dict[str, Any]:
    """What decides where a lane goes and when it stops, and what is known of it beforehand."""
    facts, problem = experiment.facts, experiment.problem
    limit = exact_limit(experiment.objective, experiment.method)
    return {
        "memory": experiment.method.memory(experiment.dimension),
        "criterion": experiment.criterion,
        "tol": float(experiment.tol[level]),
        "tolerances": len(experiment.tol),
        "threshold": float(problem.thresholds[-1]),
        "maxIter": experiment.max_iter,
        "escape": experiment.escape,
        "watch": {"length": WATCH, "longest": LONGEST_PERIOD, "bound": RETURN},
        "minimisers": [] if facts.minimisers is None else facts.minimisers.tolist(),
        "minimum": facts.minimum,
        "limit": None if limit is None else [limit, symbols_of(experiment.method)],
    }


def _view(experiment: Experiment, shown: Shown) -> list[list[float]]:
    """The ends of each coordinate in pictures of f: where the starts and the minimisers are."""
    minimisers, domain = experiment.facts.minimisers, experiment.facts.domain
    ends = []
    for i in range(experiment.dimension):
        own = shown.axes[i] if shown.axes is not None else _column(shown.points, i)
        places = own if minimisers is None else np.concatenate([own, minimisers[:, i]])
        low, high = float(places.min()), float(places.max())
        if low == high:
            low, high = min(low, domain[i][0]), max(high, domain[i][1])
        with np.errstate(over="ignore"):
            margin = WIDENED * (high - low)
        wide = low - margin, high + margin
        ends.append(list(wide if np.isfinite(wide).all() else (low, high)))
    return ends


def _column(points: Array | None, i: int) -> Array:
    assert points is not None
    return points[:, i]


def _range(counts: NDArray[np.int32]) -> list[int] | None:
    """The least and the largest of the iterations to convergence; None where there are none."""
    return [int(counts.min()), int(counts.max())] if counts.size else None


def _pretty(expr: str) -> str:
    """A formula as it is read, as far as that needs no parser."""
    text = " ".join(expr.split())
    text = re.sub(r"\s*\*\*\s*(\d+)(?![.\w])", lambda at: at[1].translate(SUPERSCRIPTS), text)
    text = re.sub(r"(?<![\w.)*])(\d+(?:\.\d+)?)\s*\*\s*(?=[^\W\d]|\()", r"\1", text)
    return re.sub(r"(?<!\*)\*(?!\*)", "·", text).replace("-", "−")


def _packed(*columns: NDArray[Any]) -> str:
    """Columns one after another, of each first the lowest bytes of all numbers, then the next."""
    parts = [
        np.ascontiguousarray(own.astype(own.dtype.newbyteorder("<"))).view(np.uint8)
        for own in columns
    ]
    shuffled = [
        part.reshape(-1, own.itemsize).T.tobytes() for part, own in zip(parts, columns, strict=True)
    ]
    return base64.b64encode(zlib.compress(b"".join(shuffled), 6)).decode("ascii")


@cache
def _file(name: str) -> str:
    return files("gdlab.explorer").joinpath(name).read_text(encoding="utf-8")
