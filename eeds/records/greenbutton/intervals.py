"""The readings of a usage point as the records of a trace.

A reading has a start and a duration, a record lasts until the next one starts. So a record without a value is put where
nothing follows on a reading: at the end of the last one, and at the beginning of every gap.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import Columns
from eeds.errors import MalformedBody
from eeds.records.greenbutton.codes import Measured
from eeds.records.greenbutton.feed import Collector
from eeds.records.greenbutton.links import Channel, Skipped, channels
from eeds.records.greenbutton.readings import BY_TYPE, IS_ESTIMATED, LATEST, NOT_SAID, ReadingRefusal, Rows

MAX_READINGS = 4_000_000  # of a trace, which are sorted in memory: a century of quarters of an hour
# start and end are seconds since 1970, values in the trace's unit; `meter` is a number of the trace's meters
READING = np.dtype(
    [(name, "<i8") for name in ("index", "line", "start", "end", "meter")] + [("value", "<f8"), ("estimated", "?")]
)
Readings = NDArray[np.void]  # of READING
NO_LENGTH = "The reading has no duration, and its ReadingType no intervalLength."


@dataclass
class Meter:
    """A MeterReading of a trace, and which runs of the store have its readings."""

    channel: Channel
    runs: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Trace:
    """Where readings go: to the trace of that interpretation, unit and label."""

    label: str
    interpretation: str
    unit: str
    meters: Sequence[Meter]


@dataclass(frozen=True)
class TraceRecords:
    """The records of a trace in order of time: `columns` are start, value and estimated."""

    columns: Columns
    readings: int
    duplicates: int


def traces_of(collector: Collector) -> tuple[list[Trace], list[Skipped]]:
    """The traces in a body, in the order in which they come, and what of it belongs to none."""
    by_group, skipped = channels(collector)
    by_trace: dict[tuple[str, str], dict[tuple[str, Measured], Meter]] = {}
    for run, block in enumerate(collector.store.blocks):
        channel = by_group.get(collector.group_of_block[block])
        if channel:
            meters = by_trace.setdefault((channel.label, channel.measured.interpretation), {})
            meters.setdefault((channel.meter, channel.measured), Meter(channel)).runs.append(run)
    traces = []
    for (label, interpretation), meters in by_trace.items():
        chosen, coarser = choose_finest(collector, list(meters.values()))
        skipped += coarser
        traces.append(Trace(label, interpretation, chosen[0].channel.measured.unit, chosen))
    return traces, skipped


def choose_finest(collector: Collector, meters: Sequence[Meter]) -> tuple[list[Meter], list[Skipped]]:
    """Those of a usage point's MeterReadings of one kind that have the shortest intervals: the same energy by the hour
    and by the day would be counted twice."""
    lengths = []
    for meter in meters:
        durations = durations_of(collector.store.read(meter.runs[:1]), meter.channel.measured)
        lengths.append(float(np.median(durations)))
    finest = min(lengths)
    best = meters[lengths.index(finest)].channel
    kept, skipped = [], []
    for meter, length in zip(meters, lengths, strict=True):
        channel, unit = meter.channel, meter.channel.measured.unit
        if (length, unit) == (finest, best.measured.unit):
            kept.append(meter)
            continue
        reason = (
            f"Its intervals have {length:g} s ({unit}); the same usage point's {best.meter} has them by {finest:g} s "
            f"({best.measured.unit}), which are taken."
        )
        skipped.append(Skipped(channel.file, channel.line, f"MeterReading {channel.meter}", reason))
    return kept, skipped


def records_of(collector: Collector, trace: Trace) -> TraceRecords:
    """The records of a trace; readings that contradict others are refused. Raises MalformedBody for too many."""
    readings = gather_readings(collector, trace)
    readings = readings[np.lexsort((readings["index"], readings["start"]))]
    readings, duplicates = without_duplicates(collector, trace, readings)
    readings = without_overlaps(collector, trace, readings)
    return TraceRecords(records_with_ends(readings), len(readings["start"]), duplicates)


def gather_readings(collector: Collector, trace: Trace) -> Readings:
    """The usable readings of a trace's meters, in the trace's unit; raises MalformedBody for too many."""
    total = sum(collector.store.counts[run] for meter in trace.meters for run in meter.runs)
    if total > MAX_READINGS:
        raise MalformedBody(f"Usage point {trace.label} has more than {MAX_READINGS:,} readings; send them in parts.")
    parts = []
    for number, meter in enumerate(trace.meters):
        rows = usable_rows(collector, meter, collector.store.read(meter.runs))
        parts.append(readings_of_rows(number, meter.channel.measured, rows))
    return np.concatenate(parts)


def durations_of(rows: Rows, measured: Measured) -> NDArray[np.int64]:
    """The durations of readings, those that are left to their ReadingType by that; 0 where it has none."""
    own = rows["duration"].astype(np.int64)
    return np.where(own == BY_TYPE, max(measured.interval_length or 0, 0), own)


def usable_rows(collector: Collector, meter: Meter, rows: Rows) -> Rows:
    """The rows that last a while and have a finite value; the others are refused."""
    durations, values = durations_of(rows, meter.channel.measured), scaled(meter.channel.measured, rows["value"])
    timeless, endless = durations <= 0, np.isinf(values)
    refuse(collector, meter.channel.file, rows[timeless], "timePeriod/duration", NO_LENGTH)
    refuse(collector, meter.channel.file, rows[endless & ~timeless], "value", "The value is too large.")
    return rows[~timeless & ~endless]


def scaled(measured: Measured, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values as sent, in our unit; infinite where that is too large for a float."""
    with np.errstate(over="ignore"):
        return values * measured.multiplier / measured.divisor


