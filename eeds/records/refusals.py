"""What became of the records of a bulk load: counts of those that were stored, the reason for each that was not."""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Counts:
    """Records by what they changed; together they are the good ones that were sent."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0  # sent again in the same body; the last one won

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True)
class Refusal:
    """Why one record cannot be stored: its row number in the body, from 0, and the field at fault (None: the record as
    a whole)."""

    row: int
    field: str | None
    value: Any
    message: str
    item: Any = None  # the record as it was sent


@dataclass(frozen=True)
class LineRefusal(Refusal):
    """Why a reading of a file is refused, and on which line it stands."""

    line: int = 0
