"""The report of a sweep: its runs side by side, and the way to the report of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any, TypeGuard
from urllib.parse import quote

from gdlab.report import page, repeating
from gdlab.report.due import REPORT
from gdlab.report.numbers import joined, number, share, shortened
from gdlab.report.pictures import pictures
from gdlab.report.provenance import of_this_process
from gdlab.report.tables import Cell, Row, Table
from gdlab.results.findings import Outline, count, many
from gdlab.store import provenance

PICTURES = {
    "heatmaps": "Iterations to convergence of each run, a cell a lane",
    "curves": "How f(xₖ) falls with the iteration k, run by run",
    "iterations": "Iterations by step size, run by run",
    "runtime": "Which share of the lanes of each run has converged within so many iterations",
    "rates": "By what factor errors shrink at a step in the end, run by run",
}
MOST_RUNS = 1000
"""That have a row and a call of their own."""
LONGEST_VALUE = 60
"""Characters of a swept value."""
MOST_TOLD = 6
"""Runs that the alternative text of a picture tells one by one."""


@dataclass(frozen=True)
class Member:
    """A run of a sweep.

    swept : its value of each swept name. words : those of its command. outline : what was found;
    None where it failed. folder : the run's, from the sweep's. message : why it failed.
    """

    swept: Mapping[str, Any]
    words: Sequence[str]
    outline: Outline | None
    folder: str | None
    message: str | None

    @property
    def name(self) -> str:
        """What tells it from the other runs."""
        return ", ".join(f"{name} = {_shown(value)}" for name, value in self.swept.items())

    def link(self, page: Path) -> str | None:
        """Where its report is, from the folder of a page; None where there is none."""
        if self.folder is None or not (page / self.folder / REPORT).exists():
            return None
        return quote(f"{PurePath(self.folder).as_posix()}/{REPORT}")


def write(
    folder: Path, varying: Sequence[str], members: Sequence[Member], words: Sequence[str]
) -> Path:
    """Write the report of a sweep into its folder; give its path.

    varying : the swept names whose values differ. words : those of the sweep's command.
    """
    shown = members[:MOST_RUNS]
    choices = repeating.folder_of_choices(provenance.command())
    finding = _finding(members, varying)
    done = [member.words for member in shown if member.outline is not None]
    calls, no_calls = repeating.of_sweep(done, choices)
    return page.write(
        folder,
        "sweep.html",
        sha256(repr((varying, members, words)).encode()).hexdigest()[:16],
        title=f"Sweep over {joined(varying)}" if varying else "Sweep",
        highlights=list(_highlights(members)),
        pictures=[
            replace(
                picture,
                title=PICTURES[picture.name],
                alternative=f"{PICTURES[picture.name]}. {finding}",
            )
            for picture in pictures(folder, tuple(PICTURES))
        ],
        finding=_extremes(members) if len(members) > 1 else None,
        table=_table(folder, shown, varying),
        n_runs=len(members),
        failed={
            message: [repeating.command(member.words, folder=choices) for member in alike]
            for message, alike in _failed(members).items()
        },
        command=repeating.command(words, folder=choices, sweep=True),
        calls=calls,
        no_calls=no_calls,
        provenance=list(of_this_process()),
        version=provenance.versions()["gdlab"],
    )


def _failed(members: Sequence[Member]) -> dict[str | None, list[Member]]:
    """Runs that failed by what they said."""
    found: dict[str | None, list[Member]] = {}
    for member in members:
        if member.outline is None:
            found.setdefault(member.message, []).append(member)
    return found


def _highlights(members: Sequence[Member]) -> Iterator[tuple[str, str, str]]:
    """The numbers that count most: what each is, the number, and what belongs to it."""
    done = [member.outline for member in members if member.outline is not None]
    failed = len(members) - len(done)
    yield "runs", f"{len(members):,}", f"{failed:,} failed" if failed else "none failed"
    if done:
        lanes = sum(outline.n_lanes for outline in done)
        converged = sum(round(outline.share * outline.n_lanes) for outline in done)
        yield "lanes", f"{lanes:,}", f"{share(converged, lanes)} converged"
    fastest = _fastest(members)
    if fastest:
        others = f" and {many(len(fastest) - 1, 'other')}" if len(fastest) > 1 else ""
        least = _outline(fastest[0]).median
        yield "fewest iterations", count(least), f"median; {fastest[0].name}{others}"


def _fastest(members: Sequence[Member]) -> list[Member]:
    """The runs whose best step size takes the fewest iterations, if any converges."""
    medians = [m.outline.median for m in members if m.outline is not None]
    least = min(medians, default=float("inf"))
    return [m for m in members if least < float("inf") and m.outline and m.outline.median == least]


def _finding(members: Sequence[Member], varying: Sequence[str]) -> str:
    """What the comparison shows: each run in a sentence, of many those at the ends."""
    done = [member for member in members if member.outline is not None]
    if len(done) > MOST_TOLD:
        return f"{len(done)} runs by {joined(varying)}. {_extremes(members)}"
    told = "; ".join(map(_sentence, done))
    return f"{told}." if told else "No run was finished."


def _extremes(members: Sequence[Member]) -> str:
    """In which runs most and fewest lanes converge."""
    done = [member for member in members if member.outline is not None]
    most = max(done, key=lambda member: _outline(member).share, default=None)
    least = min(done, key=lambda member: _outline(member).share, default=None)
    if most is None or least is None:
        return "No run was finished."
    high, low = _converged(_outline(most)), _converged(_outline(least))
    if high == low:
        return f"In every run {high} of the lanes converge."
    return f"Most lanes converge with {most.name} ({high}), the fewest with {least.name} ({low})."


def _converged(outline: Outline) -> str:
    """The share of its lanes that converge."""
    return share(round(outline.share * outline.n_lanes), outline.n_lanes)


def _outline(member: Member) -> Outline:
    """Of a run that did not fail."""
    assert member.outline is not None
    return member.outline


def _sentence(member: Member) -> str:
    outline = _outline(member)
    said = f"{member.name or 'the run'}: {_converged(outline)} of the lanes converge"
    if outline.best is None:
        return said
    said += f", fastest at α = {number(outline.best)}"
    if outline.median < float("inf"):
        said += f" in {count(outline.median)} iterations (median)"
    return said


def _table(page: Path, members: Sequence[Member], varying: Sequence[str]) -> Table:
    several = any(m.outline is not None and m.outline.n_alpha > 1 for m in members)
    best = ["best α"] if several else []
    return Table(
        f"Runs by {joined(varying)}" if varying else "Runs",
        [*varying, "lanes", "converged", *best, "median", "worst", "report"],
        [
            Row([*_swept(member, varying), *_results(page, member, best=several)])
            for member in members
        ],
        texts=[
            place
            for place, name in enumerate(varying)
            if not all(_is_number(member.swept.get(name)) for member in members)
        ],
    )


def _swept(member: Member, varying: Sequence[str]) -> Iterator[Cell]:
    for name in varying:
        value = member.swept.get(name)
        yield Cell(_shown(value), float(value) if _is_number(value) else None)


def _results(page: Path, member: Member, *, best: bool) -> Iterator[Cell]:
    outline = member.outline
    if outline is None:
        yield Cell("failed")
        yield from [Cell("")] * (5 if best else 4)
        return
    yield Cell(f"{outline.n_lanes:,}", outline.n_lanes)
    yield Cell(_converged(outline), outline.share, outline.share)
    if best:
        yield Cell("–" if outline.best is None else number(outline.best), outline.best)
    yield Cell(count(outline.median), outline.median)
    yield Cell(count(outline.worst), outline.worst)
    identity = PurePath(member.folder or "").name.rpartition("-")[2]
    yield Cell(identity, link=member.link(page))


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    """A swept value, cut where it is long."""
    return "–" if value is None else shortened(str(value), LONGEST_VALUE)
