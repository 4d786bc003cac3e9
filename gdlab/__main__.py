"""`python -m gdlab`, and the command `gdlab`."""

from gdlab.terminal import process as terminal


def main() -> None:
    """Run the command line; the slow libraries are imported when a Ctrl-C can be answered."""
    terminal.run(_command, "interrupted; the same command goes on from here")


def _command() -> None:
    from gdlab.app import main

    main()


if __name__ == "__main__":
    main()
