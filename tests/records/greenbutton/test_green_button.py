"""Green Button files in, records out: units, directions, qualities, order, gaps; without a database."""

import gzip
import io
import random
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.records.greenbutton.archive import documents
from eeds.records.greenbutton.elements import MAX_DEPTH, walk
from eeds.records.greenbutton.feed import Collector
from eeds.records.greenbutton.trace_readings import readings_of
from eeds.records.greenbutton.traces import traces_of
from eeds.records.interval_store import records_with_ends
from eeds.records.intervals import resolve, without_small_gaps
from tests.records.greenbutton.feeds import (
    ESPI,
    HOUR,
    block,
    feed,
    meter_reading,
    reading,
    reading_type,
    usage_point,
    usual,
)

# In the shape of a utility's own: prefixes, types and titles, meter readings twice, a clock set back, a bill's summary.
UTILITY = Path(__file__).with_name("utility.xml")
LIMIT = 2**24
Records = list[tuple[int, float | None, bool]]


class Parsed:
    """What a body has: the records of each trace, what was skipped and what refused."""

    def __init__(self, body: bytes, limit: int = LIMIT) -> None:
        self.collector = Collector(max_refused=1_000)
        with closing(self.collector.store):
            self.parse(body, limit)

    def parse(self, body: bytes, limit: int) -> None:
        collector = self.collector
        for name, document in documents(io.BytesIO(body), limit):
            walk(document, collector.new_feed(name))
        traces, skipped = traces_of(collector)
        self.traces: dict[tuple[str, str, str], Records] = {}
        for trace in traces:
            readings = readings_of(collector, trace).readings
            is_missing = np.isnan(readings["value"])
            known = without_small_gaps(resolve(readings[~is_missing]).readings)
            found = records_with_ends(known, readings["start"][is_missing])
            rows = zip(found.start.tolist(), found.value.tolist(), found.estimated.tolist(), strict=True)
            self.traces[trace.point.label, trace.interpretation, trace.unit] = [
                (start, None if np.isnan(value) else value, estimated) for start, value, estimated in rows
            ]
        self.reasons = [each.reason for each in skipped]
        self.refused = [(getattr(r, "line", 0), r.field, r.value, r.message) for r in collector.refused.listed]

    @property
    def records(self) -> Records:
        """Those of the only trace."""
        (records,) = self.traces.values()
        return records


@pytest.mark.parametrize(
    ("kind", "texts", "trace", "value"),
    [
        (0, {"uom": 72, "powerOfTenMultiplier": -3}, ("7", "E_C_S", "KWH"), 0.2244),
        (0, {"uom": 72, "powerOfTenMultiplier": 3}, ("7", "E_C_S", "KWH"), 224400.0),
        (0, {"uom": 31, "powerOfTenMultiplier": 3}, ("7", "E_C_S", "KWH"), 224400 / 3600),
        (0, {"flowDirection": 19}, ("7", "E_OSG_U", "KWH"), 224.4),
        (0, {"flowDirection": 4, "commodity": 0}, ("7", "E_C_N", "KWH"), 224.4),
        (1, {"uom": 169, "powerOfTenMultiplier": -8, "commodity": 7}, ("7", "NG_C_S", "THM"), 0.002244),
        (1, {"uom": 132, "commodity": 7}, ("7", "NG_C_S", "THM"), 2.244),
        (1, {"uom": 72, "commodity": 7}, ("7", "NG_C_S", "KWH"), 224.4),
    ],
)
def test_units_powers_and_flows(kind: int, texts: dict[str, Any], trace: tuple[str, str, str], value: float) -> None:
    parsed = Parsed(usual([reading(0, 224400)], kind, **texts))
    assert parsed.traces == {trace: [(0, value, False), (HOUR, None, False)]}


