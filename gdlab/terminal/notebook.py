"""What a notebook shows of a value: a small table, without colours, for light and for dark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

LEFT = "text-align: left"
MOST = 6
"""Texts up to which all of several are shown."""


def several(texts: Sequence[str]) -> Sequence[str]:
    """The texts, the first and the last of many."""
    return texts if len(texts) <= MOST else (*texts[: MOST - 1], "…", texts[-1])


def facts(title: str, named: Mapping[str, str]) -> str:
    """A table of a title, and of what is known under its names; all of it escaped but Markup."""
    from markupsafe import Markup

    rows = (
        Markup('<tr><th style="{0}">{1}</th><td style="{0}">{2}</td></tr>').format(LEFT, *fact)
        for fact in named.items()
    )
    return _table(title, rows)


def grid(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of a title, headings and rows."""
    from markupsafe import Markup

    lines = [("th", headings), *(("td", row) for row in rows)]
    return _table(
        title,
        (
            Markup("<tr>{}</tr>").format(
                Markup("").join(Markup(f"<{tag}>{{}}</{tag}>").format(cell) for cell in cells)
            )
            for tag, cells in lines
        ),
    )


def _table(title: str, rows: Iterable[Markup]) -> str:
    from markupsafe import Markup

    caption = Markup('<caption style="{}"><b>{}</b></caption>').format(LEFT, title)
    return str(Markup("<table>{}{}</table>").format(caption, Markup("").join(rows)))
