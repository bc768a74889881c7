"""What goes into the meter and what comes out: plain data, so that a run can be stored, compared and recomputed."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Self, TypeVar, cast

import numpy as np

from eeds.meter.arrays import Instants, Mask, Numbers
from eeds.meter.spread import Spread

BASELINE, REPORTING = "BASELINE", "REPORTING"
ANNUALIZED_WEATHER_NORMAL, GROSS_PREDICTED = "annualized_weather_normal", "gross_predicted"
SUCCESS = "SUCCESS"

Found = TypeVar("Found")


@dataclass(frozen=True)
class Trace:
    """The readings of one meter channel, in order of time; a reading lasts until the next one starts."""

    id: int
    interpretation: str  # short code, as E_C_S
    unit: str  # KWH or THM
    start: Instants  # datetime64[s], UTC, strictly increasing
    value: Numbers  # in `unit`; NaN = missing
    estimated: Mask


@dataclass(frozen=True)
class Weather:
    """Hourly temperatures of one station, degrees Fahrenheit, NaN = missing, without a gap in the hours themselves.

    Its arrays are copies that cannot be written to, so that what was found of them stays true: see `once`.
    """

    station: str
    source: str  # upload, ghcnh, synthetic
    first_hour: np.datetime64  # UTC
    observed: Numbers  # from first_hour on
    normal: Numbers  # 8,760 UTC hours of a normal year from 1 January
    normal_kind: str  # TMY3, CZ2010, EPW ..., derived
    _found: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("observed", "normal"):
            copy = np.array(getattr(self, name))
            copy.flags.writeable = False
            object.__setattr__(self, name, copy)

    def __reduce__(self) -> tuple[Any, ...]:
        # a copy, as another process gets it, has found nothing, and its arrays are no more to be written to
        return Weather, tuple(getattr(self, each.name) for each in fields(self) if each.init)

    def once(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """What follows from the weather alone: found the first time that it is asked for, and kept for as long as this
        object is, so that projects of one station find it once."""
        if key not in self._found:
            self._found[key] = find()
        return cast(Found, self._found[key])


@dataclass(frozen=True)
class Periods:
    """Baseline and reporting period, UTC; what lies between them is the blackout period. None = open."""

    baseline_start: datetime | None
    baseline_end: datetime
    reporting_start: datetime
    reporting_end: datetime | None


@dataclass(frozen=True)
class Derivative:
    """A number computed from one model; upper and lower are distances to the bounds, n the days summed."""

    interpretation: str
    value: float
    upper: float
    lower: float
    n: int


@dataclass(frozen=True)
class TraceModelResult:
    """The model of one trace in one period, or in `status` why there is none."""

    trace_id: int
    period: str  # BASELINE or REPORTING
    status: str
    r2: float | None = None
    rmse: float | None = None
    cvrmse: float | None = None
    upper: float | None = None  # distance of one predicted point to its bound
    lower: float | None = None
    n: int | None = None  # days or billing periods fitted
    model_json: str | None = None
    derivatives: tuple[Derivative, ...] = ()
    nmbe: float | None = None
    nmbe_limit: float | None = None  # ASHRAE Guideline 14's, None where it has none
    cvrmse_limit: float | None = None
    mean_bias: float | None = None  # a day, in the trace's unit: how much more was measured than predicted
    model: str | None = None  # daily, billing, hourly, caltrack daily ...; None without readings
    flags: tuple[str, ...] = ()  # what was done to readings, and what is worth a look in them, in words


@dataclass(frozen=True)
class Aggregation:
    """A derivative summed over a project's traces of one interpretation, in kWh; None where no trace has it."""

    trace_interpretation: str  # long name, as ELECTRICITY_CONSUMPTION_SUPPLIED
    interpretation: str
    baseline: Derivative | None
    reporting: Derivative | None


@dataclass(frozen=True)
class Savings:
    """Energy that was saved; upper and lower are distances to the bounds, n the days summed."""

    value: float
    upper: float
    lower: float
    n: int
    baseline: float  # what would have been used without the retrofit
    spread: Spread | None = None  # of the error; None in sums of some that do not have it

    @property
    def fraction(self) -> float | None:
        """Of what would have been used; None where that is nothing."""
        return self.value / self.baseline if self.baseline else None

    @property
    def fsu(self) -> float | None:
        """Fractional savings uncertainty, half of what lies between the bounds (CalTRACK 4.3.2); None where nothing was
        saved."""
        return (self.lower + self.upper) / 2 / abs(self.value) if self.value else None


@dataclass(frozen=True)
class MonthSavings:
    """The part of metered savings that lies in one calendar month of local days, and how sure the sum from the first
    month to this one is."""

    month: date  # its first day
    value: float
    upper: float
    lower: float
    n: int  # days summed
    baseline: float  # what would have been used without the retrofit
    spread: Spread
    cumulative_upper: float
    cumulative_lower: float
    cumulative_spread: Spread

    @classmethod
    def of(
        cls, month: date, sums: tuple[float, int, float], spread: Spread, until: Spread, confidence_level: float
    ) -> Self:
        """Value, n and baseline of a month, with the spread of the value and that of the sum up to the month."""
        value, n, baseline = sums
        (lower, upper), (down, up) = spread.distances(confidence_level), until.distances(confidence_level)
        return cls(month, value, upper, lower, n, baseline, spread, up, down, until)


@dataclass(frozen=True)
class TraceSavings:
    """The savings of one trace in its unit: against what was measured, and in a normal year. None = no model for it."""

    trace_id: int
    metered: Savings | None
    normalized: Savings | None
    months: tuple[MonthSavings, ...] = ()  # of the metered ones
    model: str = ""  # of the baseline: daily, billing, hourly


@dataclass(frozen=True)
class SavingsAggregation:
    """Savings summed over a project's traces of one interpretation, in kWh."""

    trace_interpretation: str  # long name, as ELECTRICITY_CONSUMPTION_SUPPLIED
    metered: Savings | None
    normalized: Savings | None
    months: tuple[MonthSavings, ...] = ()  # of the metered ones
    model: str = ""  # of the baselines of its traces; several are joined by a plus sign


@dataclass(frozen=True)
class TimeSeries:
    """What a trace used and what its models predict, from the first day of the baseline to the last reading.

    A row is a day for the daily model, an hour for the hourly, a billing period for the billing model. NaN = missing;
    energies in the trace's unit.
    """

    trace_id: int
    resolution: str  # daily, hourly, billing
    start: Instants  # datetime64[s], UTC: when the row begins
    observed: Numbers
    temperature: Numbers  # mean of the row, degrees Fahrenheit
    baseline: Numbers  # the baseline model's prediction
    lower: Numbers  # bounds of what would be measured in the row, around `baseline`
    upper: Numbers
    reporting: Numbers  # the reporting model's prediction


@dataclass(frozen=True)
class MeterResult:
    """The result of one run."""

    eemeter_version: str
    traces: tuple[TraceModelResult, ...]
    aggregations: tuple[Aggregation, ...]
    savings: tuple[TraceSavings, ...] = ()
    savings_aggregations: tuple[SavingsAggregation, ...] = ()
    time_series: tuple[TimeSeries, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)


class NotModelled(Exception):
    """No trace could be modelled; the text says why and what to do, for the person who requested the run."""
