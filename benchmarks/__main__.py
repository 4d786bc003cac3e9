"""Measure gdlab beside its peers: tables on the terminal, JSON and pictures in a folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from rich.console import Console

from benchmarks import (
    bounds,
    curve,
    machine,
    methods,
    orbits,
    pictures,
    regression,
    report,
    rounds,
    way,
)
from benchmarks.comparison import Comparison, DisagreementError, compare
from benchmarks.peers.known import PEERS
from benchmarks.problems import METHOD_PROBLEMS, PROBLEMS, Problem
from benchmarks.rounds import Ratio, Way, measure
from benchmarks.worker import BrokenError
from gdlab.figures import save
from gdlab.files import write_text

WIDTH = 100
PROCESSES = ("core", "core-all")


class Session:
    """One run of the benchmarks: where it speaks, what it was asked for, what it has found."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.console = Console(width=WIDTH, highlight=False)
        self.record: dict[str, Any] = machine.described()
        machine_said = self.record["machine"]
        self.said = (
            f"{machine_said['cpu']}, {machine_said['cores']} cores",
            str(self.record["date"]),
        )
        self.told: set[str] = set()
        report.show_machine(self.console, self.record)

    def peers(self) -> None:
        """Compare the peers on each problem, and one process with all on four times the lanes."""
        lanes, keys = self.chosen.lanes, self.chosen.only
        found = [self._compare(PROBLEMS[name], lanes, keys) for name in self.chosen.problems]
        self.record["comparisons"] = [comparison.as_json() for comparison in found]
        judged = bounds.of_peers(found)
        if found[0].problem.name == "linear" and set(PROCESSES) <= set(found[0].measured):
            many = self._compare(PROBLEMS["linear"], 4 * lanes, PROCESSES)
            self.record["processes"] = many.as_json()
            judged += bounds.of_peers([many], [bounds.TWO_PROCESSES])
        self.record["bounds"] = [one.as_json() for one in judged]
        title = "bounds of lane-steps: medians of the rounds' ratios"
        report.show_bounds(self.console, title, "problem", judged)
        if lanes != bounds.MEANT:
            self.console.print(
                f"the bounds are meant for {bounds.MEANT:,} lanes; these were {lanes:,}"
            )
        said = f"{lanes:,} lanes", f"{self.chosen.rounds} rounds, bar: their median"
        self._keep("peers", pictures.peers(found, [*said, *self.said]))

    def methods(self) -> None:
        """Compare the methods with gradient descent, and with others who take the same steps."""
        found = [
            self._compare(METHOD_PROBLEMS[name], max(self.chosen.lanes // part, 1), keys)
            for name, keys, part in methods.COMPARISONS
        ]
        judged = bounds.of_peers(found, methods.PAIRS)
        self.record["methods"] = {
            "comparisons": [comparison.as_json() for comparison in found],
            "bounds": [one.as_json() for one in judged],
        }
        title = "bounds of the methods' lane-steps: medians of the rounds' ratios"
        report.show_bounds(self.console, title, "problem", judged)
        self._keep()

    def orbits(self) -> None:
        """Compare following lanes in the long run with descending them."""
        self._in_turn("orbits", orbits.ways(self.chosen.lanes // 10), orbits.RATIOS)

    def regression(self) -> None:
        """Compare a regression by many lanes at once with what it is made of."""
        self._in_turn("regression", regression.ways(), regression.RATIOS)

    def _in_turn(self, part: str, ways: dict[str, Way], ratios: Sequence[Ratio]) -> None:
        with self.console.status("") as status:
            measure(ways, self.chosen.rounds, status.update)
        judged = rounds.judged(ways, ratios, part)
        self.record[part] = {
            "ways": [way.as_json() for way in ways.values()],
            "bounds": [one.as_json() for one in judged],
        }
        report.show_ways(self.console, part, ways.values())
        report.show_bounds(self.console, f"bounds of {part}", "part", judged)
        self._keep()

    def curve(self) -> None:
        """Measure the cost by number of lanes."""
        problem = PROBLEMS[self.chosen.problems[0]]
        with self.console.status("") as status:
            points, skipped = curve.curve(
                problem, self.chosen.only, self.chosen.most, status.update
            )
            if problem.name == "linear" and "core" in self.chosen.only:
                more, refused = curve.by_command(self.chosen.most, status.update)
                points, skipped = points + more, skipped | refused
        self.record["curve"] = {
            "problem": problem.name,
            "points": [point.as_json() for point in points],
            "flatness": {
                key: curve.flatness(points, key) for key in dict.fromkeys(p.key for p in points)
            },
            "flat_within": curve.FLAT,
            "skipped": skipped,
        }
        report.show_curve(self.console, problem, points)
        self._tell_skipped(skipped)
        self._keep("curve", pictures.cost(points, [problem.title, *self.said]))

    def way(self) -> None:
        """Time the whole way from the command line to table and pictures, cold."""
        chosen = self.chosen
        with self.console.status("") as status:
            found = way.measure(
                chosen.lanes, chosen.rounds, chosen.most, chosen.before, status.update
            )
        judged = bounds.of_way(found)
        self.record["way"] = {
            "before": chosen.before and machine.other(chosen.before),
            "runs": {key: timed.as_json() for key, timed in found.items()},
            "bounds": [one.as_json() for one in judged],
        }
        report.show_way(self.console, found, chosen.rounds)
        report.show_bounds(self.console, "bounds of the whole way", "lanes", judged)
        if chosen.lanes != bounds.MEANT or chosen.most < way.LARGE:
            self.console.print("the bounds are meant for --lanes 1e6 --most 1e8, or 1e9")
        self._keep()

    def _compare(self, problem: Problem, lanes: int, keys: Sequence[str]) -> Comparison:
        with self.console.status("") as status:
            found = compare(
                problem,
                lanes,
                keys=keys,
                rounds=self.chosen.rounds,
                patience=self.chosen.patience,
                say=status.update,
            )
        report.show_comparison(self.console, found, self.chosen.rounds)
        self._tell_skipped(found.skipped)
        return found

    def _tell_skipped(self, skipped: dict[str, str]) -> None:
        report.show_skipped(
            self.console, {key: why for key, why in skipped.items() if key not in self.told}
        )
        self.told |= set(skipped)

    def _keep(self, name: str = "", figure: Figure | None = None) -> None:
        """Write what there is so far, so that an interruption loses one part at most."""
        folder = self.chosen.out
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "benchmarks.json", json.dumps(self.record, indent=2) + "\n")
        if figure is not None:
            for kind in ("png", "svg"):
                save(figure, folder / f"{name}.{kind}")


PARTS: dict[str, Callable[[Session], None]] = {
    "peers": Session.peers,
    "methods": Session.methods,
    "orbits": Session.orbits,
    "regression": Session.regression,
    "curve": Session.curve,
    "way": Session.way,
}


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=f"peers: {', '.join(PEERS)}; problems: {', '.join(PROBLEMS)}",
    )
    parser.add_argument(
        "part",
        nargs="?",
        default="all",
        choices=[*PARTS, "all"],
        help="peers: times beside the peers; methods: those of other methods than gradient "
        "descent; orbits: those of lanes in the long run; regression: of many lanes on a table; "
        "curve: cost by number of lanes; way: from the command line to table and "
        "pictures, cold",
    )
    parser.add_argument(
        "--lanes",
        type=_count,
        default=1_000_000,
        help="of a comparison; the way takes 16 times as many (default: 1e6)",
    )
    parser.add_argument("--rounds", type=_count, default=5, help="(default: 5)")
    parser.add_argument(
        "--patience",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="a peer slower than this on all lanes is given fewer in a comparison (default: 20)",
    )
    parser.add_argument(
        "--most",
        type=_count,
        default=100_000_000,
        metavar="LANES",
        help="where the curve ends, and of the largest grid of the way (default: 1e8; from 1e9 on "
        "the way goes over a plane too)",
    )
    parser.add_argument(
        "--before",
        type=_python,
        metavar="PYTHON",
        help="of an environment that has an earlier gdlab, to be timed beside this one",
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(PEERS), default=list(PEERS), metavar="PEER"
    )
    parser.add_argument(
        "--problems", nargs="+", choices=list(PROBLEMS), default=list(PROBLEMS), metavar="PROBLEM"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("outputs/benchmarks"), help="(default: outputs/benchmarks)"
    )
    return parser.parse_args(words)


def _count(text: str) -> int:
    """A whole number, which may be written as 1e6."""
    number = float(text)
    if number != int(number) or number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least 1")
    return int(number)


def _python(text: str) -> str:
    """The Python of an environment, by a path that means the same in every folder."""
    path = str(Path(text).absolute())  # not resolved: an environment's Python is a link
    if not machine.other(path):
        raise argparse.ArgumentTypeError(f"{text} is not a Python that has another gdlab")
    return path


def main(words: Sequence[str] | None = None) -> int:
    """Do the chosen parts; give the exit status."""
    chosen = options(words)
    try:
        session = Session(chosen)
        for name, part in PARTS.items():
            if chosen.part in (name, "all"):
                part(session)
    except (DisagreementError, BrokenError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    session.console.print(f"\nresults: {chosen.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
