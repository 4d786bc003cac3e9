"""The command and the call of Python that do a run again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
"""A word that no shell takes for anything else."""
WITH_FOLDER = ("--config-dir", "-cd")
"""Hydra's option for choices of a user's own; a record has it in its command alone."""


LONGEST = 100_000
"""Characters of a command, of a call or of a configuration on a page."""
NO_FOLDERS = "gdlab.run knows no --config-dir"
TOO_LONG = "its words are too long for this page"
ADDED = "++objective.parameters."
"""How a word begins that `gdlab` has made of one without the plus signs."""


def typed(words: Sequence[str]) -> list[str]:
    """The words of a record as they were typed."""
    return [word.removeprefix("++") if word.startswith(ADDED) else word for word in words]


def command(words: Sequence[str], *, folder: str | None = None, sweep: bool = False) -> str:
    """The command of these settings, as one types it in a shell.

    folder : of choices of a user's own.
    """
    options = [*(["--config-dir", folder] if folder else []), *(["-m"] if sweep else [])]
    return " ".join(["python -m gdlab", *map(quoted, [*options, *words])])


def of_run(
    words: Sequence[str], choices: str | None, name: str
) -> tuple[str, str | None, str | None]:
    """The command that does a run again, the call of Python, or why there is none.

    choices : the folder of a user's own that they need. name : of the run's folder, from whose
        record the run is done again where its words are very long.
    """
    if sum(map(len, words)) > LONGEST:
        return f"python -m gdlab --from {quoted(name)}", None, TOO_LONG
    told = command(words, folder=choices)
    return (told, None, NO_FOLDERS) if choices else (told, call(words), None)


def call(words: Sequence[str]) -> str:
    """The same run from Python."""
    given = ", ".join(map(repr, words))
    if len(given) > 70:
        given = "\n" + "".join(f"    {word!r},\n" for word in words)
    return f"import gdlab\n\nrun = gdlab.run({given})\ntable = run.table()"


def of_sweep(jobs: Sequence[Sequence[str]], choices: str | None) -> tuple[str | None, str | None]:
    """The runs of a sweep from Python, or why they are not there."""
    if choices:
        return None, NO_FOLDERS
    if sum(len(word) for words in jobs for word in words) > LONGEST:
        return None, TOO_LONG
    return calls(jobs), None


def calls(jobs: Sequence[Sequence[str]]) -> str:
    """The runs of a sweep from Python."""
    listed = "".join(f"    {list(words)!r},\n" for words in jobs)
    return (
        f"import gdlab\n\njobs = [\n{listed}]\nruns = [gdlab.run(*words) for words in jobs]\n"
        "tables = [run.table() for run in runs]"
    )


def folder_of_choices(command: str) -> str | None:
    """The folder of choices of a user's own that a command names, if it does."""
    words = shlex.split(command)
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in WITH_FOLDER:
            return following
        option, equals, folder = word.partition("=")
        if equals and option in WITH_FOLDER:
            return folder
    return None


def quoted(word: str) -> str:
    """A word as a shell reads it: in double quotes where it has single ones of Hydra's own."""
    if PLAIN.fullmatch(word):
        return word
    if "'" in word and not set(word) & set('"$`\\!\n'):
        return f'"{word}"'
    return shlex.quote(word)
