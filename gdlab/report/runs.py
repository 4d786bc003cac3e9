"""The report of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from omegaconf import OmegaConf

from gdlab.core.problem import Status
from gdlab.experiment import Experiment
from gdlab.explorer import section
from gdlab.figures.applicable import FIGURES, applicable
from gdlab.methods import name_of
from gdlab.report import page, repeating
from gdlab.report.alternatives import Found, alternative, titled
from gdlab.report.due import made_of
from gdlab.report.numbers import capital, number, share, shortened
from gdlab.report.pictures import Picture, pictures
from gdlab.report.provenance import checksums, of_record
from gdlab.report.settings import formula, settings
from gdlab.report.tables import Cell, Row, Table
from gdlab.results import findings
from gdlab.results.breakdown import Breakdown
from gdlab.results.overview import Overview
from gdlab.results.tally import Tally
from gdlab.store.run import Run
from gdlab.store.tiles import columns_of_run, ends_of_run
from gdlab.theory import best_step_size, exact_limit, symbols_of

VERDICTS = {
    Status.converged: "converged",
    Status.cycling: "cycling",
    Status.max_iter: "not converged",
    Status.diverged: "diverged",
}
LONGEST_NAME, LONGEST_FORMULA = 60, 400
"""Characters of a heading, and of the formula below it."""
ENDS = 8
"""Rows of a trace at its beginning and at its end."""


def write(
    run: Run, overview: Overview, caption: Mapping[str, str | None], remarks: Sequence[str] = ()
) -> Path:
    """Write the report of a finished run into its folder; give its path.

    overview : of all its lanes. caption : what its pictures say. remarks : what there is to say of
    pictures besides, as which cannot be drawn.

    Raises StoreError if a part of the run is missing or damaged.
    """
    experiment, record = overview.experiment, run.record
    best = findings.best_of(overview)
    found = Found(
        experiment,
        overview,
        Breakdown.of(experiment, ends_of_run(run, experiment), best),
        findings.verdict(run.table()) if experiment.n_lanes == 1 else None,
    )
    explorer = section(experiment, partial(columns_of_run, run))
    return page.write(
        run.path,
        "run.html",
        made_of(run.path, caption),
        **_heading(experiment, record, str(caption["name"])),
        highlights=list(_highlights(found)),
        bar=_bar(overview.tally),
        sentences=list(_sentences(found)),
        pictures=[
            _said(picture, found)
            for picture in pictures(run.path, FIGURES, besides=len(explorer.html))
        ],
        remarks=[f"{capital(remark)}." for remark in remarks if remark],
        # It has made its markup itself, and put nothing of a user's into it but as data.
        explorer=Markup(explorer.html),
        why_not=explorer.why_not,
        table=_by_step_size(found.breakdown, best) if found.lane is None else None,
        each=_lanes_each(found.breakdown),
        n_step_sizes=found.breakdown.n_step_sizes,
        tolerances=_by_tolerance(found),
        tightest=number(float(experiment.tol.min())),
        trace=_trace(run) if found.lane is not None else None,
        settings=list(
            settings(experiment, record["config"], record["objective"], record["method"])
        ),
        **_repeated(run, can_be_drawn=bool(applicable(experiment))),
        provenance=list(of_record(record)),
        checksums=checksums(record),
        version=record["versions"]["gdlab"],
    )


def _heading(experiment: Experiment, record: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What stands above all; an objective without a name is called by a formula that is short.

    name : what pictures call it.
    """
    text, named = formula(experiment, record["config"]), experiment.facts.name
    if text is not None and named is None and len(text) <= LONGEST_NAME:
        name, text = text, None
    return {
        "name": named or name,
        "formula": None if text is None else shortened(text, LONGEST_FORMULA),
        "method": name_of(experiment.method),
        "lanes": findings.lanes(experiment),
    }


def _repeated(run: Run, *, can_be_drawn: bool) -> dict[str, Any]:
    """How the run is done again, and how its pictures are drawn where it has none."""
    words = repeating.typed(run.record["overrides"])
    choices = repeating.folder_of_choices(run.record["command"])
    command, call, no_call = repeating.of_run(words, choices, run.path.name)
    configuration = OmegaConf.to_yaml(OmegaConf.create(dict(run.config)))
    others = [word for word in words if not word.startswith("figures")]
    return {
        "command": command,
        "call": call,
        "no_call": no_call,
        "with_pictures": repeating.command(others, folder=choices) if can_be_drawn else None,
        "configuration": configuration if len(configuration) <= repeating.LONGEST else None,
        "run_folder": run.path.name,
    }