@pytest.mark.parametrize(
    ("kind", "texts", "reason"),
    [
        (1, {"uom": 119, "commodity": 7}, "Its values are volumes (ft3), and how much energy that is depends on the"),
        (1, {"uom": 42, "commodity": 7}, "give it (heating_value, such as 38.5 MJ/m3"),
        (0, {"uom": 42}, "Its uom is 42"),
        (0, {"uom": 38}, "Its uom is 38 (W); energy of electricity comes in Wh (72) and J (31)."),
        (0, {"uom": 169}, "Its uom is 169; energy of electricity comes in Wh (72) and J (31)."),
        (0, {"uom": ""}, "Its uom is missing"),
        (0, {"uom": "Wh"}, 'Its uom is "Wh", which is no whole number.'),
        (0, {"accumulationBehaviour": 3}, "3 (cumulative): values are what a register shows"),
        (0, {"accumulationBehaviour": 12}, "the use of an interval (4, deltaData) is stored"),
        (0, {"flowDirection": 20}, "Its flowDirection is 20"),
        (1, {"flowDirection": 19, "uom": 169, "commodity": 7}, "Its flowDirection is 19"),
        (0, {"commodity": 7}, "Its usage point is of electricity, but its ReadingType's commodity is 7."),
        (0, {"commodity": 9}, "Its commodity is 9"),
        (2, {"commodity": 0}, "Its ServiceCategory is 2 (water)"),
        (0, {"dataQualifier": 8}, "Its dataQualifier is 8"),
        (0, {"kind": 8}, "Its kind is 8"),
        (0, {"powerOfTenMultiplier": 99}, "Its powerOfTenMultiplier is 99"),
    ],
)
def test_what_is_no_energy_is_skipped_with_why(kind: int, texts: dict[str, Any], reason: str) -> None:
    parsed = Parsed(usual([reading(0, 1)], kind, **texts))
    assert parsed.traces == {}
    (told,) = parsed.reasons
    assert reason in told


@pytest.mark.parametrize(
    ("codes", "default", "estimated"),
    [
        ([], "", False),
        ([], 8, True),
        ([17], 8, False),
        ([8], "", True),
        ([9], 17, True),
        ([14, 12], "", True),
        ([0, 19], "", False),
    ],
)
def test_qualities(codes: list[int], default: Any, estimated: bool) -> None:
    parsed = Parsed(usual([reading(0, 1000, quality=codes)], defaultQuality=default))
    assert parsed.records == [(0, 1.0, estimated), (HOUR, None, False)]


def test_gaps_and_the_end_are_marked() -> None:
    hours = [reading(0, 1000), reading(HOUR, 2000), reading(5 * HOUR, 3000), reading(6 * HOUR, None)]
    assert Parsed(usual(hours)).records == [
        (0, 1.0, False),
        (HOUR, 2.0, False),
        (2 * HOUR, None, False),
        (5 * HOUR, 3.0, False),
        (6 * HOUR, None, False),
    ]


def test_order_of_entries_and_readings_does_not_matter() -> None:
    blocks = [block([reading(n * HOUR, n * 1000) for n in (2 * k, 2 * k + 1)], number=k) for k in range(4)]
    entries = [usage_point(), meter_reading(), reading_type(), *blocks]
    expected = [(n * HOUR, float(n), False) for n in range(8)] + [(8 * HOUR, None, False)]
    for seed in range(10):
        random.Random(seed).shuffle(entries)
        assert Parsed(feed(*entries)).records == expected


def test_several_usage_points_and_directions() -> None:
    entries = [usage_point("a"), usage_point("b", 1), reading_type("out", flowDirection=19)]
    entries += [reading_type("in"), reading_type("gas", uom=169, commodity=7)]
    meters = {("a", "1"): "in", ("a", "2"): "out", ("b", "3"): "gas"}
    entries += [meter_reading(meter, point, kind) for (point, meter), kind in meters.items()]
    entries += [block([reading(0, 1000 * int(meter))], meter, point) for point, meter in meters]
    parsed = Parsed(feed(*reversed(entries)))
    values = {key: records[0][1] for key, records in parsed.traces.items()}
    assert values == {("a", "E_C_S", "KWH"): 1, ("a", "E_OSG_U", "KWH"): 2, ("b", "NG_C_S", "THM"): 3000}


def test_links_as_utilities_write_them() -> None:
    expected = Parsed(usual([reading(0, 1)])).traces
    for old, new in [
        (b'"Subscription/', b'"https://utility.example/DataCustodian/espi/1_1/resource/Subscription/'),
        (b'<link rel="up" href="Subscription/1/UsagePoint/7/MeterReading/m/IntervalBlock"/>', b""),
        (b'rel="related" href="Subscription/1/UsagePoint/7/MeterReading', b'rel="related" href="elsewhere'),
        (b'm/IntervalBlock"/><content', b'm"/><content'),
    ]:
        text = usual([reading(0, 1)])
        assert old in text
        assert Parsed(text.replace(old, new)).traces == expected, old


