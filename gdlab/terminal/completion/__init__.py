"""The Tab key: scripts that make a shell complete `gdlab` and `python -m gdlab`.

What can be chosen is asked of Hydra when Tab is pressed. Hydra's own scripts know commands, and
files of Python, but no `python -m`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gdlab.given import ConfigError

HOW = {
    "bash": 'eval "$(python -m gdlab -sc install=bash)"',
    "zsh": 'eval "$(python -m gdlab -sc install=zsh)"',
    "fish": "python -m gdlab -sc install=fish | source",
}
UNINSTALL = {
    "bash": "complete -r gdlab python python3; eval $_gdlab_python; unset -f _gdlab",
    "zsh": "compdef -d gdlab python python3; compdef ${_gdlab_python:-_default} python python3",
    "fish": "complete -e -c gdlab; complete -e -c python; complete -e -c python3",
}


def script(words: Sequence[str]) -> str | None:
    """What a shell has to run for `-sc WORDS`; None for a question that Tab asks.

    Raises ConfigError for a shell for which there is none, or where nothing is asked.
    """
    asked, _, shell = "".join(words[:1]).partition("=")
    if len(words) != 1 or asked not in ("install", "uninstall", "query") or shell not in HOW:
        raise ConfigError(
            f"{' '.join(['-sc', *words])}: the Tab key can be taught to {', '.join(HOW)}, as by "
            + HOW["bash"]
        )
    if asked == "query":
        return None
    if asked == "uninstall":
        return UNINSTALL[shell]
    return (Path(__file__).parent / f"gdlab.{shell}").read_text(encoding="utf-8").rstrip()
