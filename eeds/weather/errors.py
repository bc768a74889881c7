"""Why a run has no weather."""

from eeds.errors import EedsError


class NoWeather(EedsError):
    """There is no station for the project, or too few of its temperatures are stored; the text says what to do."""
