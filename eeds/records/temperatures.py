"""Hourly temperatures in bulk: observations of any number of stations, in degrees Fahrenheit or Celsius."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from eeds.db.binary_copy import Columns
from eeds.db.engine import psycopg_connection
from eeds.records.batch import Batch
from eeds.records.consumption import FIRST, LAST
from eeds.records.fields import INSTANT, NAME, VALUE, Field, read_number, read_time
from eeds.records.record_type import Faults, RecordType
from eeds.records.refusals import Counts, Refusal
from eeds.weather import store as weather_store
from eeds.weather.station_ids import read_station

UNITS = ("temp_f", "temp_c")
COLDEST_F, HOTTEST_F = -94.0, 140.0  # -70 and 60 degC: nothing beyond was ever measured
HOURLY = "Temperatures are hourly: starts are whole hours (UTC) from 1900 to 2100."
RANGE = f"Temperatures are between {COLDEST_F:g} and {HOTTEST_F:g} degrees Fahrenheit."


def temperature_faults(columns: Columns) -> Faults:
    """Whole hours, and temperatures that can be."""
    start = columns["start"]
    is_wrong = (start < FIRST) | (start >= LAST) | (start != start.astype("datetime64[h]"))
    yield "start", HOURLY, is_wrong
    for unit in UNITS:
        if unit in columns:
            fahrenheit = to_fahrenheit(columns, unit)
            yield unit, RANGE, ~is_wrong & ((fahrenheit < COLDEST_F) | (fahrenheit > HOTTEST_F))


def to_fahrenheit(columns: Columns, unit: str) -> NDArray[np.float64]:
    """A column of temperatures in degF; NaN = missing."""
    values: NDArray[np.float64] = columns[unit]
    return values * 9 / 5 + 32 if unit == "temp_c" else values


TEMPERATURES = RecordType(
    "weather_records",
    "temperatures",
    {
        "station": Field(read_station, NAME),
        "start": Field(read_time, INSTANT, column_names=("start", "date")),
        "temp_f": Field(read_number, VALUE, nullable=True, default=None),
        "temp_c": Field(read_number, VALUE, nullable=True, default=None),
    },
    temperature_faults,
    UNITS,
    "Give the temperature as temp_f or as temp_c.",
)


class TemperatureStore:
    """Where the temperatures of one load go: kept, sixteen bytes and a name each, and merged at the end."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.stations: list[str] = []
        self.starts: list[NDArray[np.datetime64]] = []
        self.temperatures: list[NDArray[np.float64]] = []

    def split(self, batch: Batch) -> tuple[Batch, Sequence[Refusal]]:
        """All of them, and no refusals: any station may have temperatures."""
        return batch, []

    def add(self, batch: Batch) -> None:
        """Keep temperatures."""
        if batch.rows:
            self.stations += [batch.names[number][0] for number in batch.columns["name"].tolist()]
            self.starts.append(batch.columns["start"])
            given = [to_fahrenheit(batch.columns, unit) for unit in UNITS if unit in batch.columns]
            # records of objects may have either unit; the other one is missing
            self.temperatures.append(np.where(np.isnan(given[0]), given[-1], given[0]))

    def finish(self) -> Counts:
        """Merge them into the stored years."""
        if not self.stations:
            return Counts()
        starts, temperatures = np.concatenate(self.starts), np.concatenate(self.temperatures)
        stored = weather_store.store(psycopg_connection(self.session), self.stations, starts, temperatures)
        distinct = stored.created + stored.updated + stored.unchanged
        return Counts(stored.created, stored.updated, stored.unchanged, len(self.stations) - distinct)