def test_the_finest_of_several_meter_readings_is_taken() -> None:
    entries = [usage_point(), reading_type(), meter_reading("day"), meter_reading("hour")]
    entries += [block([reading(0, 24000, 86400)], "day"), block([reading(n * HOUR, 1000) for n in range(24)], "hour")]
    parsed = Parsed(feed(*entries))
    assert [value for _, value, _ in parsed.records] == [1.0] * 24 + [None]
    assert parsed.refused == []


def test_duplicates_and_overlaps() -> None:
    twice = Parsed(usual([reading(0, 1000), reading(0, 2000), reading(HOUR, 5000)]))
    assert twice.records[:2] == [(0, 1.0, False), (HOUR, 5.0, False)]
    ((line, field, value, message),) = twice.refused
    assert (line, field, value) == (2, "timePeriod/start", 0)
    assert "lines 1 and 2 are both of 1970-01-01 00:00 to 1970-01-01 01:00 UTC, and say 1 and 2 kWh" in message
    overlapping = Parsed(usual([reading(0, 1000, 2 * HOUR), reading(HOUR, 5000, 2 * HOUR), reading(3 * HOUR, 3000)]))
    ((line, field, value, message),) = overlapping.refused
    assert (line, field, value) == (2, "timePeriod/start", HOUR)
    assert (
        "1970-01-01 01:00 to 1970-01-01 03:00 UTC, and the one on line 1 1970-01-01 00:00 to 1970-01-01 02" in message
    )
    assert [value for _, value, _ in overlapping.records] == [1.0, None, 3.0, None]
    entries = [usage_point(), reading_type(), meter_reading("a"), meter_reading("b")]
    same = feed(*entries, block([reading(0, 1)], "a"), block([reading(0, 1)], "b"))
    assert Parsed(same).refused == []
    other = feed(*entries, block([reading(0, 1)], "a"), block([reading(0, 2)], "b"))
    assert [field for _, field, _, _ in Parsed(other).refused] == ["timePeriod/start"]


@pytest.mark.parametrize(
    ("sent", "field", "value"),
    [
        (reading(0, "much"), "value", "much"),
        (reading("now", 1), "timePeriod/start", "now"),
        (reading(2**40, 1), "timePeriod/start", str(2**40)),
        (reading(0, 1, 0), "timePeriod/duration", "0"),
        (reading(0, 1, -3600), "timePeriod/duration", "-3600"),
        (reading(0, 1, None), "timePeriod/duration", None),
        (reading(0, "1e308", quality=[0]), "value", None),
        (reading(0, 1, quality=[15]), "quality", "15"),
    ],
)
def test_readings_that_are_refused(sent: str, field: str, value: str | None) -> None:
    parsed = Parsed(usual([reading(-HOUR, 1), sent], powerOfTenMultiplier=12))
    ((line, refused_field, refused_value, message),) = parsed.refused
    assert (line, refused_field, refused_value) == (2, field, value)
    assert message
    assert len(parsed.records) == 2


def test_readings_without_a_time_follow_on_each_other() -> None:
    untimed = [f"<IntervalReading><value>{n}000</value></IntervalReading>" for n in (1, 2)]
    assert Parsed(usual(untimed, intervalLength=900)).records == [
        (0, 1.0, False),
        (900, 2.0, False),
        (1800, None, False),
    ]


def test_negative_values_are_kept() -> None:
    assert Parsed(usual([reading(0, -500)], flowDirection=4)).records[0] == (0, -0.5, False)


UNREADABLE = ["klingon", "utf-7", "utf-32", "big5", "shift_jis", "idna", "rot13", "punycode", "undefined"]
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (feed(prolog=BOMB), "it has a DOCTYPE"),
        (feed(prolog=EXTERNAL), "it has a DOCTYPE"),
        (feed(prolog='<!DOCTYPE feed SYSTEM "http://127.0.0.1/x.dtd">'), "it has a DOCTYPE"),
        (usual([reading(0, 1)])[:-50], "this is no XML"),
        (b"", "no element found"),
        (b"start,value\n", "this is no XML"),
        (b"<usage/>", "its root element is usage"),
        (f'<feed xmlns="{ESPI}"/>'.encode(), "its root element is feed"),
        (feed("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH), "nested deeper than 100"),
        (feed("".join(f"<a{n}/>" for n in range(20_000))), "more than 10,000 names"),
        (feed("".join(f'<a xmlns:b{n}="c"/>' for n in range(20_000))), "more than 10,000 names"),
        (feed("<!--" + "x" * 2**21 + "-->"), "longer than 1 MB"),
        *((feed(prolog=f'<?xml version="1.0" encoding="{name}"?>'), "encoding") for name in UNREADABLE),
    ],
)
def test_hostile_and_broken_bodies(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedBody) as refused:
        Parsed(body)
    assert reason in str(refused.value)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return body.getvalue()


