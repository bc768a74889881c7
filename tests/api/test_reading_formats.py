"""consumption_records/ in four formats: each says exactly what is stored, of everybody's own records, however many."""

import csv
import io
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eeds.db.cursors import CHUNK_ROWS
from eeds.db.engine import Database
from eeds.formats.arrow import ROWS_OF_A_GROUP
from eeds.formats.column_arrays import ROWS_OF_A_BATCH
from eeds.formats.media_types import ARROW, CSV, JSON, PARQUET
from eeds.records.ids import FIRST_START, LAST_START
from tests.api.conftest import Api, MakeApi
from tests.readings import forget_readings, store_series

PATH = "consumption_records/"
Record = tuple[int, datetime, float | None, bool]


def of_json(body: bytes) -> list[Record]:
    return [(r["metadata"], datetime.fromisoformat(r["start"]), r["value"], r["estimated"]) for r in json.loads(body)]


def of_csv(body: bytes) -> list[Record]:
    header, *lines = csv.reader(io.StringIO(body.decode()))
    assert header == ["metadata_id", "start", "value", "estimated"]
    return [
        (int(id), datetime.fromisoformat(start), float(value) if value else None, {"true": True, "false": False}[flag])
        for id, start, value, flag in lines
    ]


def of_arrow(body: bytes) -> list[Record]:
    table = pa.ipc.open_stream(body).read_all()
    assert table.schema.field("start").type == pa.timestamp("s", "UTC")
    return of_table(table)


def of_parquet(body: bytes) -> list[Record]:
    return of_table(pq.read_table(io.BytesIO(body)))


def of_table(table: pa.Table) -> list[Record]:
    assert table.schema.names == ["metadata_id", "start", "value", "estimated"]
    assert [str(table.schema.field(n).type) for n in ("metadata_id", "value", "estimated")] == [
        "int64",
        "double",
        "bool",
    ]
    assert pa.types.is_timestamp(table.schema.field("start").type)
    table.validate(full=True)
    return [tuple(row.values()) for row in table.to_pylist()]  # type: ignore[misc]


PARSERS: dict[str, Callable[[bytes], list[Record]]] = {JSON: of_json, CSV: of_csv, ARROW: of_arrow, PARQUET: of_parquet}
every_format = pytest.mark.parametrize("media_type", PARSERS)


def read(api: Api, media_type: str, query: str = "") -> list[Record]:
    answer = api.get(PATH + query, headers={"Accept": media_type})
    assert (answer.status_code, answer.mimetype) == (200, media_type), answer.text
    return PARSERS[media_type](answer.data)


@pytest.fixture
def traces(api: Api) -> list[int]:
    """Three traces, the second of them empty."""
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    trace = {"project": 1, "interpretation": "E_C_S", "unit": "KWH"}
    return [int(api.post("consumption_metadatas/", {**trace, "label": label}).json["id"]) for label in "abc"]


def hours(database: Database, trace: int, n: int) -> list[Record]:
    """n records of a trace, stored; every third value is missing, every fifth is estimated."""
    with database.connection() as connection:
        values = [place / 8 if place % 3 else None for place in range(n)]
        estimated = [place % 5 == 0 for place in range(n)]
        store_series(connection, trace, "1999-12-31T00:00:00", np.timedelta64(1, "h"), values, estimated)
    first = datetime(1999, 12, 31, tzinfo=UTC)
    return [(trace, first + timedelta(hours=i), i / 8 if i % 3 else None, i % 5 == 0) for i in range(n)]


@pytest.mark.parametrize(
    ("media_type", "suffix"), [(CSV, "csv"), (ARROW, "arrows"), (PARQUET, "parquet"), (JSON, None)]
)
def test_headers(api: Api, traces: list[int], media_type: str, suffix: str | None) -> None:
    for method in ("GET", "HEAD"):
        answer = api.call(method, PATH, headers={"Accept": media_type})
        assert (answer.status_code, answer.mimetype, answer.headers["Vary"]) == (200, media_type, "Accept")
        file = suffix and f'attachment; filename="consumption_records.{suffix}"'
        assert answer.headers.get("Content-Disposition") == file
        assert bool(answer.data) == (method == "GET")


