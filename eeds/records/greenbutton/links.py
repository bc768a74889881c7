"""Which meter each IntervalBlock is of, and what is measured there: the links of a feed, followed.

By the standard an entry's `up` is among the `related` of the entry above it. Utilities also give the `self` of that
entry, or nothing but a `self` that lies below it; all of these are followed. What leads nowhere is skipped, with why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eeds.records.greenbutton.codes import Measured, Unusable, read_reading_type
from eeds.records.greenbutton.feed import Collector, Entry, Feed
from eeds.records.greenbutton.local_time import ClockChange, read_clock_change
from eeds.records.greenbutton.refused_body import Skipped

MAX_LABEL = 255
# What stands above a usage point in its links, and says whose it is.
OWNERS = frozenset(
    {"RetailCustomer", "Customer", "CustomerAccount", "CustomerAgreement", "Account", "ServiceLocation", "Subscription"}
)
NO_METER = (
    "It has no link rel=up or rel=self to a MeterReading, and the file has {} of them: add the link, or send the parts "
    "of the file one by one."
)
NO_TYPE = (
    "It has no link rel=related to a ReadingType, and the file has {} of them, so that nobody knows the unit of its "
    "values: add the link."
)


@dataclass(frozen=True)
class UsagePoint:
    """Where a meter is. `path` is the whole of it, from the customer down; "" where no link says it. The label is the
    id of the usage point alone."""

    path: str
    label: str | None

    @property
    def full_label(self) -> str | None:
        """The ids of the path, for one whose own id another usage point has too."""
        return "/".join(self.path.split("/")[1::2])[-MAX_LABEL:] if self.path else None


@dataclass(frozen=True)
class Channel:
    """What a MeterReading measures, and where; `document` counts the documents of the body, `autumn` is when the clocks
    go back in its feed."""

    file: str | None
    document: int
    line: int
    meter: str
    point: UsagePoint
    measured: Measured
    autumn: ClockChange | None


class Index:
    """Entries of a kind, found by the links of those below them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.by_self = {entry.link("self"): entry for entry in entries if entry.link("self")}
        self.by_related = {href: entry for entry in entries for href in entry.links.get("related", ())}

    def above(self, up: str, parent: str) -> Entry | None:
        """The entry that an `up`, or a `self` without its last part, leads to; else the only one there is."""
        for href in (up, parent):
            entry = self.by_related.get(href) or self.by_self.get(href) or self.by_self.get(href.rpartition("/")[0])
            if href and entry:
                return entry
        return self.entries[0] if len(self.by_self) <= 1 and self.entries else None


def channels(collector: Collector, heating_value: float | None) -> tuple[dict[int, Channel], dict[int, Skipped]]:
    """The channel of each group of IntervalBlocks, by its number, and the groups that are of none. The heating value is
    that of a gas in MJ/m3, where volumes are to be converted."""
    by_group: dict[int, Channel] = {}
    skipped: dict[int, Skipped] = {}
    for document, feed in enumerate(collector.feeds):
        meters, points, types = (Index(feed.entries[kind]) for kind in ("MeterReading", "UsagePoint", "ReadingType"))
        for (up, parent), (number, line) in feed.groups.items():
            meter = meters.above(up, parent)
            if meter is None and meters.entries:
                what = f"IntervalBlock {up or parent}".strip()
                skipped[number] = Skipped(feed.file, line, what, NO_METER.format(len(meters.entries)))
                continue
            try:
                by_group[number] = channel_of(feed, document, meter or Entry(line), points, types, heating_value)
            except Unusable as error:
                name = (meter.link("self") or meter.link("up")) if meter else ""
                what, line = (f"MeterReading {name}".strip(), meter.line) if meter else ("IntervalBlock", line)
                skipped[number] = Skipped(feed.file, line, what, str(error))
    return by_group, skipped


def channel_of(
    feed: Feed, document: int, meter: Entry, points: Index, types: Index, heating_value: float | None
) -> Channel:
    """What a MeterReading measures; raises Unusable. A feed that has none may still have just one ReadingType."""
    related = meter.links.get("related", [])
    reading_type = next((types.by_self[href] for href in related if href in types.by_self), None)
    if reading_type is None and len(types.entries) == 1:
        reading_type = types.entries[0]
    if reading_type is None:
        raise Unusable(NO_TYPE.format(len(types.entries)))
    name = meter.link("self")
    point = points.above(meter.link("up"), name.rpartition("/")[0])
    where = usage_point([point.link("self")] if point else [], [name, meter.link("up")])
    kind = point.texts.get("kind") if point else None
    measured = read_reading_type(reading_type.texts, kind, heating_value)
    return Channel(feed.file, document, meter.line, name, where, measured, clock_change(feed))


def usage_point(own: Iterable[str], below: Iterable[str]) -> UsagePoint:
    """The usage point in its own link, or in the links of what is below it; raises Unusable for an id that no label can
    be."""
    for href in filter(None, (*own, *below)):
        parts = [part.strip() for part in href.split("/")]
        if "UsagePoint" in parts[:-1]:
            place = parts.index("UsagePoint")
            label = parts[place + 1]
            if not label or len(label) > MAX_LABEL or "\0" in label:
                raise Unusable(f"The id of its UsagePoint, {label[:20]!r}, is empty or longer than {MAX_LABEL}.")
            first = place
            while first >= 2 and parts[first - 2] in OWNERS:
                first -= 2
            return UsagePoint("/".join(parts[first : place + 2]), label)
    return UsagePoint("", None)


def clock_change(feed: Feed) -> ClockChange | None:
    """When the clocks go back by the feed's LocalTimeParameters; None if it has none, or several."""
    parameters = feed.entries["LocalTimeParameters"]
    return read_clock_change(parameters[0].texts) if len(parameters) == 1 else None
