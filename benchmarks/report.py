"""What the benchmarks print."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.bounds import MEANT, Found
from benchmarks.command import WITHIN, Command
from benchmarks.comparison import REFERENCE, Comparison
from benchmarks.curve import FLAT, Point, flatness
from benchmarks.peers.known import COMMAND, PEERS, is_gdlab, name_of
from benchmarks.problems import Problem


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
        f"{comparison.lanes:,} lanes, tol {problem.tol:g}, max_iter {problem.max_iter:,}; steps: "
        f"mean {comparison.mean:.0f}, longest {comparison.longest:,}; medians of {rounds} rounds"
    )
    table = Table()
    table.add_column("", no_wrap=True)
    for heading in ("lanes", "ready, s", "run, s", "lanes/s", "ns a step", "slower"):
        table.add_column(heading, justify="right", no_wrap=True)
    for key, one in comparison.measured.items():
        seconds = median(one.seconds)
        table.add_row(
            one.peer.name,
            f"{one.lanes:,}",
            f"{one.ready:.1f}",
            f"{seconds:.3g}",
            f"{one.lanes / seconds:.3g}",
            f"{median(one.nanoseconds):.3g}",
            f"{median(comparison.ratio(key, REFERENCE)):.3g}",
            style="bold" if key == REFERENCE else None,
        )
    console.print(table)
    console.print(
        "ready: to import and compile, once, not in the run; a step: of one lane, to its verdict; "
        f"slower: than {PEERS[REFERENCE].name}, by step",
        style="dim",
    )
    for key, one in comparison.measured.items():
        if PEERS[key].contracts:
            console.print(
                f"{one.peer.name} fuses products and sums: {one.differ:.2%} of the lanes differ"
            )


def show_skipped(console: Console, skipped: dict[str, str]) -> None:
    for key, reason in skipped.items():
        console.print(f"skipped: {name_of(key)}: {reason}")


def show_bounds(console: Console, found: Sequence[Found], lanes: int) -> None:
    """What gdlab is held to, and whether it holds."""
    table = Table(title="bounds: medians of the rounds' ratios", title_justify="left")
    for heading in ("a lane-step of", "problem"):
        table.add_column(heading, no_wrap=True)
    for heading in ("bound", "ratio", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for bound, ratio in found:
        table.add_row(
            bound.name,
            bound.problem,
            f"{'≥' if bound.at_least else '≤'} {bound.value:g}",
            "–" if ratio is None else f"{ratio:.3g}",
            "not measured" if ratio is None else "holds" if bound.holds(ratio) else "missed",
        )
    console.print()
    console.print(table)
    if lanes != MEANT:
        console.print(f"the bounds are meant for {MEANT:,} lanes; these were {lanes:,}")


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


def show_command(console: Console, runs: Sequence[Command]) -> None:
    """The cold runs from the command line."""
    seconds = [run.seconds for run in runs]
    console.print()
    console.print(
        f"from the command line, cold, {runs[0].lanes:,} lanes to table and pictures: "
        f"{median(seconds):.1f} s (each: {', '.join(f'{one:.1f}' for one in seconds)}; "
        f"bound: {WITHIN:g})"
    )
