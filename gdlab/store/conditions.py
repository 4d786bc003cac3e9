"""Which rows of a table are wanted: conditions, checked and applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from numbers import Real
from operator import and_, ge, gt, le, lt, or_
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gdlab.given import shown
from gdlab.results.rows import STATUSES

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc

Condition: TypeAlias = tuple[str, str, Any]
"""A column, an operator and a value; for `in` and `not in` several values."""
Where: TypeAlias = Sequence[Condition] | Sequence[Sequence[Condition]]
"""Conditions that all hold, or a list of such lists of which one does."""

ORDERED = {"<": lt, ">": gt, "<=": le, ">=": ge}
OPERATORS = ("=", "==", "!=", "<", ">", "<=", ">=", "in", "not in")
HOW = (
    """write (column, operator, value), as in where=[("status", "=", "converged"), """
    f"""("alpha", "<", 0.5)], with one of {", ".join(OPERATORS)}"""
)


def groups_of(where: Where | None) -> list[list[Condition]]:
    """Lists of conditions of which one list has to hold; none where every row is wanted.

    Raises ValueError unless `where` is a list of conditions, or of such lists.
    """
    if where is None:
        return []
    if not isinstance(where, list | tuple) or (where and isinstance(where[0], str)):
        raise ValueError(f"where={shown(where)} is not a list of conditions; {HOW}")
    if not where:
        return []
    groups: Any = where if all(isinstance(group, list) for group in where) else [where]
    for group in groups:
        if not group:
            raise ValueError(f"where={shown(where)} has a list without conditions; {HOW}")
    return [[_checked(condition) for condition in group] for group in groups]


def filtered(table: pa.Table, groups: list[list[Condition]]) -> pa.Table:
    """The rows of a table for which the conditions of one group hold.

    Raises ValueError where a value cannot be compared with its column.
    """
    import pyarrow as pa

    status = table.schema.get_field_index("status")
    plain = table
    if status >= 0:  # Arrow compares no dictionaries
        plain = table.set_column(status, "status", table["status"].cast(pa.string()))
    typed = [[_typed(condition, plain.schema) for condition in group] for group in groups]
    rows = plain.filter(reduce(or_, (reduce(and_, map(_holds, group)) for group in typed)))
    if plain is table:
        return rows
    names = rows["status"].dictionary_encode().cast(table["status"].type)
    return rows.set_column(status, table.schema.field(status), names)


def _holds(condition: Condition) -> pc.Expression:
    """The condition as Arrow takes it; no value that is missing satisfies any."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    holds = pq.filters_to_expression([condition])
    return holds & pc.field(condition[0]).is_valid() if condition[1] == "not in" else holds


def _checked(condition: Any) -> Condition:
    if (
        not isinstance(condition, tuple)
        or len(condition) != 3
        or not isinstance(condition[0], str)
        or condition[1] not in OPERATORS
    ):
        raise ValueError(f"where: {shown(condition)} is not a condition; {HOW}")
    name, operator, value = condition
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    several = _several(value)
    if (several is not None) != operator.endswith("in"):
        wanted = "a list of values" if operator.endswith("in") else "a single value"
        raise ValueError(f"where: {name} {operator} {shown(value)}; {operator} takes {wanted}")
    if name == "status":
        return _of_status(operator, value if several is None else several)
    return name, operator, value if several is None else several


def _several(value: Any) -> list[Any] | None:
    """The values of a list, a range or whatever has several; None for a single one."""
    if isinstance(value, str | bytes | Mapping):
        return None
    try:
        return list(value)
    except TypeError:
        return None


def _of_status(operator: str, value: Any) -> Condition:
    """A condition on the verdict; one below another is one before it, as pandas has them."""
    _check_statuses(value if isinstance(value, list) else [value])
    if operator not in ORDERED:
        return "status", operator, value
    place = STATUSES.index(value)
    return "status", "in", [name for i, name in enumerate(STATUSES) if ORDERED[operator](i, place)]


def _check_statuses(values: Sequence[Any]) -> None:
    for name in values:
        if name not in STATUSES:
            known = ", ".join(STATUSES)
            raise ValueError(f"where: status {shown(name)} does not exist; there are {known}")


def _typed(condition: Condition, schema: pa.Schema) -> Condition:
    """The condition with values of the type that its column has."""
    name, operator, value = condition
    column = schema.field(name).type
    if isinstance(value, list):
        return name, operator, [_value(name, one, column) for one in value]
    return name, operator, _value(name, value, column)


def _value(name: str, value: Any, column: pa.DataType) -> Any:
    import pyarrow.types as types

    if types.is_integer(column) or types.is_floating(column):
        if not isinstance(value, Real) or isinstance(value, bool):
            raise ValueError(f"where: {name} holds numbers, and {shown(value)} is none")
        try:
            return float(value)
        except OverflowError:
            raise ValueError(f"where: {name} holds no number as large as {shown(value)}") from None
    kinds: tuple[type, str] = (bool, "true or false") if types.is_boolean(column) else (str, "text")
    if not isinstance(value, kinds[0]):
        raise ValueError(f"where: {name} holds {kinds[1]}, and {shown(value)} is none")
    return value
