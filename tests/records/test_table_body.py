"""CSV bodies in blocks: how far they are read ahead, and rows that do not end."""

import io
from collections.abc import Iterator

import pytest

from eeds.errors import MalformedBody
from eeds.formats.media_types import CSV
from eeds.records import table_body
from eeds.records.batch import Batch
from eeds.records.consumption import CONSUMPTION
from eeds.records.table_body import table_batches
from eeds.records.table_columns import TableColumns

BATCH_BYTES = 8192
HEADER = b"metadata_id,start,value,note\n"
ROW = b"1,2015-01-01T00:00:00Z,1.5,\n"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_body, "BATCH_BYTES", BATCH_BYTES)


def csv_batches(body: io.BytesIO) -> Iterator[Batch]:
    table = TableColumns(CONSUMPTION, HEADER.decode().split(","))
    return table_batches(CSV, table, body, keep_rows=False)


def test_a_body_is_not_read_far_ahead() -> None:
    body = io.BytesIO(HEADER + ROW * 100_000)
    sent = 0
    for batch in csv_batches(body):
        sent += batch.sent
        assert body.tell() - sent * len(ROW) < 8 * BATCH_BYTES
    assert sent == 100_000


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("before", [0, 1, 1000])
def test_a_row_that_does_not_end(quote: str, before: int) -> None:
    body = HEADER + b"1,2\n" * (before // 10) + ROW * before + f"1,2015-01-01,1,{quote}".encode() + b"x" * BATCH_BYTES
    with pytest.raises(MalformedBody) as caught:
        list(csv_batches(io.BytesIO(body + ROW * 1000)))
    told = str(caught.value)
    rows = int(told.partition("its first ")[2].partition(" rows")[0].replace(",", ""))
    all_before = before + before // 10
    assert all_before - BATCH_BYTES // 8 // len(ROW) <= rows <= all_before
    assert told.endswith(" rows is one of more than 1,024 bytes, as when a quote is not closed.")
