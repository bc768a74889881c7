"""The readings of a trace in a body, or in a window of it, one for each time, and an account of all that it has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.errors import BodyTooLarge
from eeds.formats.units import UNITS, factor
from eeds.records.balance import Tally, energy_of
from eeds.records.finer_readings import Readings
from eeds.records.greenbutton.codes import Measured
from eeds.records.greenbutton.feed import Collector
from eeds.records.greenbutton.links import Channel
from eeds.records.greenbutton.readings import (
    BY_TYPE,
    IS_ESTIMATED,
    IS_REFUSED,
    LATEST,
    MAX_AT_ONCE,
    NO_REGISTER,
    NOT_SAID,
    START,
    ReadingRefusal,
    Rows,
)
from eeds.records.greenbutton.registers import INTERVAL, Intervals, one_per_interval, told_apart
from eeds.records.greenbutton.traces import Meter, Trace
from eeds.records.intervals import READING, Conflict, resolve

# A duration that ends with the last second of its interval, 899 for 900: nobody measures by such lengths.
ROUND, INCLUSIVE = 60, 59
UNIT_NAMES = {"KWH": "kWh", "THM": "therm"}
REGISTER_BITS = 16
NO_LENGTH = "The reading has no duration, and its ReadingType no intervalLength."
TOO_LARGE = "The value is too large."
MAX_VALUE = 1e100  # in kWh or therms: sums of any number of such readings are finite


@dataclass(frozen=True)
class TraceReadings:
    """The readings of a trace that are left beside each other, coarse ones as they were sent, and what became of the
    others of the body: `replaced` gave way to others of their time, `summed` are in others."""

    readings: Readings
    received: Tally
    refused: Tally
    replaced: Tally
    summed: int
    intervals: Intervals  # as they were read, in the order of their index


def readings_of(collector: Collector, trace: Trace) -> TraceReadings:
    """The readings of a trace; those that contradict others are refused. Raises BodyTooLarge."""
    intervals, refused = gather(collector, trace)
    channels = [meter.channel for meter in trace.meters]
    one = one_per_interval(told_apart(intervals, channels), channels)
    for place, other in one.conflicts:
        refuse(collector, trace, intervals[place], about_same_time(trace, intervals[place], intervals[other]))
    is_missing = np.isnan(one.intervals["value"])
    readings = as_readings(one.intervals, channels)
    resolved = resolve(readings[~is_missing])
    refuse_conflicts(collector, trace, intervals, resolved.conflicts)
    is_wrong = np.isin(readings["index"], [conflict.index for conflict in resolved.conflicts])
    is_gone = np.isin(readings["index"], [index for gone in resolved.gone for index in gone["index"].tolist()])
    contradicting = intervals[[place for place, _ in one.conflicts]]
    return TraceReadings(
        readings[~is_wrong & ~is_gone],
        tally(intervals) + refused,
        refused + tally(contradicting) + tally(readings[is_wrong]),
        tally(intervals[one.repeated]) + tally(readings[is_gone]),
        len(one.summed),
        intervals,
    )


def gather(collector: Collector, trace: Trace) -> tuple[Intervals, Tally]:
    """The usable readings of a trace's meters in the order of their index, in the trace's unit, and how many are
    refused. Raises BodyTooLarge."""
    total = sum(collector.store.counts[run] for meter in trace.meters for run in meter.runs)
    if total > MAX_AT_ONCE:
        where = f"Usage point {trace.point.label} has more than {MAX_AT_ONCE:,} readings in blocks that overlap"
        raise BodyTooLarge(f"{where}; send them in parts.")
    parts, refused = [], Tally()
    for number, meter in enumerate(trace.meters):
        rows = collector.store.read(meter.runs)
        is_good, values = check(collector, meter, rows), in_unit(meter.channel.measured, trace.unit, rows["value"])
        parts.append(intervals_of(number, meter.channel.measured, rows[is_good], values[is_good]))
        amounts = values[~is_good]
        refused += Tally(len(amounts), energy_of(amounts))
    intervals = np.concatenate(parts)
    return intervals[np.argsort(intervals["index"], kind="stable")], refused


def check(collector: Collector, meter: Meter, rows: Rows) -> NDArray[np.bool_]:
    """Which rows last a while, start in our time and have a value of this world; the others are refused."""
    measured = meter.channel.measured
    is_whole = rows["quality"] != IS_REFUSED
    is_lasting = durations_of(rows, measured) > 0
    is_late = starts_of(rows, measured) >= LATEST
    is_endless = np.abs(in_unit(measured, measured.unit, rows["value"])) > MAX_VALUE
    file = meter.channel.file
    refuse_rows(collector, file, rows[is_whole & ~is_lasting], "timePeriod/duration", NO_LENGTH)
    refuse_rows(collector, file, rows[is_whole & is_lasting & is_late], "timePeriod/start", START)
    refuse_rows(collector, file, rows[is_whole & is_lasting & ~is_late & is_endless], "value", TOO_LARGE)
    good: NDArray[np.bool_] = is_whole & is_lasting & ~is_late & ~is_endless
    return good


def durations_of(rows: Rows, measured: Measured) -> NDArray[np.int64]:
    """The durations of readings in seconds, those that are left to their ReadingType by that; 0 where it has none. One
    that ends with the last second of its interval is that second longer."""
    own = rows["duration"].astype(np.int64)
    duration = np.where(own == BY_TYPE, max(measured.interval_length or 0, 0), own)
    whole: NDArray[np.int64] = duration + (duration % ROUND == INCLUSIVE)
    return whole


def starts_of(rows: Rows, measured: Measured) -> NDArray[np.int64]:
    """The starts of readings, seconds since 1970."""
    length = max(measured.interval_length or 0, 0)
    length += length % ROUND == INCLUSIVE
    starts: NDArray[np.int64] = rows["start"] + rows["ordinal"] * np.int64(length)
    return starts


def in_unit(measured: Measured, unit: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values as sent in a unit of ours; infinite where that is too large for a float."""
    with np.errstate(over="ignore"):
        scaled: NDArray[np.float64] = values * measured.multiplier / measured.divisor
        return scaled if unit == measured.unit else scaled * conversion(measured.unit, unit)


