"""Which temperatures are required, and for whom: hours of a station, of a ZIP code, or of the runs of all projects."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.meter.settings import MeterSettings
from eeds.weather.choice import best_stations, load_pinned
from eeds.weather.errors import NoWeather
from eeds.weather.location import by_zipcode, locate, lock_whereabouts
from eeds.weather.years import years_within


@dataclass(frozen=True)
class RequiredHours:
    """Hours [first, last) that are required of the first of some stations that has enough of them."""

    whose: str  # station 725460, ZIP code 50321, project ABC
    stations: Sequence[str]
    first: datetime
    last: datetime

    @property
    def years(self) -> range:
        """The UTC years that the hours lie in."""
        return years_within(self.first, self.last)


@dataclass(frozen=True)
class Unmet:
    """Why somebody does not get the hours that they require."""

    whose: str
    why: str


def required_of(
    connection: PsycopgConnection,
    stations: Sequence[str],
    zipcodes: Sequence[str],
    all_projects: bool,
    years: range | None,
) -> Iterator[RequiredHours | Unmet]:
    """Whole years of stations and ZIP codes, and what the projects' runs look at; `years` None is for projects only,
    and means the years that the meter looks at. Unmet for whoever has no station."""
    if years:
        for station in stations:
            yield RequiredHours(f"station {station}", [station], *span_of(years))
        yield from (for_zipcode(zipcode, years) for zipcode in zipcodes)
    if all_projects:
        yield from for_projects(connection, years)


def for_zipcode(zipcode: str, years: range) -> RequiredHours | Unmet:
    """Whole years of the best stations for a ZIP code."""
    whose = f"ZIP code {zipcode}"
    try:
        stations = [candidate.station.id for candidate in best_stations(by_zipcode(zipcode))]
    except NoWeather as error:
        return Unmet(whose, str(error))
    return RequiredHours(whose, stations, *span_of(years))


def for_projects(connection: PsycopgConnection, years: range | None) -> Iterator[RequiredHours | Unmet]:
    """What the runs of all projects need: the years given, else those that the meter looks at."""
    baseline_days = MeterSettings().baseline_days
    parameters = {"baseline_days": None if baseline_days is None else baseline_days + 1}
    for id, name, first, last in connection.execute(query("weather/project_spans"), parameters).fetchall():
        begin, end = span_of(years) if years else (first, last)
        try:
            stations = stations_of_project(connection, id)
        except NoWeather as error:
            yield Unmet(f"project {name}", str(error))
            continue
        if begin < end:
            yield RequiredHours(f"project {name}", stations, begin, end)


def span_of(years: range) -> tuple[datetime, datetime]:
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
    if pinned and pinned.method == location.method:
        return [pinned.station]
    return [candidate.station.id for candidate in best_stations(location)]
