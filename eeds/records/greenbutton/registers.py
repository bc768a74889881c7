"""One reading for each interval of a usage point, where a file has several: the registers that a utility divides an
interval by, repeated readings, and those of the hour that comes twice in autumn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from eeds.records.greenbutton.links import Channel

# start and end are seconds since 1970, values in the trace's unit, NaN where missing; `meter` is the number of one of
# the trace's, `registers` a number of its own for each combination of them, 0 where none is named
INTERVAL = np.dtype(
    [(name, "<i8") for name in ("index", "line", "start", "end", "meter", "registers")]
    + [("value", "<f8"), ("estimated", "?")]
)
Intervals = NDArray[np.void]  # of INTERVAL

SAME = 1e-9  # of a value
SAME_IN_ANOTHER_UNIT = 5e-3  # of a value that is rounded in both
TOTAL = 5e-3  # of the reading that is the sum of all registers


@dataclass
class OnePerInterval:
    """Readings of which no two are of the same interval, and what became of the others, by their places in the
    readings as they were: `repeated` ones, those `summed` into others, and `conflicts`, each with the place of the
    other one."""

    intervals: Intervals
    repeated: list[int] = field(default_factory=list)
    summed: list[int] = field(default_factory=list)
    conflicts: list[tuple[int, int]] = field(default_factory=list)


def told_apart(intervals: Intervals, meters: Sequence[Channel]) -> Intervals:
    """Readings of which two of one meter start together in the hour after the clocks went back, while the hour before
    has none: the first was read in that hour."""
    if not any(meter.autumn for meter in meters):
        return intervals
    intervals = intervals.copy()
    keys = zip(*(intervals[name].tolist() for name in ("meter", "registers", "start")), strict=True)
    places: dict[tuple[int, ...], list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    for (meter, registers, start), (first, *others) in places.items():
        change = meters[meter].autumn
        if len(others) != 1 or change is None:
            continue
        instant = change.instant(datetime.fromtimestamp(start, UTC).year)
        is_second_hour = instant is not None and 0 <= start - instant < change.hour
        if is_second_hour and (meter, registers, start - change.hour) not in places:
            intervals["start"][first] -= change.hour
            intervals["end"][first] -= change.hour
    return intervals


def one_per_interval(intervals: Intervals, meters: Sequence[Channel]) -> OnePerInterval:
    """Readings in the order of their index, one for each interval: registers of it are summed."""
    order = np.lexsort((intervals["index"], intervals["end"], intervals["start"]))
    ordered = intervals[order]
    is_same = (ordered["start"][1:] == ordered["start"][:-1]) & (ordered["end"][1:] == ordered["end"][:-1])
    one = OnePerInterval(intervals.copy())
    if not is_same.any():
        return one
    # lists, of which single values are read ten times as fast
    group = Group(one, meters, **{name: intervals[name].tolist() for name in ("meter", "registers", "value")})
    for places in groups(order, is_same):
        group.sum(group.distinct(places))
    left = np.ones(len(intervals), bool)
    left[[*one.repeated, *one.summed, *(place for place, _ in one.conflicts)]] = False
    one.intervals = one.intervals[left]
    return one


def groups(order: NDArray[np.intp], is_same: NDArray[np.bool_]) -> Iterator[list[int]]:
    """The places of readings of the same interval, where there are several."""
    edges = np.diff(np.concatenate(([False], is_same, [False])).astype(np.int8))
    for first, last in zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True):
        yield order[first : last + 1].tolist()


@dataclass
class Group:
    """Makes one reading of several of the same interval; the columns are those of all readings."""

    one: OnePerInterval
    meters: Sequence[Channel]
    meter: Sequence[int]
    registers: Sequence[int]
    value: Sequence[float]

    def distinct(self, places: Sequence[int]) -> list[int]:
        """One reading for each of the registers: a later document corrects an earlier one, within a document another
        value is a conflict, and a missing value is none."""
        by_registers: dict[int, int] = {}
        for place in places:
            before = by_registers.setdefault(self.registers[place], place)
            if before == place:
                continue
            is_later = self.meters[self.meter[before]].document < self.meters[self.meter[place]].document
            if self.is_missing(place) or (self.is_equal(before, place) and not is_later):
                self.one.repeated.append(place)
            elif is_later or self.is_missing(before):
                self.one.repeated.append(before)
                by_registers[self.registers[place]] = place
            else:
                self.one.conflicts.append((place, before))
        return list(by_registers.values())

    def sum(self, places: list[int]) -> None:
        """Add up the readings of several registers. One that names none is their sum already, or contradicts them."""
        total = next((place for place in places if self.registers[place] == 0), None)
        parts = [place for place in places if place != total]
        if not parts or (total is None and len(parts) == 1):
            return
        amount = sum(self.value[place] for place in parts)
        if total is not None and not self.is_missing(total):
            if abs(amount - self.value[total]) <= TOTAL * abs(self.value[total]):
                self.one.repeated += parts
            else:
                self.one.conflicts += [(place, total) for place in parts] + [(total, parts[0])]
            return
        if total is not None:
            self.one.repeated.append(total)
        first, *others = parts
        missing = next((place for place in parts if self.is_missing(place)), None)
        if missing is not None:  # so is the sum
            self.one.conflicts += [(place, missing) for place in parts if not self.is_missing(place)]
            self.one.repeated += [place for place in parts if self.is_missing(place) and place != missing]
            return
        self.one.summed += others
        self.one.intervals["value"][first] = amount
        self.one.intervals["estimated"][first] |= bool(self.one.intervals["estimated"][others].any())

    def is_missing(self, place: int) -> bool:
        """Whether a reading has no value."""
        return self.value[place] != self.value[place]

    def is_equal(self, first: int, second: int) -> bool:
        """Whether two readings have the same value; in two units they are rounded."""
        units = {self.meters[self.meter[place]].measured.unit for place in (first, second)}
        a, b = self.value[first], self.value[second]
        tolerance = SAME if len(units) == 1 else SAME_IN_ANOTHER_UNIT
        return bool(abs(a - b) <= tolerance * max(abs(a), abs(b)))
