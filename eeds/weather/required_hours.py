"""Which temperatures are needed, by whom; and getting them from the best station that has them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.meter.settings import MeterSettings
from eeds.weather.choice import MAX_TRIED, load_pinned
from eeds.weather.coverage import first_covered
from eeds.weather.errors import NoWeather
from eeds.weather.fetch import FAILURES, Attempt, Outcome
from eeds.weather.location import Location, by_zipcode, locate, lock_whereabouts
from eeds.weather.stations import MAX_KM, rank_stations
from eeds.weather.years import HOUR, hour_from, hour_of, year_of_hour

FetchYear = Callable[[str, int], Attempt]


@dataclass(frozen=True)
class Need:
    """Hours [first, last) that somebody needs, of the first of some stations that has enough of them."""

    whose: str  # station 725460, ZIP code 50321, project ABC
    stations: Sequence[str]
    first: datetime
    last: datetime

    @property
    def years(self) -> range:
        """The years that the hours lie in."""
        return range(year_of_hour(hour_of(self.first)), year_of_hour(hour_from(self.last) - HOUR) + 1)


@dataclass(frozen=True)
class Unmet:
    """A need that was not met, and why."""

    whose: str
    why: str


def of_station(station: str, years: range) -> Need:
    """Whole years of one station."""
    return Need(f"station {station}", [station], *period(years))


def of_zipcode(zipcode: str, years: range) -> Need | Unmet:
    """Whole years of a station for a ZIP code."""
    whose = f"ZIP code {zipcode}"
    try:
        return Need(whose, best_stations(by_zipcode(zipcode)), *period(years))
    except NoWeather as error:
        return Unmet(whose, str(error))


def of_projects(connection: PsycopgConnection, years: range | None) -> Iterator[Need | Unmet]:
    """What the runs of all projects need: the years given, else those that the meter looks at."""
    baseline_days = MeterSettings().baseline_days
    parameters = {"baseline_days": None if baseline_days is None else baseline_days + 1}
    for id, name, first, last in connection.execute(query("weather/project_spans"), parameters).fetchall():
        begin, end = period(years) if years else (first, last)
        try:
            stations = stations_of_project(connection, id)
        except NoWeather as error:
            yield Unmet(f"project {name}", str(error))
            continue
        if begin < end:
            yield Need(f"project {name}", stations, begin, end)


def period(years: range) -> tuple[datetime, datetime]:
    """From the beginning of the first year to the end of the last, or until now."""
    end = datetime(years[-1] + 1, 1, 1, tzinfo=UTC)
    return datetime(years[0], 1, 1, tzinfo=UTC), min(end, datetime.now(UTC))


def stations_of_project(connection: PsycopgConnection, project_id: int) -> Sequence[str]:
    """The station that the project names or has pinned, else the best for its place; raises NoWeather."""
    place = lock_whereabouts(connection, project_id)
    if place.weather_station:
        return [place.weather_station]
    location = locate(place)
    pinned = load_pinned(connection, project_id)
    return [pinned.station] if pinned and pinned.method == location.method else best_stations(location)


def best_stations(location: Location) -> Sequence[str]:
    """The stations that will be tried for a place, in order; raises NoWeather if there are none."""
    stations = [candidate.station.id for candidate in rank_stations(location.site)[:MAX_TRIED]]
    if not stations:
        raise NoWeather(f"No weather station within {MAX_KM:g} km of {location.method}; set weather_station.")
    return stations


def meet(connection: PsycopgConnection, need: Need, fetch_year: FetchYear) -> Unmet | None:
    """Fetch the years of one station after the other until one has enough hours.

    A failure ends it: an outage never changes the station. So does what is left to a worker.
    """
    for number in range(len(need.stations)):
        attempts = [fetch_year(need.stations[number], year) for year in need.years]
        failed = [attempt for attempt in attempts if attempt.outcome in FAILURES]
        if failed:
            return Unmet(need.whose, f"{failed[0].year}: {failed[0].message}")
        if any(attempt.outcome is Outcome.QUEUED for attempt in attempts):
            return None
        try:
            first_covered(connection, need.stations[: number + 1], need.first, need.last)
        except NoWeather as error:
            why = str(error)
        else:
            return None
    return Unmet(need.whose, why)
