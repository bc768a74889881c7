"""The time of week and temperature model of CalTRACK 2.0, sections 3.7 to 3.11: a load for each hour of the week, and a
response to temperature that is linear within bins, one for the hours in which a building is occupied and one for the
others. Each calendar month has a model of its own, fitted with half weight to the months around it as well (3.7.5).

The library has the same (opendsm.eemeter.HourlyCaltrackModel), whose fit takes some 80 seconds of formulas; here the
loads of the hours are eliminated (Frisch and Waugh 1933, Lovell 1963), so that a month is a regression on 14 features.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eeds.meter.arrays import Indexes, Mask, Numbers

MONTHS = 12
HOURS = 168  # of a week, from Monday midnight (3.8.2)
OTHER_MONTHS = 0.5  # the weight of those around the month (3.7.5)
HEATING, COOLING = 50.0, 65.0  # balance points of the model that finds the occupied hours (3.8.3)
OCCUPIED = 0.65  # share of hours above that model's prediction (3.8.4)
BIN_ENDS = (30.0, 45.0, 55.0, 65.0, 75.0, 90.0)  # 3.9.1.1
LEAST_HOURS = 20  # of a bin (3.9.1.2)


@dataclass(frozen=True, eq=False)
class Hours:
    """Hours with both an energy and a temperature, or with a temperature only to predict."""

    hour: Indexes  # of the week in local time
    month: Indexes  # of the year, from 0
    temperature: Numbers
    energy: Numbers

    def select(self, mask: Mask) -> "Hours":
        """Those in a mask."""
        return Hours(self.hour[mask], self.month[mask], self.temperature[mask], self.energy[mask])


@dataclass(frozen=True, eq=False)
class MonthModel:
    """The model of a calendar month."""

    load: Numbers  # of each hour of the week, NaN where there was none to fit
    occupied: Mask  # hours of the week
    ends: tuple[tuple[float, ...], tuple[float, ...]]  # of the bins, of unoccupied and of occupied hours
    slopes: Numbers  # of the features, those of unoccupied hours first
    freedom: float  # how many parameters the hours of the month itself have taken

    def predict(self, hours: Hours) -> Numbers:
        """Use of some hours (3.12.1)."""
        return np.asarray(self.load[hours.hour] + features(hours, self.occupied, self.ends) @ self.slopes)


@dataclass(frozen=True, eq=False)
class TimeOfWeek:
    """The models of all months that have hours to fit, in or around them."""

    months: dict[int, MonthModel]

    def predict(self, hours: Hours) -> Numbers:
        """Use of some hours; NaN where there is no temperature, or where no such hour of the week was fitted."""
        energy = np.full(len(hours.hour), np.nan)
        for month, model in self.months.items():
            there = hours.month == month
            energy[there] = model.predict(hours.select(there))
        return energy

    @cached_property
    def parameters(self) -> int:
        """How many there are, each month's as far as its own hours have determined them."""
        return round(sum(model.freedom for model in self.months.values()))


def fit_time_of_week(hours: Hours) -> TimeOfWeek:
    """The model of hours without a gap in energy or temperature."""
    models = {}
    for month in range(MONTHS):
        away = np.minimum((hours.month - month) % MONTHS, (month - hours.month) % MONTHS)
        near = away <= 1
        if near.any():
            models[month] = fit_month(hours.select(near), np.where(away[near] == 0, 1.0, OTHER_MONTHS))
    return TimeOfWeek(models)


def fit_month(hours: Hours, weight: Numbers) -> MonthModel:
    """The model of the hours of a month and of those around it, by weighted least squares (3.11)."""
    occupied = occupied_hours(hours, weight)
    is_occupied = occupied[hours.hour]
    ends = bin_ends(hours.temperature[~is_occupied]), bin_ends(hours.temperature[is_occupied])
    x, total = features(hours, occupied, ends), np.bincount(hours.hour, weight, minlength=HOURS).astype(np.float64)
    mean_x = np.column_stack([mean_of_hours(hours, weight, total, column) for column in x.T])
    mean_y = mean_of_hours(hours, weight, total, hours.energy)
    root = np.sqrt(weight)
    centered = root[:, None] * (x - mean_x[hours.hour])
    slopes, *_ = np.linalg.lstsq(centered, root * (hours.energy - mean_y[hours.hour]))
    leverage = weight / total[hours.hour] + np.sum(centered @ np.linalg.pinv(centered.T @ centered) * centered, axis=1)
    load = np.asarray(mean_y - mean_x @ slopes, dtype=np.float64)
    return MonthModel(load, occupied, ends, np.asarray(slopes, dtype=np.float64), float(leverage[weight == 1].sum()))


def mean_of_hours(hours: Hours, weight: Numbers, total: Numbers, values: Numbers) -> Numbers:
    """The weighted mean of values in each hour of the week, NaN where there are none."""
    return np.bincount(hours.hour, weight * values, minlength=HOURS) / np.where(total > 0, total, np.nan)


def occupied_hours(hours: Hours, weight: Numbers) -> Mask:
    """Which hours of the week are mostly above what degree hours make of them (3.8.3, 3.8.4)."""
    cold, warm = np.maximum(HEATING - hours.temperature, 0), np.maximum(hours.temperature - COOLING, 0)
    x, root = np.column_stack([np.ones(len(weight)), warm, cold]), np.sqrt(weight)
    coefficients, *_ = np.linalg.lstsq(root[:, None] * x, root * hours.energy)
    above = hours.energy - x @ coefficients > 0
    count = np.bincount(hours.hour, minlength=HOURS)
    return np.asarray(np.bincount(hours.hour, above, minlength=HOURS) / np.maximum(count, 1) > OCCUPIED)


def bin_ends(temperature: Numbers) -> tuple[float, ...]:
    """The ends of the bins that have enough hours each: the outer ones are dropped first, then those between (3.9.1.2,
    in the order in which the library does it)."""
    ends = list(BIN_ENDS)
    while ends:
        few = np.bincount(np.searchsorted(ends, temperature), minlength=len(ends) + 1) < LEAST_HOURS
        dropped = {ends[0]} if few[0] else set()
        dropped |= {ends[-1]} if few[-1] else set()
        dropped = dropped or {end for end, is_few in zip(ends[1:], few[1:-1], strict=True) if is_few}
        if not dropped:
            break
        ends = [end for end in ends if end not in dropped]
    return tuple(ends)


def features(hours: Hours, occupied: Mask, ends: tuple[tuple[float, ...], tuple[float, ...]]) -> Numbers:
    """The temperature features (3.9.1.3 to 3.9.1.5) of unoccupied hours, and beside them those of occupied ones."""
    is_occupied = occupied[hours.hour][:, None]
    return np.hstack(
        [
            np.where(is_occupied, 0.0, binned(hours.temperature, ends[0])),
            np.where(is_occupied, binned(hours.temperature, ends[1]), 0.0),
        ]
    )


def binned(temperature: Numbers, ends: tuple[float, ...]) -> Numbers:
    """How much of each temperature lies in each bin: the first has it from zero."""
    lower, upper = np.array([-np.inf, *ends]), np.array([*ends, np.inf])
    inside = np.minimum(temperature[:, None], upper) - np.where(np.isinf(lower), 0.0, lower)
    return np.asarray(np.where(np.isinf(lower), inside, np.maximum(inside, 0)))
