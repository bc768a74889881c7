"""Which meter each IntervalBlock is of, and what is measured there: the links of a feed, followed.

By the standard an entry's `up` is among the `related` of the entry above it. Utilities also give the `self` of that
entry, or nothing but a `self` that lies below it; all of these are followed. What leads nowhere is skipped, with why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eeds.errors import MalformedBody
from eeds.records.greenbutton.codes import Measured, Unusable, read_reading_type
from eeds.records.greenbutton.feed import Collector, Entry, Feed

MAX_LABEL = 255


class Skipped(NamedTuple):
    """Something in a file that nothing is stored of, and why."""

    file: str | None
    line: int
    what: str
    reason: str


@dataclass(frozen=True)
class Channel:
    """What a MeterReading measures, and where: `label` is the id of its usage point."""

    file: str | None
    line: int
    meter: str
    label: str
    measured: Measured


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


def channels(collector: Collector) -> tuple[dict[int, Channel], list[Skipped]]:
    """The channel of each group of IntervalBlocks, by its number, and the groups that are of none."""
    by_group: dict[int, Channel] = {}
    skipped: list[Skipped] = []
    for feed in collector.feeds:
        require_distinct_ids(feed)
        meters, points, types = (Index(feed.entries[kind]) for kind in ("MeterReading", "UsagePoint", "ReadingType"))
        for (up, parent), number in feed.groups.items():
            meter = meters.above(up, parent)
            if meter is None:
                skipped.append(Skipped(feed.file, 0, f"IntervalBlock {up or parent}", "It leads to no MeterReading."))
                continue
            try:
                by_group[number] = channel_of(feed, meter, points, types)
            except Unusable as error:
                name = meter.link("self") or meter.link("up")
                skipped.append(Skipped(feed.file, meter.line, f"MeterReading {name}", str(error)))
    return by_group, list(dict.fromkeys(skipped))


def channel_of(feed: Feed, meter: Entry, points: Index, types: Index) -> Channel:
    """What a MeterReading measures; raises Unusable."""
    related = meter.links.get("related", [])
    reading_type = next((types.by_self[href] for href in related if href in types.by_self), None)
    if reading_type is None and len(types.by_self) <= 1 and types.entries:
        reading_type = types.entries[0]
    if reading_type is None:
        raise Unusable("It leads to no ReadingType, so that its values have no unit.")
    name = meter.link("self")
    point = points.above(meter.link("up"), name.rpartition("/")[0])
    label = usage_point_id([point.link("self")] if point else [], [name, meter.link("up")])
    kind = point.texts.get("kind") if point else None
    return Channel(feed.file, meter.line, name, label, read_reading_type(reading_type.texts, kind))


def usage_point_id(own: Iterable[str], below: Iterable[str]) -> str:
    """The id in a usage point's own link, or in the links of what is below it; raises Unusable."""
    for href in (*own, *below):
        parts = href.split("/")
        if "UsagePoint" in parts[:-1]:
            label = parts[parts.index("UsagePoint") + 1].strip()
            if label and len(label) <= MAX_LABEL and "\0" not in label:
                return label
    raise Unusable("No link has the id of its UsagePoint (.../UsagePoint/ID).")


def require_distinct_ids(feed: Feed) -> None:
    """Raises MalformedBody if two usage points have one id: they would become one trace."""
    hrefs: dict[str, str] = {}
    for href in filter(None, (entry.link("self") for entry in feed.entries["UsagePoint"])):
        try:
            label = usage_point_id([href], [])
        except Unusable:
            continue
        if hrefs.setdefault(label, href) != href:
            where = f"{feed.file}: " if feed.file else ""
            raise MalformedBody(
                f"{where}The usage points {hrefs[label]} and {href} have the same id, {label}, by which traces are "
                "told apart. Send them to projects of their own."
            )
