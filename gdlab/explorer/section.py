"""The explorer of an experiment as a piece of a page, and as a page of its own."""

from __future__ import annotations

import base64
import html
import json
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
from gdlab.explorer import axes, words
from gdlab.explorer.colours import palette
from gdlab.explorer.lanes import Columns, Shown
from gdlab.explorer.translation import Code, NoJavaScriptError, code_of
from gdlab.figures.looks import LOOKS
from gdlab.figures.numbers import number
from gdlab.methods import name_of
from gdlab.objectives.formula import Formula
from gdlab.theory import exact_limit, symbols_of

Ends = tuple[float, float]
WIDENED = 0.1
"""By what share of its half a picture of f is wider than the starting points on it, at each end."""
LARGEST = float(np.finfo(np.float64).max)


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
    level, d = int(np.argmin(experiment.tol)), experiment.dimension
    coordinates = ["x"] if d == 1 else [f"x_{i + 1}" for i in range(d)]
    status, steps, *x = shown.gathered(columns, ["status", "steps", *coordinates], level)
    counts = np.bincount(status, minlength=len(Status)).tolist()
    ends = _ends(steps[status == Status.converged])
    view = _view(experiment, shown)
    data = {
        **_settings(experiment),
        **_axes(shown, view),
        "variables": words.variables(experiment),
        "starts": words.starts(experiment),
        "rounding": code.rounding,
        "colours": palette(256),
        "looks": [LOOKS[code].colour if code in LOOKS else "" for code in sorted(Status)],
        "ends": ends,
        "shown": status.size,
        "table": _packed(status.astype(np.int8), steps.astype(np.int32), np.concatenate(x)),
    }
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return Section(
        Template(_file("section.html")).substitute(
            style=_file("explorer.css"),
            title=words.title(experiment, title),
            about=words.about(experiment, title),
            map_label=words.map_label(experiment),
            legend=words.legend(counts, ends, experiment.max_iter),
            sliders=words.sliders(experiment),
            notes=words.notes(experiment, status.size, code.rounding),
            data=text,
            script=_file("explorer.js"),
            code=code.text,
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


def _settings(experiment: Experiment) -> dict[str, Any]:
    """What decides where a lane goes and when it stops, and what is known of it beforehand."""
    facts, method = experiment.facts, experiment.method
    limit = exact_limit(experiment.objective, method)
    return {
        "memory": method.memory(experiment.dimension),
        "criterion": experiment.criterion,
        "threshold": float(experiment.problem.thresholds[-1]),
        "maxIter": experiment.max_iter,
        "escape": experiment.escape,
        "watch": {"length": WATCH, "longest": LONGEST_PERIOD, "bound": RETURN},
        "minimisers": [] if facts.minimisers is None else facts.minimisers.tolist(),
        "minimum": facts.minimum,
        "limit": None if limit is None else [limit, f"{symbols_of(method)} = {number(limit)}"],
    }


def _axes(shown: Shown, view: list[Ends]) -> dict[str, Any]:
    """The axes of α, of the starts, and of pictures of f."""
    least = float(shown.alpha[0])
    starts = zip(shown.starts, view, strict=True)
    return {
        "axes": [
            axes.cells(shown.alpha, least / 4, min(4 * least, LARGEST)),
            *(axes.cells(x, *ends) if shown.is_grid else axes.line(*ends) for x, ends in starts),
        ],
        "points": None if shown.is_grid else np.stack(shown.starts, axis=1).tolist(),
        "view": [axes.line(*ends) for ends in view],
    }


def _view(experiment: Experiment, shown: Shown) -> list[Ends]:
    """The ends of each coordinate in pictures of f: where the starts and the minimisers are."""
    minimisers, domain = experiment.facts.minimisers, experiment.facts.domain
    found = []
    for i, starts in enumerate(shown.starts):
        places = starts if minimisers is None else np.append(starts, minimisers[:, i])
        low, high = float(places.min()), float(places.max())
        if low == high:
            low, high = min(low, domain[i][0]), max(high, domain[i][1])
        margin = WIDENED * (high / 2 - low / 2)
        found.append((max(low - margin, -LARGEST), min(high + margin, LARGEST)))
    return found


def _ends(counts: NDArray[np.int32]) -> tuple[int, int] | None:
    """The least and the largest of the iterations to convergence; None where there are none."""
    return (int(counts.min()), int(counts.max())) if counts.size else None


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
