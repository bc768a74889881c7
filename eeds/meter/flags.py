"""What is worth a look in the data of a period: it does not disqualify unless the settings say so, and names the days
that it is about."""

from dataclasses import replace
from datetime import date

import numpy as np

from eeds.meter.arrays import Mask, Numbers
from eeds.meter.bills import LONGEST_MONTHLY
from eeds.meter.criteria import EEDS, LOOK, WEATHER, Criterion, none_of
from eeds.meter.dates import are_dates
from eeds.meter.limits import all_limits
from eeds.meter.marks import Mark
from eeds.meter.names import is_electricity_consumption
from eeds.meter.series import instant
from eeds.meter.settings import BILLING, DAILY, UTC
from eeds.meter.types import BASELINE
from eeds.meter.views import Target, View
from eeds.meter.weekdays import weekdays_of_least_use
from eeds.meter.zeros import is_net

# CalTRACK 2.2.4.1.
MOST_HOURS = 6
MOST_NAMED = 12  # what is named one by one; of more, their number is said
ENDS_OF_DAYS = "Sunday and Monday"
ZONE = "Give the project a ZIP code, latitude and longitude, or its timezone; or set timezone."
LOAD_END = "Load a reading, or one of null, that begins when it ends."
RELOAD = "If the readings are stamped with the ends of their days, load them with their starts."


def flags(view: View, target: Target) -> list[Criterion]:
    """Every criterion of the cells of one model that does not disqualify by itself."""
    own = flags_of_bills(view, target) if target.model == BILLING else flags_of_cells(view, target)
    found = [local_days(view), *own, temperature_gap(view, target), *changes(view, target)]
    dates = dates_of(view)
    return [*found, dates] if dates else found


def flags_of_bills(view: View, target: Target) -> list[Criterion]:
    """Bills that are combined, left out, or longer than others; and the one that never ended."""
    limits = all_limits().bills
    if target is view.targets[BASELINE]:
        marks = {
            "bills that cover too few or too many days and are left out": (Mark.OFF_CYCLE, "2.2.3.4, 2.2.3.5"),
            "days of estimated bills, combined with the next and counted as missing": (Mark.ESTIMATED, "2.2.3.1"),
        }
    else:
        marks = {
            f"bills of less than {limits.shortest} days, combined with the next": (Mark.COMBINED, "3.5.5.3"),
            f"bills of less than {limits.shortest} days that could not be combined": (Mark.SHORT, "3.5.5.3"),
            f"bills of more than {LONGEST_MONTHLY} days, or {limits.longest} if bimonthly or combined": (
                Mark.LONG,
                "3.5.5.4",
            ),
            f"estimated bills of more than {limits.longest} days with the next, left out": (
                Mark.OFF_CYCLE,
                "3.5.5.1",
            ),
            "days of estimated bills, combined with the next and counted as missing": (Mark.ESTIMATED, "3.5.5.1"),
        }
    found = [naming(view, target, name, mark, clause) for name, (mark, clause) in marks.items()]
    found.append(zeros(view, target))
    return [*found, *without_end(view, target)]


def flags_of_cells(view: View, target: Target) -> list[Criterion]:
    """Days or hours whose readings are not their own, and stamps that look wrong."""
    found = [
        naming(view, target, "readings of several days, spread over them", Mark.SPREAD, ""),
        naming(view, target, "estimated readings, combined with the next", Mark.ESTIMATED, "2.2.2.2"),
        zeros(view, target),
    ]
    return [*found, ends_of_days(view, target)] if target.model == DAILY else found


