"""The weather that a run is computed from, and where it came from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.meter.types import Weather
from eeds.weather.choice import Choice, choose_station
from eeds.weather.errors import NoWeather
from eeds.weather.normals import best_kind, load_normal
from eeds.weather.series import Observed, load_observed
from eeds.weather.stations import find_station

WARN_KM = 50.0
FLAG_KM = 200.0  # CalTRACK 2.4.2
COUNTS = ("observed", "filled", "missing", "longest_gap", "days_under_half")


@dataclass(frozen=True)
class WeatherForRun:
    """Temperatures for the meter; `provenance` says what they are, in types that JSON has, for the result."""

    weather: Weather
    provenance: dict[str, Any]
    first: datetime
    last: datetime

    def is_unchanged(self, connection: PsycopgConnection) -> bool:
        """Whether a run would read the same temperatures of the station now, and the same normal year."""
        read, normal_station = self.weather, self.provenance["normal_station"]
        if best_kind(connection, normal_station) != read.normal_kind:
            return False
        try:
            normal = load_normal(connection, normal_station, read.normal_kind)
        except NoWeather:
            return False
        observed = load_observed(connection, read.station, self.first, self.last)
        return bool(np.array_equal(normal, read.normal) and np.array_equal(observed.temps, read.observed, True))


def weather_for_run(
    session: Session, project_id: int, periods_first: datetime, periods_last: datetime, station_setting: str | None
) -> WeatherForRun:
    """The hours that touch [periods_first, periods_last), from the project's station, and its normal year.

    The station is chosen and pinned in the session's transaction, see choose_station; `station_setting` is the
    weather_station of the meter_settings. Raises NoWeather with what is missing and what to do.
    """
    connection = psycopg_connection(session)
    choice = choose_station(connection, project_id, station_setting, periods_first, periods_last)
    observed = load_observed(connection, choice.station, periods_first, periods_last)
    weather = Weather(
        station=choice.station,
        source=observed.source,
        first_hour=observed.first_hour,
        observed=observed.temps,
        normal=load_normal(connection, choice.normal_station, choice.kind),
        normal_kind=choice.kind,
    )
    about = provenance(choice, observed, periods_first, periods_last)
    return WeatherForRun(weather, about, periods_first, periods_last)


def provenance(choice: Choice, observed: Observed, first: datetime, last: datetime) -> dict[str, Any]:
    """What a result says of its weather, from the `first` hour to the `last`; observed, filled, missing and longest_gap
    count hours."""
    station = find_station(choice.station)
    return {
        "source": observed.source,
        "station": choice.station,
        "name": station.name if station else None,
        "climate": {name: zone or None for name, zone in station.zones._asdict().items()} if station else None,
        "km": None if choice.km is None else round(choice.km, 1),
        "climate_match": choice.climate_match,
        "method": choice.method,
        "normal_station": choice.normal_station,
        "normal_kind": choice.kind,
        "from": first.isoformat(),
        "to": last.isoformat(),
        **{name: getattr(observed, name) for name in COUNTS},
        "files": [
            {"year": year, "url": stored.url, "sha256": stored.sha256}
            for year, stored in observed.years.items()
            if stored.url
        ],
        "warnings": distance_warnings(choice),
    }


def distance_warnings(choice: Choice) -> list[str]:
    """A warning of a station that is further than WARN_KM from its site, a stronger one beyond FLAG_KM."""
    distance = f"Station {choice.station} is {choice.km or 0:,.0f} km from the site"
    if choice.km and choice.km > FLAG_KM:
        return [f"{distance}, more than {FLAG_KM:g} km (CalTRACK 2.4.2): its weather may be another; use a nearer one."]
    if choice.km and choice.km > WARN_KM:
        return [f"{distance}, more than {WARN_KM:g} km: its weather may differ from that of the site."]
    return []
