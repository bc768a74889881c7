"""The readings of a trace in windows of time, so that memory does not grow with a file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from eeds.records.greenbutton.feed import Collector
from eeds.records.greenbutton.readings import IS_REFUSED
from eeds.records.greenbutton.trace_readings import durations_of, starts_of
from eeds.records.greenbutton.traces import Meter, Trace

READINGS = 100_000  # of a window, if its blocks allow


class Block(NamedTuple):
    """A run of the store: when it is, seconds since 1970, its number, how many readings it has, and whose they are."""

    start: int
    end: int
    run: int
    readings: int
    meter: int


def windows(collector: Collector, trace: Trace) -> Iterator[Trace]:
    """The trace in parts, of which none has readings of the time of another, in order of time."""
    blocks = sorted(
        block_of(collector, number, meter, run) for number, meter in enumerate(trace.meters) for run in meter.runs
    )
    window: list[Block] = []
    until = readings = 0
    for block in blocks:
        if readings >= READINGS and block.start >= until:
            yield part_of(trace, window)
            window, readings = [], 0
        window.append(block)
        until = max(until, block.end) if readings else block.end
        readings += block.readings
    if window:
        yield part_of(trace, window)


def block_of(collector: Collector, number: int, meter: Meter, run: int) -> Block:
    """A run of a meter, whose number is given; of one that is refused as a whole nobody knows when it is."""
    rows = collector.store.read([run])
    good = rows[rows["quality"] != IS_REFUSED]
    if not len(good):
        return Block(0, 0, run, len(rows), number)
    starts = starts_of(good, meter.channel.measured)
    ends = starts + durations_of(good, meter.channel.measured)
    return Block(int(starts.min()), int(ends.max()), run, len(rows), number)


def part_of(trace: Trace, blocks: Sequence[Block]) -> Trace:
    """The trace with these blocks alone."""
    runs: dict[int, list[int]] = {}
    for block in blocks:
        runs.setdefault(block.meter, []).append(block.run)
    meters = [Meter(meter.channel, runs[number]) for number, meter in enumerate(trace.meters) if number in runs]
    return replace(trace, meters=meters)