def naming(view: View, target: Target, name: str, mark: Mark, clause: str) -> Criterion:
    """There must be no cells with a mark, or they are named."""
    named = named_days(view, target.mask & view.marked(mark))
    more = [f"and {len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    measured = f"{len(named)} ({'; '.join([*named[:MOST_NAMED], *more])})" if named else "0"
    return none_of(name, len(named), f"CalTRACK {clause}" if clause else EEDS, LOOK, measured=measured)


def named_days(view: View, mask: Mask) -> list[str]:
    """Bills in a mask, or its days in a row, each as `2014-03-01, 36 days`."""
    at = np.flatnonzero(mask)
    dates = view.cells.dates[at]
    bills = np.unique(view.row).size < np.unique(view.cells.dates).size
    new = (np.diff(dates).astype(np.int64) > 1) | (bills & (np.diff(view.row[at]) != 0))
    runs = np.split(dates, np.flatnonzero(new) + 1) if at.size else []
    return [describe(run[0].item(), len(np.unique(run))) for run in runs]


def describe(first: date, days: int) -> str:
    """A stretch of days."""
    return f"{first}, {days} {'day' if days == 1 else 'days'}"


def zeros(view: View, target: Target) -> Criterion:
    """Zeros of electricity (CalTRACK 2.2.1.4)."""
    false, true = (view.rows(target.mask & view.marked(mark)) for mark in (Mark.FALSE_ZERO, Mark.TRUE_ZERO))
    why = "of a net meter" if is_net(view.given.trace) else "that come back every week"
    measured = f"{false}" + (f", and {true} {why} and are readings" if true else "")
    name = "zeros of electricity that count as missing"
    found = none_of(name, false, "CalTRACK 2.2.1.4", LOOK, measured=measured)
    return replace(found, is_told=true > 0)


def without_end(view: View, target: Target) -> list[Criterion]:
    """The last bill, if nothing says when it ends: it is not used."""
    trace, reporting_start = view.trace, instant(view.given.periods.reporting_start)
    start, value = trace.start[-1], trace.value[-1]
    if np.isnan(value) or (start >= reporting_start) == (target is view.targets[BASELINE]):
        return []
    first = view.cells.dates[-1]  # the days of a trace end with the one on which its last reading begins
    measured = f"{first}, {value:g} {trace.unit}"
    return [Criterion("last bill, which has no end and is left out", measured, "none", False, EEDS, LOAD_END, False)]


def temperature_gap(view: View, target: Target) -> Criterion:
    """Hours in a row without a temperature, of those that the model looks at (CalTRACK 2.2.4.1)."""
    weather, cells = view.given.weather, view.cells.start[target.mask][[0, -1]]
    begin, end = np.maximum((cells - weather.first_hour) // np.timedelta64(1, "h"), 0)
    longest = longest_gap(weather.observed[begin : end + 1])
    name = "hours in a row without a temperature"
    measured, required = f"{longest}", f"at most {MOST_HOURS}"
    return Criterion(name, measured, required, longest <= MOST_HOURS, "CalTRACK 2.2.4.1", WEATHER, False)


def longest_gap(values: Numbers) -> int:
    """How many in a row are missing at most."""
    there = np.flatnonzero(~np.isnan(values))
    return int(np.max(np.diff(np.concatenate([[-1], there, [len(values)]])))) - 1


def local_days(view: View) -> Criterion:
    """Days are to begin at local midnights (CalTRACK 3.3.3.5); those of UTC are rarely the site's. It is what the
    library's warning utc_index says."""
    zone = view.given.settings.timezone
    return Criterion(
        "time zone of the days", zone, "the site's", zone != UTC, "CalTRACK 3.3.3.5", ZONE, disqualifies=False
    )


def dates_of(view: View) -> Criterion | None:
    """Readings that begin at midnight UTC are dates; None if there are none, or if it makes no difference."""
    start = view.given.trace.start
    dates = int(np.count_nonzero(are_dates(start)))
    if not dates or np.array_equal(start, view.trace.start):
        return None
    name = "readings at midnight UTC, taken for dates: their days are the local ones"
    measured = f"{dates} of {len(start)}"
    all_are = dates == len(start)
    return Criterion(name, measured, "all or none", all_are, "CalTRACK 2.3.3", LOOK, disqualifies=False, is_told=True)


def ends_of_days(view: View, target: Target) -> Criterion:
    """Stamps that are the ends of days show in the weekdays: a weekend's low use on Sunday and Monday."""
    least = weekdays_of_least_use(view.cells.dates[target.mask], view.cells.energy[target.mask])
    name, required = "weekdays of least use", f"others than {ENDS_OF_DAYS}, which stamps that are the ends of days have"
    return Criterion(name, least or "none in particular", required, least != ENDS_OF_DAYS, EEDS, RELOAD, False)


def changes(view: View, target: Target) -> list[Criterion]:
    """Of electricity: a change of net metering between or in the periods (CalTRACK 2.2.6, 3.5.6), and chargers of
    electric vehicles (2.2.7), as far as they are seen or were declared."""
    if not is_electricity_consumption(view.trace.interpretation):
        return []
    settings = view.given.settings
    negative = [int(np.count_nonzero(view.cells.energy[each.mask] < 0)) for each in view.targets.values()]
    found = [
        Criterion(
            "negative values in the baseline and in the reporting period",
            f"{negative[0]} and {negative[1]}",
            "in both or in neither",
            (negative[0] > 0) == (negative[1] > 0),
            "CalTRACK 2.2.6, 3.5.6",
            "If panels were installed or taken away, the difference of the periods is theirs.",
            disqualifies=False,
        )
    ]
    for name, clause, day in (
        ("change of net metering", "CalTRACK 2.2.6, 3.5.6", settings.net_metering_changed),
        ("installation of a charger of electric vehicles", "CalTRACK 2.2.7", settings.ev_charging_installed),
    ):
        if day is not None:
            found.append(none_declared(view, target, name, clause, day))
    return found


def none_declared(view: View, target: Target, name: str, clause: str, day: date) -> Criterion:
    """Something that was declared must not have been between the first day that a model looks at and the last."""
    used = view.cells.dates[view.targets[BASELINE].mask | target.mask]
    inside = used.size > 0 and bool(used[0] <= np.datetime64(day) <= used[-1])
    advice = "Move the period, or take the meter that measures it by itself into account."
    return Criterion(f"{name} in what is compared", f"{day}", "none", not inside, clause, advice, disqualifies=False)
