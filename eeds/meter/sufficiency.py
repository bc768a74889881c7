"""Whether there is enough data for a model: each criterion with what was measured, what is required, by whom, and what
to do. Needs no library, so that the web process can report it before any run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eeds.meter.arrays import Indexes, Instants, Mask, Numbers
from eeds.meter.criteria import EEDS, LOAD, LOOK, WEATHER, Criterion, at_least, none_of
from eeds.meter.flags import flags
from eeds.meter.limits import Limits, all_limits
from eeds.meter.marks import Mark
from eeds.meter.measured import DAILY_SECONDS
from eeds.meter.names import fuel_of, is_electricity_consumption
from eeds.meter.series import Series
from eeds.meter.settings import BILLING, DAILY, EEMETER, HOURLY, MeterSettings
from eeds.meter.types import BASELINE, REPORTING, Periods, Trace, Weather
from eeds.meter.views import Target, View, view_of

# Below these there is nothing to fit, whatever a run's settings ignore.
LEAST_DAYS = 30
LEAST_BILLS = 4
# The library finds clusters of months and weekdays by as many principal components as a day has hours.
LEAST_PAIRS = 24
# The same load all year long gives three sums where clocks change: of 23, 24 and 25 hours.
CONSTANT_VALUES = 3
WEEKDAYS = 7
SAME = 1e-9
# CalTRACK 2.3.6: so many interquartile ranges beyond the quartiles is extreme.
EXTREME = 3

MORE_MONTHS = "Take a period of four months or more, or set model to daily."
OTHER_MODEL = "Set model to auto, which chooses by the spacing of the readings."
SPACING = {
    DAILY: ("at most 1 day", 0, DAILY_SECONDS),
    BILLING: ("more than 1 day", DAILY_SECONDS, np.inf),
    HOURLY: ("at most 1 hour", 0, 3600),
}
ROWS = {DAILY: "days", BILLING: "bills", HOURLY: "hours"}


@dataclass(frozen=True)
class Report:
    """Whether a trace can be modelled in each period, and with which model."""

    model: str
    periods: dict[str, list[Criterion]]


def sufficiency_report(trace: Trace, weather: Weather, periods: Periods, settings: MeterSettings) -> Report:
    """Every criterion of a trace's baseline and reporting period; those after an obstacle would mean nothing, and
    are left out."""
    if len(trace.start) < 2:
        criterion = enough_records(len(trace.start))
        return Report(
            settings.model_for(fuel_of(trace.interpretation)), {period: [criterion] for period in (BASELINE, REPORTING)}
        )
    view = view_of(trace, weather, periods, settings)
    model = view.targets[BASELINE].name
    return Report(model, {period: criteria(view, target) for period, target in view.targets.items()})


def criteria(view: View, target: Target) -> list[Criterion]:
    """Every criterion of the cells of one model."""
    first = obstacles(view, target)
    return first if any(not each.passed for each in first) else first + requirements(view, target)


def flags_of(criteria: Sequence[Criterion], *, fitted: bool) -> tuple[str, ...]:
    """What a result says of the data of a period: what is worth a look, and what was done to readings; of a fit also
    what is not met and was ignored, which otherwise its status says."""
    return tuple(
        each.flag for each in criteria if each.is_told or (not each.passed and (fitted or not each.disqualifies))
    )


def status_of(failed: Sequence[Criterion], *, ignorable: bool) -> str:
    """The status of a trace that does not meet some criteria."""
    advice = list(dict.fromkeys(criterion.advice for criterion in failed))
    if ignorable:
        advice.append("Or set ignore_disqualification to have a model all the same.")
    return f"INSUFFICIENT DATA: {'; '.join(map(str, failed))}. {' '.join(advice)}"


def enough_records(count: int) -> Criterion:
    """Whether a trace has a reading that lasts for any time."""
    name = "records of the trace, the last of which only marks the end of the one before it"
    return at_least(2, name, count, EEDS, LOAD)


def obstacles(view: View, target: Target) -> list[Criterion]:
    """What rules out a model, up to the first that does: the others would mean nothing then."""
    criteria: list[Criterion] = []
    for criterion in [*reading_criteria(target.model, *view.readings(target.mask)), *cell_criteria(view, target)]:
        criteria.append(replace(criterion, is_obstacle=True))
        if not criterion.passed:
            break
    return criteria


def reading_criteria(model: str, starts: Instants, values: Numbers) -> list[Criterion]:
    """What the readings of a period must be for a model."""
    present = int(np.count_nonzero(~np.isnan(values)))
    nonzero = int(np.count_nonzero(np.nan_to_num(values)))
    seconds = float(np.median(np.diff(starts).astype(np.float64))) if len(starts) > 1 else None
    required, above, most = SPACING[model]
    fits = seconds is None or above < seconds <= most
    count = len(values)
    return [
        at_least(1, "readings in the period", count, EEDS, LOAD),
        at_least(1, "readings that are not missing", present, EEDS, LOAD, f"{present} of {count}"),
        at_least(1, "readings that are not zero", nonzero, EEDS, LOOK, f"{nonzero} of {count}"),
        Criterion("median spacing of the readings", describe_spacing(seconds or 0), required, fits, EEDS, OTHER_MODEL),
    ]


def describe_spacing(seconds: float) -> str:
    """A spacing in hours or days, as 2 hours."""
    return f"{seconds / 3600:.2g} hours" if seconds < DAILY_SECONDS / 2 else f"{seconds / 86400:.0f} days"


def cell_criteria(view: View, target: Target) -> list[Criterion]:
    """What the days, bills or hours of a period must be for any model."""
    series = view.cells.select(target.mask)
    complete, with_reading = series.select(series.complete).days, series.present.days
    measured, both = f"{complete}, with {with_reading} that have a reading", f"{LOAD} {WEATHER}"
    criteria = [at_least(LEAST_DAYS, "days with a reading and a temperature", complete, EEDS, both, measured)]
    if target.model == BILLING:
        count = view.rows(target.mask & view.cells.complete)
        criteria.append(at_least(LEAST_BILLS, "bills with a reading and a temperature", count, EEDS, both))
    elif target.model == DAILY:
        criteria.append(day_by_day(series))
    elif target.model == HOURLY:
        pairs = len(np.unique(series.month * WEEKDAYS + weekdays(series)))
        name = "pairs of month and weekday, as Mondays of May"
        criteria.append(at_least(LEAST_PAIRS, name, pairs, EEMETER, MORE_MONTHS))
    return [
        *criteria,
        varied(f"different values of {ROWS[target.model]}", series.energy[series.complete]),
        varied("different temperatures of days", series.temperature[series.complete]),
    ]


def weekdays(series: Series) -> Indexes:
    """Of its cells, 0 to 6."""
    return np.asarray(series.dates.astype("datetime64[D]").astype(np.intp) % WEEKDAYS)


def day_by_day(series: Series) -> Criterion:
    """Whether most days with a reading follow each other."""
    gaps = np.diff(series.dates[~np.isnan(series.energy)]).astype(np.float64)
    gap = float(np.median(gaps)) if gaps.size else 1.0
    return Criterion("median of days from one with a reading to the next", f"{gap:g}", "1", gap <= 1, EEDS, LOAD)


def varied(name: str, values: Numbers) -> Criterion:
    """Whether values vary at all: a constant series has nothing that a temperature could explain."""
    steps = np.diff(np.sort(values))
    different = 1 + int(np.count_nonzero(steps > SAME * np.max(np.abs(values), initial=0.0)))
    required = f"more than {CONSTANT_VALUES}"
    return Criterion(name, f"{different}", required, different > CONSTANT_VALUES, EEDS, LOOK)


def requirements(view: View, target: Target) -> list[Criterion]:
    """What a baseline requires of cells without an obstacle: CalTRACK's criteria and the library's, and what is worth a
    look; of that, the clauses in the setting `disqualify` disqualify too."""
    limits = all_limits()
    series = view.cells.select(target.mask)
    criteria = baseline_criteria(
        series,
        view.trace.interpretation,
        limits.models[target.model],
        estimated=view.marked(Mark.ESTIMATED)[target.mask] if target.model == BILLING else None,
    )
    if target.model == BILLING:
        without = view.rows(target.mask) - view.rows(target.mask & ~np.isnan(view.cells.temperature))
        name = f"bills of which less than {limits.bills.temperature:.0%} of the days have a temperature"
        criteria.append(none_of(name, without, "CalTRACK 2.2.3.2, 3.5.5.2", WEATHER))  # they are left out too
    strict = set(view.given.settings.disqualify)
    return [
        replace(each, disqualifies=True) if strict.intersection(each.numbers) else each
        for each in [*criteria, *flags(view, target)]
    ]


def baseline_criteria(
    series: Series, interpretation: str, limits: Limits, *, estimated: Mask | None = None
) -> list[Criterion]:
    """Of a series without an obstacle. Shares are of the time from the first to the last day with both a reading and a
    temperature, where the zero of an electricity meter that failed is no reading, and the days of estimated bills are
    none (CalTRACK 2.2.3.1), though these are fitted with the next."""
    first, *_, last = series.dates[series.complete]
    inside = (series.dates >= first) & (series.dates <= last)
    span = series.select(inside)
    read = ~np.isnan(span.energy)
    if estimated is not None:
        read &= ~estimated[inside]
    days = span.days
    cells = "days" if days == len(span.dates) else "hours"
    name = "days from the first to the last with a reading and a temperature"
    found = [
        at_least(limits.min_days, name, days, "CalTRACK 2.2.1.1", LOAD),
        Criterion(
            "days of the baseline",
            f"{days}",
            f"at most {limits.max_days}",
            days <= limits.max_days,
            "CalTRACK 2.2.1.1",
            "Set baseline_days to 365: use changes over the years.",
            disqualifies=False,
        ),
        share_present(f"{cells} with a reading", read, limits.energy, LOAD),
        share_present(f"{cells} with a temperature", ~np.isnan(span.temperature), limits.temperature, WEATHER),
        share_present(f"{cells} with both", read & ~np.isnan(span.temperature), limits.both, LOAD),
        share_in_worst_month(
            f"{cells} with a temperature", span, span.temperature, limits.monthly_temperature, WEATHER
        ),
    ]
    if limits.monthly_energy is not None:
        found.append(share_in_worst_month(f"{cells} with a reading", span, span.energy, limits.monthly_energy, LOAD))
    if not is_electricity_consumption(interpretation):
        negative = int(np.count_nonzero(span.energy < 0))  # gas and generation are counted one way only
        found.append(none_of(f"{cells} with a negative value", negative, "CalTRACK 2.3.5", LOOK, disqualifies=True))
    return [*found, not_extreme(span.energy)]


def share_present(name: str, present: Mask, least: float, advice: str) -> Criterion:
    """A share of days that must be there (CalTRACK 2.2.1.2)."""
    count, of = int(np.count_nonzero(present)), len(present)
    measured, required = f"{count / of:.1%}, {count} of {of}", f"at least {least:.0%}"
    return Criterion(name, measured, required, count / of >= least, "CalTRACK 2.2.1.2", advice)


def share_in_worst_month(name: str, span: Series, values: Numbers, least: float, advice: str) -> Criterion:
    """The calendar month with the fewest values must have most of them."""
    month = span.dates.astype("datetime64[M]").astype(np.int64) % 12
    lowest = min(float(np.mean(~np.isnan(values[month == each]))) for each in np.unique(month))
    name = f"{name} in the month that has fewest"
    return Criterion(name, f"{lowest:.1%}", f"at least {least:.0%}", lowest >= least, EEMETER, advice)


def not_extreme(energy: Numbers) -> Criterion:
    """Values far from the others may be errors, or what the building really used (CalTRACK 2.3.6)."""
    lower, upper = np.nanquantile(energy, [0.25, 0.75])
    far = EXTREME * (upper - lower)
    count = int(np.count_nonzero((energy < lower - far) | (energy > upper + far)))
    name = f"values more than {EXTREME} interquartile ranges beyond the quartiles"
    return none_of(name, count, "CalTRACK 2.3.6", LOOK)
