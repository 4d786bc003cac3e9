"""Measure gdlab beside its peers: tables on the terminal, JSON and pictures in a folder.

python -m benchmarks [peers|curve|command|all] [--lanes 1000000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import machine, report
from benchmarks.comparison import DisagreementError, compare
from benchmarks.peers.known import PEERS
from benchmarks.problems import PROBLEMS
from benchmarks.worker import BrokenError
from gdlab.files import write_text


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("part", nargs="?", default="all", choices=["peers", "all"])
    parser.add_argument("--lanes", type=int, default=1_000_000, help="of a comparison")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--only", nargs="+", choices=list(PEERS), metavar="PEER", default=list(PEERS)
    )
    parser.add_argument("--problems", nargs="+", choices=list(PROBLEMS), default=list(PROBLEMS))
    parser.add_argument("--patience", type=float, default=10.0)
    parser.add_argument("--out", type=Path, default=Path("outputs/benchmarks"))
    return parser.parse_args()


def main() -> int:
    chosen = options()
    console = Console(width=100, highlight=False)
    described = machine.described()
    record: dict[str, Any] = dict(described)
    report.show_machine(console, described)
    record["comparisons"] = []
    try:
        for name in chosen.problems:
            with console.status("") as status:
                found = compare(
                    PROBLEMS[name],
                    chosen.lanes,
                    keys=chosen.only,
                    rounds=chosen.rounds,
                    patience=chosen.patience,
                    say=status.update,
                )
            report.show_comparison(console, found, chosen.rounds)
            record["comparisons"].append(found.as_json())
    except (DisagreementError, BrokenError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    chosen.out.mkdir(parents=True, exist_ok=True)
    write_text(chosen.out / "benchmarks.json", json.dumps(record, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
