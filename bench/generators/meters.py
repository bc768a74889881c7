"""Cases from the hourly readings of a meter: two of its years, and a retrofit whose savings are taken off one."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from bench.generators.cases import ELECTRICITY, YEAR, Case, NormalYear, Numbers, hours_between

HOUR = np.timedelta64(1, "h")
WEEK = 7 * 24
SHARES = (0.02, 0.3)  # of what is used
BALANCE = {ELECTRICITY: 65.0}  # degrees Fahrenheit; cooling saves above, heating below
HEATING_BALANCE = 55.0
LARGEST_CHANGE = 0.25  # from one year to the next; a larger one is an event of its own and no noise


@dataclass(frozen=True)
class Meter:
    """Hourly readings of some years and the temperatures outside, of the same hours, degrees Fahrenheit."""

    name: str
    fuel: str
    timezone: str
    start: np.datetime64  # UTC
    energy: Numbers
    temperature: Numbers


def fahrenheit(celsius: Numbers) -> Numbers:
    """Degrees."""
    return celsius * 1.8 + 32


def of_weeks_around(energy: Numbers) -> Numbers:
    """With each missing hour as it was a week before, or a week after; NaN where both are missing."""
    before = np.concatenate([np.full(WEEK, np.nan), energy[:-WEEK]])
    after = np.concatenate([energy[WEEK:], np.full(WEEK, np.nan)])
    found = np.where(np.isnan(energy), before, energy)
    return np.where(np.isnan(found), after, found)


def two_years(meter: Meter, first: date, normal_temperature: Numbers, seed: int, *, treated: bool) -> Case | None:
    """Two years of a meter from a local day on, with a retrofit of a seed; None if the meter does not have them, or if
    it used much more or less in the second year."""
    empty = np.zeros(0)
    case = Case(
        meter.name,
        meter.fuel,
        first,
        meter.timezone,
        empty,
        empty,
        np.zeros(0, bool),
        empty,
        normal_temperature,
        normal=None,
    )
    place, hours = int((case.start - meter.start) / HOUR), hours_between(first, meter.timezone)
    used = meter.energy[max(place, 0) : place + hours]
    temperature = meter.temperature[max(place, 0) : place + hours + 24]
    if place < 0 or len(temperature) < hours + 24 or np.isnan(used).any() or changes(used) > LARGEST_CHANGE:
        return None
    after = case.start + np.arange(hours) >= case.retrofit
    saved, normal = (
        savings_of(meter.fuel, used, temperature[:hours], seed) if treated else (0 * used, NormalYear(None, 0))
    )
    return Case(
        meter.name,
        meter.fuel,
        first,
        meter.timezone,
        used=used - saved * after,
        saved=saved * after,
        present=np.ones(hours, dtype=bool),
        temperature=temperature,
        normal_temperature=normal_temperature,
        normal=normal,
    )


def changes(used: Numbers) -> float:
    """How much more or less is used in the second half, as a fraction of the first."""
    before, after = used[: len(used) // 2].sum(), used[len(used) // 2 :].sum()
    return abs(after / before - 1) if before > 0 else np.inf


def savings_of(fuel: str, used: Numbers, temperature: Numbers, seed: int) -> tuple[Numbers, NormalYear | None]:
    """What a retrofit saves in each hour: a share of everything, the same every hour, or a share when it is warm
    (electricity) or cold (gas); and in a normal year, which in the last case nobody knows."""
    rng = np.random.default_rng(seed)
    share = rng.uniform(*SHARES)
    way = rng.integers(3)
    if way == 0:
        return share * used, NormalYear(None, share)
    if way == 1:
        saved = np.minimum(share * used.mean(), 0.9 * used)
        return saved, NormalYear(None, 0.0, float(saved.mean()) * YEAR * 24)
    needed = temperature > BALANCE[fuel] if fuel in BALANCE else temperature < HEATING_BALANCE
    return share * used * needed, None
