"""A building whose savings are known, as an hourly meter would show it, and its readings by hour, day or bill."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Instants = NDArray[np.datetime64]

ELECTRICITY, GAS = "electricity", "gas"
HOURS, DAYS, MONTHS, BIMONTHS = "hours", "days", "monthly", "bimonthly"
READINGS = (HOURS, DAYS, MONTHS, BIMONTHS)
YEAR = 365
MONTHS_BETWEEN = {MONTHS: 1, BIMONTHS: 2}


@dataclass(frozen=True)
class NormalYear:
    """What is known of a normal year: what the building would use without the retrofit, and what the retrofit saves.

    Nobody knows what a real building would use; then `expected` is None and what the meter says stands in for it, of
    which the retrofit saves a share and so many kWh beside.
    """

    expected: float | None
    share: float
    energy: float = 0.0


@dataclass(frozen=True)
class Case:
    """Two years of a building, the second with a retrofit that may be none; energies in kWh or therms an hour."""

    source: str  # cases of one source share years, and so errors
    fuel: str
    first: date  # local day on which the baseline begins; its day of the month is that of the bills
    timezone: str
    used: Numbers  # what ran through the meter, from the first local midnight on
    saved: Numbers  # by the retrofit, hour by hour; nothing in the first year
    present: NDArray[np.bool_]  # the hours that were read; bills have no gaps
    temperature: Numbers  # degrees Fahrenheit, a day longer
    normal_temperature: Numbers  # 8,760 UTC hours from 1 January
    normal: NormalYear | None  # None = nothing is known of it

    def midnight(self, day: date) -> np.datetime64:
        """When a local day begins, UTC."""
        local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.timezone))
        return np.datetime64(local.astimezone(UTC).replace(tzinfo=None), "h")

    @property
    def start(self) -> np.datetime64:
        """The first hour."""
        return self.midnight(self.first)

    @property
    def retrofit(self) -> np.datetime64:
        """The first hour of the reporting period."""
        return self.midnight(self.first + timedelta(days=YEAR))

    @property
    def end(self) -> np.datetime64:
        """The first hour behind the reporting period."""
        return self.midnight(self.first + timedelta(days=2 * YEAR))

    def counted(self, readings: str) -> NDArray[np.bool_]:
        """The hours of the reporting period for which there are readings of a kind."""
        after = self.start + np.arange(len(self.used)) >= self.retrofit
        return after & (self.present if readings in (HOURS, DAYS) else True)


def hours_between(first: date, timezone: str) -> int:
    """Hours of the two years from a local day on; one more or fewer where summer time has begun or ended."""
    zone = ZoneInfo(timezone)
    start, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, first + timedelta(2 * YEAR)))
    return round((end.timestamp() - start.timestamp()) / 3600)


def readings_of(case: Case, kind: str) -> tuple[Instants, Numbers]:
    """When readings of a kind start, and their values; NaN where one is missing. The last one only marks the end."""
    edges = edges_of(case, kind)
    place = (edges - case.start).astype(np.int64)
    measured = np.where(case.present, case.used, np.nan) if kind in (HOURS, DAYS) else case.used
    return edges.astype("datetime64[s]"), np.append(np.add.reduceat(measured, place[:-1]), np.nan)


def edges_of(case: Case, kind: str) -> Instants:
    """When readings of a kind are taken: every hour, at every local midnight, or at the midnight of read dates."""
    if kind == HOURS:
        return np.arange(case.start, case.end + 1)
    if kind == DAYS:
        days = [case.first + timedelta(days=day) for day in range(2 * YEAR + 1)]
        return np.array([case.midnight(day) for day in days])
    return np.array([case.midnight(day) for day in read_dates(case.first, MONTHS_BETWEEN[kind])])


def read_dates(first: date, months: int) -> list[date]:
    """The days on which bills of two years begin, and the last ends: those of the month of the first one, but that the
    years end when they do, whatever 29 February did."""
    ends = [first + timedelta(days=days) for days in (YEAR, 2 * YEAR)]
    between = [first.replace(year=year, month=month) for year, month in year_months(first, months)]
    before, after = between[: len(between) // 2], between[len(between) // 2 :]
    return [*before, ends[0], *after[1:], ends[1]]


def year_months(first: date, step: int) -> list[tuple[int, int]]:
    """Year and month of each so many months of two years."""
    place = [first.year * 12 + first.month - 1 + month for month in range(0, 24, step)]
    return [(month // 12, month % 12 + 1) for month in place]
