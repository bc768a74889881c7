"""On which weekdays least is used."""

import numpy as np

from eeds.meter.arrays import Dates, Numbers

NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
THURSDAY = 3  # the weekday of 1970-01-01
LEAST_WEEKS = 8
# Two neighbouring days are low if the higher of them lies this share of a day's use below the lowest of the others.
CLEARLY = 0.05


def weekdays_of_least_use(dates: Dates, energy: Numbers) -> str:
    """The two neighbouring days of the week on which clearly less is used than on any other, in their order, as
    "Saturday and Sunday"; empty if there are none. Each day counts by its share of its week, so that seasons do not."""
    number = dates.astype(np.int64) + THURSDAY
    week, weekday = number // 7, number % 7
    _, row = np.unique(week, return_inverse=True)
    table = np.full((int(row.max(initial=-1)) + 1, 7), np.nan)
    table[row, weekday] = energy
    mean = table.mean(axis=1)
    whole = ~np.isnan(mean) & (mean > 0)
    if np.count_nonzero(whole) < LEAST_WEEKS:
        return ""
    usual = np.median(table[whole] / mean[whole, None], axis=0)
    order = np.argsort(usual)
    first = next((day for day in order[:2] if (day + 1) % 7 in order[:2]), None)
    if first is None or usual[order[2]] - usual[order[1]] < CLEARLY:
        return ""
    return f"{NAMES[first]} and {NAMES[(first + 1) % 7]}"
