"""Merging uploaded hourly temperatures into the stored station-years."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.weather.years import UPLOAD, first_hour, hours_in, instant_of, year_of

Temperatures = NDArray[np.float32]  # degF as they are stored; NaN = missing
Hours = NDArray[np.datetime64]  # datetime64[h], UTC


@dataclass(frozen=True)
class Counts:
    """Distinct hours by what became of them. The missing temperature of an hour that was missing is unchanged."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged)


@dataclass(frozen=True)
class Batch:
    """What was sent for one station-year: distinct places in the year, in order, and their temperatures."""

    station: str
    year: int
    places: NDArray[np.intp]
    temps: Temperatures


def store(
    connection: PsycopgConnection,
    station: Sequence[str] | NDArray[np.str_],
    start: NDArray[np.datetime64],
    temp_f: NDArray[np.float64],
) -> Counts:
    """Merge observations, one an element, into weather_years in the connection's transaction.

    `start`: UTC, whole hours; `temp_f`: degF, NaN = missing; of several for the same hour the last one counts. Uploads
    of the same station-years at once wait for each other, in order of station and year. Raises ValueError for a start
    within an hour.
    """
    hours = start.astype("datetime64[h]")
    if np.any(hours != start):
        raise ValueError("Temperatures are hourly: every start must be a whole hour.")
    counts = Counts()
    for batch in batches(station, hours, temp_f.astype(np.float32)):
        counts += merge(connection, batch)
    return counts


def batches(station: Sequence[str] | NDArray[np.str_], hours: Hours, temps: Temperatures) -> Iterator[Batch]:
    """The observations by station-year, in order of station and year."""
    if not hours.size:
        return
    names, number = np.unique(np.asarray(station, dtype=np.str_), return_inverse=True)
    # sorted by station, hour and place in the batch; of several with the same key only the last one stays
    order = np.lexsort((hours, number))
    number, hours, temps = number[order], hours[order], temps[order]
    last = np.append((np.diff(number) != 0) | (np.diff(hours) != np.timedelta64(0, "h")), True)
    number, hours, temps = number[last], hours[last], temps[last]
    years = year_of(hours)
    begins = np.flatnonzero((np.diff(number) != 0) | (np.diff(years) != 0)) + 1
    for part in np.split(np.arange(hours.size), begins):
        year = int(years[part[0]])
        places = (hours[part] - first_hour(year)).astype(np.intp)
        yield Batch(str(names[number[part[0]]]), year, places, temps[part])


def merge(connection: PsycopgConnection, batch: Batch) -> Counts:
    """Make the station-year if it is not there, lock it, and write what differs. The lock is what keeps two uploads of
    the same year from losing each other's hours."""
    key = {"station": batch.station, "source": UPLOAD, "year": batch.year}
    connection.execute(query("weather/open_year"), {**key, "hours": hours_in(batch.year)})
    (stored,) = connection.execute(query("weather/lock_year"), key, binary=True).fetchall()
    temps = np.array(stored[0], dtype=np.float32)
    counts = put(temps, batch)
    if counts.created or counts.updated:
        connection.execute(query("weather/update_year"), {**key, **contents(batch.year, temps)})
    return counts


def put(temps: Temperatures, batch: Batch) -> Counts:
    """Write a batch into the temperatures of its year."""
    old, new = temps[batch.places], batch.temps
    created = np.isnan(old) & ~np.isnan(new)
    unchanged = (old == new) | (np.isnan(old) & np.isnan(new))
    temps[batch.places] = new
    return Counts(
        created=int(np.count_nonzero(created)),
        updated=int(np.count_nonzero(~created & ~unchanged)),
        unchanged=int(np.count_nonzero(unchanged)),
    )


def contents(year: int, temps: Temperatures) -> dict[str, Any]:
    """The columns of a station-year with these temperatures."""
    observed = np.flatnonzero(~np.isnan(temps))
    ends = [instant_of(first_hour(year) + observed[i]) for i in (0, -1)] if observed.size else [None, None]
    return {
        "temps": temps.tolist(),
        "n_observed": observed.size,
        "first_hour": ends[0],
        "last_hour": ends[1],
    }
