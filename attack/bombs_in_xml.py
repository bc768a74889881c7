"""Green Button bodies that would become more than they are: each is of one kind of thing."""

from attack.bomb import MB, Bomb, repeated

HEAD = b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:e="http://naesb.org/espi">'
XML, QUERY = "application/atom+xml", "?project_id=P0&mode=partial"
LARGEST = 200 * MB
READING = b"<e:IntervalReading><e:value>1</e:value></e:IntervalReading>"
METER = b"""<entry><link rel="self" href="UsagePoint/1"/><e:UsagePoint><e:ServiceCategory><e:kind>0</e:kind>\
</e:ServiceCategory></e:UsagePoint></entry><entry><link rel="self" href="UsagePoint/1/MeterReading/1"/>\
<link rel="related" href="ReadingType/1"/><e:MeterReading/></entry><entry><link rel="self" href="ReadingType/1"/>\
<e:ReadingType><e:uom>72</e:uom><e:intervalLength>900</e:intervalLength></e:ReadingType></entry><entry>\
<link rel="up" href="UsagePoint/1/MeterReading/1"/>"""
BLOCK = b"<e:IntervalBlock><e:interval><e:start>%d</e:start></e:interval>"


def feed(part: bytes, size: int = LARGEST) -> bytes:
    """A feed of one part, repeated."""
    return repeated(part, size, HEAD, b"</feed>")


def of_meter(content: bytes) -> bytes:
    """A feed of one meter, with what its only entry of readings has."""
    return HEAD + METER + content + b"</entry></feed>"


def entry_with_links(rels: list[str]) -> bytes:
    """An entry that has long links of these kinds."""
    links = b"".join(b'<link rel="%s" href="%s"/>' % (rel.encode(), b"x" * 900) for rel in rels)
    return b"<entry>" + links + b"<e:UsagePoint/></entry>"


def blocks(count: int, readings: int = 1) -> bytes:
    """Blocks of readings of a quarter of an hour, one after the other."""
    end = READING * readings + b"</e:IntervalBlock>"
    return of_meter(b"".join(BLOCK % (900 * readings * at) + end for at in range(count)))


def overlapping(count: int) -> bytes:
    """Readings of a quarter of an hour in a block, one of which starts every minute."""
    time = b"<e:timePeriod><e:start>%d</e:start></e:timePeriod>"
    start, end = READING.split(b"<e:value>")
    texts = (start + time % (60 * at) + b"<e:value>" + end for at in range(count))
    return of_meter(BLOCK % 0 + b"".join(texts) + b"</e:IntervalBlock>")


def usage_points(count: int) -> bytes:
    """Usage points of one reading each."""
    block = BLOCK % 0 + READING + b"</e:IntervalBlock>"
    return HEAD + b"".join(METER.replace(b"/1", b"/%d" % at) + block + b"</entry>" for at in range(count)) + b"</feed>"


BODIES = {
    "readings without a block": lambda: feed(READING),
    "links of entries": lambda: feed(entry_with_links([str(number) for number in range(50)])),
    "related links of entries": lambda: feed(entry_with_links(["related"] * 50)),
    "entries of nothing": lambda: feed(b"<entry><e:UsagePoint/></entry>"),
    "a block of 200 MB": lambda: blocks(1, 3_500_000),
    "as many readings of a block as are taken": lambda: blocks(1, 250_000),
    "as many readings as are taken": lambda: blocks(6, 250_000),
    "readings that overlap": lambda: overlapping(250_000),
    "blocks of a reading": lambda: blocks(1_000_000),
    "as many blocks as are taken": lambda: blocks(200_000),
    "usage points": lambda: usage_points(30_000),
    "as many usage points as are taken": lambda: usage_points(1_000),
}
BOMBS = [Bomb(f"{name}, Green Button", "greenbutton/", body, XML, query=QUERY) for name, body in BODIES.items()]
