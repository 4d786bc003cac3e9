"""The Tab key completes what can be chosen, in the shells that are here."""

import os
import select
import shutil
import signal
import subprocess
import sys
import time

import pytest

from gdlab.terminal.completion import HOW
from tests.command import ROOT, cold

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")
SHELLS = {
    "bash": ("--norc", "--noprofile", "-i"),
    "zsh": ("-f", "-i"),
    "fish": ("--no-config", "--interactive"),
}
PATIENCE = 60


class Shell:
    """An interactive shell at a terminal of its own, in which words can be typed."""

    def __init__(self, name, folder):
        import fcntl
        import pty
        import struct
        import termios

        self.terminal, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
        path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        self.process = subprocess.Popen(
            [shutil.which(name), *SHELLS[name]],
            cwd=folder,
            env=os.environ | {"PATH": path, "TERM": "xterm", "HOME": str(folder), "PS1": "$ "},
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # fish wants one of its own
        )
        os.close(inside)

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def read_until(self, text):
        """Wait until the text has been shown."""
        shown, until = "", time.monotonic() + PATIENCE
        while text not in shown:
            ready, _, _ = select.select([self.terminal], [], [], max(until - time.monotonic(), 0))
            assert ready, f"no {text!r} in {shown!r}"
            shown += os.read(self.terminal, 4096).decode(errors="replace")
        return shown

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.terminal)


@pytest.fixture(params=SHELLS)
def shell(request, tmp_path):
    if shutil.which(request.param) is None:
        pytest.skip(f"there is no {request.param} here")
    for name, words in (("python", ""), ("gdlab", " -m gdlab")):
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}"{words} "$@"\n')
        path.chmod(0o755)
    (tmp_path / "sentinel_file.py").touch()
    made = Shell(request.param, tmp_path)
    yield request.param, made
    made.end()


def test_the_tab_key_completes_both_commands_and_leaves_python_alone(shell):
    name, terminal = shell
    terminal.type(f"{HOW[name]}; echo rea''dy\n")
    terminal.read_until("ready")
    for typed in ("gdlab objective=shif", "python -m gdlab tol=1 objective=shif"):
        terminal.type(f"{typed}\t")
        terminal.read_until("ted_quadratic")
        terminal.type("\x15")
    terminal.type("python -m gdlab alpha_grid.nu\t")
    terminal.read_until("m=")
    terminal.type("\x15")
    terminal.type("python sentinel_f\t")
    terminal.read_until("ile.py")


@pytest.mark.parametrize("words", [["install=ksh"], ["query=ksh"], [], ["install"]])
def test_other_shells_are_refused_by_name(words, tmp_path):
    done = cold("-m", "gdlab", "-sc", *words, folder=tmp_path, status=2)
    assert done.stderr.startswith(f"gdlab: {' '.join(['-sc', *words])}: the Tab key can be taught")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("shell_name", SHELLS)
def test_a_script_is_sound_and_can_be_taken_back(shell_name, tmp_path):
    if shutil.which(shell_name) is None:
        pytest.skip(f"there is no {shell_name} here")
    install, uninstall = (
        cold("-m", "gdlab", "-sc", f"{what}={shell_name}", folder=tmp_path).stdout
        for what in ("install", "uninstall")
    )
    script = tmp_path / "script"
    script.write_text(f"{install}\n{install}\n{uninstall}\n")  # twice is no harm
    *options, _ = SHELLS[shell_name]
    done = subprocess.run(
        [shell_name, *options, script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert not done.stderr
    assert done.returncode == 0
