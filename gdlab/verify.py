"""`python -m gdlab.verify PATH`: compute runs again from their own records; compare bit for bit."""

from __future__ import annotations

from gdlab.terminal import process as terminal

TYPE_CHECKING = False  # see gdlab.terminal.process
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify every run below a folder; 0 if all are as they were, 1 if not, 2 if there is none."""
    import argparse
    from pathlib import Path

    from gdlab.given import one_line
    from gdlab.store.members import run_folders, unfinished
    from gdlab.store.records import StoreError
    from gdlab.store.run import open_run
    from gdlab.store.verify import verify

    parser = argparse.ArgumentParser(
        prog="python -m gdlab.verify",
        description="Compute runs again from their own records and compare every bit.",
    )
    parser.add_argument("path", type=Path, help="a run, or a folder with runs below it")
    parser.add_argument("--sample", type=int, metavar="N", help="compare N lanes a run, not all")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    options = parser.parse_args(arguments)
    if options.sample is not None and options.sample < 1:
        parser.error("--sample takes a number of lanes, at least 1")
    if options.path.name == "run.json":
        options.path = options.path.parent
    try:
        folders = [folder for folder, _ in run_folders(options.path)]
    except StoreError as error:
        terminal.complain(str(error))
        return 2 if not options.path.exists() else 1
    left_out = unfinished(options.path)
    if not folders and not left_out:
        terminal.complain(f"there is no run at or below {options.path}")
        return 2
    well = True
    for folder in left_out:
        well = False
        _say(f"{folder}: not finished")
    for folder in folders:
        try:
            run = open_run(folder)
            finding = verify(run, options.sample, options.seed)
        except StoreError as error:
            well = False
            _say(f"{folder}: {error}")
            continue
        lanes = run.record["lanes"]
        for note in finding.notes:
            _say(f"{folder}: {note}")
        if finding.differences:
            well = False
            for difference in map(one_line, finding.differences):
                _say(f"{folder}: DIFFERS: {difference}")
        else:
            how = f"within {finding.rounding:g}" if finding.rounding else "to the last bit"
            _say(f"{folder}: {finding.lanes:,} of {lanes:,} lanes are the same {how}")
    return 0 if well else 1


def _say(line: str) -> None:
    with terminal.Writing():
        print(line)


if __name__ == "__main__":
    terminal.run(main)
