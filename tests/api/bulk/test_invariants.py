"""What holds for any records in any format: what is read can be loaded again, order and overlaps do not matter, and
sending again writes nothing."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eeds.records.ids import FIRST_START, LAST_START
from tests.api.bulk.cells import NAME
from tests.api.bulk.conftest import TRACE, Bulk
from tests.api.bulk.formats import FORMATS, PACKINGS, as_csv, as_lines

LABELS = ("main", "other")
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Row = tuple[int, datetime, float | None, bool]  # of the first trace or the second


@pytest.fixture
def ids(bulk: Bulk) -> list[int]:
    """Two traces, named by LABELS."""
    other: Any = bulk.api.post("consumption_metadatas/", {**TRACE, "label": "other"}).json
    return [1, int(other["id"])]


def text_of(start: datetime) -> str:
    return f"{start.isoformat().removesuffix('+00:00')}Z"


def write(format: str, ids: Sequence[int], rows: Sequence[Row]) -> bytes:
    """Records in a format."""

    def of_trace(n: int) -> dict[str, Any]:
        return {**NAME, "label": LABELS[n]} if format == "named" else {"metadata_id": ids[n]}

    records = [{**of_trace(n), "start": text_of(start), "value": v, "estimated": flag} for n, start, v, flag in rows]
    return FORMATS[format].write(records)


def load(bulk: Bulk, format: str, body: bytes, packing: str = "identity") -> dict[str, int]:
    """The counts of a load that is stored."""
    answer: Any = bulk.send(PACKINGS[packing](body), FORMATS[format].media_type, packing)
    assert answer.status_code == 200, answer.text
    return {name: count for name, count in answer.json.items() if name != "status"}


def only(**counts: int) -> dict[str, int]:
    return {"created": 0, "updated": 0, "unchanged": 0, "duplicates": 0, **counts}


def export(bulk: Bulk, format: str) -> bytes:
    """All that is stored, as it is read; lines and names, in which nothing is read, are made of what is."""
    as_read = {"lines": "json", "named": "csv"}.get(format, format)
    body = bulk.api.get(f"consumption_records/?format={as_read}").data
    return EDITED[format](body) if format in EDITED else body


def with_key(body: bytes) -> list[dict[str, Any]]:
    """A list calls the trace `metadata`, as every resource calls what it refers to."""
    return [{"metadata_id": record.pop("metadata"), **record} for record in json.loads(body)]


def with_names(body: bytes) -> bytes:
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    return as_csv([{**NAME, "label": LABELS[row.pop("metadata_id") != "1"], **row} for row in rows])


EDITED: dict[str, Callable[[bytes], bytes]] = {
    "json": lambda body: json.dumps(with_key(body)).encode(),
    "lines": lambda body: as_lines(with_key(body)),
    "named": with_names,
}

starts = st.datetimes(FIRST_START.replace(tzinfo=None), (LAST_START - timedelta(seconds=1)).replace(tzinfo=None)).map(
    lambda start: start.replace(microsecond=0, tzinfo=UTC)
)
numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
contents = st.dictionaries(st.tuples(st.integers(0, 1), starts), st.tuples(numbers, st.booleans()), min_size=1)


@settings(FEW, max_examples=5)
@given(content=contents)
@example(content={(0, FIRST_START): (-0.0, True), (1, LAST_START - timedelta(seconds=1)): (5e-324, False)})
@example(content={(0, FIRST_START + n * timedelta(hours=1)): (n / 3, n % 2 > 0) for n in range(100)})
def test_what_is_read_can_be_loaded(
    bulk: Bulk, ids: list[int], content: dict[tuple[int, datetime], tuple[float | None, bool]]
) -> None:
    """And changes nothing; into an empty table, it is all there again."""
    rows = [(*key, *rest) for key, rest in content.items()]
    expected = sorted((ids[n], text_of(start), *rest) for (n, start), rest in content.items())
    for format in FORMATS:
        bulk.forget_records()
        assert load(bulk, format, write(format, ids, rows)) == only(created=len(rows))
        assert bulk.values() == expected
        read = export(bulk, format)
        assert load(bulk, format, read) == only(unchanged=len(rows))
        bulk.forget_records()
        assert load(bulk, format, read) == only(created=len(rows))
        assert bulk.values() == expected


HOURS = 60
FIRST = datetime(2015, 1, 1, tzinfo=UTC)
KEYS = [(n, FIRST + hour * timedelta(hours=1)) for n in range(2) for hour in range(HOURS)]
by_time = sorted(range(len(KEYS)), key=lambda place: KEYS[place][1])
# a part of the file: where it begins and ends, in which order, and what is new of it
batches = st.lists(
    st.tuples(
        st.integers(0, len(KEYS) - 1),
        st.integers(1, len(KEYS)),
        st.sampled_from(["as it is", "backwards", "by time", "twice"]),
        st.sampled_from([0.0, 1.0]),
        st.sampled_from(list(FORMATS)),
        st.sampled_from(list(PACKINGS)),
    ),
    max_size=6,
)


@FEW
@given(batches=batches)
def test_any_batches_leave_what_a_dict_would(bulk: Bulk, ids: list[int], batches: list[Any]) -> None:
    """Of a file in parts, in any order and overlap: the last value of each key, and counts that add up."""
    bulk.forget_records()
    stored: dict[tuple[int, datetime], float] = {}
    for first, length, order, more, format, packing in batches:
        sent = in_order(list(range(first, min(first + length, len(KEYS)))), order)
        rows = [(*KEYS[place], place + more * (n % 3), False) for n, place in enumerate(sent)]
        last = {(n, start): value for n, start, value, _ in rows}
        unchanged = sum(stored.get(key) == value for key, value in last.items())
        created = len(last.keys() - stored.keys())
        counts = only(
            created=created,
            updated=len(last) - created - unchanged,
            unchanged=unchanged,
            duplicates=len(rows) - len(last),
        )
        assert load(bulk, format, write(format, ids, rows), packing) == counts
        stored |= last
    assert bulk.values() == sorted((ids[n], text_of(start), value, False) for (n, start), value in stored.items())


def in_order(places: list[int], order: str) -> list[int]:
    if order == "by time":
        return [place for place in by_time if place in places]
    return {"as it is": places, "backwards": places[::-1], "twice": places + places}[order]


texts = st.text("0123456789-+:.TZ eEnax_", min_size=1, max_size=25).filter(str.strip) | st.sampled_from(
    [
        "1.",
        ".5",
        "+1",
        "-0",
        "1e5",
        "nan",
        "NAN",
        "inf",
        "0x1",
        "2015-01-01T00Z",
        "2015-01-01 00:00",
        "2015-1-1",
        "20150101",
    ]
)


@settings(FEW, max_examples=30)
@given(field=st.sampled_from(["metadata_id", "start", "value", "estimated"]), text=texts)
@example(field="start", text="2015-01-01T00Z")
@example(field="metadata_id", text="0x1")
@example(field="value", text="1_5")
def test_a_text_means_the_same_alone_and_beside_others(bulk: Bulk, field: str, text: str) -> None:
    """CSV is read in whole columns where nothing in it is unusual, and else like JSON, record by record."""
    record = {"metadata_id": "1", "start": "2016-01-01T00:00:00Z", "value": "1", "estimated": "false", field: text}
    beside = {**record, "metadata_id": "1", "start": "2016-01-01 00:00", "value": "x", "estimated": "false"}
    found = []
    for format, records in (("json", [record]), ("csv", [record]), ("csv", [record, beside])):
        bulk.forget_records()
        body = FORMATS[format].write(records)
        answer: Any = bulk.send(body, FORMATS[format].media_type, query="?mode=partial").json
        found.append((bulk.values(), [error["message"] for error in answer["errors"] if error["index"] == 0]))
    assert found[1] == found[0]
    assert found[2] == found[0]


@pytest.mark.parametrize("format", ["json", "csv", "arrow"])
def test_sending_again_writes_nothing(bulk: Bulk, format: str) -> None:
    """To the log that every change goes through: not a lock of a row, which would be a hundred bytes each. What else
    the database does by itself is not in the least of three times."""
    rows: list[Row] = [(0, FIRST + n * timedelta(hours=1), n / 7, False) for n in range(8000)]
    body = write(format, [1], rows)
    assert load(bulk, format, body) == only(created=len(rows))
    written = []
    for _ in range(3):
        before = position(bulk)
        assert load(bulk, format, body) == only(unchanged=len(rows))
        written.append(position(bulk) - before)
    assert min(written) < len(rows)


def position(bulk: Bulk) -> int:
    """How many bytes the log has."""
    with bulk.database.connection() as connection:
        (found,) = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone() or (0,)
    return int(found)
