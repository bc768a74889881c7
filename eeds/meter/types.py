"""What goes into the meter and what comes out: plain data, so that a run can be stored, compared and recomputed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

BASELINE, REPORTING = "BASELINE", "REPORTING"
ANNUALIZED_WEATHER_NORMAL, GROSS_PREDICTED = "annualized_weather_normal", "gross_predicted"
SUCCESS = "SUCCESS"


@dataclass(frozen=True)
class Trace:
    """The readings of one meter channel, in order of time; a reading lasts until the next one starts."""

    id: int
    interpretation: str  # short code, as E_C_S
    unit: str  # KWH or THM
    start: NDArray[np.datetime64]  # datetime64[s], UTC, strictly increasing
    value: NDArray[np.float64]  # in `unit`; NaN = missing
    estimated: NDArray[np.bool_]


@dataclass(frozen=True)
class Weather:
    """Hourly temperatures of one station, degrees Fahrenheit, NaN = missing, without a gap in the hours themselves."""

    station: str
    source: str  # upload, ghcnh, synthetic
    first_hour: np.datetime64  # UTC
    observed: NDArray[np.float64]  # from first_hour on
    normal: NDArray[np.float64]  # 8,760 UTC hours of a normal year from 1 January
    normal_kind: str  # TMY3, CZ2010, EPW, derived


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


@dataclass(frozen=True)
class Aggregation:
    """A derivative summed over a project's traces of one interpretation, in kWh; None where no trace has it."""

    trace_interpretation: str  # long name, as ELECTRICITY_CONSUMPTION_SUPPLIED
    interpretation: str
    baseline: Derivative | None
    reporting: Derivative | None


@dataclass(frozen=True)
class MeterResult:
    """Everything one run found."""

    eemeter_version: str
    traces: tuple[TraceModelResult, ...]
    aggregations: tuple[Aggregation, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)


class NotModelled(Exception):
    """No trace could be modelled; the text says why and what to do, for the person who ordered the run."""
