"""The entries of a feed: usage points, meter readings and reading types are kept, interval readings go to a store.

Everything may come in any order, so nothing is concluded here; see `links`. Bills (UsageSummary), customers and the
like are passed over.
"""

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from eeds.errors import MalformedBody
from eeds.records.greenbutton.elements import SEPARATOR
from eeds.records.greenbutton.readings import ReadingRefusal, ReadingStore, row_of
from eeds.records.refused_rows import Refusals

ATOM, ESPI = "http://www.w3.org/2005/Atom", "http://naesb.org/espi"
READING, BLOCK = "IntervalReading", "IntervalBlock"
RESOURCES = ("UsagePoint", "MeterReading", "ReadingType", "LocalTimeParameters")
# Elements whose children are looked at.
PARENTS = {*RESOURCES, READING, BLOCK, "interval", "timePeriod", "ReadingQuality", "ServiceCategory"}
MAX_RESOURCES = 100_000
MAX_LINKS, MAX_HREF = 1_000, 2_000
NO_FEED = "This is no Green Button file: its root element is {}, not a feed of Atom (http://www.w3.org/2005/Atom)."
OUTSIDE = "The reading stands in no IntervalBlock of an entry."


@dataclass
class Entry:
    """An entry: its links, and the elements of the resource in it."""

    line: int
    links: dict[str, list[str]] = field(default_factory=dict)  # by rel
    texts: dict[str, str] = field(default_factory=dict)
    kind: str = ""

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
    """The contents of a body: its feeds, its readings in a store, and the readings that are refused."""

    def __init__(self) -> None:
        self.feeds: list[Feed] = []
        self.store = ReadingStore()
        self.refused = Refusals()
        self.readings = 0
        self.groups = 0
        self.group_of_block = array("q")

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
            if self.groups > MAX_RESOURCES:
                raise MalformedBody(f"The IntervalBlocks belong to more than {MAX_RESOURCES:,} MeterReadings.")
        return feed.groups[key][0]


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
            links = self.entry.links.setdefault(attributes.get("rel", "")[:MAX_HREF], [])
            if len(links) < MAX_LINKS:
                links.append(normalise_link(attributes.get("href", "")))

    def start_of_block(self) -> None:
        """An IntervalBlock begins; its elements hold for the readings in it."""
        self.texts = self.block = {}
        self.ordinal = 0
        self.blocks_of_entry += 1
        self.collector.group_of_block.append(-1)  # known when its entry ends

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
            collector.store.add(len(collector.group_of_block) - 1, row)
        collector.refused.add(
            ReadingRefusal(index, element, value, message, None, self.feed.file, self.line)
            for element, value, message in wrong
        )
        collector.readings += 1
        self.ordinal += 1
        self.texts = self.block

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
            entries = self.feed.entries[entry.kind]
            if len(entries) >= MAX_RESOURCES:
                raise MalformedBody(f"Line {entry.line}: there are more than {MAX_RESOURCES:,} entries {entry.kind}.")
            entries.append(entry)


def normalise_link(href: str) -> str:
    """A link without the server and the path to its resources, which may differ between links to one entry."""
    if len(href) > MAX_HREF:
        raise MalformedBody(f"A link is longer than {MAX_HREF:,} characters.")
    before, scheme, after = href.strip().partition("://")
    path = (after.partition("/")[2] if scheme else before).strip("/")
    return path.rpartition("/resource/")[2] if "/resource/" in f"/{path}" else path
