"""The local time of a feed: when its clocks go back (NAESB REQ.21, TimeConfiguration).

Starts are seconds of UTC by the standard. A utility that makes them of local times, without knowing which of the two
hours is meant, gives the readings of the hour that comes twice in autumn the same starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eeds.formats.values import parse_int

RULE_BYTES = 4
LONGEST_OFFSET = 24 * 3600
FIRST_OPERATOR, LAST_OPERATOR = 2, 7  # the first such day of the week of a month, ... the fifth, the last
ON_OR_AFTER = 1  # such a day of the week on or after the day of the month
DAYS_OF_A_WEEK = 7


@dataclass(frozen=True)
class ClockChange:
    """When clocks go back: a rule of DstRuleType, and the offset of local summer time to UTC in seconds; `hour` is by
    how many seconds they go back."""

    rule: int
    summer_offset: int
    hour: int

    def instant(self, year: int) -> int | None:
        """Seconds since 1970 at which the clocks go back in a year; None for a rule that no calendar has."""
        day = day_of_rule(self.rule, year)
        if day is None:
            return None
        local = day + timedelta(hours=self.rule >> 12 & 31, seconds=self.rule & 4095)
        return int(local.timestamp()) - self.summer_offset


def day_of_rule(rule: int, year: int) -> datetime | None:
    """The day that a DstRuleType means: bits 0-11 seconds, 12-16 hours, 17-19 day of the week (1 = Monday), 20-24 day
    of the month, 25-27 operator, 28-31 month."""
    month, operator, day, weekday = rule >> 28 & 15, rule >> 25 & 7, rule >> 20 & 31, rule >> 17 & 7
    try:
        if operator == 0:
            return datetime(year, month, day, tzinfo=UTC)
        first = datetime(year, month, day if operator == ON_OR_AFTER else 1, tzinfo=UTC)
    except ValueError:
        return None
    if not weekday:
        return None
    found = first + timedelta(days=(weekday - first.isoweekday()) % DAYS_OF_A_WEEK)
    weeks = max(operator - FIRST_OPERATOR, 0)
    found += timedelta(weeks=weeks)
    while operator == LAST_OPERATOR and found.month != month:
        found -= timedelta(weeks=1)
    return found


def read_clock_change(texts: Mapping[str, str]) -> ClockChange | None:
    """The rule in LocalTimeParameters; None where it is missing or cannot be read."""
    offset, hour = parse_int(texts.get("tzOffset", "")), parse_int(texts.get("dstOffset", ""))
    try:
        rule = bytes.fromhex(texts.get("dstEndRule", ""))
    except ValueError:
        return None
    if offset is None or not hour or len(rule) != RULE_BYTES or max(abs(offset), abs(hour)) > LONGEST_OFFSET:
        return None
    return ClockChange(int.from_bytes(rule), offset + hour, hour)