def damaged(body: bytes) -> bytes:
    """With other octets in its middle."""
    middle = len(body) // 2
    return body[:middle] + bytes(octet ^ 0xFF for octet in body[middle : middle + 8]) + body[middle + 8 :]


def test_packed() -> None:
    first, second = usual([reading(0, 1000)]), usual([reading(HOUR, 2000)])
    assert Parsed(gzip.compress(first)).records == Parsed(first).records
    both = Parsed(zipped({"b/2.XML": second, "1.xml": first, "readme.txt": b"hello", "__MACOSX/1.xml": b"?"}))
    assert both.records == [(0, 1.0, False), (HOUR, 2.0, False), (2 * HOUR, None, False)]


def test_bombs_end_at_the_limit() -> None:
    bomb = feed(" " * LIMIT)
    for body in (zipped({"1.xml": bomb}), zipped({"1.xml": bomb[: LIMIT // 2], "2.xml": bomb}), gzip.compress(bomb)):
        with pytest.raises((BodyTooLarge, MalformedBody)) as refused:
            Parsed(body, LIMIT // 4)
        assert isinstance(refused.value, BodyTooLarge)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (zipped({"1.xml": feed()})[:-30], "cut short"),
        (zipped({"1.xml": feed()}, zipfile.ZIP_LZMA), "packed in an unusual way"),
        (zipped({f"{n:060}.txt": b"" for n in range(40_000)}, zipfile.ZIP_STORED), "too many files"),
        (damaged(zipped({"1.xml": usual([reading(n, n) for n in range(99)])})), "zip cannot be read"),
    ],
)
def test_zips_that_cannot_be_read(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedBody) as refused:
        Parsed(body)
    assert reason in str(refused.value)


def test_the_file_of_a_utility() -> None:
    """Its sums, computed from its elements by hand."""
    parsed = Parsed(gzip.compress(UTILITY.read_bytes()))
    root = ElementTree.parse(UTILITY)
    assert parsed.refused == parsed.reasons == []
    for interpretation, meter in (("E_C_S", "DEF"), ("E_OSG_U", "ABC")):
        expected: dict[int, float] = {}
        for found in root.iterfind("{*}entry"):
            hrefs = [link.get("href", "") for link in found.iterfind("{*}link")]
            if any(f"/MeterReading/{meter}/IntervalBlock/" in href for href in hrefs):
                for item in found.iter(f"{{{ESPI}}}IntervalReading"):
                    expected[int(item.findtext("*/{*}start", ""))] = int(item.findtext("{*}value", "")) / 1e6
        records = parsed.traces["1000000001", interpretation, "KWH"]
        assert expected
        assert {start: value for start, value, _ in records if value is not None} == expected


Values = st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), min_size=1, max_size=30)


@given(Values, st.integers(-6, 3), st.sets(st.integers(0, 29)), st.randoms())
def test_round_trip(values: list[int | None], power: int, gaps: set[int], shuffler: random.Random) -> None:
    sent = {n * HOUR: value for n, value in enumerate(values) if n not in gaps}
    if not sent:
        return
    blocks = [block([reading(start, value)], number=start) for start, value in sent.items()]
    entries = [usage_point(), meter_reading(), reading_type(powerOfTenMultiplier=power), *blocks]
    shuffler.shuffle(entries)
    records = {start: value for start, value, _ in Parsed(feed(*entries)).records}
    for start, value in sent.items():
        expected = None if value is None else float(value * 10 ** max(power, 0)) / float(1000 * 10 ** max(-power, 0))
        assert records[start] == (None if expected is None else pytest.approx(expected, rel=1e-15))
    ends = {start + HOUR for start, value in sent.items() if value is not None}
    assert records.keys() == sent.keys() | ends
