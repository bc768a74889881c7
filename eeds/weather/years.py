"""UTC years of hours, the unit in which temperatures are stored."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

FIRST_YEAR, LAST_YEAR = 1900, 2099
HOUR = np.timedelta64(1, "h")

UPLOAD, GHCNH, SYNTHETIC = "upload", "ghcnh", "synthetic"
# A year of a station is read from the first of these that has it: what its owner measured wins.
SOURCES = (UPLOAD, GHCNH, SYNTHETIC)


def first_hour(year: int) -> np.datetime64:
    """The hour in which a year begins, datetime64[h]."""
    return np.datetime64(f"{year:04}-01-01T00", "h")


def hours_in(year: int) -> int:
    """8,760, or 8,784 in a leap year."""
    return int((first_hour(year + 1) - first_hour(year)).astype(int))


def year_of(hours: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """The year of each hour."""
    return hours.astype("datetime64[Y]").astype(np.int64) + 1970


def year_of_hour(hour: np.datetime64) -> int:
    """The year of one hour."""
    return int(year_of(np.array([hour]))[0])


def years_within(first: datetime, last: datetime) -> range:
    """The years that [first, last) touches; both have a time zone."""
    return range(year_of_hour(hour_of(first)), year_of_hour(hour_from(last) - HOUR) + 1)


def hour_of(instant: datetime) -> np.datetime64:
    """The hour that an instant lies in; `instant` has a time zone."""
    return np.datetime64(instant.astimezone(UTC).replace(tzinfo=None), "h")


def hour_from(instant: datetime) -> np.datetime64:
    """The first hour that begins at an instant or after it; `instant` has a time zone."""
    return hour_of(instant + timedelta(hours=1) - timedelta(microseconds=1))


def instant_of(hour: np.datetime64) -> datetime:
    """The instant at which an hour begins."""
    return datetime.fromisoformat(str(hour.astype("datetime64[s]"))).replace(tzinfo=UTC)
