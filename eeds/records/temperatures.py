"""Hourly temperatures in bulk: observations of any number of stations, in degrees Fahrenheit or Celsius."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from eeds.db.binary_copy import Columns
from eeds.db.engine import psycopg_connection
from eeds.errors import BodyTooLarge
from eeds.records.balance import places_by_trace
from eeds.records.batch import Batch
from eeds.records.consumption import FIRST, LAST
from eeds.records.fields import INSTANT, NAME, VALUE, Field, read_number, read_time
from eeds.records.record_type import Faults, RecordType
from eeds.records.refusals import Counts, Refusal
from eeds.weather import store as weather_store
from eeds.weather.observations import are_hourly, shortened, stations_to_hours
from eeds.weather.station_ids import read_station

UNITS = ("temp_f", "temp_c")
COLDEST_F, HOTTEST_F = -94.0, 140.0  # -70 and 60 degC: nothing beyond was ever measured
HOURLY = "Temperatures are hourly: starts are whole hours (UTC) from 1900 to 2100."
STRAY = f"{HOURLY} Most of this station's are."
# Of one load: temperatures, which are held (136 years of hours), and years of stations, each of which is a row.
MAX_TEMPERATURES, MAX_STATION_YEARS = 1_200_000, 4_000
FIRST_YEAR, YEARS = 1900 - 1970, 201
OUT_OF_TIME = "Temperatures are from 1900 to 2100."
RANGE = f"Temperatures are between {COLDEST_F:g} and {HOTTEST_F:g} degrees Fahrenheit."


def temperature_faults(columns: Columns) -> Faults:
    """Whole hours, and temperatures that can be."""
    start = columns["start"]
    is_wrong = (start < FIRST) | (start >= LAST) | (start != start.astype("datetime64[h]"))
    yield "start", HOURLY, is_wrong
    yield from degree_faults(columns, is_wrong)


def observation_faults(columns: Columns) -> Faults:
    """Times of any minute, and temperatures that can be."""
    start = columns["start"]
    is_wrong = (start < FIRST) | (start >= LAST)
    yield "start", OUT_OF_TIME, is_wrong
    yield from degree_faults(columns, is_wrong)


def degree_faults(columns: Columns, is_wrong: NDArray[np.bool_]) -> Faults:
    """Temperatures that can be, of the records that are not yet known to be wrong."""
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


@dataclass(frozen=True, eq=False)
class ObservationType(RecordType):
    """Temperatures at any minute, made hourly as they are stored: for files that are sent as a whole. Those of the
    `hourly` stations are of whole hours, and others of them are mistakes."""

    hourly: frozenset[str] = frozenset()


OBSERVATIONS = ObservationType(**{**vars(TEMPERATURES), "faults": observation_faults})


class TemperatureStore:
    """Where the temperatures of one load go: kept, MAX_TEMPERATURES at most, made hourly and merged at the end.
    `notes` say what was made hourly; the `hourly` stations have whole hours only."""

    def __init__(self, session: Session, hourly: frozenset[str] = frozenset()) -> None:
        self.session = session
        self.hourly = hourly
        self.notes: Sequence[str] = ()
        self.numbers: dict[str, int] = {}
        self.stations: list[NDArray[np.int32]] = []
        self.kept = 0
        self.starts: list[NDArray[np.datetime64]] = []
        self.temperatures: list[NDArray[np.float64]] = []

    def split(self, batch: Batch) -> tuple[Batch, Sequence[Refusal]]:
        """Any station may have temperatures; those of an hourly one that are of no whole hour are refused."""
        if not self.hourly or are_hourly(batch.columns["start"]):
            return batch, []
        is_hourly = np.array([name in self.hourly for (name,) in batch.names])[batch.columns["name"]]
        start = batch.columns["start"]
        stray = is_hourly & (start != start.astype("datetime64[h]"))
        return batch.part(~stray), [stray_refusal(batch, position) for position in np.flatnonzero(stray).tolist()]

    def add(self, batch: Batch) -> None:
        """Keep temperatures; raises BodyTooLarge."""
        if batch.rows:
            self.kept += len(batch.rows)
            if self.kept > MAX_TEMPERATURES:
                raise BodyTooLarge(f"The body has more than {MAX_TEMPERATURES:,} temperatures; send it in parts.")
            numbers = [self.numbers.setdefault(name, len(self.numbers)) for (name,) in batch.names]
            require_few_years(len(self.numbers))
            self.stations.append(np.array(numbers, np.int32)[batch.columns["name"]])
            self.starts.append(batch.columns["start"])
            given = [to_fahrenheit(batch.columns, unit) for unit in UNITS if unit in batch.columns]
            # records of objects may have either unit; the other one is missing
            self.temperatures.append(np.where(np.isnan(given[0]), given[-1], given[0]))

    def finish(self) -> Counts:
        """Merge them into the stored years."""
        if not self.stations:
            return Counts()
        stations, starts = np.concatenate(self.stations).astype(np.int64), np.concatenate(self.starts)
        temps = np.concatenate(self.temperatures)
        years = starts.astype("datetime64[Y]").astype(np.int64) - FIRST_YEAR
        require_few_years(len(np.unique(stations * YEARS + years)))
        names = sorted(self.numbers)
        place_of = np.argsort(np.argsort([*self.numbers]))  # among the sorted names: locks are taken in their order
        counts, notes = Counts(), list[str]()
        for place, own in places_by_trace(place_of[stations]):
            of_station = np.full(len(own), names[place])
            stored, noted = store_observations(self.session, of_station, starts[own], temps[own])
            counts += stored
            notes += noted
        self.notes = shortened(notes)
        return counts


def require_few_years(station_years: int) -> None:
    """Raises BodyTooLarge for more years of stations, each of which is a row, than a load merges."""
    if station_years > MAX_STATION_YEARS:
        raise BodyTooLarge(f"The body has more than {MAX_STATION_YEARS:,} years of stations; send it in parts.")


def stray_refusal(batch: Batch, position: int) -> Refusal:
    """The refusal of a temperature between the hours of a station that has whole hours."""
    station, start = batch.names[batch.columns["name"][position]][0], f"{batch.columns['start'][position]}Z"
    return Refusal(batch.rows[position], "start", start, STRAY, {"station": station, "start": start})


def store_observations(
    session: Session,
    stations: NDArray[np.str_],
    starts: NDArray[np.datetime64],
    temp_f: NDArray[np.float64],
    *,
    are_instants: bool = False,
) -> tuple[Counts, Sequence[str]]:
    """Merge observations, one an element, into the stored years: the counts are of hours, and of those that were given
    more than once. Temperatures of whole hours are stored as they are, unless they `are_instants`; others are made
    hourly. The notes say so."""
    notes: Sequence[str] = ()
    if are_instants or not are_hourly(starts):
        stations, starts, temp_f, notes = stations_to_hours(stations, starts, temp_f, are_instants=are_instants)
    stored = weather_store.store(psycopg_connection(session), stations, starts, temp_f)
    distinct = stored.created + stored.updated + stored.unchanged
    return Counts(stored.created, stored.updated, stored.unchanged, stations.size - distinct), notes
