"""What a format of normal years is, and what several of them need."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eeds.errors import Invalid

UTC_OFFSETS = (-12.0, 14.0)
LISTED = 20

Fields = Sequence[str]


class BadNormals(Invalid):
    """The file is no normal year; `reasons` says why, most of them by line."""

    def __init__(self, reasons: Sequence[str]) -> None:
        more = [f"... and {len(reasons) - LISTED:,} more"] if len(reasons) > LISTED else []
        self.reasons = [*reasons[:LISTED], *more]
        super().__init__({"non_field_errors": self.reasons})

    def __str__(self) -> str:
        return "\n".join(self.reasons)


class BadLine(Exception):
    """What is wrong with a line."""


class When(NamedTuple):
    """When a temperature was, by the file's clock; `minute` of the day: of an instant, or in which its hour begins."""

    year: int
    month: int
    day: int
    minute: int


@dataclass(frozen=True)
class Place:
    """Where a file is of; `station` is what it calls its station, empty for none, which for TMY2 is a WBAN number."""

    station: str
    latitude: float  # degrees, NaN = unknown
    longitude: float


@dataclass(frozen=True)
class Format:
    """What kind of file it is, and where things are in it. The two functions are stored, for they are what the formats
    differ in: `when` raises ValueError, and BadLine with what is wrong."""

    kind: str
    place: Place
    utc_offset: float  # hours
    header_lines: int
    fields: int  # that a line has at least
    when: Callable[[Fields], When]
    celsius: Callable[[Fields], str]
    missing: float  # degC
    is_of_instants: bool = False
    records_an_hour: int = 1


def places_of(headings: Fields) -> Mapping[str, int]:
    """Where each column is, by its name in lower case."""
    return {heading.strip().casefold(): place for place, heading in enumerate(headings)}


def degrees(latitude: str, longitude: str) -> tuple[float, float]:
    """A position; NaN for what is none."""
    try:
        position = float(latitude), float(longitude)
    except ValueError:
        return math.nan, math.nan
    return position if abs(position[0]) <= 90 and abs(position[1]) <= 180 else (math.nan, math.nan)


def utc_offset_of(text: str, line: int = 1) -> float:
    """The hours that a file's clock is ahead of UTC; raises BadNormals."""
    first, last = UTC_OFFSETS
    try:
        offset = float(text)
    except ValueError:
        offset = math.nan
    if not first <= offset <= last:
        raise BadNormals(
            [f"line {line}: the time zone is {text!r}; it must be the hours from UTC, as -8.0 in California."]
        )
    return offset
