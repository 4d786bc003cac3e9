"""What the benchmarks print."""

from __future__ import annotations

from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.comparison import REFERENCE, Comparison
from benchmarks.peers.known import PEERS


def show_machine(console: Console, described: dict[str, Any]) -> None:
    """On which machine, with which versions and when."""
    machine, versions = described["machine"], described["versions"]
    console.print(f"{machine['cpu']}, {machine['cores']} cores, {described['date']}")
    console.print(", ".join(f"{name} {number}" for name, number in versions.items()), style="dim")


def show_comparison(console: Console, comparison: Comparison, rounds: int) -> None:
    """One line a peer, and a line for each that was left out."""
    problem = comparison.problem
    console.print()
    console.print(problem.title, style="bold")
    console.print(
        f"{comparison.lanes:,} lanes, tol {problem.tol:g}, max_iter {problem.max_iter:,}; steps: "
        f"mean {comparison.mean:.0f}, longest {comparison.longest:,}; medians of {rounds}"
    )
    table = Table()
    table.add_column("", no_wrap=True)
    for heading in ("lanes", "ready, s", "run, s", "lanes/s", "ns a step", "× gdlab's"):
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
    for key, one in comparison.measured.items():
        if PEERS[key].contracts:
            console.print(
                f"{one.peer.name} fuses products and sums: {one.differ:.2%} of the lanes differ"
            )
    for key, reason in comparison.skipped.items():
        console.print(f"skipped: {PEERS[key].name}: {reason}")
