"""`eeds weather`: fetching temperatures of stations, and listing what is stored. It works on the database itself, as
`eeds seed` does."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import click
from tqdm import tqdm

from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection
from eeds.errors import EedsError
from eeds.weather.fetch import Attempt, Outcome
from eeds.weather.fetching import StationYear, fetch_required, list_station_years, weather_connection
from eeds.weather.required_hours import RequiredHours, Unmet, required_of
from eeds.weather.years import FIRST_YEAR, hours_in

LISTED = 20


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
    with weather_connection(settings) as connection:
        required = list(required_of(connection, stations, zipcodes, all_projects, years))
        unmet = fetch_with_progress(connection, settings, required, by_workers=queue)
    if unmet:
        more = [f"... and {len(unmet) - LISTED} more"] if len(unmet) > LISTED else []
        lines = [f"{each.whose}: {each.why}" for each in unmet[:LISTED]]
        raise EedsError("\n  ".join([f"{len(unmet)} of {len(required)} have too few temperatures:", *lines, *more]))


def fetch_with_progress(
    connection: PsycopgConnection, settings: Settings, required: Sequence[RequiredHours | Unmet], *, by_workers: bool
) -> list[Unmet]:
    """Fetch with a progress bar, and print how many station-years became what; returns the requirements not met."""
    total = sum(len(each.years) for each in required if isinstance(each, RequiredHours))
    outcomes: dict[tuple[str, int], Outcome] = {}
    unmet = []
    with tqdm(total=total, desc="weather", unit=" station-years", leave=False, disable=None) as bar:
        try:
            for result in fetch_required(connection, settings, required, by_workers=by_workers):
                if isinstance(result, Attempt):
                    outcomes[result.station, result.year] = result.outcome
                    bar.set_postfix_str(f"{result.station} {result.year}", refresh=False)
                    bar.update()
                else:
                    unmet.append(result)
        finally:
            bar.clear()
            counts = Counter(outcomes.values())
            words = [f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome]]
            click.echo(", ".join(words) or "nothing to fetch")
    return unmet


@weather.command("list")
@click.option("--station", metavar="ID", help="Only this one.")
def list_stored(station: str | None) -> None:
    """What is stored of each station and year, and what could not be fetched."""
    with weather_connection(Settings.from_env()) as connection:
        for row in list_station_years(connection, station):
            click.echo("\t".join([row.station, str(row.year), row.source, *describe_contents(row)]))


def describe_contents(row: StationYear) -> list[str]:
    """What is stored of a station-year: hours, first and last day, when; or why nothing is."""
    if row.observed_hours is None:
        return [f"not fetched on {row.asked:%Y-%m-%d}: {row.message}"]
    first, last = row.first_hour, row.last_hour
    within = f"{first:%Y-%m-%d}..{last:%Y-%m-%d}" if first and last else ""
    return [f"{row.observed_hours:,} of {hours_in(row.year):,} hours", within, f"stored {row.asked:%Y-%m-%d}"]
