"""What was measured, cell by cell, read as the readings ask for: as days, bills or hours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eeds.meter.arrays import Indexes, Instants, Mask, Numbers
from eeds.meter.bills import LONGEST_MONTHLY, bills_of
from eeds.meter.days import HALF, WHOLE, Days, energy_between, position
from eeds.meter.limits import all_limits
from eeds.meter.marks import Mark, mark_where
from eeds.meter.names import fuel_of, is_electricity_consumption
from eeds.meter.readings import usable
from eeds.meter.series import instant
from eeds.meter.settings import AUTO, BILLING, CALTRACK, CALTRACK_HOURLY, DAILY, EEMETER, HOURLY, MeterSettings
from eeds.meter.types import Periods, Trace
from eeds.meter.zeros import WEEK_DAYS, in_long_run, is_net, recurring_zeros

# The longest day of the year has an hour more than the others.
HOUR, DAY = 3600, 86400
DAILY_SECONDS = 25 * HOUR


@dataclass(frozen=True, eq=False)
class Measured:
    """Energy and temperature of each cell, NaN = missing, and the row that it lies in."""

    energy: Numbers
    temperature: Numbers
    row: Indexes  # -1 = none
    marks: Indexes  # eeds.meter.marks.Mark


def models_of(trace: Trace, periods: Periods, settings: MeterSettings) -> tuple[str, str]:
    """Whether the baseline and the reporting period of a trace of at least two records are modelled by days, bills or
    hours: as asked for its fuel, or by the readings of each period, for the meter may have been replaced in between."""
    asked = settings.model_for(fuel_of(trace.interpretation))
    if asked not in (AUTO, CALTRACK):
        rows = HOURLY if asked == CALTRACK_HOURLY else asked
        return rows, rows
    before, after = (model_of(part) for part in parts_of(trace, periods))
    return before, after


def methods_of(trace: Trace, periods: Periods, settings: MeterSettings) -> tuple[str, str]:
    """Whose models of days, bills or hours those are, of the baseline and of the reporting period: CalTRACK's or the
    library's."""
    asked = settings.model_for(fuel_of(trace.interpretation))
    if asked != AUTO:
        method = CALTRACK if asked in (CALTRACK, CALTRACK_HOURLY) else EEMETER
        return method, method
    before, after = (method_of(part) for part in parts_of(trace, periods))
    return before, after


def parts_of(trace: Trace, periods: Periods) -> tuple[Trace, Trace]:
    """The readings of the baseline and of the reporting period; all of them for one that has hardly any."""
    before, after = (part if len(part.start) > 1 else trace for part in split_trace(trace, periods))
    return before, after


def model_of(trace: Trace) -> str:
    """Daily for readings that are mostly no more than a day apart, billing for others."""
    return DAILY if spacing(trace) <= DAILY_SECONDS else BILLING


def method_of(trace: Trace) -> str:
    """Whose model errs least on buildings whose savings are known (`script/bench accuracy`): on monthly bills
    CalTRACK's, on days the library's. Of bimonthly ones there are too few in a year for CalTRACK's choice among balance
    points: there it has the larger errors."""
    return CALTRACK if DAILY_SECONDS < spacing(trace) <= LONGEST_MONTHLY * DAY else EEMETER


def spacing(trace: Trace) -> float:
    """The median, in seconds."""
    return float(np.median(np.diff(trace.start).astype(np.float64)))


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
        return read_cells(trace, days, edges, temperature, models[0], periods)
    before, after = (
        read_cells(part, days, edges, temperature, model, periods)
        for part, model in zip(split_trace(trace, periods), models, strict=True)
    )
    return join_cells(before, after, edges[:-1] >= instant(periods.reporting_start))


