"""What the files of a batch hold: a project's input, a station's weather, what became of a project.

DIRECTORY/projects/00000.parquet    some projects: a ProjectInput each
DIRECTORY/weather/725460-....parquet    a station's weather, for all projects that look at it
DIRECTORY/results/00000.parquet     what became of the projects in the file of that name: a ProjectOutcome each
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.types import MeterResult, Periods, Trace, Weather

PROJECTS, WEATHER, RESULTS = "projects", "weather", "results"  # the folders
HOUR = np.timedelta64(1, "h")


def instant_of(hour: np.datetime64) -> datetime:
    """When an hour (datetime64, UTC) begins."""
    instant: datetime = hour.astype("datetime64[s]").item()
    return instant.replace(tzinfo=UTC)


def hour_of(instant: datetime) -> np.datetime64:
    """The hour (datetime64[h], UTC) that begins then."""
    return np.datetime64(instant.replace(tzinfo=None), "h")


@dataclass(frozen=True)
class StationWeather:
    """The temperatures of a station from an hour on, degrees Fahrenheit, NaN = missing, and a normal year of it."""

    station: str
    first_hour: datetime
    observed: Numbers
    normal: Numbers
    normal_kind: str

    @classmethod
    def of(cls, weather: Weather) -> Self:
        """The hours of a run alone."""
        return cls(
            weather.station, instant_of(weather.first_hour), weather.observed, weather.normal, weather.normal_kind
        )

    def within(self, hours: "Hours") -> Weather:
        """The weather of a run; NaN for hours that are not stored."""
        first = hour_of(hours.first)
        begin = int((first - hour_of(self.first_hour)) / HOUR)
        observed = np.full(hours.count, np.nan)
        stored = self.observed[max(begin, 0) : max(begin + hours.count, 0)]
        offset = max(-begin, 0)
        observed[offset : offset + stored.size] = stored
        return Weather(self.station, hours.source, first, observed, self.normal, self.normal_kind)


@dataclass(frozen=True)
class Hours:
    """Which hours of a station's weather a run looks at, and where they were from: upload, ghcnh, synthetic."""

    first: datetime
    count: int
    source: str

    @classmethod
    def of(cls, weather: Weather) -> Self:
        """Those of a run."""
        return cls(instant_of(weather.first_hour), weather.observed.size, weather.source)


@dataclass(frozen=True)
class ProjectInput:
    """All that the meter takes of a project, and where it came from."""

    project: int  # its id
    name: str  # its project_id, for people
    input_sha256: str  # of what follows, as eeds.meter.provenance computes it
    meter_class: str
    meter_settings: Mapping[str, Any] | None  # as they were asked for
    settings: Mapping[str, Any]  # with what the project says itself
    periods: Periods
    traces: tuple[Trace, ...]
    weather_file: str
    hours: Hours
    origin: Mapping[str, Any]  # of weather and time zone, for the provenance of the result


@dataclass(frozen=True)
class ProjectOutcome:
    """The result of a project, or in `message` why it has none."""

    project: int
    name: str
    input_sha256: str
    meter_class: str
    meter_settings: Mapping[str, Any] | None
    versions: Mapping[str, str]  # of what computed
    message: str | None
    result: MeterResult | None
