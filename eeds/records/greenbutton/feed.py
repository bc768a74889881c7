"""The entries of a feed: usage points, meter readings and reading types are kept, interval readings go to a store.

Everything may come in any order, so nothing is concluded here; see `links`. Bills (UsageSummary), customers and the
like are passed over.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from sys import getsizeof
from typing import Any

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.records.greenbutton.elements import SEPARATOR
from eeds.records.greenbutton.readings import MAX_AT_ONCE, ReadingRefusal, ReadingStore, row_of
from eeds.records.greenbutton.refused_body import BodyRefused
from eeds.records.refused_rows import Refusals

ATOM, ESPI = "http://www.w3.org/2005/Atom", "http://naesb.org/espi"
READING, BLOCK = "IntervalReading", "IntervalBlock"
RESOURCES = ("UsagePoint", "MeterReading", "ReadingType", "LocalTimeParameters")
# Elements whose children are looked at.
PARENTS = {*RESOURCES, READING, BLOCK, "interval", "timePeriod", "ReadingQuality", "ServiceCategory"}
# The links that say what belongs to what; of others nothing is kept.
KEPT_LINKS = ("self", "up", "related")
MAX_LINKS, MAX_HREF = 1_000, 2_000
# What is kept of a whole body until it is read to its end: entries with their links and elements, in bytes of memory,
# of which an entry of 5 links and 14 elements takes 4,000; blocks; and readings, 42 years of quarters of an hour.
MAX_KEPT, MAX_BLOCKS, MAX_READINGS = 48 * 2**20, 200_000, 1_500_000
BYTES_OF_ENTRY, BYTES_OF_PART = 1_000, 100
NO_FEED = "This is no Green Button file: its root element is {}, not a feed of Atom (http://www.w3.org/2005/Atom)."
OUTSIDE = "The reading stands in no IntervalBlock of an entry."


@dataclass
class Entry:
    """An entry: its links, and the elements of the resource in it."""

    line: int
    links: dict[str, list[str]] = field(default_factory=dict)  # by rel, of KEPT_LINKS
    texts: dict[str, str] = field(default_factory=dict)
    kind: str = ""

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        parts = chain(*self.links.values(), self.texts, self.texts.values())
        return BYTES_OF_ENTRY + sum(BYTES_OF_PART + getsizeof(part) for part in parts)

    def link(self, rel: str) -> str:
        """The first link of that relation, "" if there is none."""
        return next(iter(self.links.get(rel, ())), "")


@dataclass
class Feed:
    """One document: its entries by kind, and which links lead from its IntervalBlocks to their MeterReading."""

    file: str | None
    entries: dict[str, list[Entry]] = field(default_factory=lambda: {kind: [] for kind in RESOURCES})
    groups: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # by links, see group(): number, line


class Collector:
    """The contents of a body: its feeds, its readings in a store, and the readings that are refused, of which there may
    be `max_refused`."""

    def __init__(self, max_refused: int) -> None:
        self.max_refused = max_refused
        self.feeds: list[Feed] = []
        self.store = ReadingStore()
        self.refused = Refusals()
        self.readings = 0
        self.groups = 0
        self.group_of_block = array("q")
        self.kept = 0

    def new_feed(self, file: str | None) -> "FeedVisitor":
        """The visitor for one more document; `file` is its name in a zip."""
        self.feeds.append(Feed(file))
        return FeedVisitor(self, self.feeds[-1])

    def group(self, feed: Feed, entry: Entry) -> int:
        """The number of the IntervalBlocks that have the same links as this entry: `up`, and `self` without its last
        part."""
        key = entry.link("up"), entry.link("self").rpartition("/")[0]
        if key not in feed.groups:
            feed.groups[key] = self.groups, entry.line
            self.groups += 1
            self.keep(entry)
        return feed.groups[key][0]

    def keep(self, entry: Entry) -> None:
        """Note the memory that an entry takes; raises BodyTooLarge."""
        self.kept += entry.bytes
        if self.kept > MAX_KEPT:
            raise BodyTooLarge(
                f"Line {entry.line}: the entries up to here, with their links, take more than {MAX_KEPT // 2**20} MB "
                "of memory; send the file in parts, a customer or a usage point each."
            )

    def add_block(self) -> None:
        """Note an IntervalBlock, whose group is known when its entry ends; raises BodyTooLarge."""
        if len(self.group_of_block) >= MAX_BLOCKS:
            raise BodyTooLarge(f"The body has more than {MAX_BLOCKS:,} IntervalBlocks; send it in parts.")
        self.group_of_block.append(-1)

    def add_reading(self) -> None:
        """Count a reading; raises BodyTooLarge."""
        self.readings += 1
        if self.readings > MAX_READINGS:
            raise BodyTooLarge(f"The body has more than {MAX_READINGS:,} readings; send it in parts.")

    def refuse(self, refusals: Iterable[ReadingRefusal]) -> None:
        """Note readings that are refused; raises BodyRefused where they are too many to go on."""
        self.refused.add(refusals)
        if self.refused.records > self.max_refused:
            raise BodyRefused(
                f"{self.refused.records} of the first {self.readings} readings refused, none stored; the rest was not "
                "read",
                self.refused,
            )


class FeedVisitor:
    """Puts the entries of a document into its feed, and its readings into the collector's store."""

    def __init__(self, collector: Collector, feed: Feed) -> None:
        self.collector = collector
        self.feed = feed
        self.path: list[str] = []
        self.entry: Entry | None = None
        self.texts: dict[str, str] = {}
        self.qualities: list[str] = []
        self.block: dict[str, str] = {}
        self.ordinal = 0
        self.line = 0
        self.blocks_of_entry = 0

    def start(self, name: str, attributes: Mapping[str, str], line: Callable[[], int]) -> None:
        """An element begins."""
        namespace, _, local = name.rpartition(SEPARATOR)
        if not self.path and (namespace != ATOM or local not in ("feed", "entry")):
            raise MalformedBody(NO_FEED.format(local))
        self.path.append(local if namespace in (ATOM, ESPI) else "")
        if namespace == ATOM:
            self.start_of_atom(local, attributes, line)
        elif local == READING:
            self.texts, self.qualities, self.line = {}, [], line()
        elif local == BLOCK:
            self.start_of_block()
        elif local in RESOURCES and namespace == ESPI and self.entry:
            self.texts = self.entry.texts
            self.entry.kind = local

    def start_of_atom(self, local: str, attributes: Mapping[str, str], line: Callable[[], int]) -> None:
        """An entry begins, or a link of the entry that is open."""
        if local == "entry":
            self.entry, self.blocks_of_entry = Entry(line()), 0
        elif local == "link" and self.entry:
            href, rel = normalise_link(attributes.get("href", "")), attributes.get("rel", "")
            links = self.entry.links.setdefault(rel, []) if rel in KEPT_LINKS else []
            if len(links) < MAX_LINKS:
                links.append(href)

    def start_of_block(self) -> None:
        """An IntervalBlock begins; its elements hold for the readings in it."""
        self.texts = self.block = {}
        self.ordinal = 0
        self.blocks_of_entry += 1
        self.collector.add_block()

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        local = self.path.pop()
        if local == READING:
            self.end_of_reading()
        elif local == "entry":
            self.end_of_entry()
        elif local == "quality":
            self.qualities.append(text)
        elif text and self.path and self.path[-1] in PARENTS:
            self.texts[local] = text

    def end_of_reading(self) -> None:
        """Store the reading that ends, or why it is refused."""
        collector = self.collector
        index = collector.readings
        row, wrong = row_of(self.texts, self.qualities, self.block.get("start", ""), self.ordinal, index, self.line)
        if BLOCK not in self.path or self.entry is None:
            wrong = [(READING, None, OUTSIDE)]
        else:
            self.store(row)
        collector.add_reading()
        if wrong:
            collector.refuse(
                ReadingRefusal(index, element, value, message, None, self.feed.file, self.line)
                for element, value, message in wrong
            )
        self.ordinal += 1
        self.texts = self.block

    def store(self, row: Sequence[Any]) -> None:
        """Keep the row of a reading of the block that is open; raises BodyTooLarge."""
        if self.ordinal >= MAX_AT_ONCE:
            raise BodyTooLarge(f"Line {self.line}: a block has more than {MAX_AT_ONCE:,} readings; send it in parts.")
        self.collector.store.add(len(self.collector.group_of_block) - 1, row)

    def end_of_entry(self) -> None:
        """Keep the entry that ends, and note its group for its IntervalBlocks."""
        entry, self.entry = self.entry, None
        if entry is None:
            return
        if self.blocks_of_entry:
            group = self.collector.group(self.feed, entry)
            for number in range(self.blocks_of_entry):
                self.collector.group_of_block[-1 - number] = group
        elif entry.kind:
            self.feed.entries[entry.kind].append(entry)
            self.collector.keep(entry)


def normalise_link(href: str) -> str:
    """A link without the server and the path to its resources, which may differ between links to one entry."""
    if len(href) > MAX_HREF:
        raise MalformedBody(f"A link is longer than {MAX_HREF:,} characters.")
    before, scheme, after = href.strip().partition("://")
    path = (after.partition("/")[2] if scheme else before).strip("/")
    return path.rpartition("/resource/")[2] if "/resource/" in f"/{path}" else path