def conversion(from_unit: str, to_unit: str) -> float:
    """By what a value of a trace in one unit is multiplied to be in another."""
    return factor(UNITS[UNIT_NAMES[from_unit].lower()], UNITS[UNIT_NAMES[to_unit].lower()])


def intervals_of(number: int, measured: Measured, rows: Rows, values: NDArray[np.float64]) -> Intervals:
    """Rows with their values as intervals; `number` is that of their meter."""
    intervals = np.empty(len(rows), INTERVAL)
    intervals["index"], intervals["line"], intervals["meter"] = rows["index"], rows["line"], number
    intervals["start"] = starts_of(rows, measured)
    intervals["end"] = intervals["start"] + durations_of(rows, measured)
    intervals["value"] = values
    said = rows["quality"] != NOT_SAID
    intervals["estimated"] = np.where(said, rows["quality"] == IS_ESTIMATED, measured.is_estimated)
    own = rows["registers"].astype(np.int64)
    numbers = np.where(own == NO_REGISTER, np.array(measured.registers, np.int64), own)
    intervals["registers"] = (numbers << np.array([0, REGISTER_BITS, 2 * REGISTER_BITS])).sum(axis=1)
    return intervals


def as_readings(intervals: Intervals, meters: Sequence[Channel]) -> Readings:
    """Intervals as new readings of a trace."""
    readings = np.zeros(len(intervals), READING)
    for name in ("index", "start", "end", "value", "estimated"):
        readings[name] = intervals[name]
    readings["document"] = np.array([meter.document for meter in meters])[intervals["meter"]]
    return readings


def tally(readings: Intervals | Readings) -> Tally:
    """Readings, and the energy in them."""
    values = readings["value"]
    return Tally(len(values), energy_of(values))


def refuse_conflicts(collector: Collector, trace: Trace, intervals: Intervals, conflicts: Iterable[Conflict]) -> None:
    """Refuse readings that contradict others, each once; `intervals` are in the order of their index."""
    indexes = np.ascontiguousarray(intervals["index"])  # which are searched without a copy each time
    for conflict in {conflict.index: conflict for conflict in conflicts}.values():
        reading = intervals[np.searchsorted(indexes, conflict.index)]
        other = None if conflict.other is None else intervals[np.searchsorted(indexes, conflict.other)]
        refuse(collector, trace, reading, about_conflict(trace, reading, conflict, other))


def about_same_time(trace: Trace, reading: Any, other: Any) -> str:
    """Why a reading is refused that has another value than one of the same interval."""
    unit = UNIT_NAMES[trace.unit]
    return (
        f"The readings on lines {other['line']} and {reading['line']} are both of {span(reading)}, and say "
        f"{other['value']:g} and {reading['value']:g} {unit}: leave the one that is right, or send the file that the "
        "utility has corrected."
    )


def about_conflict(trace: Trace, reading: Any, conflict: Conflict, other: Any) -> str:
    """Why a reading is refused that overlaps others."""
    unit = UNIT_NAMES[trace.unit]
    if other is None:
        return (
            f"Finer readings come to {conflict.other_value:g} {unit} in a part of {span(reading)}, of which this one "
            f"says {conflict.value:g}: leave the ones that are right."
        )
    return (
        f"The reading lasts {span(reading)}, and the one on line {other['line']} {span(other)}: they overlap. Correct "
        "the start or the duration, or leave one of them."
    )


def span(reading: Any) -> str:
    """When a reading is."""
    start, end = (datetime.fromtimestamp(int(reading[name]), UTC) for name in ("start", "end"))
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"


def refuse(collector: Collector, trace: Trace, reading: Any, message: str) -> None:
    """Refuse a reading for what others say of its time."""
    file, index = trace.meters[reading["meter"]].channel.file, int(reading["index"])
    start = int(reading["start"])
    collector.refuse([ReadingRefusal(index, "timePeriod/start", start, message, None, file, int(reading["line"]))])


def refuse_rows(collector: Collector, file: str | None, rows: Iterable[Any], element: str, message: str) -> None:
    """Refuse rows of a file, all for one reason."""
    collector.refuse(
        ReadingRefusal(int(each["index"]), element, None, message, None, file, int(each["line"])) for each in rows
    )
