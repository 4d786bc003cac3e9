"""`python -m gdlab`, and the command `gdlab`."""

import gc

from gdlab.terminal import process as terminal


def main() -> None:
    """Run the command line; the slow libraries are imported when a Ctrl-C can be answered."""
    terminal.run(_command, "interrupted; the same command goes on from here")


def _command() -> None:
    # Imports make objects by the hundred thousand, and they stay: to look through all of them for
    # what is garbage at every 700th took a tenth of a small run.
    gc.set_threshold(50_000)
    from gdlab.app import main

    main()


if __name__ == "__main__":
    main()
