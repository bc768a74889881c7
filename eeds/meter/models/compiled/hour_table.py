"""Hours cut into days of 24, those on which clocks change as the library does it (correct_dst in its hourly model)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from eeds.meter.arrays import Indexes, Numbers

HOURS = 24
DayHour = tuple[int, int]  # which day, counted from 0, and the hour of it


@dataclass(frozen=True, eq=False)
class LocalDays:
    """Where each day begins among the hours, and the hours that a day lacks or has twice."""

    begin: Indexes
    length: Indexes
    missing: tuple[DayHour, ...]
    twice: tuple[DayHour, ...]

    @property
    def changed(self) -> list[int]:
        """Days on which clocks change."""
        return [day for day, _ in (*self.missing, *self.twice)]

    @property
    def are_usual(self) -> bool:
        """Whether all the others have 24 hours."""
        return bool(np.all(np.delete(self.length, self.changed) == HOURS))


def days_from(begin: Indexes, count: int, missing: Iterable[DayHour], twice: Iterable[DayHour]) -> LocalDays:
    """Days that begin at these of `count` hours."""
    return LocalDays(begin, np.diff(np.append(begin, count)), tuple(missing), tuple(twice))


def by_day(values: Numbers, days: LocalDays) -> Numbers:
    """Features of hours, (hours, k), as features of days, (days, k * 24): all hours of one, then of the next.

    A missing hour is the mean of those beside it, an hour that came twice the mean of both.
    """
    features = values.shape[1]
    found = np.empty((len(days.begin), features, HOURS))
    whole = np.ones(len(days.begin), dtype=bool)
    whole[days.changed] = False
    hours = np.repeat(whole, days.length)
    found[whole] = values[hours].reshape(-1, HOURS, features).transpose(0, 2, 1)
    for day, hour in days.missing:
        own = values[days.begin[day] : days.begin[day] + days.length[day]]
        before = own[hour - 1] if hour else values[days.begin[day] - 1]
        found[day] = np.insert(own, hour, (before + own[hour]) / 2, axis=0).T
    for day, hour in days.twice:
        own = values[days.begin[day] : days.begin[day] + days.length[day]]
        both = (own[hour + 1] + own[hour]) / 2
        found[day] = np.concatenate([own[:hour], [both], own[hour + 2 :]]).T
    return found.reshape(len(days.begin), -1)
