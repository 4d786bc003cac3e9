"""Tables for a terminal of any width: columns without room go below, and no number is cut."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gdlab.terminal.process import shown

GAP = 2
"""Blanks between columns without lines."""
LINES = 3
"""Characters that the lines take beside a column, and one at the end."""


def show_table(
    console: Console,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    keys: int = 1,
    styles: Sequence[str | None] = (),
    lines: bool = True,
) -> None:
    """Print a table; where it is too wide, some columns at a time, without lines.

    rows : of as many cells as there are headings, or fewer. keys : columns at the left that tell
    the rows apart and are repeated; numbers serve where these take too much room. styles : of the
    rows.
    """
    headings = [shown(heading, console.encoding) for heading in headings]
    rows = [[shown(cell, console.encoding) for cell in row] for row in rows]
    widths = _widths_of(headings, rows)
    if lines and sum(widths) + LINES * len(widths) + 1 <= console.width:
        whole = list(range(len(headings)))
        _print(console, headings, rows, whole, styles, widths, lines=True)
        return
    beside_keys = console.width - sum(widths[:keys]) - GAP * keys
    beside_numbers = console.width - len(str(len(rows))) - GAP
    if beside_keys < max(widths[keys:]) and max(widths) <= beside_numbers:
        headings, keys = ("#", *headings), 1
        rows = [(str(number), *row) for number, row in enumerate(rows)]
        widths = _widths_of(headings, rows)
    for i, columns in enumerate(_folded(widths, keys, console.width)):
        if i:
            console.print()
        _print(console, headings, rows, columns, styles, widths, lines=False)


def _widths_of(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Characters that each column takes."""
    columns = [[heading] for heading in headings]
    for row in rows:
        for column, cell in zip(columns, row, strict=False):
            column.append(cell)
    return [max(map(cell_len, column)) for column in columns]


def _folded(widths: Sequence[int], keys: int, room: int) -> list[list[int]]:
    """Which columns stand side by side: as many as there is room for, one at least."""
    left = list(range(keys))
    taken = sum(widths[:keys]) + GAP * keys
    folded: list[list[int]] = []
    used = room
    for column in range(keys, len(widths)):
        if used + GAP + widths[column] > room:
            folded.append(left.copy())
            used = taken - GAP
        folded[-1].append(column)
        used += GAP + widths[column]
    return folded or [left]


def _print(
    console: Console,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    columns: Sequence[int],
    styles: Sequence[str | None],
    widths: Sequence[int],
    *,
    lines: bool,
) -> None:
    table = Table() if lines else Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(Text(headings[column]), justify="right", no_wrap=True)
    for number, row in enumerate(rows):
        cells = [Text(row[column]) if column < len(row) else "" for column in columns]
        table.add_row(*cells, style=styles[number] if number < len(styles) else None)
    if not lines:
        # Wider than the terminal, where a single column is: the terminal breaks the line.
        table.width = sum(widths[column] for column in columns) + GAP * (len(columns) - 1)
    console.print(table)
