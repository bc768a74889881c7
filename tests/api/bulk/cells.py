"""What becomes of a body with a fault: the cells of the tables of faults and formats.

The bodies have three records, of which the second is the one at fault. A cell says what is answered and stored, first
where it is all or nothing, in every packing, then with mode=partial: in both, the records stored and those refused are
the three that were sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from tests.api.bulk.conftest import Bulk
from tests.api.bulk.formats import FORMATS, PACKINGS

SENT = 3
GOOD = (
    {"metadata_id": 1, "start": "2015-01-01T00:00:00Z", "value": 1.5, "estimated": False},
    {"metadata_id": 1, "start": "2015-01-02T00:00:00Z", "value": 2.5, "estimated": True},
    {"metadata_id": 1, "start": "2015-01-03T00:00:00Z", "value": None, "estimated": False},
)
NAME = {"project_id": "ABC", "interpretation": "E_C_S", "label": "main", "unit": "KWH"}
OBJECTS, TABLES = ("json", "lines"), ("csv", "named", "arrow", "parquet")
GROUPS = {"objects": OBJECTS, "tables": TABLES, "texts": ("csv", "named"), "columns": ("arrow", "parquet")}


def good(format: str) -> list[dict[str, Any]]:
    """The three records as they stand in a format."""
    if format != "named":
        return [dict(record) for record in GOOD]
    return [{**NAME, **{name: record[name] for name in record if name != "metadata_id"}} for record in GOOD]


# The place of a record, its field (None: the record as a whole), the value that is shown, and the message.
Reason = tuple[int, str | None, Any, str]


@dataclass(frozen=True)
class Stored:
    """They are stored, the second with these values instead of its own; `records` where there are not three,
    `unchanged` of those that are stored already, and columns that are `ignored`."""

    kept: Mapping[str, Any] = field(default_factory=dict)
    records: int = SENT
    unchanged: int = 0
    ignored: Sequence[str] = ()


@dataclass(frozen=True)
class Refused:
    """Some of the records that were sent are refused, for these reasons."""

    reasons: Sequence[Reason]
    sent: int = SENT


@dataclass(frozen=True)
class Failed:
    """The body is refused as a whole. The detail ends with `...` where the words of a library follow."""

    detail: str
    status: int = 400


@dataclass(frozen=True)
class Absent:
    """There is no such fault in this format, and why."""

    reason: str


Cell = Stored | Refused | Failed | Absent


def second(field: str | None, value: Any, message: str, sent: int = SENT) -> Refused:
    """The second record is refused, alone."""
    return Refused([(1, field, value, message)], sent)


def row(every: Cell | None = None, /, **cells: Cell) -> dict[str, Cell]:
    """The cells of one fault by format: `every` but for those of a group, and those of a format."""
    found = dict.fromkeys(FORMATS, every) if every else {}
    for name in sorted(cells, key=lambda name: name not in GROUPS):
        found.update(dict.fromkeys(GROUPS.get(name, (name,)), cells[name]))
    return found


def gaps(table: Mapping[str, Mapping[str, Cell]]) -> list[str]:
    """The places of a table that have neither a case nor a reason why there is none."""
    return [f"{fault}, {name}" for fault, cells in table.items() for name in FORMATS if not is_filled(cells.get(name))]


def is_filled(cell: Cell | None) -> bool:
    return bool(cell.reason) if isinstance(cell, Absent) else cell is not None


def cases(table: Mapping[str, Mapping[str, Cell]]) -> list[tuple[str, str]]:
    """The places that have a case."""
    return [(fault, name) for fault, cells in table.items() for name in FORMATS if is_case(cells.get(name))]


def is_case(cell: Cell | None) -> bool:
    return cell is not None and not isinstance(cell, Absent)


def check(bulk: Bulk, cell: Cell, media_type: str, body: bytes) -> None:
    """Send the body in every packing, and with mode=partial; compare the answers, and what is stored. (Where some are
    refused, the answer to the last shows that none was stored before: they would be `unchanged`.)"""
    answers = [bulk.send(pack(body), media_type, encoding) for encoding, pack in PACKINGS.items()]
    match cell:
        case Refused() | Failed():
            expected = [told(cell)] * len(answers)
        case Stored():
            again = told(cell, again=True)
            expected = [told(cell), *[again] * (len(answers) - 1)]
    assert [as_told(answer, cell) for answer in answers] == expected
    partly = bulk.send(body, media_type, query="?mode=partial")
    assert as_told(partly, cell) == told_partly(cell)
    assert bulk.values() == left(cell)


def told(cell: Cell, *, again: bool = False) -> tuple[int, Any]:
    """What is answered where it is all or nothing; to one that was stored, `again`."""
    match cell:
        case Stored(records=records, unchanged=n):
            stored = counts(unchanged=records) if again else counts(created=records - n, unchanged=n)
            return 200, stored | ignored(cell)
        case Refused(sent=sent):
            message = f"{len(places(cell))} of {sent} records refused, none stored"
            return 400, {"status": "error", "message": message, "errors": reasons(cell)}
        case Failed(detail=detail, status=status):
            return status, {"detail": detail}
    raise AssertionError(f"{cell} is never tried")


def told_partly(cell: Cell) -> tuple[int, Any]:
    """What is answered with mode=partial."""
    match cell:
        case Stored(records=records):
            return 200, {**counts(unchanged=records), **ignored(cell), "refused": 0, "errors": []}
        case Refused(sent=sent):
            refused = len(places(cell))
            return 200, {**counts(created=sent - refused), "refused": refused, "errors": reasons(cell)}
    return told(cell)


def left(cell: Cell) -> list[tuple[Any, ...]]:
    """What is stored in the end, in order of time."""
    records: Sequence[Mapping[str, Any]] = ()
    match cell:
        case Stored(kept=kept, records=n):
            records = [GOOD[0], {**GOOD[1], **kept}, GOOD[2]][:n]
        case Refused(sent=sent):
            records = [record for place, record in enumerate(GOOD[:sent]) if place not in places(cell)]
    return sorted(tuple(record[name] for name in GOOD[0]) for record in records)


def places(cell: Refused) -> set[int]:
    return {place for place, *_ in cell.reasons}


def reasons(cell: Refused) -> list[dict[str, Any]]:
    return [dict(zip(("index", "field", "value", "message"), reason, strict=True)) for reason in cell.reasons]


def ignored(cell: Stored) -> dict[str, Any]:
    """The columns that are ignored, where there are some."""
    return {"ignored_columns": list(cell.ignored)} if cell.ignored else {}


def counts(*, created: int = 0, unchanged: int = 0) -> dict[str, Any]:
    return {"status": "success", "created": created, "updated": 0, "unchanged": unchanged, "duplicates": 0}


def as_told(answer: TestResponse, cell: Cell) -> tuple[int, Any]:
    """An answer, without the words of a library that a cell leaves out."""
    body: Any = answer.json
    if isinstance(cell, Failed) and cell.detail.endswith("..."):
        known = cell.detail.removesuffix("...")
        body = {name: text.replace(text[len(known) :], "...") for name, text in body.items()}
    return answer.status_code, body
