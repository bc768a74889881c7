"""Whether enough of a station is stored for a run, and what to say when it is not."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from eeds.db import PsycopgConnection
from eeds.weather.errors import NoWeather
from eeds.weather.gaps import longest_gap
from eeds.weather.series import Observed, load_observed
from eeds.weather.stations import find_station
from eeds.weather.years import HOUR

# Of the hours of a run, filled ones included; the meter asks for the same share of days.
REQUIRED_SHARE = 0.9


def first_covered(connection: PsycopgConnection, stations: Iterable[str], first: datetime, last: datetime) -> str:
    """The first of the stations of which enough of [first, last) is stored; raises NoWeather if there is none."""
    tried = []
    for station in stations:
        observed = load_observed(connection, station, first, last)
        if observed.covered >= REQUIRED_SHARE * observed.temps.size:
            return station
        tried.append(observed)
    raise NoWeather(explain(tried))


def explain(tried: Sequence[Observed]) -> str:
    """What the best of these stations lacks, and what to do about it."""
    best = max(tried, key=lambda observed: observed.covered)
    others = [observed.station for observed in tried if observed is not best]
    name = station_name(best.station)
    station = f"station {best.station} ({name})" if name else f"station {best.station}"
    hours = best.temps.size
    period = f"{day(best, 0)}..{day(best, hours - 1)}"
    if best.covered:
        found = f"S{station[1:]} covers {best.covered:,} of {hours:,} hours of {period}, {worst_gap(best)}"
        rest = f"; the next stations ({', '.join(others)}) are no better" if others else ""
    else:
        found = f"No hourly temperatures for {station} in {period}"
        rest = f", nor for the next stations ({', '.join(others)})" if others else ""
    return (
        f"{found}{rest}. Upload hourly temperatures of station {best.station} to /api/v1/weather_records/sync2/, "
        "or set weather_station to a station that has them."
    )


def worst_gap(observed: Observed) -> str:
    """The days of the longest gap."""
    begin, end = longest_gap(observed.temps)
    if end == observed.temps.size:
        return f"nothing after {day(observed, begin - 1)}"
    if begin == 0:
        return f"nothing before {day(observed, end)}"
    return f"nothing from {day(observed, begin)} to {day(observed, end - 1)}"


def day(observed: Observed, hour: int) -> str:
    """The date of an hour, in UTC."""
    return str((observed.first_hour + hour * HOUR).astype("datetime64[D]"))


def station_name(id: str) -> str | None:
    """What a station is called, if eeds knows it."""
    station = find_station(id)
    return station.name if station else None
