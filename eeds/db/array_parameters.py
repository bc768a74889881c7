"""Many values as one parameter of a statement: it stays the same however many they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Subquery, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """`column` is one of the values: one parameter, however many they are."""
    return cast(ColumnElement[bool], column == any_(array_of(column, values)))


def unnested(columns: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Subquery:
    """Rows as a table: a column for each name, of the type of the given column; one parameter a column."""
    parts = [func.unnest(array_of(column, [row[name] for row in rows])).label(name) for name, column in columns.items()]
    return select(*parts).subquery()


def array_of(column: Any, values: Iterable[Any]) -> BindParameter[Any]:
    """The values as one array parameter of the column's type."""
    return bindparam(None, list(values), ARRAY(column.type), unique=True)
