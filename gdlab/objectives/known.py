"""What is known of a formula: asked of SymPy once, and then kept on the disk.

SymPy takes half a second to be imported and to answer. Its answers are text and numbers, the same
each time, so the next process reads them from a file. A file that is damaged, cannot be read or
cannot be written is done without.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdlab.files import cache_folder

if TYPE_CHECKING:
    from gdlab.objectives.derivation import Derivation

AT_ONCE = ("variables", "expression", "value", "gradient")
"""What every formula is asked; the rest when it is needed."""
MOST = 2000
"""Files that are kept."""


class Known:
    """The answers of a formula's `Derivation`, by the names of its methods.

    Raises ValueError, as that does, if the formula cannot be used.
    """

    def __init__(
        self, expr: str, parameters: Mapping[str, float], declared: tuple[str, ...] | None
    ) -> None:
        self._given = (expr, parameters, declared)
        self._file = _file(expr, parameters, declared)
        self._answers = {} if self._file is None else _read(self._file)
        if not self._answers:
            self._ask(*AT_ONCE)

    def __getitem__(self, name: str) -> Any:
        if name not in self._answers:
            self._ask(name)
        return self._answers[name]

    def __getstate__(self) -> dict[str, Any]:
        """What other processes are sent: SymPy's objects would have them import it."""
        return {name: own for name, own in vars(self).items() if name != "_derivation"}

    def _ask(self, *names: str) -> None:
        self._answers |= {name: getattr(self._derivation, name)() for name in names}
        if self._file is not None:
            _write(self._file, self._answers)

    @cached_property
    def _derivation(self) -> Derivation:
        from gdlab.objectives.derivation import Derivation

        return Derivation(*self._given)


def _file(
    expr: object, parameters: Mapping[str, float], declared: tuple[str, ...] | None
) -> Path | None:
    """Where the answers are: named by all that decides them; None where that cannot be told."""
    if not isinstance(expr, str):
        return None
    try:
        asked = (str(expr), list(parameters.items()), declared, _answering())
        folder = cache_folder() / "formulas"
    except (OSError, RuntimeError, PackageNotFoundError):  # no sources, no home, no versions
        return None
    return folder / f"{hashlib.sha256(repr(asked).encode()).hexdigest()}.json"


@cache
def _answering() -> tuple[str, ...]:
    """Who answers: the versions of the libraries, and the code of this folder."""
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code.update(path.read_bytes())
    return (sys.version, version("sympy"), version("mpmath"), code.hexdigest())


def _read(path: Path) -> dict[str, Any]:
    """The answers in a file; none where it is not there, or not whole."""
    try:
        checksum, _, text = path.read_bytes().partition(b"\n")
    except OSError:
        return {}
    if hashlib.sha256(text).hexdigest().encode() != checksum:
        return {}
    answers: dict[str, Any] = json.loads(text)
    return answers


def _write(path: Path, answers: Mapping[str, Any]) -> None:
    """Leave the answers in a file, whole or not at all; whoever writes last is right as well."""
    text = json.dumps(answers).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_room(path.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        Path(file.name).replace(path)


def _make_room(folder: Path) -> None:
    """Remove the older half where there are many files."""
    files = list(folder.iterdir())
    if len(files) < MOST:
        return
    ages = {path: path.stat().st_mtime for path in files}
    for path in sorted(files, key=ages.__getitem__)[: MOST // 2]:
        path.unlink(missing_ok=True)
