"""Synthetic buildings whose truth is known: hourly weather, energy that follows it, and meters that read it."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from eeds.meter.types import MeterResult, Periods, Trace, Weather

FIRST = date(2013, 1, 1)
RETROFIT = date(2014, 1, 1)
LAST = date(2015, 1, 1)
DAYS = (LAST - FIRST).days
Numbers = NDArray[np.float64]


def hourly_temperatures(first: date, days: int, seed: int = 1) -> Numbers:
    """A continental climate in degrees Fahrenheit: seasons, day and night, and fronts that pass."""
    rng = np.random.default_rng(seed)
    hour = np.arange(days * 24)
    day_of_year = (first - date(first.year, 1, 1)).days + hour / 24
    front = np.arange(0, days * 24 + 72, 72)
    fronts = np.interp(hour, front, rng.normal(0, 8, len(front)))
    degrees = 53 - 27 * np.cos(2 * np.pi * (day_of_year - 18) / 365.25) - 7 * np.cos(2 * np.pi * hour / 24) + fronts
    # quarters of degrees have exact sums, so that a mean is the same however it is computed
    return np.round(degrees * 4) / 4


TEMPERATURES = hourly_temperatures(FIRST, DAYS)
NORMAL = hourly_temperatures(date(2015, 1, 1), 365, seed=2)
WEATHER = Weather("725460", "synthetic", np.datetime64(FIRST, "h"), TEMPERATURES, NORMAL, "TMY3")


def expected_kwh(temperature: Numbers) -> Numbers:
    """What the building would use on days of these mean temperatures without noise."""
    return 24 + 0.9 * np.maximum(56 - temperature, 0) + 1.4 * np.maximum(temperature - 68, 0)


def daily_means(hourly: Numbers) -> Numbers:
    """Of UTC days."""
    return hourly.reshape(-1, 24).mean(axis=1)


@dataclass(frozen=True)
class Building:
    """Daily energy of a building that saves a fraction from RETROFIT on; noise is correlated from day to day."""

    savings: float = 0.15
    noise: float = 2.0
    autocorrelation: float = 0.4
    seed: int = 3

    def expected(self) -> Numbers:
        """Without noise and savings."""
        return expected_kwh(daily_means(TEMPERATURES))

    def measured(self) -> Numbers:
        """What the meter shows."""
        after = np.arange(DAYS) >= (RETROFIT - FIRST).days
        return self.expected() * np.where(after, 1 - self.savings, 1) + self.errors()

    def errors(self) -> Numbers:
        """AR(1) noise."""
        shocks = np.random.default_rng(self.seed).normal(0, self.noise, DAYS)
        errors = np.zeros(DAYS)
        for day in range(1, DAYS):
            errors[day] = self.autocorrelation * errors[day - 1] + shocks[day]
        return errors


def trace(starts: list[datetime], values: Numbers, *, id: int = 1, interpretation: str = "E_C_S") -> Trace:
    """A trace of readings at these times; the value of the last one counts for nothing."""
    return Trace(
        id=id,
        interpretation=interpretation,
        unit="THM" if interpretation == "NG_C_S" else "KWH",
        start=np.array([moment.astimezone(UTC).replace(tzinfo=None) for moment in starts], dtype="datetime64[s]"),
        value=np.asarray(values, dtype=np.float64),
        estimated=np.zeros(len(starts), dtype=bool),
    )


def daily_trace(values: Numbers, *, first: date = FIRST, zone: str = "UTC", id: int = 1, code: str = "E_C_S") -> Trace:
    """Readings from one local midnight to the next, with the end marker behind them."""
    midnights = [
        datetime.combine(first + timedelta(days=day), time(), ZoneInfo(zone)) for day in range(len(values) + 1)
    ]
    return trace(midnights, np.append(values, np.nan), id=id, interpretation=code)


def utc(day: date, hour: int = 0) -> datetime:
    """A full hour of a day."""
    return datetime.combine(day, time(hour), UTC)


YEAR_END = utc(RETROFIT)


def periods(
    baseline_end: datetime = YEAR_END,
    reporting_start: datetime = YEAR_END,
    *,
    baseline_start: datetime | None = None,
    reporting_end: datetime | None = None,
) -> Periods:
    """A baseline and a reporting period, by default the year before and the time after the retrofit."""
    return Periods(baseline_start, baseline_end, reporting_start, reporting_end)


def contents(result: MeterResult) -> str:
    """Everything in a result, to the last bit."""
    return json.dumps(
        asdict(result), default=lambda value: value.tobytes().hex() if hasattr(value, "tobytes") else str(value)
    )


def few_missing(values: Numbers) -> Numbers:
    """Every fortieth reading is missing."""
    return np.where(np.arange(len(values)) % 40 == 7, np.nan, values)


MONTHS = [date(year, month, 1) for year in (2013, 2014) for month in range(1, 13)] + [LAST]


def monthly_trace(id: int) -> Trace:
    """Bills that are all the same."""
    return trace([utc(first) for first in MONTHS], np.append(np.full(24, 900.0), np.nan), id=id)


def bills_trace(id: int = 1) -> Trace:
    """The bills of ELECTRICITY."""
    measured, edges = ELECTRICITY.measured(), [(first - FIRST).days for first in MONTHS]
    sums = [measured[begin:end].sum() for begin, end in pairwise(edges)]
    return trace([utc(first) for first in MONTHS], np.append(sums, np.nan), id=id)


ELECTRICITY = Building()
GAS = Building(savings=0.3, seed=4)

# A project with what a utility may send.
RUN_TRACES = [
    daily_trace(few_missing(ELECTRICITY.measured()), id=1),
    daily_trace(GAS.measured() / 29.3001, id=2, code="NG_C_S"),
    monthly_trace(id=3),
    daily_trace(np.zeros(DAYS), id=4),
    daily_trace(np.zeros(DAYS), id=5, code="NG_C_S"),
    daily_trace(np.full(DAYS, 12.5), id=6),
    daily_trace(np.full(DAYS, np.nan), id=7),
    trace([], np.empty(0), id=8),
    trace([utc(FIRST)], np.array([5.0]), id=9),
    daily_trace(np.where(np.arange(DAYS) % 9 == 2, -1.0, 5 + np.arange(DAYS) % 7), id=10, code="NG_C_S"),
    daily_trace(ELECTRICITY.measured()[:100], id=11),
]

# The other interpretations, hour by hour. Either period starts with a midnight in California and ends within a day.
OTHER_CODES = ["E_C_T", "E_C_N", "E_OSG_T", "E_OSG_C", "E_OSG_U"]
SHORT_PERIODS = periods(
    utc(RETROFIT, 15),
    utc(RETROFIT + timedelta(days=5), 8),
    baseline_start=utc(FIRST, 8),
    reporting_end=utc(RETROFIT + timedelta(days=95), 20),
)


def hourly_trace(code: str, id: int) -> Trace:
    """Hourly readings: a building, for net metering with a generator that makes more than is used in summer."""
    hours = [utc(FIRST) + timedelta(hours=hour) for hour in range(DAYS * 24 + 1)]
    use = Building(seed=id, noise=4.0).measured().repeat(24) / 24
    if code == "E_C_N":
        use = use - 0.06 * np.maximum(TEMPERATURES - 40, 0)
    return trace(hours, np.append(use, np.nan), id=id, interpretation=code)


# Fifty days of spring, which only a run that ignores disqualification models.
FEW_TRACE = daily_trace(ELECTRICITY.measured())
FEW_PERIODS = periods(utc(FIRST + timedelta(days=140)), utc(LAST))

SHORT_TRACES = [hourly_trace(code, id) for id, code in enumerate(OTHER_CODES, 21)]
