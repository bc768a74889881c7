"""Tables on their way into a file: named columns of few types, and rows in batches, so that memory does not grow."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import SQLColumnExpression


class Type(Enum):
    """What a column holds; each cell may be None instead, which is a missing value."""

    INTEGER = "integer"
    NUMBER = "number"  # a float; NaN and infinities are missing
    TEXT = "text"
    INSTANT = "instant"  # an aware datetime, in UTC
    SECOND = "second"  # the same on a whole second
    DAY = "day"  # a date
    FLAG = "flag"


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a table: its name, its type, and where it is read from the database how it is computed there."""

    name: str
    type: Type
    source: "SQLColumnExpression[Any] | None" = None
    is_required: bool = False  # no cell is missing
    text: "SQLColumnExpression[str] | None" = None  # in JSON and CSV, where the type has not the only way to write it


Batch = Sequence[Sequence[Any]]  # rows, with a cell for each column


@dataclass(frozen=True)
class Table:
    """A table, whose rows are read as they are consumed."""

    columns: Sequence[Column]
    total: int  # how many rows there will be
    batches: Iterable[Batch]


def columns(type: Type, *names: str) -> list[Column]:
    """Columns of one type."""
    return [Column(name, type) for name in names]


def finite(value: float | None) -> float | None:
    """The number, None for NaN and infinities."""
    return value if value is not None and math.isfinite(value) else None
