"""Any terminal shows what gdlab says; a closed pipe and a Ctrl-C are a quiet end at any moment."""

import errno
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.progress import Progress

from gdlab.summary import _columns
from gdlab.terminal import process as terminal
from gdlab.terminal.columns import show_table
from gdlab.terminal.console import Console
from tests.command import gdlab, runs_in, started

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes and signals")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a run that an ASCII terminal has shown."""
    made = tmp_path_factory.mktemp("made") / "été"  # which not every encoding can spell
    made.mkdir()
    done = gdlab("alpha=[0.1,1.2]", "x0=[1,2]", "figures=none", folder=made, **ASCII)
    (made / "said").write_text(done.stdout.replace("été", ""), encoding="ascii")
    return made


def test_an_ascii_terminal_shows_the_table_in_columns_and_the_signs_in_words(folder):
    said = (folder / "said").read_text(encoding="ascii")
    assert "4 lanes: 2 step sizes x 2 starting points" in said
    assert "theory (gradient descent): diverges from alpha >= 2/L = 1" in said
    table = [line for line in said.splitlines() if line[0] in "|+"]
    assert "| alpha | converged |" in table[1]
    assert "inf" in table[-2]
    assert len({len(line) for line in table}) == 1


def test_help_and_errors_have_the_signs_that_their_encoding_has(tmp_path):
    assert "every (alpha, x0) pair" in gdlab("--help", folder=tmp_path, **ASCII).stdout
    refused = gdlab("alφha=1", folder=tmp_path, status=2, PYTHONIOENCODING="cp1252")
    assert refused.stderr.startswith(r"gdlab: al\u03c6ha=1 cannot be read")


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "α ≥ 1 × – … ∞ é ☃"),
        ("cp1252", r"alpha >= 1 × – … inf é \u2603"),
        ("latin-1", r"alpha >= 1 × - ... inf é \u2603"),
        ("ascii", r"alpha >= 1 x - ... inf \xe9 \u2603"),
    ],
)
def test_an_encoding_carries_what_it_can(encoding, expected):
    assert terminal.shown("α ≥ 1 × – … ∞ é ☃", encoding) == expected


def test_the_bytes_of_a_file_name_stay_as_they_are():
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    for encoding in ("utf-8", "ascii"):
        assert name.encode(encoding, terminal.HANDLER) == b"caf\xe9"


FULL = Path("/dev/full")
LANE = ("alpha=0.1", "x0=3", "figures=none")


@posix
@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("gdlab", ["--help"]),
        ("gdlab", ["--cfg", "job"]),
        ("gdlab", LANE),
        ("gdlab", ["-m", "alpha=0.2,0.3", *LANE[1:]]),
        ("gdlab", ["alpha=0"]),
        ("gdlab.verify", ["--help"]),
        ("gdlab.verify", ["outputs"]),
        ("gdlab.verify", ["nowhere"]),
    ],
    ids=" ".join,
)
def test_output_that_nobody_reads_is_no_error(folder, module, words):
    """As in `python -m gdlab --help | true`."""
    reading, writing = os.pipe()
    os.close(reading)
    speaks_of_errors = "alpha=0" in words or "nowhere" in words
    with (folder / "errors").open("w") as errors:
        streams = {"stdout": writing, "stderr": writing if speaks_of_errors else errors}
        process = started("-m", module, *words, folder=folder, **streams)
        os.close(writing)
        assert process.wait(60) == terminal.CLOSED_PIPE
    assert not (folder / "errors").read_text()
    if "-m" in words:
        assert len(list((folder / "outputs" / "sweeps").glob("*/sweep.json"))) == 1
        assert {"alpha=0.2", "alpha=0.3"} <= {
            (run / ".hydra" / "overrides.yaml").read_text().split()[1] for run in runs_in(folder)
        }


has_full = pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")


@has_full
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_finds_no_room_is_said(folder, unbuffered):
    words = ("-m", "gdlab.verify", "outputs")
    with FULL.open("w") as full, (folder / "errors").open("w") as errors:
        process = started(
            *words, folder=folder, stdout=full, stderr=errors, PYTHONUNBUFFERED=unbuffered
        )
        assert process.wait(60) == terminal.BAD_OUTPUT
    said = (folder / "errors").read_text()
    assert said == "gdlab: the output cannot be written: No space left on device\n"


@has_full
def test_a_refusal_that_finds_no_room_ends_like_any_other(tmp_path):
    with FULL.open("w") as full:
        assert started("-m", "gdlab", "nope=1", folder=tmp_path, stderr=full).wait(60) == 2


class FullDisk(io.StringIO):
    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_summary_that_finds_no_room_is_said(capfd):
    console = Console()
    console.file = FullDisk()
    with pytest.raises(terminal.Ended, match="2"):
        show_table(console, ["median"], [["62"]])
    assert capfd.readouterr().err == (
        "gdlab: the output cannot be written: No space left on device\n"
    )