def test_bytes(api: Api, traces: list[int]) -> None:
    """Where people or other programs look at the text itself."""
    days = [
        {"metadata_id": 1, "start": "1969-12-31T23:59:59Z", "value": None, "estimated": True},
        {"metadata_id": 1, "start": "2016-01-01T00:00:00Z", "value": 2.0, "estimated": False},
    ]
    assert api.post(f"{PATH}sync2/", days).status_code == 200
    assert api.get(PATH).text == (
        '[{"id":12884901887,"start":"1969-12-31T23:59:59Z","value":null,"estimated":true,"metadata":1},'
        '{"id":14336508288,"start":"2016-01-01T00:00:00Z","value":2.0,"estimated":false,"metadata":1}]'
    )
    assert api.get(f"{PATH}?format=csv").text == (
        "metadata_id,start,value,estimated\n1,1969-12-31T23:59:59Z,,true\n1,2016-01-01T00:00:00Z,2,false\n"
    )


starts = st.datetimes(FIRST_START.replace(tzinfo=None), (LAST_START - timedelta(seconds=1)).replace(tzinfo=None)).map(
    lambda start: start.replace(microsecond=0, tzinfo=UTC)
)
values = (
    st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([-0.0, 5e-324, 1.7e308, 0.1 + 0.2])
)
contents = st.dictionaries(st.tuples(st.integers(1, 3), starts), st.tuples(values, st.booleans()), max_size=20)


@given(content=contents)
@example(content={(1, FIRST_START): (-0.0, True), (3, LAST_START - timedelta(seconds=1)): (5e-324, False)})
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_format_says_what_is_stored(
    api: Api, database: Database, traces: list[int], content: dict[tuple[int, datetime], tuple[float | None, bool]]
) -> None:
    with database.connection() as connection:
        forget_readings(connection)
    stored = [(*key, *rest) for key, rest in content.items()]
    names = ("metadata_id", "start", "value", "estimated")
    sent = [{**dict(zip(names, record, strict=True)), "start": record[1].isoformat()} for record in stored]
    assert api.post(f"{PATH}sync2/", sent).status_code == 200
    for media_type in PARSERS:
        assert exactly(read(api, media_type)) == exactly(sorted(stored, key=lambda record: record[:2]))


def exactly(records: list[Record]) -> list[tuple[int, datetime, str, bool]]:
    """Zeros of either sign are equal, but not the same."""
    return [(id, start, repr(value), estimated) for id, start, value, estimated in records]


@every_format
def test_what_is_no_number_is_missing(api: Api, database: Database, traces: list[int], media_type: str) -> None:
    with database.connection() as connection:
        values = [math.nan, math.inf, -math.inf, 1]
        store_series(connection, 1, "2016-01-02T00:00:00", np.timedelta64(1, "D"), values)
    assert [value for _, _, value, _ in read(api, media_type)] == [None, None, None, 1.0]


@every_format
def test_nothing(api: Api, traces: list[int], media_type: str) -> None:
    assert read(api, media_type) == []
    assert read(api, media_type, "?metadata=x") == []


@every_format
def test_long_lists_come_whole_and_in_order(api: Api, database: Database, traces: list[int], media_type: str) -> None:
    last, first = (hours(database, trace, CHUNK_ROWS + 7) for trace in (3, 1))
    assert read(api, media_type) == first + last
    assert read(api, media_type, "?metadata=3") == last


def test_arrow_and_parquet_come_in_parts(api: Api, database: Database, traces: list[int]) -> None:
    """Whatever their length, no more than some of the records are held."""
    stored = hours(database, 1, 70_000)
    parquet = pq.ParquetFile(io.BytesIO(api.get(f"{PATH}?format=parquet").data))
    groups = [parquet.metadata.row_group(n).num_rows for n in range(parquet.num_row_groups)]
    batches = [batch.num_rows for batch in pa.ipc.open_stream(api.get(f"{PATH}?format=arrow").data)]
    assert sum(groups) == sum(batches) == len(stored)
    assert max(groups) < ROWS_OF_A_GROUP + ROWS_OF_A_BATCH
    assert max(batches) == ROWS_OF_A_BATCH


@every_format
def test_everybody_reads_their_own(api: Api, login: MakeApi, media_type: str) -> None:
    clients = {name: login(name) for name in ("ann", "bob", "cid")}
    for name in ("ann", "bob"):
        client = clients[name]
        owner = client.get("project_owners/").json[0]["id"]
        project = client.post("projects/", {"project_id": name, "project_owner": owner}).json["id"]
        record = {"start": "2016-01-01T00:00:00Z", "value": owner}
        trace = {"project": project, "interpretation": "E_C_S", "unit": "KWH", "records": [record]}
        assert client.post("consumption_metadatas/", trace).status_code == 201
    assert {name: read(client, media_type) for name, client in clients.items()} == {
        "ann": [(1, datetime(2016, 1, 1, tzinfo=UTC), 2.0, False)],
        "bob": [(2, datetime(2016, 1, 1, tzinfo=UTC), 3.0, False)],
        "cid": [],
    }
    assert [id for id, _, _, _ in read(api, media_type)] == [1, 2]
    assert read(clients["ann"], media_type, "?metadata=2") == []


