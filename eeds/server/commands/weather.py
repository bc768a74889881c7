"""`eeds weather`: fetching temperatures of stations, and seeing what is stored. It works on the database itself, as
`eeds seed` does."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NoReturn

import click
import psycopg
import redis
from tqdm import tqdm

from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.errors import ConfigurationError, EedsError
from eeds.weather.fetch import Attempt, Outcome, fetch_year, order_year, source_of
from eeds.weather.required_hours import FetchYear, Need, Unmet, meet, of_projects, of_station, of_zipcode
from eeds.weather.sources import SourceDown
from eeds.weather.years import FIRST_YEAR, hours_in

LISTED = 20
# One after the other: nobody is there, and the rest of a long list would each be waited for in vain.
ENOUGH_FAILURES = 5
GO_ON = "run this again later, what is stored is not fetched again."


class Years(click.ParamType[range]):
    """One year, or the first and the last of several."""

    name = "YEARS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> range:
        """The years; of the present one there is a part."""
        this_year = datetime.now(UTC).year
        span = re.fullmatch(r"([0-9]{4})(?:-([0-9]{4}))?", str(value))
        years = range(int(span[1]), int(span[2] or span[1]) + 1) if span else range(0)
        if not years or years[0] < FIRST_YEAR or years[-1] > this_year:
            self.fail(f"{value} is no year, and no two as 2014-2016, from {FIRST_YEAR} to {this_year}.", param, ctx)
        return years


@click.group()
def weather() -> None:
    """Temperatures of weather stations, in this datastore's database."""


@weather.command()
@click.option("--station", "stations", multiple=True, metavar="ID", help="A USAF id, or GHCN's own.")
@click.option("--zipcode", "zipcodes", multiple=True, metavar="ZIP", help="The best station that has the years.")
@click.option("--all-projects", is_flag=True, help="The station of each project.")
@click.option("--years", type=Years(), help="As 2014-2016. Default for projects: what their runs look at.")
@click.option("--queue", is_flag=True, help="Leave the downloads to the workers.")
def fetch(
    stations: Sequence[str], zipcodes: Sequence[str], all_projects: bool, years: range | None, queue: bool
) -> None:
    """Fetch hourly temperatures from NOAA's GHCNh, by whole years. A year that is there for good is not fetched again.

    Exit status 1 if the source cannot be read, or a station has less than 90 % of the hours.
    """
    if not (stations or zipcodes or all_projects):
        raise click.UsageError("Say whose temperatures: --station ID, --zipcode ZIP or --all-projects.")
    if years is None and (stations or zipcodes):
        raise click.UsageError("Say which years, as --years 2014-2016.")
    settings = Settings.from_env()
    with database(settings) as connection:
        needs = list(needs_of(connection, stations, zipcodes, all_projects, years))
        unmet = meet_all(connection, needs, ordering(connection, settings) if queue else fetching(connection, settings))
    complain(unmet, len(needs))


@contextmanager
def database(settings: Settings) -> Iterator[PsycopgConnection]:
    """A connection that commits each statement; raises ConfigurationError if there is no database."""
    try:
        with psycopg.connect(
            settings.database_url, autocommit=True, connect_timeout=5, options="-c timezone=UTC"
        ) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise ConfigurationError(f"The database does not answer: {str(error).strip()}") from error


def needs_of(
    connection: PsycopgConnection,
    stations: Sequence[str],
    zipcodes: Sequence[str],
    all_projects: bool,
    years: range | None,
) -> Iterator[Need | Unmet]:
    """What was asked for."""
    if years:
        yield from (of_station(station, years) for station in stations)
        yield from (of_zipcode(zipcode, years) for zipcode in zipcodes)
    if all_projects:
        yield from of_projects(connection, years)


def fetching(connection: PsycopgConnection, settings: Settings) -> FetchYear:
    """Fetches a station-year here and now."""
    source = source_of(settings)
    return lambda station, year: fetch_year(connection, source, station, year)


def ordering(connection: PsycopgConnection, settings: Settings) -> FetchYear:
    """Leaves a station-year to a worker."""
    from eeds.weather.enqueue import enqueue  # RQ takes longer to import than most commands to run

    def order(station: str, year: int) -> Attempt:
        try:
            return order_year(connection, station, year, lambda: enqueue(settings, station, year))
        except redis.RedisError as error:
            raise ConfigurationError(f"The queue does not answer: {error}") from error

    return order


def meet_all(connection: PsycopgConnection, needs: Sequence[Need | Unmet], fetch_year: FetchYear) -> list[Unmet]:
    """Meet one need after the other, and print what became of the station-years; gives those that are not met."""
    total = sum(len(need.years) for need in needs if isinstance(need, Need))
    with tqdm(total=total, desc="weather", unit=" station-years", leave=False, disable=None) as bar:
        once = Once(fetch_year, bar)
        try:
            unmet = [need if isinstance(need, Unmet) else meet(connection, need, once) for need in needs]
        finally:
            once.report()
    return [need for need in unmet if need]


class Once:
    """Fetches no station-year a second time, and none any more when the source is down."""

    def __init__(self, fetch_year: FetchYear, bar: "tqdm[NoReturn]") -> None:
        self.fetch_year = fetch_year
        self.bar = bar
        self.done: dict[tuple[str, int], Attempt] = {}
        self.failures_in_a_row = 0

    def __call__(self, station: str, year: int) -> Attempt:
        """What became of a station-year; raises SourceDown after some failures in a row."""
        if (station, year) not in self.done:
            self.bar.set_postfix_str(f"{station} {year}")
            attempt = self.done[station, year] = self.fetch_year(station, year)
            self.failures_in_a_row = self.failures_in_a_row + 1 if attempt.outcome is Outcome.DOWN else 0
            if self.failures_in_a_row == ENOUGH_FAILURES:
                raise SourceDown(f"{attempt.message} Ended after {ENOUGH_FAILURES} such failures; {GO_ON}")
        self.bar.update()
        return self.done[station, year]

    def report(self) -> None:
        """Print how many station-years became what."""
        self.bar.clear()
        counts = Counter(attempt.outcome for attempt in self.done.values())
        click.echo(", ".join(f"{counts[word]} {word.value}" for word in Outcome if counts[word]) or "nothing to fetch")


def complain(unmet: Sequence[Unmet], needs: int) -> None:
    """Raises EedsError with the needs that are not met, if there are some."""
    if unmet:
        more = [f"... and {len(unmet) - LISTED} more"] if len(unmet) > LISTED else []
        lines = [f"{need.whose}: {need.why}" for need in unmet[:LISTED]]
        raise EedsError("\n  ".join([f"{len(unmet)} of {needs} have too few temperatures:", *lines, *more]))


@weather.command("list")
@click.option("--station", metavar="ID", help="Only this one.")
def list_stored(station: str | None) -> None:
    """What is stored of each station and year, and what could not be fetched."""
    with database(Settings.from_env()) as connection:
        for row in connection.execute(query("weather/stored"), {"station": station}):
            click.echo("\t".join(row_in_words(*row)))


def row_in_words(
    station: str,
    year: int,
    source: str,
    observed: int | None,
    first: datetime | None,
    last: datetime | None,
    asked: datetime,
    message: str | None,
) -> list[str]:
    """The fields of a line."""
    if observed is None:
        return [station, str(year), source, f"not fetched on {asked:%Y-%m-%d}: {message}"]
    within = f"{first:%Y-%m-%d}..{last:%Y-%m-%d}" if first and last else ""
    return [station, str(year), source, f"{observed:,} of {hours_in(year):,} hours", within, f"stored {asked:%Y-%m-%d}"]
