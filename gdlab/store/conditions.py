"""Which rows of a table are wanted: conditions, checked and applied."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

from gdlab.given import shown

if TYPE_CHECKING:
    import pyarrow as pa

Condition: TypeAlias = tuple[str, str, Any]
"""A column, an operator and a value; for `in` and `not in` several values."""
Where: TypeAlias = Sequence[Condition] | Sequence[Sequence[Condition]]
"""Conditions that all hold, or a list of such lists of which one does."""

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
        for condition in group:
            _check(condition)
    return [list(group) for group in groups]


def filtered(table: pa.Table, groups: list[list[Condition]]) -> pa.Table:
    """The rows of a table for which the conditions of one group hold.

    Raises ValueError where a value cannot be compared with its column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    status = table.schema.get_field_index("status")
    plain = table
    if status >= 0:  # Arrow compares no dictionaries
        plain = table.set_column(status, "status", table["status"].cast(pa.string()))
    typed = [[_typed(condition, plain.schema) for condition in group] for group in groups]
    rows = plain.filter(pq.filters_to_expression(typed))
    if plain is table:
        return rows
    names = rows["status"].dictionary_encode().cast(table["status"].type)
    return rows.set_column(status, table.schema.field(status), names)


def _check(condition: Any) -> None:
    if (
        not isinstance(condition, tuple)
        or len(condition) != 3
        or not isinstance(condition[0], str)
        or condition[1] not in OPERATORS
    ):
        raise ValueError(f"where: {shown(condition)} is not a condition; {HOW}")
    name, operator, value = condition
    several = isinstance(value, list | tuple | set | frozenset)
    if several != operator.endswith("in"):
        wanted = "a list of values" if operator.endswith("in") else "a single value"
        raise ValueError(f"where: {name} {operator} {shown(value)}; {operator} takes {wanted}")
    if name == "status":
        _check_statuses(value if several else [value])


def _check_statuses(values: Sequence[Any]) -> None:
    from gdlab.results.table import STATUS

    for name in values:
        if name not in STATUS.categories:
            known = ", ".join(STATUS.categories)
            raise ValueError(f"where: status {shown(name)} does not exist; there are {known}")


def _typed(condition: Condition, schema: pa.Schema) -> Condition:
    """The condition with values of the type that its column has."""
    name, operator, value = condition
    column = schema.field(name).type
    if isinstance(value, list | tuple | set | frozenset):
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
