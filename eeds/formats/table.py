"""Tables on their way into a file: named columns of few types, and rows in batches, so that memory does not grow."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


class Type(Enum):
    """What a column holds; each cell may be None instead, which is a missing value."""

    INTEGER = "integer"
    NUMBER = "number"  # a float; what is not a finite number is missing
    TEXT = "text"
    INSTANT = "instant"  # an aware datetime, in UTC
    FLAG = "flag"


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    type: Type


Batch = Sequence[Sequence[Any]]  # rows, with a cell for each column


@dataclass(frozen=True)
class Table:
    """A table, whose rows are read as they are consumed."""

    columns: Sequence[Column]
    total: int  # how many rows there will be
    batches: Iterator[Batch]


def columns(type: Type, *names: str) -> list[Column]:
    """Columns of one type."""
    return [Column(name, type) for name in names]


def finite(value: float | None) -> float | None:
    """The number, None for what is none."""
    return value if value is not None and math.isfinite(value) else None


def as_original(instant: datetime | None) -> str | None:
    """An instant as the original wrote it."""
    return None if instant is None else str(instant)
