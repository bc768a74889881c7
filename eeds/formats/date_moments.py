"""A column of dates taken apart, and its moments under one way to read the dates or another."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from eeds.formats.clock_times import parse_clock
from eeds.formats.date_readings import Moment, Reading
from eeds.formats.text_columns import parts

EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
NONE = np.iinfo(np.int64).min
LAST = (datetime.max - EPOCH) // MICROSECOND
# What a text says: microseconds since 1970 by the clock, NONE for nothing; the offset from UTC in seconds, if it
# `has_offset`; and whether it is a day alone.
MOMENT = np.dtype([("time", "<i8"), ("offset", "<i4"), ("has_offset", "?"), ("is_day", "?")])
Moments = NDArray[np.void]  # of MOMENT
Split = Callable[[str], tuple[str, str]]


class Part:
    """Some cells of a column: which of the distinct dates each has, and which time of day."""

    def __init__(self, texts: Sequence[str], split: Split) -> None:
        dates: dict[str, int] = {}
        clocks: dict[str, int] = {"": 0}
        cells = [
            (dates.setdefault(date, len(dates)), clocks.setdefault(clock, len(clocks)))
            for date, clock in map(split, texts)
        ]
        self.date, self.clock = np.array(cells, np.int32).reshape(-1, 2).T.copy()
        self.packed = msgspec.msgpack.encode([*dates])
        self.counts = np.bincount(self.date, minlength=len(dates))
        if "" in dates:
            self.counts[dates[""]] = 0  # no date
        self.clocks = np.array([row_of_clock(clock) for clock in clocks], MOMENT)
        self.known: dict[Reading, Moments] = {}

    @property
    def dates(self) -> list[str]:
        """The distinct dates in order of their first cell, "" for none."""
        return msgspec.msgpack.decode(self.packed, type=list[str])

    def days(self, reading: Reading) -> Moments:
        """What each distinct date is under a reading."""
        if reading not in self.known:
            read = [row_of(reading.read(date) if date else None) for date in self.dates]
            self.known[reading] = np.array(read, MOMENT)
        return self.known[reading]

    def cells_read(self, reading: Reading) -> int:
        """How many cells have a date that is read so."""
        return int(self.counts[self.days(reading)["time"] != NONE].sum())

    def moments(self, reading: Reading) -> Moments:
        """The moments of the cells: those of their days and times of day, NONE where one of them cannot be read, or
        where there are two times of day."""
        found, clocks = self.days(reading)[self.date], self.clocks[self.clock]
        has_clock = self.clock > 0
        is_wrong = (found["time"] == NONE) | (clocks["time"] == NONE) | ~found["is_day"]
        found["time"] += np.where(has_clock & ~is_wrong, clocks["time"], 0)
        found["time"][has_clock & (is_wrong | (found["time"] > LAST))] = NONE  # beyond: 24:00 on the last day there is
        for name in ("offset", "has_offset", "is_day"):
            found[name] = np.where(has_clock, clocks[name], found[name])
        return found

    @property
    def has_text(self) -> NDArray[np.bool_]:
        """Which cells are not empty."""
        is_date: NDArray[np.bool_] = self.counts[self.date] > 0
        return is_date | (self.clock > 0)


def row_of(found: Moment | None) -> tuple[int, int, bool, bool]:
    """A moment, as MOMENT has it."""
    if found is None:
        return NONE, 0, False, False
    offset = found.time.utcoffset()
    time = (found.time.replace(tzinfo=None) - EPOCH) // MICROSECOND
    return time, 0 if offset is None else int(offset.total_seconds()), offset is not None, found.is_day


def row_of_clock(clock: str) -> tuple[int, int, bool, bool]:
    """A time of day, as MOMENT has it: since midnight."""
    at = parse_clock(clock)
    if at is None:
        return NONE, 0, False, False
    offset = at.zone.utcoffset(None) if at.zone else None
    time = at.since_midnight // MICROSECOND
    return time, 0 if offset is None else int(offset.total_seconds()), offset is not None, False


class Column:
    """A column taken apart: `split` gives the texts of the date and of the time of day of a cell, "" for none."""

    def __init__(self, texts: Sequence[str], split: Split) -> None:
        self.parts = [Part(part, split) for part in parts(texts)]

    @property
    def cells(self) -> int:
        """How many cells have a date."""
        return sum(int(part.counts.sum()) for part in self.parts)

    def dates(self, *readings: Reading) -> Iterator[tuple[str, int, Sequence[bool]]]:
        """The distinct dates of each part: the text, how many cells have it, and by which of the readings it is
        read."""
        for part in self.parts:
            are_read = [(part.days(reading)["time"] != NONE).tolist() for reading in readings]
            for date, count, read in zip(part.dates, part.counts.tolist(), zip(*are_read, strict=True), strict=True):
                if count:
                    yield date, count, read

    def cells_read(self, reading: Reading) -> int:
        """How many cells have a date that is read so."""
        return sum(part.cells_read(reading) for part in self.parts)

    def moments(self, reading: Reading) -> Moments:
        """The moments of all cells, under a reading of the dates."""
        return np.concatenate([np.empty(0, MOMENT), *(part.moments(reading) for part in self.parts)])

    @property
    def has_text(self) -> NDArray[np.bool_]:
        """Which cells are not empty."""
        return np.concatenate([np.zeros(0, bool), *(part.has_text for part in self.parts)])
