"""What was measured, cell by cell, read as the readings ask for: as days, bills or hours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eeds.meter.arrays import Indexes, Instants, Mask, Numbers
from eeds.meter.bills import bills_of
from eeds.meter.days import HALF, WHOLE, Days, energy_between
from eeds.meter.limits import all_limits
from eeds.meter.names import is_electricity_consumption
from eeds.meter.series import instant
from eeds.meter.settings import AUTO, BILLING, DAILY, HOURLY, MeterSettings
from eeds.meter.types import Periods, Trace

# The longest day of the year has an hour more than the others.
DAILY_SECONDS = 25 * 3600


@dataclass(frozen=True, eq=False)
class Measured:
    """Energy and temperature of each cell, NaN = missing, and the row that it lies in."""

    energy: Numbers
    temperature: Numbers
    row: Indexes  # -1 = none
    off_cycle: Mask


def models_of(trace: Trace, periods: Periods, settings: MeterSettings) -> tuple[str, str]:
    """The models of the baseline and the reporting period of a trace of at least two records: the one asked for, or by
    the readings of each period, for the meter may have been replaced in between."""
    if settings.model != AUTO:
        return settings.model, settings.model
    before, after = (part if len(part.start) > 1 else trace for part in split_trace(trace, periods))
    return model_of(before), model_of(after)


def model_of(trace: Trace) -> str:
    """Daily for readings that are mostly no more than a day apart, billing for others."""
    return DAILY if np.median(np.diff(trace.start).astype(np.float64)) <= DAILY_SECONDS else BILLING


def split_trace(trace: Trace, periods: Periods) -> tuple[Trace, Trace]:
    """The readings that begin before the reporting period, and the others."""
    later = int(np.searchsorted(trace.start, instant(periods.reporting_start)))
    before, after = (
        replace(trace, start=trace.start[part], value=trace.value[part], estimated=trace.estimated[part])
        for part in (slice(0, later + 1), slice(later, None))
    )
    return before, after


def measure_cells(
    trace: Trace, days: Days, edges: Instants, temperature: Numbers, periods: Periods, models: Sequence[str]
) -> Measured:
    """What was measured from each edge of time to the next, read for the models of both periods."""
    if models[0] == models[1]:
        return read_cells(trace, days, edges, temperature, models[0])
    before, after = (
        read_cells(part, days, edges, temperature, model)
        for part, model in zip(split_trace(trace, periods), models, strict=True)
    )
    return join_cells(before, after, edges[:-1] >= instant(periods.reporting_start))


def read_cells(trace: Trace, days: Days, edges: Instants, temperature: Numbers, model: str) -> Measured:
    """What was measured from each edge to the next, read for one model."""
    if model == BILLING:
        return read_bills(trace, days, temperature)
    energy = without_false_zeros(trace, energy_between(trace, edges, WHOLE if model == HOURLY else HALF))
    return Measured(energy, temperature, np.arange(len(energy)), np.zeros(len(energy), dtype=bool))


def read_bills(trace: Trace, days: Days, temperature: Numbers) -> Measured:
    """Days, each with an even share of its bill."""
    limits = all_limits().bills
    bills = bills_of(trace, days, limits)
    row, energy = bills.spread(len(days.dates))
    temperature = temperature_of_bills(temperature, row, limits.temperature)
    off_cycle = np.append(bills.off_cycle, False)[row]
    return Measured(without_false_zeros(trace, energy), temperature, row, off_cycle)


def temperature_of_bills(temperature: Numbers, row: Indexes, least: float) -> Numbers:
    """Temperatures of days: of a bill most days of which have one, their mean is that of the others; of one with fewer,
    none is known (CalTRACK 2.2.3.2)."""
    there = ~np.isnan(temperature)
    _, bill, days = np.unique(row, return_inverse=True, return_counts=True)
    count = np.bincount(bill, there)
    mean = np.bincount(bill, np.where(there, temperature, 0.0)) / np.where(count > 0, count, np.nan)
    known = np.where(there, temperature, mean[bill])
    return np.where(row < 0, temperature, np.where((count >= least * days)[bill], known, np.nan))


def without_false_zeros(trace: Trace, energy: Numbers) -> Numbers:
    """The zeros of electricity consumption are readings that failed (CalTRACK 2.2.1.4)."""
    return np.where(energy == 0, np.nan, energy) if is_electricity_consumption(trace.interpretation) else energy


def join_cells(before: Measured, after: Measured, later: Mask) -> Measured:
    """Cells of one up to the first of `later`, and of the other from there on."""
    row = np.where(after.row < 0, -1, after.row + 1 + np.max(before.row, initial=0))
    return Measured(
        np.where(later, after.energy, before.energy),
        np.where(later, after.temperature, before.temperature),
        np.where(later, row, before.row),
        np.where(later, after.off_cycle, before.off_cycle),
    )
