"""Whether enough of a station is stored for a run, and the message when it is not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.meter.limits import limits_of
from eeds.meter.settings import DAILY
from eeds.weather.errors import TooFewHours
from eeds.weather.gaps import longest_gap
from eeds.weather.series import Observed, load_observed
from eeds.weather.stations import find_station, ghcnh_ids
from eeds.weather.years import HOUR, UPLOAD, year_of_hour


def first_covered(connection: PsycopgConnection, stations: Iterable[str], first: datetime, last: datetime) -> str:
    """The first of the stations of which enough of [first, last) is stored; raises TooFewHours if there is none.

    Enough is the share of hours, filled ones included, that the meter asks for of days.
    """
    required, tried = limits_of(DAILY).temperature, []
    for station in stations:
        observed = load_observed(connection, station, first, last)
        if observed.covered >= required * observed.temps.size:
            return station
        tried.append(observed)
    best = max(tried, key=lambda observed: observed.covered)
    others = [observed.station for observed in tried if observed is not best]
    message = explain(best, others, reasons_not_fetched(connection, best))
    raise TooFewHours(message, [observed.station for observed in tried], first, last)


def reasons_not_fetched(connection: PsycopgConnection, observed: Observed) -> dict[str, list[int]]:
    """Why years of a station could not be fetched, as far as that is remembered; the years by the reason."""
    first_year = year_of_hour(observed.first_hour)
    last_year = year_of_hour(observed.first_hour + (observed.temps.size - 1) * HOUR)
    parameters = {"station": observed.station, "first_year": first_year, "last_year": last_year, "upload": UPLOAD}
    reasons: dict[str, list[int]] = {}
    for year, message in connection.execute(query("weather/misses"), parameters):
        reasons.setdefault(message, []).append(year)
    return reasons


def explain(best: Observed, others: Sequence[str], reasons: Mapping[str, Sequence[int]]) -> str:
    """What the best of some stations lacks, why, and what to do about it; `others` are the ids of the rest."""
    name = station_name(best.station)
    station = f"station {best.station} ({name})" if name else f"station {best.station}"
    hours = best.temps.size
    days = f"{date_of_hour(best, 0)}..{date_of_hour(best, hours - 1)}"
    if best.covered:
        lack = f"S{station[1:]} covers {best.covered:,} of {hours:,} hours of {days}, {describe_longest_gap(best)}"
        rest = f"; the next stations ({', '.join(others)}) are no better" if others else ""
    else:
        lack = f"No hourly temperatures for {station} in {days}"
        rest = f", nor for the next stations ({', '.join(others)})" if others else ""
    why = "".join(f" {', '.join(map(str, years))}: {reason}" for reason, years in reasons.items())
    return f"{lack}{rest}.{why} {remedy(best)}"


def remedy(lacking: Observed) -> str:
    """How a station gets the hours it lacks."""
    first, last = (date_of_hour(lacking, hour)[:4] for hour in (0, lacking.temps.size - 1))
    years = first if first == last else f"{first}-{last}"
    fetch = f"Fetch them (eeds weather fetch --station {lacking.station} --years {years}), upload"
    return (
        f"{fetch if ghcnh_ids(lacking.station) else 'Upload'} hourly temperatures of station {lacking.station} to "
        "/api/v1/weather_records/sync2/, or set weather_station to a station that has them."
    )


def describe_longest_gap(observed: Observed) -> str:
    """Between which days the longest gap lies."""
    begin, end = longest_gap(observed.temps)
    if end == observed.temps.size:
        return f"nothing after {date_of_hour(observed, begin - 1)}"
    if begin == 0:
        return f"nothing before {date_of_hour(observed, end)}"
    return f"nothing from {date_of_hour(observed, begin)} to {date_of_hour(observed, end - 1)}"


def date_of_hour(observed: Observed, hour: int) -> str:
    """The date (UTC) of an hour by its number, as 2014-12-31."""
    return str((observed.first_hour + hour * HOUR).astype("datetime64[D]"))


def station_name(id: str) -> str | None:
    """What a station is called, if eeds knows it."""
    station = find_station(id)
    return station.name if station else None
