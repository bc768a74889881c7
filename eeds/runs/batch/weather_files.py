"""The weather of the projects of an export: a file a station, whatever hours of it they look at."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import msgspec

from eeds.db.engine import PsycopgConnection
from eeds.meter.batch_files import RowWriter
from eeds.meter.batch_rows import Hours, StationWeather, instant_of
from eeds.meter.provenance import hash_of, numbers
from eeds.meter.types import Weather
from eeds.weather.series import load_history

# Stations in memory: projects come in order of the station that they had last.
REMEMBERED = 16


class WeatherFiles:
    """Writes files of weather into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.latest: dict[str, tuple[str, StationWeather]] = {}  # by station: the name of its file, and what is in it

    def name_for(self, connection: PsycopgConnection, weather: Weather) -> str:
        """The name of the file that has the weather of a run; it is written if there is none."""
        name, stored = self.latest.pop(weather.station, ("", None))
        if stored is None or not holds(stored, weather):
            stored = history_with(connection, weather)
            name = self.write(stored)
        self.latest[weather.station] = name, stored
        if len(self.latest) > REMEMBERED:
            del self.latest[next(iter(self.latest))]
        return name

    def write(self, weather: StationWeather) -> str:
        """Write a file, unless it is there; its name, which says what is in it."""
        about = msgspec.json.encode([weather.station, weather.first_hour, weather.normal_kind])
        digest = hash_of((about, numbers(weather.observed), numbers(weather.normal))).hex()
        name = f"{quote(weather.station, safe='')[:60]}-{digest[:16]}.parquet"
        if not (self.folder / name).exists():
            with RowWriter(self.folder / name, StationWeather) as file:
                file.write(weather)
        return name


def history_with(connection: PsycopgConnection, weather: Weather) -> StationWeather:
    """All that is stored of the station of a run; if that has changed since the run's weather was read, only this."""
    own = StationWeather.of(weather)
    first_hour, observed = load_history(connection, weather.station)
    history = replace(own, first_hour=instant_of(first_hour), observed=observed)
    return history if holds(history, weather) else own


def holds(stored: StationWeather, weather: Weather) -> bool:
    """Whether a file has the weather of a run, to the last bit."""
    found = stored.within(Hours.of(weather))
    return (stored.normal_kind, numbers(found.observed), numbers(found.normal)) == (
        weather.normal_kind,
        numbers(weather.observed),
        numbers(weather.normal),
    )
