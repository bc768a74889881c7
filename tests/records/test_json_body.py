"""JSON bodies are cut into pieces; wherever the cuts fall, the records are those of the whole."""

import io
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.errors import MalformedBody
from eeds.records import json_body
from eeds.records.batch import Batch
from eeds.records.consumption import CONSUMPTION

DAY = "2016-01-01T00:00:00Z"


def read(body: bytes, size: int) -> tuple[int, list[float | None], list[int], list[tuple[int, str | None]]]:
    """Records sent, values and places of the good ones, places and fields of the refused; cut every `size` bytes."""
    before, json_body.BATCH_BYTES = json_body.BATCH_BYTES, size
    try:
        batches = list(json_body.json_batches(CONSUMPTION, io.BytesIO(body)))
    finally:
        json_body.BATCH_BYTES = before
    return (
        sum(batch.sent for batch in batches),
        [value for batch in batches for value in values_in(batch)],
        [place for batch in batches for place in batch.rows],
        [(refusal.row, refusal.field) for batch in batches for refusal in batch.refusals],
    )


def values_in(batch: Batch) -> list[float | None]:
    """The values of the good records."""
    return [None if math.isnan(value) else value for value in batch.columns["value"].tolist()]


def record(value: Any, **more: Any) -> dict[str, Any]:
    return {"metadata_id": 1, "start": DAY, "value": value, **more}


notes = st.text('{}[]",\\ x', max_size=12) | st.dictionaries(st.sampled_from(["a}", "b"]), st.integers() | st.just({}))
items = st.builds(record, st.floats(allow_nan=False, allow_infinity=False) | st.none(), note=notes) | st.just(5)


@given(st.lists(items, max_size=12), st.integers(1, 300), st.sampled_from([None, 1]))
def test_cuts_do_not_matter(sent: list[Any], size: int, indent: int | None) -> None:
    good = [(place, item["value"]) for place, item in enumerate(sent) if item != 5]
    bad = [(place, None) for place, item in enumerate(sent) if item == 5]
    found = read(json.dumps(sent, indent=indent).encode(), size)
    assert found == (len(sent), [value for _, value in good], [place for place, _ in good], bad)


@pytest.mark.parametrize("size", [1, 50, 10_000])
@pytest.mark.parametrize(
    "body",
    [
        "[{}, ]",
        "[{} {}]",
        "[{}",
        "[{}]x",
        "[{}, 5,]",
        "[{}, {]",
        "[{}, }]",
        "[",
        "[,]",
        "[{},,{}]",
        '[{"a": "}]',
        "{",
        "x",
        '[{"metadata_id": 1}}',
    ],
)
def test_malformed_lists_are_refused_as_a_whole(body: str, size: int) -> None:
    with pytest.raises(MalformedBody, match="JSON parse error - "):
        read(body.encode(), size)


def test_a_body_full_of_braces_is_read_in_time_that_grows_with_its_length() -> None:
    """Every cut falls into the text, and each is tried again twice as long: not once for every brace."""
    tries = []
    decode = json_body.piece_batches

    def counted(*arguments: Any) -> Any:
        tries.append(1)
        return decode(*arguments)

    json_body.piece_batches = counted
    try:
        found = read(json.dumps([record(1.0, note="}" * 200_000)]).encode(), 64)
    finally:
        json_body.piece_batches = decode
    assert found == (1, [1.0], [0], [])
    assert len(tries) < 20


def test_lines() -> None:
    lines = [json.dumps(record(1.0)), "", json.dumps(record("2.5")), "{", '"x"', json.dumps(record("x"))]
    (batch,) = json_body.line_batches(CONSUMPTION, io.BytesIO("\r\n".join(lines).encode()))
    assert (batch.sent, values_in(batch), list(batch.rows)) == (5, [1.0, 2.5], [0, 1])
    assert [(r.row, r.field, r.value) for r in batch.refusals] == [
        (2, None, "{"),
        (3, None, "x"),
        (4, "value", "x"),
    ]
