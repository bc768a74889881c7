"""Hourly temperatures in bulk: observations of any number of stations, in degrees Fahrenheit or Celsius."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.engine import psycopg_connection
from eeds.formats.messages import BLANK
from eeds.records.batch import Segment
from eeds.records.fields import Column, read_number, read_time
from eeds.records.ids import FIRST_START, LAST_START
from eeds.records.record_type import Kind
from eeds.records.refusals import Counts, Refusal
from eeds.weather import store as weather_store

STATION = r"^[A-Za-z0-9_.-]{1,32}\Z"
COLDEST_F, HOTTEST_F = -94.0, 140.0  # -70 and 60 degC: nothing beyond was ever measured


class Row(msgspec.Struct, gc=False):
    """A temperature of one hour, in one of two units; null is a missing one."""

    station: Annotated[str, msgspec.Meta(pattern=STATION)]
    start: Annotated[datetime, msgspec.Meta(tz=True)]
    temp_f: float | msgspec.UnsetType | None = msgspec.UNSET
    temp_c: float | msgspec.UnsetType | None = msgspec.UNSET

    def fahrenheit(self) -> float:
        """The temperature in degF; NaN = missing."""
        if self.temp_f is not msgspec.UNSET:
            return float("nan") if self.temp_f is None else self.temp_f
        if self.temp_c is msgspec.UNSET or self.temp_c is None:
            return float("nan")
        return self.temp_c * 9 / 5 + 32


def check(row: Row) -> tuple[str, str] | None:
    """Whole hours, one unit, and a temperature that can be."""
    start, unit = row.start.astimezone(UTC), "temp_f" if row.temp_c is msgspec.UNSET else "temp_c"
    if start.minute or start.second or start.microsecond or not FIRST_START <= start < LAST_START:
        return "start", "Temperatures are hourly: starts are whole hours (UTC) from 1900 to 2100."
    if (row.temp_f is msgspec.UNSET) == (row.temp_c is msgspec.UNSET):
        return unit, "Give the temperature as temp_f or as temp_c."
    temperature = row.fahrenheit()
    if temperature < COLDEST_F or temperature > HOTTEST_F:
        return unit, f"Temperatures are between {COLDEST_F:g} and {HOTTEST_F:g} degrees Fahrenheit."
    return None


def read_station(sent: Any) -> str:
    """The id of a station: a USAF or GHCN id, or one of the uploader's own."""
    text = str(sent).strip() if isinstance(sent, str | int) and not isinstance(sent, bool) else ""
    if not text:
        raise ValueError(BLANK)
    if not re.match(STATION, text):
        raise ValueError("A station id has at most 32 letters, digits, dots, hyphens and underscores.")
    return text


class Temperatures:
    """Where the temperatures of one load go: held, sixteen bytes and a name each, and merged at the end."""

    def __init__(self, session: Session, principal: Principal, hurry: bool) -> None:
        self.session = session
        self.stations: list[str] = []
        self.starts: list[NDArray[np.datetime64]] = []
        self.temperatures: list[NDArray[np.float64]] = []

    def add(self, segment: Segment) -> Sequence[Refusal]:
        """Hold the records; any station may have temperatures."""
        rows: Sequence[Row] = segment.rows
        self.stations += [row.station for row in rows]
        self.starts.append(np.array([int(row.start.timestamp()) for row in rows], dtype="datetime64[s]"))
        self.temperatures.append(np.array([row.fahrenheit() for row in rows], dtype=np.float64))
        return []

    def check(self, segment: Segment) -> Sequence[Refusal]:
        """Nothing that the database knows makes a temperature bad."""
        return []

    def finish(self) -> Counts:
        """Merge them into the stored years."""
        if not self.stations:
            return Counts()
        starts, temperatures = np.concatenate(self.starts), np.concatenate(self.temperatures)
        stored = weather_store.store(psycopg_connection(self.session), self.stations, starts, temperatures)
        distinct = stored.created + stored.updated + stored.unchanged
        return Counts(stored.created, stored.updated, stored.unchanged, len(self.stations) - distinct)


WEATHER = Kind(
    "weather_records",
    Row,
    {
        "station": Column(read_station),
        "start": Column(read_time),
        "temp_f": Column(read_number, nullable=True, default=msgspec.UNSET),
        "temp_c": Column(read_number, nullable=True, default=msgspec.UNSET),
    },
    check,
    None,
    Temperatures,
)
