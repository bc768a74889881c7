"""CSV bodies in blocks: how far they are read ahead, and rows that do not end."""

import io

import pytest

from eeds.errors import MalformedBody
from eeds.records import tabular_body
from eeds.records.consumption import CONSUMPTION
from eeds.records.tabular_body import csv_segments

SEGMENT_BYTES = 8192
HEADER = b"metadata_id,start,value,note\n"
ROW = b"1,2015-01-01T00:00:00Z,1.5,\n"


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular_body, "SEGMENT_BYTES", SEGMENT_BYTES)


def test_a_body_is_not_read_far_ahead() -> None:
    body = io.BytesIO(HEADER + ROW * 100_000)
    segments = csv_segments(CONSUMPTION, body)
    sent = 0
    for segment in segments:
        sent += segment.sent
        assert body.tell() - sent * len(ROW) < 8 * SEGMENT_BYTES
    assert sent == 100_000


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("before", [0, 1, 1000])
def test_a_row_that_does_not_end(quote: str, before: int) -> None:
    body = HEADER + b"1,2\n" * (before // 10) + ROW * before + f"1,2015-01-01,1,{quote}".encode() + b"x" * SEGMENT_BYTES
    with pytest.raises(MalformedBody) as caught:
        list(csv_segments(CONSUMPTION, io.BytesIO(body + ROW * 1000)))
    told = str(caught.value)
    rows = int(told.partition("its first ")[2].partition(" rows")[0].replace(",", ""))
    all_before = before + before // 10
    assert all_before - SEGMENT_BYTES // 8 // len(ROW) <= rows <= all_before
    assert told.endswith(" rows is one of more than 1,024 bytes, as when a quote is not closed.")
