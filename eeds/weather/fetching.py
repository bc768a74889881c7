"""Fetching and listing station-years, for whoever runs the datastore (`eeds weather`) and has the database itself.

Downloads take minutes, so nothing of it happens in a transaction: a connection of `connect` commits each statement.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import psycopg

from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection, connect
from eeds.db.statements import query
from eeds.errors import ConfigurationError
from eeds.weather.coverage import first_covered
from eeds.weather.errors import NoWeather
from eeds.weather.fetch import FAILURES, Attempt, Outcome, enqueue_year, fetch_year, source_of
from eeds.weather.required_hours import RequiredHours, Unmet
from eeds.weather.sources import SourceDown

# In a row: the rest of a long list would each be waited for in vain.
MOST_FAILURES = 5


@contextmanager
def weather_connection(settings: Settings) -> Iterator[PsycopgConnection]:
    """A connection that commits each statement; raises ConfigurationError if the database does not answer."""
    try:
        with connect(settings.direct_url, "eeds weather", autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise ConfigurationError(f"The database does not answer: {str(error).strip()}") from error


class StationYear(NamedTuple):
    """What is stored of a station-year of one source; hours are None and `message` says why if it could not be
    fetched."""

    station: str
    year: int
    source: str
    observed_hours: int | None
    first_hour: datetime | None
    last_hour: datetime | None
    asked: datetime  # when it was stored, or tried last
    message: str | None


def list_station_years(connection: PsycopgConnection, station: str | None) -> list[StationYear]:
    """What is stored, and what could not be fetched, by station, year and source; of all stations if it is None."""
    return [StationYear(*row) for row in connection.execute(query("weather/stored"), {"station": station})]


def fetch_required(
    connection: PsycopgConnection, settings: Settings, required: Iterable[RequiredHours | Unmet], *, by_workers: bool
) -> Iterator[Attempt | Unmet]:
    """Get required hours, one after the other, now or by the workers.

    Yields what became of each station-year, also of one that was needed before, and each requirement that was not met.
    Raises SourceDown after MOST_FAILURES failures in a row, and ConfigurationError if the queue does not answer.
    """
    years = StationYears(connection, settings, by_workers=by_workers)
    for each in required:
        if isinstance(each, Unmet):
            yield each
        else:
            yield from fetch_hours(years, each)


def fetch_hours(years: "StationYears", required: RequiredHours) -> Iterator[Attempt | Unmet]:
    """Fetch the years of one station after the other until one has enough hours.

    A failure ends it: an outage never changes the station. So does what is left to a worker.
    """
    for number, station in enumerate(required.stations, 1):
        attempts = []
        for year in required.years:
            attempts.append(years.get(station, year))
            yield attempts[-1]
            years.require_source(attempts[-1])
        failed = [attempt for attempt in attempts if attempt.outcome in FAILURES]
        if failed:
            why = f"{failed[0].year}: {failed[0].message}"
            break
        if any(attempt.outcome is Outcome.QUEUED for attempt in attempts):
            return
        try:
            first_covered(years.connection, required.stations[:number], required.first, required.last)
        except NoWeather as error:
            why = str(error)
        else:
            return
    yield Unmet(required.whose, why)


class StationYears:
    """Station-years, each fetched or queued once, and none any more when the source is down."""

    def __init__(self, connection: PsycopgConnection, settings: Settings, *, by_workers: bool) -> None:
        self.connection = connection
        self.settings = settings
        self.source = None if by_workers else source_of(settings)
        self.attempts: dict[tuple[str, int], Attempt] = {}
        self.failures_in_a_row = 0

    def get(self, station: str, year: int) -> Attempt:
        """What became of a station-year."""
        if (station, year) not in self.attempts:
            if self.source is None:
                attempt = enqueue_year(self.connection, self.settings, station, year)
            else:
                attempt = fetch_year(self.connection, self.source, station, year)
            self.attempts[station, year] = attempt
            self.failures_in_a_row = self.failures_in_a_row + 1 if attempt.outcome is Outcome.DOWN else 0
        return self.attempts[station, year]

    def require_source(self, last: Attempt) -> None:
        """Raises SourceDown after MOST_FAILURES failures in a row."""
        if self.failures_in_a_row == MOST_FAILURES:
            raise SourceDown(
                f"{last.message} Ended after {MOST_FAILURES} such failures; run this again later, what is stored is "
                "not fetched again."
            )