@pytest.mark.parametrize(("columns", "width"), [("0", 80), ("1", 1), ("10", 10), ("", 80)])
def test_no_number_is_cut_whatever_the_width(columns, width, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "__stdout__", None)  # a terminal of no known width
    console = Console()
    assert console.width == width
    show_table(console, ["alpha", "median"], [["0.123456789", "1234567.5"]], keys=1)
    printed = capsys.readouterr().out
    assert "0.123456789" in printed
    assert "1234567.5" in printed


def said_at_a_terminal(folder, *words, **environment):
    """What `python -m gdlab WORDS` writes to a terminal of 100 columns."""
    import fcntl
    import struct
    import termios

    terminal, inside = os.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    streams = {"stdout": inside, "stderr": inside}
    process = started("-m", "gdlab", *words, folder=folder, **streams, **environment)
    os.close(inside)
    written = b""
    try:
        while more := os.read(terminal, 4096):
            written += more
    except OSError:  # Linux's word for the end
        pass
    os.close(terminal)
    process.wait(60)
    return written.decode().replace("\r\n", "\n")


COLOURED = re.compile(r"\x1b\[[0-9;]*(?:[34][0-8]|9[0-7]|10[0-7])[;m]")
GRID = ("alpha=[0.123456,0.3,1.3]", "x0=[1,123456.789]", "figures=none", "report=false")
SPOKEN = [GRID, ("-m", "tol=1e-3,1e-9", *GRID), ("alpha=0",)]


@posix
@pytest.mark.parametrize("words", SPOKEN, ids=["run", "sweep", "refusal"])
def test_a_terminal_without_colours_or_of_few_columns_is_heeded(words, tmp_path):
    plain = {"TERM": "xterm-256color", "NO_COLOR": "1", "COLUMNS": "100"}
    assert not COLOURED.search(said_at_a_terminal(tmp_path, *words, "force=true", **plain))
    dumb = {"TERM": "dumb", "COLUMNS": "40"}
    said = said_at_a_terminal(tmp_path, *words, "force=true", **dumb)
    assert "\x1b" not in said
    assert said[0] != "\n"
    if words == GRID:
        table = said.partition("\nbest α")[0].splitlines()[1:]
        assert max(map(len, table)) <= 40
        assert {"0.123456", "0.3", "1.3"} <= {line.split()[0] for line in table if line}


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (80, "descending 1,234,567 of 10,000,000 lanes 5 M steps/s"),
        (53, "1,234,567 of 10,000,000 lanes 5 M steps/s"),
        (30, "1,234,567 of 10,000,000 lanes"),
        (29, "12%"),
        (3, "12%"),
    ],
)
def test_a_progress_bar_leaves_out_what_has_no_room(room, shown):
    console = Console()
    console.width = room
    bar = Progress(*_columns(10_000_000, room), console=console)
    bar.add_task("", total=10_000_000, completed=1_234_567, speed=5.0)
    with console.capture() as captured:
        console.print(bar.get_renderable())
    said = captured.get()
    assert "…" not in said
    assert shown.split() == re.sub(r"\x1b\[[0-9;]*m|[━╸╺]|-:--:--", "", said).split()


INTERRUPTING = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
"""
"""Presses Ctrl-C when a certain module is about to be imported."""


@posix
@pytest.mark.parametrize(
    ("module", "imported"),
    [
        *(("gdlab", name) for name in ("gdlab.app", "omegaconf", "hydra", "numpy", "numpy.linalg")),
        *(("gdlab", name) for name in ("gdlab.store.run", "pyarrow.lib")),
        *(("gdlab.verify", name) for name in ("argparse", "numpy", "numpy.linalg", "pandas")),
    ],
)
def test_ctrl_c_is_one_line_whatever_is_being_imported(tmp_path, folder, module, imported):
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTING)
    before = {*folder.rglob("*")}
    words = [*LANE, "max_iter=99"] if module == "gdlab" else ["outputs"]
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "INTERRUPTED_AT": imported},
        capture_output=True,
        text=True,
        check=False,
    )
    what_to_do = "; the same command goes on from here" if module == "gdlab" else ""
    assert done.stderr == f"gdlab: interrupted{what_to_do}\n"
    assert done.returncode == terminal.INTERRUPTED
    assert not done.stdout
    left = {path for path in folder.rglob("*") if path.suffix != ".lock"} - before
    if imported == "pyarrow.lib":  # by a thread, which writes its part to the end
        assert {path.name for path in left if path.is_file()} == {
            *("config.yaml", "hydra.yaml", "overrides.yaml", "part-00000.parquet"),
        }
    else:
        assert not left