def readings_of_rows(number: int, measured: Measured, rows: Rows) -> Readings:
    """Rows as readings; `number` is that of their meter."""
    readings = np.empty(len(rows), READING)
    readings["index"], readings["line"], readings["meter"] = rows["index"], rows["line"], number
    readings["start"] = rows["start"] + rows["ordinal"] * np.int64(max(measured.interval_length or 0, 0))
    readings["end"] = readings["start"] + durations_of(rows, measured)
    readings["value"] = scaled(measured, rows["value"])
    said = rows["quality"] != NOT_SAID
    readings["estimated"] = np.where(said, rows["quality"] == IS_ESTIMATED, measured.is_estimated)
    return readings


def without_duplicates(collector: Collector, trace: Trace, readings: Readings) -> tuple[Readings, int]:
    """Of readings of the same interval the last one; one that has another length, or of another meter another value, is
    refused."""
    start, end, value, meter = (readings[name] for name in ("start", "end", "value", "meter"))
    kept = np.ones(len(start), bool)
    contradicting: list[int] = []
    last = -1
    for place in np.flatnonzero(start[1:] == start[:-1]).tolist():
        # of more than two that start together, the one that has been kept so far
        before = last if last >= 0 and start[last] == start[place + 1] else place
        same = value[before] == value[place + 1] or (np.isnan(value[before]) and np.isnan(value[place + 1]))
        if end[before] != end[place + 1] or not (same or meter[before] == meter[place + 1]):
            contradicting.append(place + 1)
            kept[place + 1] = False
            last = before
        else:
            kept[before] = False
            last = place + 1
    refuse_overlapping(collector, trace, readings[contradicting])
    return readings[kept], int((~kept).sum()) - len(contradicting)


def without_overlaps(collector: Collector, trace: Trace, readings: Readings) -> Readings:
    """The readings that begin when the one before them has ended; the others are refused."""
    start, end = readings["start"], readings["end"]
    if not (start[1:] < end[:-1]).any():
        return readings
    kept = np.ones(len(start), bool)
    until = start[0]
    for place, (begins, ends) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        if begins < until:
            kept[place] = False
        else:
            until = ends
    refuse_overlapping(collector, trace, readings[~kept])
    return readings[kept]


def refuse_overlapping(collector: Collector, trace: Trace, refused: Readings) -> None:
    """Refuse readings of times that others of the trace have another value for."""
    message = "Another reading of the usage point has another value for this time, or a part of it."
    for reading in refused:
        file = trace.meters[reading["meter"]].channel.file
        refuse(collector, file, [reading], "timePeriod/start", message, int(reading["start"]))


def records_with_ends(readings: Readings) -> Columns:
    """Records of the readings, with one that has no value where a reading ends and none follows on it."""
    start, end, value, estimated = (readings[name] for name in ("start", "end", "value", "estimated"))
    following = np.append(start[1:], np.iinfo(np.int64).max)
    ends = end[(end < following) & ~np.isnan(value) & (end < LATEST)]
    starts = np.concatenate((start, ends))
    order = np.argsort(starts, kind="stable")
    return {
        "start": starts[order].astype("datetime64[s]"),
        "value": np.concatenate((value, np.full(len(ends), np.nan)))[order],
        "estimated": np.concatenate((estimated, np.zeros(len(ends), bool)))[order],
    }


def refuse(
    collector: Collector, file: str | None, refused: Iterable[Any], element: str, message: str, value: int | None = None
) -> None:
    """Refuse rows or readings of a file, all for one reason."""
    collector.refused.add(
        ReadingRefusal(int(each["index"]), element, value, message, None, file, int(each["line"])) for each in refused
    )
