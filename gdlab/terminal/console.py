"""Rich's console as gdlab uses it: whatever the encoding of the output, its text fits."""

from __future__ import annotations

import shutil
from typing import Any, NoReturn

import rich.console
from rich.console import ConsoleDimensions
from rich.text import Text

from gdlab.terminal import process as terminal


class Console(rich.console.Console):
    """A console whose text has the characters that its encoding can carry before it is laid out."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, soft_wrap=True)
        if not self.width or self.is_dumb_terminal:  # COLUMNS=0; and Rich takes dumb ones for 80
            self.size = ConsoleDimensions(*shutil.get_terminal_size())

    def print(self, *things: Any, **keywords: Any) -> None:
        with terminal.Writing():
            super().print(*things, **keywords)

    def render_str(self, text: str, **keywords: Any) -> Text:
        return super().render_str(terminal.shown(text, self.encoding), **keywords)

    def on_broken_pipe(self) -> NoReturn:
        raise terminal.Ended(terminal.CLOSED_PIPE)
