"""The errors of a run without weather."""

from collections.abc import Sequence
from datetime import datetime

from eeds.errors import EedsError


class NoWeather(EedsError):
    """There is no station for the project, or too few of its temperatures are stored; the text says what to do."""


class TooFewHours(NoWeather):
    """Of none of some stations, tried in this order, enough of [first, last) is stored; fetching may help."""

    def __init__(self, message: str, stations: Sequence[str], first: datetime, last: datetime) -> None:
        super().__init__(message)
        self.stations = stations
        self.first = first
        self.last = last


# How the message of a run begins that failed for want of weather, as a regular expression of Postgres.
LACKS_WEATHER = r"^(No weather station|No hourly temperatures|No normal year|Station \S+ covers)"
