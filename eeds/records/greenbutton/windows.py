"""The readings of a trace in windows of time, so that memory does not grow with a file."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from eeds.records.greenbutton.feed import Collector
from eeds.records.greenbutton.readings import IS_REFUSED
from eeds.records.greenbutton.trace_readings import durations_of, starts_of
from eeds.records.greenbutton.traces import Meter, Trace

READINGS = 100_000  # of a window, if its blocks allow
# A run of the store: when it is, seconds since 1970, its number, how many readings it has, and whose they are.
BLOCK = np.dtype([(name, "<i8") for name in ("start", "end", "run", "readings", "meter")])


def windows(collector: Collector, trace: Trace) -> Iterator[Trace]:
    """The trace in parts, of which none has readings of the time of another, in order of time."""
    blocks = np.fromiter(blocks_of(collector, trace), BLOCK)
    blocks.sort(order=("start", "end", "run"))
    first = until = readings = 0
    for place, block in enumerate(blocks):
        if readings >= READINGS and block["start"] >= until:
            yield part_of(trace, blocks[first:place])
            first, readings = place, 0
        until = max(until, block["end"]) if readings else block["end"]
        readings += block["readings"]
    if len(blocks):
        yield part_of(trace, blocks[first:])


def blocks_of(collector: Collector, trace: Trace) -> Iterator[tuple[int, ...]]:
    """The runs of a trace, as BLOCK has them."""
    for number, meter in enumerate(trace.meters):
        for run in meter.runs:
            yield block_of(collector, number, meter, run)


def block_of(collector: Collector, number: int, meter: Meter, run: int) -> tuple[int, ...]:
    """A run of a meter, whose number is given; of one that is refused as a whole nobody knows when it is."""
    rows = collector.store.read([run])
    good = rows[rows["quality"] != IS_REFUSED]
    if not len(good):
        return 0, 0, run, len(rows), number
    starts = starts_of(good, meter.channel.measured)
    ends = starts + durations_of(good, meter.channel.measured)
    return int(starts.min()), int(ends.max()), run, len(rows), number


def part_of(trace: Trace, blocks: Iterable[Any]) -> Trace:
    """The trace with these blocks alone."""
    runs: dict[int, array[int]] = {}
    for block in blocks:
        runs.setdefault(int(block["meter"]), array("q")).append(int(block["run"]))
    meters = [Meter(meter.channel, runs[number]) for number, meter in enumerate(trace.meters) if number in runs]
    return replace(trace, meters=meters)
