"""What the benchmarks print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.bounds import Found
from benchmarks.comparison import Comparison
from benchmarks.curve import FLAT, Point, flatness
from benchmarks.peers.known import COMMAND, is_gdlab, name_of
from benchmarks.problems import Problem
from benchmarks.rounds import Way as Turn
from benchmarks.way import LARGE_ROUNDS, Way


def show_machine(console: Console, described: dict[str, Any]) -> None:
    """On which machine, with which versions and when."""
    machine, versions = described["machine"], described["versions"]
    console.print(f"{machine['cpu']}, {machine['cores']} cores, {described['date']}")
    console.print(", ".join(f"{name} {number}" for name, number in versions.items()), style="dim")


def show_comparison(console: Console, comparison: Comparison, rounds: int) -> None:
    """One line a peer."""
    problem = comparison.problem
    console.print()
    console.print(problem.title, style="bold")
    console.print(
        f"{comparison.lanes:,} lanes, tol {problem.tol:g}, max_iter {problem.max_iter:,}; longest: "
        f"{comparison.longest:,} steps; medians of {rounds} rounds"
    )
    table = Table()
    table.add_column("", no_wrap=True)
    for heading in ("lanes", "steps", "ready, s", "run, s", "ns a step", "slower"):
        table.add_column(heading, justify="right", no_wrap=True)
    for key, one in comparison.measured.items():
        seconds = median(one.seconds)
        table.add_row(
            one.peer.name,
            f"{one.lanes:,}",
            f"{one.lane_steps / one.lanes:.0f}",
            f"{one.ready:.1f}",
            f"{seconds:.3g}",
            f"{median(one.nanoseconds):.3g}",
            f"{median(comparison.ratio(key, one.peer.like)):.3g}",
            style="bold" if key == one.peer.like else None,
        )
    console.print(table)
    console.print(
        "steps: mean of a lane, to its verdict; ready: to import and compile, once, not in the "
        "run; slower: by step, than the same in bold",
        style="dim",
    )
    for one in comparison.measured.values():
        if one.peer.contracts:
            console.print(
                f"{one.peer.name} fuses products and sums: {one.differ:.2%} of the lanes differ"
            )


def show_skipped(console: Console, skipped: dict[str, str]) -> None:
    for key, reason in skipped.items():
        console.print(f"skipped: {name_of(key)}: {reason}")


def show_bounds(console: Console, title: str, where: str, found: Sequence[Found]) -> None:
    """What gdlab is held to, and whether it holds. where : the heading of where that is."""
    table = Table(title=title, title_justify="left")
    table.add_column("")  # which gives way where the table is too wide
    table.add_column(where, justify="left" if where == "problem" else "right", no_wrap=True)
    for heading in ("bound", "measured", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in found:
        measured = "–" if one.measured is None else f"{one.measured:.3g}{one.limit.unit}"
        table.add_row(one.what, one.where, str(one.limit), measured, one.verdict)
    console.print()
    console.print(table)


def show_ways(console: Console, title: str, ways: Iterable[Turn]) -> None:
    """What a lane-step took each way that was timed in turn."""
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    table.add_column("ns a lane-step", justify="right", no_wrap=True)
    table.add_column("of", no_wrap=True)
    for one in ways:
        clock = "processor time" if one.worked else "time"
        table.add_row(one.name, f"{median(one.nanoseconds):.3g}", clock)
    console.print()
    console.print(table)


def show_way(console: Console, way: Way, rounds: int) -> None:
    """What each cold command took, a line each, and why some were left out."""
    console.print()
    console.print("from the command line, cold, to table and pictures", style="bold")
    table = Table()
    table.add_column("", no_wrap=True)
    for heading in ("lanes", "by", "s", "µs a lane", "peak, GB"):
        table.add_column(heading, justify="right", no_wrap=True)
    for timed in way.values():
        if timed.seconds:
            seconds = median(timed.seconds)
            table.add_row(
                timed.name,
                f"{timed.lanes:,}",
                timed.engine,
                f"{seconds:.3g}",
                f"{seconds / timed.lanes * 1e6:.3g}",
                f"{timed.peak / 1e9:.3g}" if timed.peak else "",
            )
    console.print(table)
    large = min(rounds, LARGE_ROUNDS)
    console.print(
        f"rounds: {rounds}, of default figures {large}, of the plane 1; medians, and the highest "
        "peak of all processes",
        style="dim",
    )
    reasons = dict.fromkeys(timed.absent for timed in way.values() if timed.absent)
    for reason in reasons:
        names = dict.fromkeys(timed.name for timed in way.values() if timed.absent == reason)
        console.print(f"not measured: {'; '.join(names)}: {reason}")


def show_curve(console: Console, problem: Problem, points: Sequence[Point]) -> None:
    """Time a lane and peak memory, a line a peer and a column a number of lanes."""
    powers = sorted({round(log10(point.lanes)) for point in points})
    console.print()
    console.print(f"what more lanes cost: {problem.title}", style="bold")
    for title, memory in (("ns a lane", False), ("peak memory, MiB", True)):
        table = Table(title=title, title_justify="left")
        table.add_column("lanes", no_wrap=True)
        for power in powers:
            table.add_column(f"1e{power}", justify="right", no_wrap=True)
        for key in dict.fromkeys(point.key for point in points):
            own = {round(log10(point.lanes)): point for point in points if point.key == key}
            name = next(iter(own.values())).name
            cells = {
                power: point.peak / 2**20 if memory else point.per_lane
                for power, point in own.items()
            }
            table.add_row(name, *(f"{cells[p]:.3g}" if p in cells else "" for p in powers))
        console.print(table)
    whole = [point for point in points if point.key == COMMAND]
    if whole:
        spent = ", ".join(f"{point.lanes:,} lanes {median(point.seconds):.1f} s" for point in whole)
        console.print(
            f"{name_of(COMMAND)}: {spent}, the {whole[0].start:.1f} s of a start with "
            "4 lanes included, which the time a lane leaves out"
        )
    for key in dict.fromkeys(point.key for point in points):
        ratio = flatness(points, key)
        if ratio is not None and is_gdlab(key):
            console.print(
                f"{name_of(key)}: longest over shortest time a lane, from 1e5 lanes on: "
                f"{ratio:.3g} (bound: {FLAT:g})"
            )
