"""Merging uploaded hourly temperatures into the stored station-years."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.jobs.stale_results import mark_temperatures
from eeds.weather.changed_hours import Span, changed_hours
from eeds.weather.history import keep_changed_hours
from eeds.weather.years import UPLOAD, first_hour, hours_in, instant_of, year_of

Temperatures = NDArray[np.float64]  # degF; NaN = missing
Hours = NDArray[np.datetime64]  # datetime64[h], UTC


@dataclass(frozen=True)
class Counts:
    """Distinct hours by what became of them. The missing temperature of an hour that was missing is unchanged."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged)


def store(
    connection: PsycopgConnection,
    station: Sequence[str] | NDArray[np.str_],
    start: NDArray[np.datetime64],
    temp_f: NDArray[np.float64],
) -> Counts:
    """Merge observations, one an element, into weather_years in the connection's transaction, and mark the results that
    have looked at what changes.

    `start`: UTC, whole hours; `temp_f`: degF, NaN = missing; of several for the same hour the last one counts. Uploads
    of the same station-years at once wait for each other, in order of station and year. Raises ValueError for a start
    within an hour.
    """
    hours = start.astype("datetime64[h]")
    if np.any(hours != start):
        raise ValueError("Temperatures are hourly: every start must be a whole hour.")
    counts = Counts()
    changed: dict[str, list[Span]] = {}
    for id, year, sent, temps in station_years(station, hours, temp_f):
        stored, span = merge(connection, id, year, sent, temps)
        counts += stored
        if span:
            changed.setdefault(id, []).append(span)
    for id, spans in changed.items():
        mark_temperatures(connection, id, spans)
    return counts


def station_years(
    station: Sequence[str] | NDArray[np.str_], hours: Hours, temps: Temperatures
) -> Iterator[tuple[str, int, NDArray[np.intp], Temperatures]]:
    """The observations of each station-year, in order of station and year: distinct hours of the year by their number,
    in order, and their temperatures."""
    if not hours.size:
        return
    names, number = np.unique(np.asarray(station, dtype=np.str_), return_inverse=True)
    # sorted by station, hour and place among the observations; of several with the same key only the last one stays
    order = np.lexsort((hours, number))
    number, hours, temps = number[order], hours[order], temps[order]
    last = np.append((np.diff(number) != 0) | (np.diff(hours) != np.timedelta64(0, "h")), True)
    number, hours, temps = number[last], hours[last], temps[last]
    years = year_of(hours)
    begins = np.flatnonzero((np.diff(number) != 0) | (np.diff(years) != 0)) + 1
    for part in np.split(np.arange(hours.size), begins):
        year = int(years[part[0]])
        yield str(names[number[part[0]]]), year, (hours[part] - first_hour(year)).astype(np.intp), temps[part]


def merge(
    connection: PsycopgConnection, station: str, year: int, hours: NDArray[np.intp], temps: Temperatures
) -> tuple[Counts, Span | None]:
    """Make the station-year if it is not there, lock it, and write what differs; the counts, and what has changed for
    whoever reads it. The lock is what keeps two uploads of the same year from losing each other's hours."""
    key = {"station": station, "source": UPLOAD, "year": year}
    connection.execute(query("weather/open_year"), {**key, "hours": hours_in(year)})
    ((stored,),) = connection.execute(query("weather/lock_year"), key, binary=True).fetchall()
    merged = np.array(stored, dtype=np.float64)
    old = merged[hours]
    created = np.isnan(old) & ~np.isnan(temps)
    unchanged = (old == temps) | (np.isnan(old) & np.isnan(temps))
    counts = Counts(*(int(np.count_nonzero(mask)) for mask in (created, ~created & ~unchanged, unchanged)))
    if not (counts.created or counts.updated):
        return counts, None
    before = merged.copy()
    merged[hours] = temps
    keep_changed_hours(connection, key, before, merged)
    connection.execute(query("weather/update_year"), {**key, **contents(year, merged)})
    return counts, changed_hours(year, before, merged)


def contents(year: int, temps: Temperatures) -> dict[str, Any]:
    """The columns of a station-year with these temperatures."""
    observed = np.flatnonzero(~np.isnan(temps))
    ends = [instant_of(first_hour(year) + observed[i]) for i in (0, -1)] if observed.size else [None, None]
    return {"temps": temps.tolist(), "n_observed": observed.size, "first_hour": ends[0], "last_hour": ends[1]}
