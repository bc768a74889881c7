"""Columns of a table read whole: times in seconds, numbers, and flags; each with what is wrong, by position."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from re import compile

import numpy as np
from numpy.typing import NDArray

from eeds.formats.clock_times import read_clock_times
from eeds.formats.date_columns import read_time_arrays
from eeds.formats.date_moments import NONE
from eeds.formats.messages import BLANK, not_a_boolean
from eeds.formats.packed_rows import PackedRows
from eeds.formats.text_columns import ColumnOfRows, each_read, told
from eeds.formats.values import parse_bool
from eeds.records.files.local_time import NOT_SAID, STANDARD, SUMMER, Seconds
from eeds.records.files.options import OFFSET
from eeds.records.files.profiles import known_words, plain
from eeds.records.files.taken import NEVER

SUMMER_WORDS = frozenset(("DST", "SUMMER", "DAYLIGHT", "EDT", "CDT", "MDT", "PDT", "AKDT", "CEST", "BST", "AEDT"))
STANDARD_WORDS = frozenset(("STD", "STANDARD", "WINTER", "EST", "CST", "MST", "PST", "AKST", "CET", "GMT", "AEST"))
DAY = np.timedelta64(86_400, "s")
SECOND = 1_000_000  # microseconds
FEWEST_TIMES = 3  # of a day, to tell what they are
PARTS = compile(r"\s+(?:to|bis|au|à|a|until|–|-)\s+")


@dataclass(frozen=True)
class TimeColumn:
    """The times of a column: local ones, as if they were UTC, or instants. What is wrong has NEVER and a message."""

    seconds: Seconds
    are_instants: NDArray[np.bool_]
    wrong: dict[int, str]
    are_days: bool
    format: str = ""


def read_time_column(texts: Sequence[str], date_format: str) -> TimeColumn:
    """Days, or days with times. An empty cell is wrong. Raises MalformedBody where they may be read in two ways."""
    read = read_time_arrays(texts, date_format or None)
    time, has_time = read.moments["time"], read.moments["time"] != NONE
    instants = has_time & read.moments["has_offset"]
    whole, parts = np.divmod(time, SECOND)
    seconds = np.where(has_time, whole - np.where(instants, read.moments["offset"], 0), NEVER)
    wrong = blanks(texts) | read.wrong
    has_parts = np.flatnonzero(has_time & (parts != 0)).tolist()
    wrong |= told((place, "Times are in whole seconds.") for place in has_parts)
    return TimeColumn(seconds, instants, wrong, read.is_days, read.format)


def blanks(texts: Sequence[str]) -> dict[int, str]:
    """What is wrong with empty cells, where there must be none."""
    return told((place, BLANK) for place, text in enumerate(texts) if not text)


def with_clock(days: TimeColumn, texts: Sequence[str], *, are_starts: bool = False) -> TimeColumn:
    """Days with the times of another column. Starts that go from 1:00 to 24:00 are those at which intervals end."""
    clocks = read_clock_times(texts)
    since = np.array(clocks.values, "timedelta64[s]")
    if are_starts:
        since = since - interval_behind(since)
    seconds = days.seconds + np.where(np.isnat(since) | (days.seconds == NEVER), 0, since.astype(np.int64))
    wrong = {**blanks(texts), **clocks.wrong, **days.wrong}
    return TimeColumn(seconds, days.are_instants, wrong, False, days.format)


def interval_behind(since: NDArray[np.timedelta64]) -> np.timedelta64:
    """How long the intervals are of which times of day are the ends: those of a day that go to 24:00 and begin after
    0:00; 0 of others."""
    times = np.unique(since[~np.isnat(since)])
    if len(times) < FEWEST_TIMES or times[-1] != DAY or times[0] == np.timedelta64(0, "s"):
        return np.timedelta64(0, "s")
    steps: NDArray[np.timedelta64] = np.diff(times)
    return np.timedelta64(steps.min())


def split_periods(texts: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The starts and ends of texts as 2021-01-01 00:00:00 to 2021-01-01 01:00:00."""
    parts = PackedRows([*map(str.strip, PARTS.split(text.replace("\xa0", " "), 1)), ""] for text in texts)
    return ColumnOfRows(parts, 0), ColumnOfRows(parts, 1)


def read_flags(texts: Sequence[str]) -> tuple[NDArray[np.bool_], dict[int, str]]:
    """Whether readings are estimated; an empty cell says no."""
    read = [*each_read(texts, partial(flag_of, known=known_words().estimated))]
    wrong = ((place, not_a_boolean(texts[place])) for place, flag in enumerate(read) if flag is None)
    return np.array(read, bool), told(wrong)


def flag_of(text: str, known: Mapping[str, bool]) -> bool | None:
    """What a cell says of whether a reading is estimated; None if it says nothing that is known."""
    if not text:
        return False
    word = plain(text)
    return known[word] if word in known else parse_bool(text)


def read_offsets(texts: Sequence[str]) -> tuple[NDArray[np.int8], Seconds]:
    """What a column says of the offset from UTC: whether it is that of summer (by a flag or the name of a zone), and
    the offset in seconds, NEVER where none is said."""
    said = np.fromiter(each_read(texts, offset_said), np.dtype("i1,i8"), len(texts))
    return said["f0"], said["f1"]


def offset_said(text: str) -> tuple[int, int]:
    """What one cell says of the offset."""
    offset = OFFSET.fullmatch(text)
    if offset:
        seconds = int(offset[2]) * 3600 + int(offset[3] or 0) * 60
        return NOT_SAID, -seconds if offset[1] == "-" else seconds
    word = text.strip().upper()
    if word in SUMMER_WORDS:
        return SUMMER, NEVER
    if word in STANDARD_WORDS:
        return STANDARD, NEVER
    flag = parse_bool(text)
    return (NOT_SAID if flag is None else SUMMER if flag else STANDARD), NEVER