@every_format
def test_who_leaves_early_gives_the_connection_back(
    api: Api, database: Database, app: Flask, traces: list[int], media_type: str
) -> None:
    hours(database, 1, 70_000)
    pool = app.extensions["eeds.database"].engine.pool
    for _ in range(2):  # the second finds the connection of the first as good as new
        with api.get(PATH, headers={"Accept": media_type}, buffered=False) as answer:
            chunks: Iterator[bytes] = iter(answer.response)
            assert next(chunks)
            assert pool.checkedout() == 1
        assert pool.checkedout() == 0
    api.call("HEAD", PATH, headers={"Accept": media_type})
    assert pool.checkedout() == 0


@pytest.mark.parametrize("media_type", [CSV, ARROW, PARQUET])
def test_what_was_read_can_be_loaded(api: Api, database: Database, traces: list[int], media_type: str) -> None:
    stored = hours(database, 1, 100)
    body = api.get(PATH, headers={"Accept": media_type}).data
    loaded = api.call("POST", f"{PATH}sync2/", data=body, content_type=media_type).json
    assert (loaded["status"], loaded["unchanged"]) == ("success", 100)
    with database.connection() as connection:
        forget_readings(connection)
    assert api.call("POST", f"{PATH}sync2/", data=body, content_type=media_type).json["created"] == 100
    assert read(api, media_type) == stored


def test_reading_needs_no_pandas(repository: Path) -> None:
    """pyarrow imports it as soon as it is given a list; the web process is to stay without."""
    code = (
        "import sys; from eeds.formats.column_arrays import write_arrays;"
        "from eeds.formats.format import ARROW, PARQUET;"
        "from eeds.records.block_format import EMPTY; from eeds.records.reading import IN_FILES, arrays_of;"
        "parts = [arrays_of(IN_FILES, EMPTY)];"
        "assert all(b''.join(write_arrays(format, IN_FILES, parts)) for format in (ARROW, PARQUET));"
        "print(sorted({'pyarrow', 'pandas'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=repository, check=True)
    assert found.stdout.strip() == "['pyarrow']"


def test_nested_records_are_those_of_the_list(api: Api, database: Database, traces: list[int]) -> None:
    """Traces that end within a chunk, at its end and beyond, and one without records."""
    fourth = api.post("consumption_metadatas/", {"project": 1, "interpretation": "NG_C_S", "unit": "THM"}).json["id"]
    sizes = {1: CHUNK_ROWS // 2, 3: CHUNK_ROWS // 2, fourth: 2 * CHUNK_ROWS + 1}
    for trace, n in sizes.items():
        hours(database, trace, n)
    whole = api.get("consumption_metadatas/").json
    assert [(trace["id"], trace["label"]) for trace in whole] == [(1, "a"), (2, "b"), (3, "c"), (fourth, None)]
    assert [len(trace["records"]) for trace in whole] == [sizes.get(trace["id"], 0) for trace in whole]
    for trace in whole:
        flat = api.get(f"{PATH}?metadata={trace['id']}").json
        assert trace["records"] == [{key: r[key] for key in r if key != "metadata"} for r in flat]
        assert api.get(f"consumption_metadatas/{trace['id']}/").json == trace
        assert api.patch(f"consumption_metadatas/{trace['id']}/", {}).json == trace
    assert api.get("consumption_metadatas/?limit=4").json == whole
    assert api.get("consumption_metadatas/?label=c").json == [whole[2]]


@pytest.mark.parametrize("label", ["\\u0000", '","records":[]', "[]", "é"])
def test_labels_stand_beside_nested_records(api: Api, traces: list[int], label: str) -> None:
    trace = api.post("consumption_metadatas/", {"interpretation": "E_C_S", "unit": "KWH", "label": label}).json
    assert trace["label"] == label
    assert api.get(f"consumption_metadatas/{trace['id']}/").json == trace == api.get("consumption_metadatas/").json[-1]


def test_no_value_is_sent_as_a_word_that_json_has_not(api: Api, database: Database, traces: list[int]) -> None:
    with database.connection() as connection:
        store_series(connection, 1, "2016-01-01T00:00:00", np.timedelta64(1, "D"), [math.nan])
    (trace,) = api.get("consumption_metadatas/?label=a").json
    assert trace["records"][0]["value"] is None
    assert not any(math.isnan(r["value"] or 0) for r in api.get(PATH).json)
