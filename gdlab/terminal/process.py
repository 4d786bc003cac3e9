"""What a command owes its terminal: text that it can show, and a quiet end whatever ends it.

Nothing slow is imported here, so that a Ctrl-C is in good hands from the first moment.
"""

from __future__ import annotations

import codecs
import os
import signal
import sys

TYPE_CHECKING = False  # to import typing takes longer than all of this
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, NoReturn

CLOSED_PIPE = 141
"""Exit status where nobody reads the output any more: a shell's word for SIGPIPE."""
INTERRUPTED = 130
BAD_INPUT = BAD_OUTPUT = 2
READABLE = {"α": "alpha", "×": "x", "–": "-", "…": "...", "∞": "inf", "≥": ">="}
"""What stands for a sign of gdlab's own where the encoding of the output lacks it."""
HANDLER = "gdlab.readable"

_interrupted = False
_something_to_tidy = False


class Ended(SystemExit):
    """The end of a command by gdlab's own will, with what is to be said already said."""


class Writing:
    """A block that writes to an output: where that finds no room, the command ends and says so.

    A closed pipe stays a BrokenPipeError.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            _say(f"the output cannot be written: {error.strerror}")
            raise Ended(BAD_OUTPUT) from error


def run(command: Callable[[], int | None], at_ctrl_c: str = "interrupted") -> NoReturn:
    """Run a command and end the process with the status that it returns.

    A Ctrl-C ends in one line and the status 130, and output that nobody reads in the status 141.

    at_ctrl_c : what is said then.
    """
    _take_interrupts(at_ctrl_c)
    _say_own_warnings()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # where it is closed
            stream.reconfigure(errors=HANDLER)  # type: ignore[union-attr]
    try:
        status = _status_of(command)
    except KeyboardInterrupt:
        _end_interrupted(at_ctrl_c)
    except BrokenPipeError:
        status = CLOSED_PIPE
    except Exception:
        if _interrupted:  # which some library took for a failure of its own
            _end_interrupted(at_ctrl_c)
        raise
    if _interrupted:  # which some library has swallowed
        _end_interrupted(at_ctrl_c)
    if status == CLOSED_PIPE:
        _close_outputs()
    sys.exit(status)


def _say_own_warnings() -> None:
    """Let gdlab's warnings be said as errors are, without the line of code that warns."""
    import warnings

    others = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **rest: Any) -> None:
        if category.__name__ == "GdlabWarning":  # to import it takes time
            complain(str(message))
        else:
            others(message, category, *where, **rest)

    warnings.showwarning = show


def tidy_at_ctrl_c() -> None:
    """Let a Ctrl-C be a KeyboardInterrupt from now on: there are files and processes to tidy up.

    Until then it ends the process at once. A library that is being imported may swallow exceptions.
    """
    global _something_to_tidy
    _something_to_tidy = True


def complain(message: str) -> None:
    """Say what is wrong."""
    with Writing():
        print(f"gdlab: {message}", file=sys.stderr)


def refuse(message: str) -> NoReturn:
    """Say what is wrong with the input, and end."""
    complain(message)
    raise Ended(BAD_INPUT)


def shown(text: str, encoding: str) -> str:
    """The text as an output of this encoding shows it."""
    return text.encode(encoding, HANDLER).decode(encoding, "surrogateescape")


def _status_of(command: Callable[[], int | None]) -> int | str | None:
    """Run the command, and write what waits to be written, which may fail as any file may."""
    try:
        status: int | str | None = command()
    except SystemExit as ended:
        status = ended.code
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if not status:
            _say(f"the output cannot be written: {error.strerror}")
        _close_outputs()
        return status or BAD_OUTPUT
    return status


def _take_interrupts(message: str) -> None:
    def interrupt(*_: object) -> None:
        global _interrupted
        _interrupted = True
        if _something_to_tidy:
            raise KeyboardInterrupt
        _say_and_exit(message)

    signal.signal(signal.SIGINT, interrupt)


def _end_interrupted(message: str) -> NoReturn:
    import atexit

    atexit._run_exitfuncs()  # as at any end; then the status, whatever came before
    # Where the interrupt passed through an exec, as in many imports, CPython would end the
    # process by the signal instead of this status, although it was caught.
    _say_and_exit(message)


def _say_and_exit(message: str) -> NoReturn:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    finally:  # even where nobody reads it, or it was just being written
        _say(message)
        os._exit(INTERRUPTED)


def _say(message: str) -> None:
    try:
        os.write(2, f"gdlab: {message}\n".encode("ascii", HANDLER))
    except OSError:  # nobody reads it
        return


def _close_outputs() -> None:
    """Let what waits to be written go nowhere: Python would complain of it at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            os.dup2(nowhere, stream.fileno())


def _replacement(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for characters that an encoding lacks; a byte of a file's name is itself."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    if character in READABLE:
        return READABLE[character], error.start + 1
    if "\udc80" <= character <= "\udcff":
        return character.encode("ascii", "surrogateescape"), error.start + 1
    return character.encode("ascii", "backslashreplace").decode("ascii"), error.start + 1


codecs.register_error(HANDLER, _replacement)