def read_cells(
    trace: Trace, days: Days, edges: Instants, temperature: Numbers, model: str, periods: Periods
) -> Measured:
    """What was measured from each edge to the next, read for one model."""
    if model == BILLING:
        return read_bills(trace, days, temperature, periods)
    readings = usable(trace)
    energy = energy_between(readings.trace, edges, WHOLE if model == HOURLY else HALF)
    reading = position(readings.trace.start, edges[:-1])
    marks = np.append(readings.marks, 0)[reading]
    zeros = true_zeros(trace, energy, days, edges)
    return with_zeros(trace, Measured(energy, temperature, np.arange(len(energy)), marks), zeros)


def read_bills(trace: Trace, days: Days, temperature: Numbers, periods: Periods) -> Measured:
    """Days, each with an even share of its bill."""
    limits = all_limits().bills
    bills = bills_of(trace, days, limits, periods)
    row, energy = bills.spread(len(days.dates))
    temperature = temperature_of_bills(temperature, row, limits.temperature)
    # of a bill with estimated reads, the days of these are marked
    marks = np.append(bills.marks & ~int(Mark.ESTIMATED), 0)[row]
    read = position(trace.start, days.midnights[1:] - np.timedelta64(1, "s"))
    estimated = np.append(trace.estimated[:-1], False)[read]
    marks = marks | mark_where(estimated, Mark.ESTIMATED)
    return with_zeros(trace, Measured(energy, temperature, row, marks), (energy == 0) & is_net(trace))


def true_zeros(trace: Trace, energy: Numbers, days: Days, edges: Instants) -> Mask:
    """Which zeros of days or hours of electricity are readings; of a net meter all but those of a week or more without
    anything else."""
    zero: Mask = energy == 0
    if not (is_electricity_consumption(trace.interpretation) and zero.any()):
        return np.zeros(len(energy), dtype=bool)
    day = days.index_of(edges[:-1])
    hours_a_day = 24 if len(edges) > len(days.midnights) else 1
    if is_net(trace):
        return zero & ~in_long_run(zero, WEEK_DAYS * hours_a_day)
    hour = (edges[:-1] - days.midnights[day]).astype(np.int64) // HOUR
    slot = days.dates[day].astype(np.int64) % WEEK_DAYS * hours_a_day + np.minimum(hour, hours_a_day - 1)
    return recurring_zeros(energy, slot.astype(np.intp), WEEK_DAYS * hours_a_day)


def temperature_of_bills(temperature: Numbers, row: Indexes, least: float) -> Numbers:
    """Temperatures of days: of a bill most days of which have one, their mean is that of the others; of one with fewer,
    none is known (CalTRACK 2.2.3.2)."""
    there = ~np.isnan(temperature)
    _, bill, days = np.unique(row, return_inverse=True, return_counts=True)
    count = np.bincount(bill, there)
    mean = np.bincount(bill, np.where(there, temperature, 0.0)) / np.where(count > 0, count, np.nan)
    known = np.where(there, temperature, mean[bill])
    return np.where(row < 0, temperature, np.where((count >= least * days)[bill], known, np.nan))


def with_zeros(trace: Trace, measured: Measured, true: Mask) -> Measured:
    """With the zeros of electricity that are no readings missing (CalTRACK 2.2.1.4), and all of them marked."""
    if not is_electricity_consumption(trace.interpretation):
        return measured
    false = (measured.energy == 0) & ~true
    marks = measured.marks | mark_where(false, Mark.FALSE_ZERO) | mark_where(true, Mark.TRUE_ZERO)
    return replace(measured, energy=np.where(false, np.nan, measured.energy), marks=marks)


def join_cells(before: Measured, after: Measured, later: Mask) -> Measured:
    """Cells of one up to the first of `later`, and of the other from there on."""
    row = np.where(after.row < 0, -1, after.row + 1 + np.max(before.row, initial=0))
    return Measured(
        np.where(later, after.energy, before.energy),
        np.where(later, after.temperature, before.temperature),
        np.where(later, row, before.row),
        np.where(later, after.marks, before.marks),
    )
