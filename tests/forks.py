"""Python processes that start at once: forks of one that has imported everything.

A command of gdlab takes two seconds to import what it needs. Here one process imports it once, and
becomes each command in a fork of itself: with the words, folder, environment and streams that it
is given, and an end as Python gives it to any process (traceback and status, `atexit`). It has also
read a configuration and drawn pictures once, so that the libraries' parsers know their grammars and
fonts: a quarter of what a command costs. What Python
and the libraries read while they start (see `READ_AT_THE_START`) is that of the first process;
where a test changes it, or is about the start itself, a process of its own is started.
"""

from __future__ import annotations

import atexit
import gc
import os
import pickle
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
HERE = hasattr(os, "fork") and hasattr(os, "pidfd_open")
"""Whether this system can: Linux."""
READ_AT_THE_START = (
    "PYTHON",
    "LC_",
    "LANG",
    "MPLBACKEND",
    "OMP_",
    "OPENBLAS_",
    "NUMBA_NUM",
    "HOME",
    "TZ",
)
"""How variables begin that are read by Python or a library when it starts."""
IMPORTED = (
    *("gdlab.app", "gdlab.job", "gdlab.figures", "gdlab.verify"),
    *("gdlab.results.table", "gdlab.results.traces", "gdlab.store.loading", "gdlab.store.verify"),
    *("gdlab.sweeps.callback", "gdlab.sweeps.comparison", "gdlab.sweeps.table"),
    *("filelock", "hydra._internal.hydra", "joblib", "pyarrow.parquet", "sympy"),
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "seaborn"),
    "tests.moments",
)
LARGEST = 2**20
"""Bytes of a request."""


@dataclass(frozen=True)
class Request:
    """What a process shall be.

    words : after `python`, as ("-m", "gdlab", "alpha=0.1") or ("script.py",). before : called
    first, in the new process; functions of modules that can be imported, or `partial`s of them.
    session : whether it leads a session of its own.
    """

    words: tuple[str, ...]
    folder: str
    environment: Mapping[str, str]
    before: Sequence[Callable[[], object]] = ()
    session: bool = False


class Forked:
    """A process that has begun; as `subprocess.Popen` in what it has."""

    def __init__(self, pid: int, report: int) -> None:
        self.pid, self._report = pid, report
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The status, minus the signal that ended it, or None while it is going."""
        if self.returncode is None and select.select([self._report], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; give the status."""
        if self.returncode is None:
            if not select.select([self._report], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = _number(self._report)
            os.close(self._report)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Server:
    """The process that becomes others."""

    def __init__(self) -> None:
        self.environment = dict(os.environ)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.forks", str(theirs.fileno())],
                cwd=ROOT,
                env=self.environment | ONE_THREAD,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self.socket = ours

    def serves(self, environment: Mapping[str, str]) -> bool:
        """Whether a fork is as a new process with this environment would be.

        A variable that is empty counts as one that is not set.
        """
        return all(
            environment.get(name, "") == self.environment.get(name, "")
            for name in {*environment, *self.environment}
            if name.startswith(READ_AT_THE_START)
        )

    def start(self, request: Request, streams: Sequence[int]) -> Forked:
        """Start a process with these descriptors as its standard input, output and error."""
        report, write = os.pipe()
        try:
            socket.send_fds(self.socket, [pickle.dumps(request)], [*streams, write])
        finally:
            os.close(write)
        return Forked(_number(report), report)

    def close(self) -> None:
        """End the process, which ends when no one can ask it."""
        self.socket.close()
        self.process.wait()


ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""With threads of a library a process cannot be forked safely."""


def _number(descriptor: int) -> int:
    """The next line that is written to a pipe, as a number."""
    line = b""
    while not line.endswith(b"\n"):
        letter = os.read(descriptor, 1)
        if not letter:
            raise EOFError("the process from which others are forked has ended")
        line += letter
    return int(line)


def serve(requests: socket.socket) -> Request | None:
    """Fork for each request; come back in the fork, with what it shall be, or at the end.

    What is still going at the end, as after a test that failed, is killed.
    """
    with selectors.DefaultSelector() as going:
        going.register(requests, selectors.EVENT_READ)
        while True:
            for key, _ in going.select():
                if key.fileobj is requests:
                    message, streams, _, _ = socket.recv_fds(requests, LARGEST, 4)
                    if not message:
                        for left in going.get_map().values():
                            if left.data is not None:
                                os.kill(left.data[0], signal.SIGKILL)
                        return None
                    *standard, report = streams
                    child = os.fork()
                    if not child:
                        for number, descriptor in enumerate(standard):
                            os.dup2(descriptor, number)
                        for descriptor in (*streams, requests.fileno()):
                            os.close(descriptor)
                        for other in list(going.get_map().values()):
                            if other.data is not None:
                                os.close(other.data[1])
                                os.close(other.fd)
                        return pickle.loads(message)
                    for descriptor in standard:
                        os.close(descriptor)
                    os.write(report, b"%d\n" % child)
                    pidfd = os.pidfd_open(child)
                    going.register(pidfd, selectors.EVENT_READ, (child, report))
                else:
                    child, report = key.data
                    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                    going.unregister(key.fd)
                    os.close(key.fd)
                    _tell(report, status)


def _tell(report: int, status: int) -> None:
    with suppress(BrokenPipeError):  # no one waits for it
        os.write(report, b"%d\n" % status)
    os.close(report)


def become(request: Request) -> None:
    """Be the process that was asked for, up to its last line."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _open_streams()
    if request.session:
        os.setsid()
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    for prepare in request.before:
        prepare()
    sys.orig_argv = [sys.executable, *request.words]
    if request.words[0] == "-m":
        _, module, *words = request.words
        sys.path[0] = request.folder
        sys.argv = [module, *words]
        sys.modules.pop(module, None)  # if it was imported, it is now run
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        script, *words = request.words
        sys.path[0] = str(Path(script).resolve().parent)
        sys.argv = [script, *words]
        runpy.run_path(script, run_name="__main__")


def _open_streams() -> None:
    """Open the standard streams as Python does: they knew another file, terminal or pipe."""
    named = {"encoding": sys.__stdout__.encoding, "closefd": False}
    sys.stdin = sys.__stdin__ = open(0, **named)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", errors=sys.__stdout__.errors, **named)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", 1, errors="backslashreplace", **named)  # noqa: SIM115


def end(work: Callable[[], object]) -> NoReturn:
    """Work, and end as Python does, but for the tenth of a second in which it tidies the memory."""
    status = 0
    try:
        work()
    except SystemExit as error:
        if error.code is not None:
            status = error.code if isinstance(error.code, int) else 1
        if isinstance(error.code, str):
            sys.stderr.write(f"{error.code}\n")
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status & 0xFF)


def _warm() -> None:
    for name in IMPORTED:
        __import__(name)
    from hydra.core.plugins import Plugins

    Plugins.instance()
    _use_once()
    gc.freeze()  # so that a collection in a fork need not copy what all share


def _use_once() -> None:
    from hydra import compose, initialize_config_dir

    from gdlab.config import conf_folder
    from gdlab.figures import Loaded, draw
    from gdlab.results.table import table
    from gdlab.settings import experiment_of
    from gdlab.store.shares import descend

    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        experiment = experiment_of(compose("config", ["alpha=[0.1,0.5]", "x0=[1,2]"]))
    with tempfile.TemporaryDirectory() as folder:
        draw(Loaded.of(experiment, table(experiment, descend(experiment))), folder)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: who asks decides
    _warm()
    asked = serve(socket.socket(fileno=int(sys.argv[1])))
    if asked is not None:
        end(partial(become, asked))
