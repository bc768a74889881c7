"""Arrow and Parquet have columns of types: which of them are read, as what, and which are refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from eeds.formats.messages import NULL, NUMBER
from eeds.formats.timestamps import FORMAT_HINT as WRONG_TIME
from eeds.records.ids import START_RANGE
from tests.api.bulk.cells import NAME, Stored, told
from tests.api.bulk.conftest import Bulk
from tests.api.bulk.formats import FORMATS, arrow_of, parquet_of

WRITERS: dict[str, Callable[[pa.Table], bytes]] = {"arrow": arrow_of, "parquet": parquet_of}
NO_KEY = "Incorrect type. Expected pk value, received {}."
NO_FLAG = '"{}" is not a valid boolean.'
DAYS = [date(2015, 1, 1), date(2015, 1, 2)]
TIMES = [datetime(2015, 11, 1, 6, 30), datetime(2015, 11, 1, 7, 30)]  # both are 01:30 in Chicago
SHOWN_TIMES = ["2015-11-01T06:30:00Z", "2015-11-01T07:30:00Z"]
MIDNIGHTS = ["2015-01-01T00:00:00Z", "2015-01-02T00:00:00Z"]


@dataclass(frozen=True)
class Refused:
    """These records are refused, by place: the value that is shown, and the message."""

    reasons: dict[int, tuple[Any, str]]


def both(values: Sequence[Any], message: str) -> Refused:
    """Both records are refused."""
    return Refused({place: (value, message) for place, value in enumerate(values)})


# By field: arrays of two values, and what is stored of them.
COLUMNS: list[tuple[str, pa.Array, Sequence[Any] | Refused]] = [
    ("metadata_id", pa.array([1, 1], pa.int8()), [1, 1]),
    ("metadata_id", pa.array([1, 2**63], pa.uint64()), Refused({1: (2**63, NO_KEY.format("int"))})),
    ("metadata_id", pa.array([1.0, 1.0]), [1, 1]),
    ("metadata_id", pa.array([1.0, 1.5]), Refused({1: (1.5, NO_KEY.format("float"))})),
    ("metadata_id", pa.array(["1", "1"]).dictionary_encode(), [1, 1]),
    ("metadata_id", pa.array(["1", "1"], pa.large_string()), [1, 1]),
    ("metadata_id", pa.array([True, True]), both([True, True], NO_KEY.format("bool"))),
    ("metadata_id", pa.array([[1], [1]]), both(["[1]", "[1]"], NO_KEY.format("list"))),
    ("metadata_id", pa.array(DAYS), both(["2015-01-01", "2015-01-02"], NO_KEY.format("str"))),
    ("metadata_id", pa.nulls(2), both([None, None], NULL)),
    ("start", pa.array(TIMES, pa.timestamp("s")), SHOWN_TIMES),
    ("start", pa.array(TIMES, pa.timestamp("ns")), SHOWN_TIMES),
    ("start", pa.array(TIMES, pa.timestamp("ms", "America/Chicago")), SHOWN_TIMES),
    ("start", pa.array(TIMES, pa.timestamp("us", "Nowhere")), SHOWN_TIMES),
    ("start", pa.array(TIMES, pa.timestamp("us", "+05:30")), SHOWN_TIMES),
    ("start", pa.array(DAYS), MIDNIGHTS),
    ("start", pa.array(DAYS, pa.date64()), MIDNIGHTS),
    ("start", pa.array(["2015-01-01T00:00:00Z", "2015-01-02T00:00:00"]), MIDNIGHTS),
    ("start", pa.array(["2015-01-01", "2015-01-02"]).dictionary_encode(), MIDNIGHTS),
    ("start", pa.array([0, 500_000], pa.timestamp("us")), Refused({1: ("1970-01-01 00:00:00.500000", START_RANGE)})),
    ("start", pa.array([0, 2**62], pa.timestamp("us")), Refused({1: (f"<value out of range: {2**62}>", WRONG_TIME)})),
    ("start", pa.array([0, 2**62], pa.timestamp("us", "UTC")), Refused({1: (..., WRONG_TIME)})),
    ("start", pa.array([0, -(2**63)], pa.timestamp("ms")), Refused({1: (..., WRONG_TIME)})),
    ("start", pa.array([0, 2**31 - 1], pa.date32()), Refused({1: (f"<value out of range: {2**31 - 1}>", WRONG_TIME)})),
    ("start", pa.array([0, 1]), both([0, 1], WRONG_TIME)),
    ("start", pa.array([0, 1], pa.time32("s")), both(["datetime.time(0, 0)", "datetime.time(0, 0, 1)"], WRONG_TIME)),
    ("start", pa.nulls(2), both([None, None], NULL)),
    ("value", pa.array([1, 2], pa.int32()), [1.0, 2.0]),
    ("value", pa.array([0, 2**64 - 1], pa.uint64()), [0.0, 2.0**64]),
    ("value", pa.array([1.5, 0.1], pa.float32()), [1.5, float(np.float32(0.1))]),
    ("value", pa.array([Decimal("1.5"), None]), [1.5, None]),
    ("value", pa.array([1.5, 1.5]).dictionary_encode(), [1.5, 1.5]),
    ("value", pa.array([float("nan"), 1.0]), [None, 1.0]),
    ("value", pa.nulls(2), [None, None]),
    ("value", pa.array([1.0, float("inf")]), Refused({1: ("inf", NUMBER)})),
    ("value", pa.array([True, False]), both([True, False], NUMBER)),
    ("value", pa.array(DAYS), both(["2015-01-01", "2015-01-02"], NUMBER)),
    ("value", pa.array([[1.0], [2.0]]), both(["[1.0]", "[2.0]"], NUMBER)),
    ("value", pa.array([{"a": 1}] * 2), both(["{'a': 1}"] * 2, NUMBER)),
    ("estimated", pa.array([0, 1]), [False, True]),
    ("estimated", pa.array([0.0, 1.0]), [False, True]),
    ("estimated", pa.array(["yes", "no"]), [True, False]),
    ("estimated", pa.array([None, True]), [False, True]),
    ("estimated", pa.nulls(2), [False, False]),
    ("estimated", pa.array([1, 2]), Refused({1: (2, NO_FLAG.format(2))})),
    ("estimated", pa.array([1.0, 0.5]), Refused({1: (0.5, NO_FLAG.format(0.5))})),
    ("note", pa.array([{"a": [1]}] * 2), []),
    ("note", pa.array([1, 2], pa.duration("s")), []),
]


@pytest.mark.parametrize("format", WRITERS)
@pytest.mark.parametrize(
    ("field", "array", "outcome"),
    [pytest.param(*column, id=f"{n}-{column[0]}-{column[1].type}") for n, column in enumerate(COLUMNS)],
)
def test_types(bulk: Bulk, format: str, field: str, array: pa.Array, outcome: Sequence[Any] | Refused) -> None:
    columns = {"metadata_id": pa.array([1, 1]), "start": pa.array(MIDNIGHTS), "value": pa.array([1.5, 2.5])}
    answer = bulk.send(WRITERS[format](pa.table({**columns, field: array})), FORMATS[format].media_type)
    told_of: Any = answer.json
    if isinstance(outcome, Refused):
        assert (answer.status_code, bulk.stored()) == (400, [])
        assert told_of["message"] == f"{len(outcome.reasons)} of 2 records refused, none stored"
        found = {e["index"]: (e["value"], e["message"]) for e in told_of["errors"] if e["field"] == field}
        shown = {place: found[place][0] if value is ... else value for place, (value, _) in outcome.reasons.items()}
        assert found == {place: (shown[place], message) for place, (_, message) in outcome.reasons.items()}
    else:
        assert (answer.status_code, answer.json) == told(Stored(records=2, ignored=["note"] if field == "note" else []))
        assert [record.get("metadata" if field == "metadata_id" else field) for record in bulk.stored()][
            : len(outcome)
        ] == outcome


@pytest.mark.parametrize("format", WRITERS)
def test_names_are_columns_too(bulk: Bulk, format: str) -> None:
    """As of a file that names its traces; numbered values among them."""
    columns = {name: pa.array([value] * 2).dictionary_encode() for name, value in NAME.items()}
    table = pa.table({**columns, "start": pa.array(DAYS), "value": pa.array([1.5, 2.5])})
    answer = bulk.send(WRITERS[format](table), FORMATS[format].media_type)
    assert (answer.status_code, answer.json) == told(Stored(records=2))
    assert [(record["metadata"], record["start"]) for record in bulk.stored()] == [(1, day) for day in MIDNIGHTS]
