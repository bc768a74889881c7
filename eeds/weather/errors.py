"""The error of a run without weather."""

from eeds.errors import EedsError


class NoWeather(EedsError):
    """There is no station for the project, or too few of its temperatures are stored; the text says what to do."""


# How the message of a run begins that failed for want of weather, as a regular expression of Postgres.
LACKS_WEATHER = r"^(No weather station|No hourly temperatures|No normal year|Station \S+ covers)"
