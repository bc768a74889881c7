"""Which readings of a body are of which trace: those of a usage point in one direction, of whichever MeterReadings."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eeds.errors import BodyTooLarge
from eeds.records.greenbutton.codes import Measured
from eeds.records.greenbutton.feed import Collector
from eeds.records.greenbutton.links import Channel, UsagePoint, channels
from eeds.records.greenbutton.refused_body import Skipped

MAX_TRACES = 1_000  # of one project, each looked for among all that it has


@dataclass
class Meter:
    """A MeterReading of a trace in one document, and which runs of the store have its readings."""

    channel: Channel
    runs: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True)
class Trace:
    """Where readings go: to the trace of a usage point with that interpretation, in that unit if it is new."""

    point: UsagePoint
    interpretation: str
    unit: str
    meters: Sequence[Meter]


def traces_of(collector: Collector, heating_value: float | None = None) -> tuple[list[Trace], list[Skipped]]:
    """The traces in a body, in the order in which they come, and what of it belongs to none. Volumes of gas need its
    heating value, in MJ/m3. Raises BodyTooLarge."""
    by_group, skipped = channels(collector, heating_value)
    by_trace: dict[tuple[UsagePoint, str], dict[tuple[int, str, Measured], Meter]] = {}
    lost: Counter[int] = Counter()
    for run, block in enumerate(collector.store.blocks):
        group = collector.group_of_block[block]
        channel = by_group.get(group)
        if channel is None:
            lost[group] += collector.store.counts[run]
            continue
        meters = by_trace.setdefault((channel.point, channel.measured.interpretation), {})
        meters.setdefault((channel.document, channel.meter, channel.measured), Meter(channel)).runs.append(run)
    if len(by_trace) > MAX_TRACES:
        raise BodyTooLarge(f"The body has readings of more than {MAX_TRACES:,} usage points; send it in parts.")
    traces = [
        trace_of(point, interpretation, [*meters.values()]) for (point, interpretation), meters in by_trace.items()
    ]
    return traces, with_counts(skipped, lost)


def trace_of(point: UsagePoint, interpretation: str, meters: Sequence[Meter]) -> Trace:
    """The trace of some meters, in the unit of the first of them."""
    return Trace(point, interpretation, meters[0].channel.measured.unit, meters)


def with_counts(skipped: Mapping[int, Skipped], lost: Mapping[int, int]) -> list[Skipped]:
    """What was skipped, each with the readings in all of its blocks."""
    counts: Counter[Skipped] = Counter()
    for group, each in skipped.items():
        counts[each] += lost.get(group, 0)
    return [each._replace(readings=count) for each, count in counts.items()]
