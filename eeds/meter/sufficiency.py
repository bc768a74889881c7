"""Whether there is enough data for a model: each criterion with what was measured, what is required and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eeds.meter.days import Instants, Numbers
from eeds.meter.names import is_electricity_consumption
from eeds.meter.series import Mask, Series

# Below these there is nothing to fit, whatever a run is told to ignore.
LEAST_DAYS = 30
# The same load all year long gives three sums where clocks change: of 23, 24 and 25 hours.
CONSTANT_VALUES = 3
SAME = 1e-9
# Daily readings; the longest day of the year has an hour more than the others.
DAILY_HOURS = 25

LOAD = "Load the missing readings, or move the period."
WEATHER = "Load the temperatures of the missing days, or choose another weather_station."
BILLS = "The billing model is not available yet; load daily or hourly readings of this meter."
LOOK = "Check the meter and what was loaded from it."


@dataclass(frozen=True)
class Limits:
    """What is required of daily data: shares of days from 0 to 1."""

    min_days: int
    max_days: int
    temperature: float
    energy: float
    both: float
    monthly_temperature: float


@dataclass(frozen=True)
class Criterion:
    """One requirement and whether it is met."""

    name: str
    measured: str
    required: str
    passed: bool
    advice: str

    def __str__(self) -> str:
        return f"{self.name} (measured {self.measured}, required {self.required})"


def status(failed: Sequence[Criterion], *, ignorable: bool) -> str:
    """The status of a trace that does not meet some criteria."""
    advice = list(dict.fromkeys(criterion.advice for criterion in failed))
    if ignorable:
        advice.append("Or set ignore_disqualification to have a model all the same.")
    return f"INSUFFICIENT DATA: {'; '.join(map(str, failed))}. {' '.join(advice)}"


def too_few_records(count: int) -> str:
    """The status of a trace that has no reading which lasts for any time."""
    name = "records of the trace, the last of which only marks the end of the one before it"
    return status([Criterion(name, f"{count}", "at least 2", False, LOAD)], ignorable=False)


def obstacle(starts: Instants, values: Numbers, series: Series) -> list[Criterion]:
    """The first thing about a period's readings and its days that rules out a daily model, if any: the criteria after
    it would say nothing."""
    return [criterion for criterion in of_readings(starts, values) + of_days(series) if not criterion.passed][:1]


def of_readings(starts: Instants, values: Numbers) -> list[Criterion]:
    """What the readings of a period must be for the daily model."""
    present = int(np.count_nonzero(~np.isnan(values)))
    nonzero = int(np.count_nonzero(np.nan_to_num(values)))
    hours = float(np.median(np.diff(starts).astype(np.float64))) / 3600 if len(starts) > 1 else 0.0
    return [
        Criterion("readings in the period", f"{len(values)}", "at least 1", len(values) > 0, LOAD),
        Criterion("readings that are not missing", f"{present} of {len(values)}", "at least 1", present > 0, LOAD),
        Criterion("readings that are not zero", f"{nonzero} of {len(values)}", "at least 1", nonzero > 0, LOOK),
        Criterion(
            "median spacing of the readings", f"{hours / 24:.0f} days", "at most 1 day", hours <= DAILY_HOURS, BILLS
        ),
    ]


def of_days(series: Series) -> list[Criterion]:
    """What the days of a period must be for any model."""
    with_reading = ~np.isnan(series.energy)
    complete = int(np.count_nonzero(series.complete))
    gaps = np.diff(series.dates[with_reading]).astype(np.float64)
    gap = float(np.median(gaps)) if gaps.size else 1.0
    return [
        Criterion(
            "days with a reading and a temperature",
            f"{complete}, with {np.count_nonzero(with_reading)} that have a reading",
            f"at least {LEAST_DAYS}",
            complete >= LEAST_DAYS,
            f"{LOAD} {WEATHER}",
        ),
        Criterion("median of days from one with a reading to the next", f"{gap:g}", "1", gap <= 1, LOAD),
        varied("different values of days", series.energy[series.complete]),
        varied("different temperatures of days", series.temperature[series.complete]),
    ]


def varied(name: str, values: Numbers) -> Criterion:
    """Whether values vary at all: a constant series has nothing that a temperature could explain."""
    steps = np.diff(np.sort(values))
    different = 1 + int(np.count_nonzero(steps > SAME * np.max(np.abs(values), initial=0.0)))
    return Criterion(name, f"{different}", f"more than {CONSTANT_VALUES}", different > CONSTANT_VALUES, LOOK)


def of_baseline(series: Series, interpretation: str, limits: Limits) -> list[Criterion]:
    """CalTRACK's criteria for days without an obstacle. Shares are of the days from the first to the last with both a
    reading and a temperature, where the zero of an electricity meter is no reading."""
    first, *_, last = series.dates[series.complete]
    span = series.select((series.dates >= first) & (series.dates <= last))
    days = len(span.dates)
    found = [
        Criterion(
            "days from the first to the last with a reading and a temperature",
            f"{days}",
            f"at least {limits.min_days}",
            days >= limits.min_days,
            LOAD,
        ),
        share("days with a reading", ~np.isnan(span.energy), limits.energy, LOAD),
        share("days with a temperature", ~np.isnan(span.temperature), limits.temperature, WEATHER),
        share("days with both", span.complete, limits.both, LOAD),
        monthly_temperature(span, limits.monthly_temperature),
    ]
    return found if is_electricity_consumption(interpretation) else [*found, not_negative(span)]


def share(name: str, present: Mask, least: float, advice: str) -> Criterion:
    """A share of days that must be there (CalTRACK 2.2.1.2)."""
    count, of = int(np.count_nonzero(present)), len(present)
    return Criterion(name, f"{count / of:.1%}, {count} of {of}", f"at least {least:.0%}", count / of >= least, advice)


def monthly_temperature(span: Series, least: float) -> Criterion:
    """The calendar month with the fewest temperatures must have most of them."""
    month = span.dates.astype("datetime64[M]").astype(np.int64) % 12
    lowest = min(float(np.mean(~np.isnan(span.temperature[month == each]))) for each in np.unique(month))
    name = "days with a temperature in the month that has fewest"
    return Criterion(name, f"{lowest:.1%}", f"at least {least:.0%}", lowest >= least, WEATHER)


def not_negative(span: Series) -> Criterion:
    """Gas and generation are counted one way only (CalTRACK 2.3.5)."""
    count = int(np.count_nonzero(span.energy < 0))
    return Criterion("days with a negative value", f"{count}", "none", count == 0, LOOK)
