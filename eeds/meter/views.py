"""A trace as a model sees it.

The daily and the billing model predict local days, the hourly model hours: these are the cells of a view. What was
measured comes in rows: days and hours are rows themselves, a billing period is a row of many days. Needs no library, so
that the web process can report what is lacking.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eeds.meter.arrays import Indexes, Instants, Mask, Numbers
from eeds.meter.dates import at_local_midnights, local_periods
from eeds.meter.days import Days, days_of, position
from eeds.meter.marks import Mark, marked
from eeds.meter.measured import Measured, measure_cells, methods_of, models_of
from eeds.meter.series import Series, hours_of, temperatures_of, until_last_reading, within
from eeds.meter.settings import BILLING, EEMETER, HOURLY, MeterSettings
from eeds.meter.types import BASELINE, REPORTING, Periods, Trace, Weather

REPORTING_MODEL_DAYS = 365


@dataclass(frozen=True, eq=False)
class Target:
    """What one model is fitted to: some of the cells of a view."""

    model: str  # daily, billing, hourly: what its cells and rows are
    mask: Mask
    method: str = EEMETER  # or caltrack: whose model of these it is

    @property
    def name(self) -> str:
        """Of the model, as "daily" or "caltrack billing"."""
        return self.model if self.method == EEMETER else f"{self.method} {self.model}"


@dataclass(frozen=True, eq=False)
class Given:
    """What a view was made of."""

    trace: Trace  # as it is stored
    weather: Weather
    periods: Periods
    settings: MeterSettings


@dataclass(frozen=True, eq=False)
class View:
    """The cells of a trace, and those of its periods."""

    trace: Trace
    cells: Series
    row: Indexes  # that each cell lies in; -1 = none
    marks: Indexes  # of each cell: eeds.meter.marks.Mark
    cell_of_reading: Indexes  # in which each reading begins
    targets: Mapping[str, Target]  # by period
    reporting: Mask  # summed in gross_predicted
    compared: Mask  # of these, what is in rows that the period has as a whole: what was measured is compared with them
    given: Given

    def marked(self, mark: Mark) -> Mask:
        """The cells with a mark."""
        return marked(self.marks, mark)

    @property
    def shown(self) -> Mask:
        """From the first cell of any period to the last one."""
        used = self.targets[BASELINE].mask | self.targets[REPORTING].mask | self.reporting
        return np.logical_or.accumulate(used) & np.logical_or.accumulate(used[::-1])[::-1]

    def readings(self, mask: Mask) -> tuple[Instants, Numbers]:
        """The readings that begin in the cells of a mask: start, value."""
        inside = mask[self.cell_of_reading]
        return self.trace.start[:-1][inside], self.trace.value[:-1][inside]

    def rows(self, mask: Mask) -> int:
        """How many rows there are with cells in a mask."""
        return len(np.unique(self.row[mask & (self.row >= 0)]))


@dataclass(frozen=True, eq=False)
class Units:
    """What belongs to a period as a whole or not at all: days, or bills, one after the other."""

    of_cell: Indexes  # the unit that each cell lies in; -1 = none
    begin: Instants
    end: Instants
    days: Indexes  # how many local days each has

    def cells(self, mask: Mask) -> Mask:
        """The cells of the units in a mask."""
        return np.append(mask, False)[self.of_cell]

    def first(self, mask: Mask, count: int) -> Mask:
        """The first of a mask, as far as at least half of each lies in the first `count` days: the twelve bills of a
        year may have 366."""
        covered = np.cumsum(np.where(mask, self.days, 0))
        return mask & (covered - self.days / 2 <= count)

    def last(self, mask: Mask, count: int | None) -> Mask:
        """The last of a mask in the same way; None = all."""
        if count is None:
            return mask
        backwards = Units(self.of_cell, self.begin, self.end, self.days[::-1])
        return backwards.first(mask[::-1], count)[::-1]


def units_of(unit: Indexes, day: Indexes, edges: Instants) -> Units:
    """The units of cells, given for each the number of its unit, none below 0, and of its day; there is one edge of
    time more than there are cells."""
    there = np.flatnonzero(unit >= 0)
    _, first, inverse, count = np.unique(unit[there], return_index=True, return_inverse=True, return_counts=True)
    of_cell = np.full(len(unit), -1, dtype=np.intp)
    of_cell[there] = inverse
    first = there[first]
    last = first + count - 1
    return Units(of_cell, edges[first], edges[last + 1], day[last] - day[first] + 1)


def view_of(trace: Trace, weather: Weather, periods: Periods, settings: MeterSettings) -> View:
    """The view of a trace of at least two records; what came as a date begins at its local midnight."""
    given = Given(trace, weather, periods, settings)
    trace, periods = at_local_midnights(trace, settings.timezone), local_periods(periods, settings.timezone)
    days, models = days_of(trace, settings.timezone), models_of(trace, periods, settings)
    hourly = HOURLY in models
    edges = hours_of(days) if hourly else days.midnights
    temperature = temperatures_of(weather, settings.timezone, edges, hourly=hourly)
    measured = measure_cells(trace, days, edges, temperature, periods, models)
    day = days.index_of(edges[:-1])
    targets, compared = whole_units(measured.row if BILLING in models else day, day, edges, periods, settings)
    reporting = reporting_days(days, day, measured, periods)[day]
    methods = methods_of(trace, periods, settings)
    return View(
        trace,
        Series(edges[:-1], days.dates[day], measured.energy, measured.temperature),
        row=measured.row,
        marks=measured.marks,
        cell_of_reading=position(edges, trace.start[:-1]),
        targets={
            BASELINE: Target(models[0], targets[BASELINE], methods[0]),
            REPORTING: Target(models[1], targets[REPORTING] & reporting, methods[1]),
        },
        reporting=reporting,
        compared=compared & reporting,
        given=given,
    )


def whole_units(
    unit: Indexes, day: Indexes, edges: Instants, periods: Periods, settings: MeterSettings
) -> tuple[dict[str, Mask], Mask]:
    """The cells of each period's fit, and all of the reporting period's: whole days or bills only, so that the day that
    contains baseline_period_end is never in the baseline, and no day is in both."""
    units = units_of(unit, day, edges)
    baseline = within(units.begin, units.end, periods.baseline_start, periods.baseline_end)
    reporting = within(units.begin, units.end, periods.reporting_start, periods.reporting_end)
    fitted = {
        BASELINE: units.cells(units.last(baseline, settings.baseline_days)),
        REPORTING: units.cells(units.first(reporting, REPORTING_MODEL_DAYS)),
    }
    return fitted, units.cells(reporting)


def reporting_days(days: Days, day: Indexes, measured: Measured, periods: Periods) -> Mask:
    """The whole days of the reporting period up to the last one with a reading, whether or not a bill covers them."""
    read = np.bincount(day, until_last_reading(measured.energy), minlength=len(days.dates)) > 0
    return read & within(days.midnights[:-1], days.midnights[1:], periods.reporting_start, periods.reporting_end)
