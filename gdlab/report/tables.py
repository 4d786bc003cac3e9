"""Tables whose rows a reader can sort."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """What stands in a cell.

    by : the number by which it is sorted, instead of its text.
    share : a part of 1 that a bar shows behind the text. link : where the text leads.
    """

    text: str
    by: float | None = None
    share: float | None = None
    link: str | None = None


@dataclass(frozen=True)
class Row:
    """A row; `marked` where it stands out, as the best does."""

    cells: Sequence[Cell]
    marked: bool = False


@dataclass(frozen=True)
class Table:
    """A table.

    name : what it is, for those who do not see it. headings : of the columns. rows : as many cells
    each. texts : the places of columns that hold texts and not numbers. sortable : whether
    its order is left to the reader.
    """

    name: str
    headings: Sequence[str]
    rows: Sequence[Row]
    texts: Collection[int] = ()
    sortable: bool = True
