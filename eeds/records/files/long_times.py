"""When the readings of a table start and end: by one column or two, by a period or a duration."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eeds.errors import MalformedBody
from eeds.formats.text_columns import each_read, told
from eeds.records.files.columns import TimeColumn, read_offsets, read_time_column, split_periods, with_clock
from eeds.records.files.local_time import Mask, Numbers, Seconds
from eeds.records.files.options import FileOptions
from eeds.records.files.rows import column
from eeds.records.files.taken import NEVER, Rows, Times
from eeds.records.files.wrong import Wrong

DAY, MINUTE = 86_400, 60
CLOCK_CHANGE = 3600
WRONG_DURATION = "A duration is minutes, as 15, or a time, as 0:15."
# Where most intervals are a minute or a second short of whole ones, their ends are the last of their time.
SHORT_BY = (MINUTE, 1)
WHOLE = 300


def times_of(
    rows: Rows,
    options: FileOptions,
    traces: Numbers,
    wrong: Wrong,
) -> tuple[Times, dict[str, Any]]:
    """When the readings of the rows start and end, and what the plan says of it; notes what is wrong."""
    starts, ends = start_and_end(rows, options, wrong)
    count = len(rows.places)
    instants = starts.are_instants.copy()
    local = starts.seconds.copy()
    said = None
    offsets = column(rows, "offset")
    if offsets is not None:
        said, seconds = read_offsets(offsets)
        is_said = (seconds != NEVER) & ~instants & (local != NEVER)
        local[is_said] -= seconds[is_said]
        instants |= is_said
    lasts = durations_of(rows, wrong)
    plan: dict[str, Any] = {"date_format": starts.format}
    until, until_instants = np.full(count, NEVER), np.zeros(count, bool)
    if ends is not None:
        step = missing_at_ends(starts, ends, traces)
        until = np.where(ends.seconds == NEVER, NEVER, ends.seconds + step)
        until_instants = ends.are_instants.copy()
        if offsets is not None:
            is_said &= ~until_instants
            until[is_said] -= seconds[is_said]
            until_instants |= is_said
        plan["ends"] = {0: "as they are", 1: "the last second", MINUTE: "the last minute", DAY: "the last day"}[step]
    return Times(local, instants, np.zeros(count, np.int64), until, until_instants, lasts, said), plan


def start_and_end(rows: Rows, options: FileOptions, wrong: Wrong) -> tuple[TimeColumn, TimeColumn | None]:
    """The columns of starts and ends; notes what is wrong with them. Raises MalformedBody."""
    periods = column(rows, "period")
    if periods is not None:
        first, last = split_periods(periods)
        starts = named_times(rows, "period", first, options)
        ends = named_times(rows, "period", last, options)
        wrong.note("period", starts.wrong | ends.wrong)
        return starts, ends
    if "date" in rows.header.places:
        days = named_times(rows, "date", column(rows, "date") or [], options)
        starts = with_clock(days, column(rows, "time") or [], are_starts=True)
    else:
        days = starts = named_times(rows, "start", column(rows, "start") or [], options)
    name = "date" if "date" in rows.header.places else "start"
    wrong.note(name, days.wrong)
    wrong.note("time", {place: text for place, text in starts.wrong.items() if place not in days.wrong})
    return starts, ends_of(rows, options, days, starts, wrong)


def ends_of(
    rows: Rows,
    options: FileOptions,
    days: TimeColumn,
    starts: TimeColumn,
    wrong: Wrong,
) -> TimeColumn | None:
    """The column of ends, None where there is none or it is empty; notes what is wrong."""
    whole, clock = column(rows, "end"), column(rows, "end_time")
    if whole is not None and any(whole):
        ends = named_times(rows, "end", whole, options)
        if clock is not None and any(clock):
            ends = with_clock(ends, clock)
        wrong.note("end", ends.wrong)
        return ends
    if clock is not None and any(clock):
        midnights = replace(days, seconds=np.where(days.seconds == NEVER, NEVER, days.seconds // DAY * DAY))
        ends = with_clock(midnights, clock)
        wrong.note("end_time", {place: text for place, text in ends.wrong.items() if place not in days.wrong})
        return replace(ends, seconds=ends.seconds + np.where(are_next_day(starts.seconds, ends.seconds), DAY, 0))
    return None


def are_next_day(starts: Seconds, ends: Seconds) -> Mask:
    """Which ends, given by their time of day, are on the day after the start. One up to an hour before it is not:
    that hour comes twice, or the end is wrong."""
    back = starts - ends
    are_next: Mask = (ends != NEVER) & (back >= 0) & ((back > CLOCK_CHANGE) | (ends % DAY == 0))
    return are_next


def missing_at_ends(starts: TimeColumn, ends: TimeColumn, traces: Numbers) -> int:
    """By how many seconds ends are short of the next start, because the file writes the last moment of an interval."""
    good = (starts.seconds != NEVER) & (ends.seconds != NEVER)
    begin, end = starts.seconds[good], ends.seconds[good]
    if not len(begin):
        return 0
    if starts.are_days and ends.are_days:
        keys = {*zip(traces[good].tolist(), begin.tolist(), strict=True)}
        closing = [*zip(traces[good].tolist(), end.tolist(), strict=True)]
        meets, meets_next = (sum((trace, day + step) in keys for trace, day in closing) for step in (0, DAY))
        return DAY if (end <= begin).any() or meets_next > meets else 0
    for short in SHORT_BY:
        if ((end - begin + short) % WHOLE == 0).mean() > 0.5 and short % MINUTE == (-end[0]) % MINUTE:
            return short
    return 0


def durations_of(rows: Rows, wrong: Wrong) -> Seconds:
    """How many seconds each reading lasts, by a column of minutes or times; 0 where there is none."""
    texts = column(rows, "duration")
    if texts is None or "end" in rows.header.places or "end_time" in rows.header.places:
        return np.zeros(len(rows.places), np.int64)
    read = np.fromiter(each_read(texts, duration_of), np.int64, len(texts))
    wrong.note("duration", told((place, WRONG_DURATION) for place in np.flatnonzero(read == 0).tolist()))
    return read


def duration_of(text: str) -> int:
    """The seconds of a text as 15, 15 min, 0:15 or 1 h; 0 for anything else."""
    number, _, unit = text.lower().partition(" ")
    parts = number.removesuffix(".0").split(":")
    if not all(part.isdecimal() and part.isascii() and len(part) < 6 for part in parts):
        return 0
    if len(parts) > 1:
        hours, minutes = (int(part) for part in parts[:2])
        return hours * 3600 + minutes * MINUTE
    return int(parts[0]) * (3600 if unit.startswith("h") else 1 if unit.startswith("s") else MINUTE)


def named_times(rows: Rows, name: str, texts: Sequence[str], options: FileOptions) -> TimeColumn:
    """A column of times; raises MalformedBody, with the name of the column."""
    try:
        return read_time_column(texts, options.date_format)
    except MalformedBody as error:
        raise MalformedBody(f"The column {rows.header.column_of(name)}: {error}") from error