def _highlights(found: Found) -> Iterator[tuple[str, str, str]]:
    """The numbers that count most: what each is, the number, and what belongs to it."""
    experiment, overview = found.experiment, found.overview
    tally, alpha = overview.tally, findings.best_of(overview)
    if found.lane is not None:
        (status,) = np.flatnonzero(tally.counts).tolist()
        yield "verdict", VERDICTS[Status(status)], f"α = {number(float(experiment.alpha[0]))}"
        yield "iterations", f"{overview.longest:,}", f"of at most {experiment.max_iter:,}"
    else:
        yield "converged", share(tally.converged, tally.n), f"of {findings.many(tally.n, 'lane')}"
        if alpha is None:
            yield "best α", "–", "no lane converged"
        else:
            own = found.breakdown.rows[alpha]
            worst = f"worst {findings.count(own.worst)}"
            yield "best α", number(alpha), f"{share(own.converged, own.n)} of its lanes converge"
            yield "iterations there", findings.count(own.median), f"median; {worst}"
    limit = exact_limit(experiment.objective, experiment.method)
    if limit is not None:
        best = best_step_size(experiment.objective, experiment.method)
        fastest = f"; fastest at {number(best)}" if best is not None else ""
        symbols = symbols_of(experiment.method)
        yield f"theory{f': {symbols}' if symbols else ''}", number(limit), f"stable below{fastest}"


def _bar(tally: Tally) -> list[tuple[str, str, str, str, float]]:
    """For each verdict that there is its class, its name, how many lanes, and which share."""
    return [
        (
            status.name,
            name,
            f"{tally.counts[status]:,}",
            share(int(tally.counts[status]), tally.n),
            100 * tally.share(status),
        )
        for status, name in VERDICTS.items()
        if tally.counts[status]
    ]


def _sentences(found: Found) -> Iterator[str]:
    experiment, overview = found.experiment, found.overview
    said: list[str | None] = [found.lane]
    if found.lane is None:
        said = [findings.best(overview), found.verdicts]
    known = experiment.facts.minimisers
    if known is not None and len(known) and overview.tally.converged:
        said.append(found.minima)
    said.append(findings.limit(experiment))
    if not found.lane:
        said.append(findings.agreement(experiment, overview.agreement))
    for sentence in filter(None, said):
        yield f"{capital(sentence).removesuffix('.')}."


def _said(picture: Picture, found: Found) -> Picture:
    return replace(
        picture, title=titled(picture.name), alternative=alternative(picture.name, found)
    )


def _by_step_size(breakdown: Breakdown, best: float | None) -> Table:
    several = _lanes_each(breakdown) is None
    rows = [
        Row(
            [
                Cell(number(alpha), alpha),
                *([Cell(f"{tally.n:,}", tally.n)] if several else []),
                Cell(_some(tally, Status.converged), tally.converged, tally.share()),
                *(
                    Cell(_some(tally, status), float(tally.counts[status]))
                    for status in VERDICTS
                    if status is not Status.converged
                ),
                Cell(findings.count(tally.median), tally.median),
                Cell(findings.count(tally.worst), tally.worst),
            ],
            marked=alpha == best,
        )
        for alpha, tally in breakdown.rows.items()
    ]
    headings = ["α", *(["lanes"] if several else []), *VERDICTS.values(), "median", "worst"]
    return Table("Verdicts by step size", headings, rows)


def _lanes_each(breakdown: Breakdown) -> int | None:
    """How many lanes a step size has, where all have as many."""
    counts = {tally.n for tally in breakdown.rows.values()}
    return counts.pop() if len(counts) == 1 else None


def _some(tally: Tally, status: Status) -> str:
    return f"{tally.counts[status]:,}" if tally.counts[status] else "–"


def _by_tolerance(found: Found) -> Table | None:
    """What became of the lanes of the best step size, tolerance by tolerance."""
    overview, tol = found.overview, found.experiment.tol
    if len(tol) == 1 or findings.best_of(overview) is None:
        return None
    rows = [
        Row(
            [
                Cell(f"{own:g}", float(own)),
                Cell(share(tally.converged, tally.n), tally.share()),
                Cell(findings.count(tally.median), tally.median),
                Cell(findings.count(tally.worst), tally.worst),
            ]
        )
        for own, tally in zip(tol, overview.at_best, strict=True)
    ]
    name = f"Iterations by tolerance at α = {number(overview.best)}"
    return Table(name, ["tolerance", "converged", "median", "worst"], rows)


def _trace(run: Run) -> Table:
    """The first and the last iterates of a single lane."""
    trace = run.trace()
    kept = trace if len(trace) <= 2 * ENDS + 1 else None
    parts = [kept] if kept is not None else [trace.iloc[:ENDS], trace.iloc[-ENDS:]]
    rows: list[Row] = []
    for part in parts:
        if rows:
            rows.append(Row([Cell("…")] * len(trace.columns)))
        for values in part.itertuples(index=False):
            iteration, *x, f, step, gradient = values
            rows.append(
                Row(
                    [
                        Cell(f"{iteration:,}"),
                        *(Cell(repr(float(coordinate))) for coordinate in x),
                        Cell(number(f)),
                        Cell("" if np.isnan(step) else number(step)),
                        Cell(number(gradient)),
                    ]
                )
            )
    return Table("Iterates", list(trace.columns), rows, sortable=False)
