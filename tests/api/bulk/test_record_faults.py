"""One record of a bulk load that is wrong, or only unusual: the exact answer in every format and packing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from eeds.formats.messages import BLANK, NULL, NUMBER, REQUIRED
from eeds.formats.timestamps import FORMAT_HINT as WRONG_TIME
from eeds.records.ids import START_RANGE
from tests.api.bulk.cells import TABLES, Absent, Cell, Failed, Stored, cases, check, gaps, good, row, second
from tests.api.bulk.conftest import Bulk
from tests.api.bulk.formats import FORMATS

LEFT_OUT = ...
BY_NAMES = Absent("the trace is named by other fields, which have rows of their own")
BY_ID = Absent("the trace is given by its id")
NO_KEY = "Incorrect type. Expected pk value, received {}."
LONG, TOO_LONG = "x" * 300, "Ensure this field has no more than 255 characters."
CUT = LONG[:200] + "..."


@dataclass(frozen=True)
class Fault:
    """What the second record has instead of its own values, and what becomes of it by format. Where they are rows of a
    table, one that is LEFT_OUT of it or that others have not is left out of all, or given to all."""

    change: Mapping[str, Any]
    cells: Mapping[str, Cell]

    def records(self, format: str) -> list[dict[str, Any]]:
        records = good(format)
        of_all = LEFT_OUT in self.change.values() or not self.change.keys() <= records[1].keys()
        for record in records if of_all and format in TABLES else records[1:2]:
            record.update(self.change)
        return [{name: value for name, value in record.items() if value is not LEFT_OUT} for record in records]


def missing(field: str, **cells: Cell) -> Fault:
    """A field that is needed."""
    columns = {format: no_column(field, format) for format in TABLES}
    return Fault({field: LEFT_OUT}, {**row(objects=second(field, None, REQUIRED)), **columns, **cells})


def missing_name(field: str) -> Fault:
    """A field of the trace's name that is needed."""
    return Fault({field: LEFT_OUT}, row(BY_ID, named=no_column(field, "named")))


def no_column(field: str, format: str) -> Failed:
    others = ", ".join(name for name in good(format)[0] if name != field)
    # a table without ids should have names
    names = {"start": "start or date", "interpretation": "interpretation or fuel", "metadata_id": "project_id"}
    return Failed(f"The table has no column {names.get(field, field)}; it has: {others}.")


def refused(
    field: str, sent: Any, message: str, *, text: Any = LEFT_OUT, shown: Any = LEFT_OUT, **cells: Cell
) -> Fault:
    """A value that is refused. In a table, whose columns have values of one type, it is sent as `text`."""
    in_objects = second(field, sent if shown is LEFT_OUT else shown, message)
    in_tables = in_objects if text is LEFT_OUT else second(field, text, message)
    return Fault({field: sent}, row(in_objects, **{"tables": in_tables, **cells}))


def no_key(sent: Any, shown: Any, received: str, text: str) -> Fault:
    """Something that cannot be an id."""
    in_tables = second("metadata_id", text, NO_KEY.format("str"))
    in_objects = second("metadata_id", shown, NO_KEY.format(received))
    return Fault({"metadata_id": sent}, row(in_objects, tables=in_tables, named=BY_NAMES))


def unknown(id: int) -> Fault:
    """The id of no trace."""
    return refused("metadata_id", id, f'Invalid pk "{id}" - object does not exist.', named=BY_NAMES)


def no_name(field: str, sent: Any, message: str, shown: Any = LEFT_OUT) -> Fault:
    """Something that names no trace."""
    told = second(field, sent if shown is LEFT_OUT else shown, message)
    return Fault({field: sent}, row(BY_ID, named=told))


def kept(field: str, sent: Any, value: Any, **cells: Cell) -> Fault:
    """Something unusual that is stored."""
    return Fault({field: sent}, row(Stored({field: value}), **cells))


def kept_key(sent: Any, **cells: Cell) -> Fault:
    """Another way to write the id."""
    return Fault({"metadata_id": sent}, row(Stored(), **{"named": BY_NAMES, **cells}))


FAULTS = {
    # a field is missing
    "no metadata_id": missing("metadata_id", named=BY_NAMES),
    "no start": missing("start"),
    "no value": missing("value"),
    "no estimated": kept("estimated", LEFT_OUT, False),
    "no project_id": missing_name("project_id"),
    "no interpretation": missing_name("interpretation"),
    "no unit": missing_name("unit"),
    # a field is null, which is an empty one in CSV
    "null metadata_id": refused("metadata_id", None, NULL, named=BY_NAMES),
    "null start": refused("start", None, NULL),
    "null value": kept("value", None, None),
    "null estimated": kept("estimated", None, False, objects=second("estimated", None, NULL)),
    "null project_id": no_name("project_id", None, NULL),
    "null interpretation": no_name("interpretation", None, NULL),
    "null unit": no_name("unit", None, NULL),
    # in a table it is a word for a missing value
    "empty value": refused("value", "", NUMBER, tables=Stored({"value": None})),
    "empty start": refused("start", "", WRONG_TIME, texts=second("start", None, NULL)),
    "blank value": refused("value", " ", NUMBER, tables=Stored({"value": None})),
    "word for a missing value": refused("value", "N/A", NUMBER, tables=Stored({"value": None})),
    "blank start": refused("start", " ", WRONG_TIME),
    "blank estimated": refused("estimated", " ", '" " is not a valid boolean.'),
    "blank project_id": no_name("project_id", " ", BLANK),
    "blank label": no_name("label", " ", BLANK),
    # it has a wrong type
    "text as metadata_id": no_key("x", "x", "str", "x"),
    "boolean as metadata_id": no_key(True, True, "bool", "true"),
    "fraction as metadata_id": no_key(1.5, 1.5, "float", "1.5"),
    "array as metadata_id": no_key([1], "[1]", "list", "[1]"),
    "NaN as metadata_id": no_key(float("nan"), "nan", "float", "nan"),
    "seconds as start": refused("start", 1420070400, WRONG_TIME, text="1420070400"),
    "boolean as start": refused("start", True, WRONG_TIME, text="true"),
    "array as start": refused("start", ["2015-01-02"], WRONG_TIME, shown="['2015-01-02']"),
    "text as value": refused("value", "abc", NUMBER),
    "boolean as value": refused("value", True, NUMBER, text="true"),
    "array as value": refused("value", [1], NUMBER, shown="[1]"),
    "object as value": refused("value", {}, NUMBER, shown="{}"),
    "null character as value": refused("value", "\0", NUMBER),
    "word as estimated": refused("estimated", "maybe", '"maybe" is not a valid boolean.'),
    "number as estimated": refused("estimated", 2, '"2" is not a valid boolean.', text="2"),
    "null character as label": no_name("label", "a\0", "Null characters and unpaired surrogates are not allowed."),
    "another interpretation": no_name("interpretation", "E_X_X", '"E_X_X" is not a valid choice.'),
    "another unit": no_name("unit", "BTU", '"BTU" is not a valid choice.'),
    # it is no date, or none that is stored
    "a word": refused("start", "soon", WRONG_TIME),
    "30 February": refused("start", "2015-02-30T00:00:00Z", WRONG_TIME),
    "month 13": refused("start", "2015-13-01", WRONG_TIME),
    "24 o'clock": refused("start", "2015-01-02T24:00:00Z", WRONG_TIME),
    "leap second": refused("start", "2015-06-30T23:59:60Z", WRONG_TIME),
    "month first": refused("start", "01/02/2015", WRONG_TIME),
    "a zone's name": refused("start", "2015-01-02T00:00:00 CST", WRONG_TIME),
    "offset of 99 hours": refused("start", "2015-01-02T00:00:00+99:00", WRONG_TIME),
    "no minutes": refused("start", "2015-01-02T00Z", WRONG_TIME),
    "no colon": refused("start", "2015-01-02T0000Z", WRONG_TIME),
    "year 10000": refused("start", "10000-01-01T00:00:00Z", WRONG_TIME),
    "half a second": refused("start", "2015-01-02T00:00:00.5Z", START_RANGE),
    "before 1900": refused("start", "1899-12-31T23:59:59Z", START_RANGE),
    "after 2099": refused("start", "2100-01-01T00:00:00Z", START_RANGE),
    # a time without an offset is UTC, also one that is twice or never in a zone with daylight saving
    "ambiguous local time": kept("start", "2015-11-01T01:30:00", "2015-11-01T01:30:00Z"),
    "local time that is left out": kept("start", "2015-03-08T02:30:00", "2015-03-08T02:30:00Z"),
    "ambiguous time with its offset": kept("start", "2015-11-01T01:30:00-06:00", "2015-11-01T07:30:00Z"),
    # other ways to write a time
    "a day": kept("start", "2015-01-02", "2015-01-02T00:00:00Z"),
    "a blank between day and time": kept("start", "2015-01-02 00:00:00", "2015-01-02T00:00:00Z"),
    "no seconds": kept("start", "2015-01-02T00:00", "2015-01-02T00:00:00Z"),
    "offset without a colon": kept("start", "2015-01-01T18:00:00-0600", "2015-01-02T00:00:00Z"),
    "first second of 1900": kept("start", "1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"),
    "last second of 2099": kept("start", "2099-12-31T23:59:59Z", "2099-12-31T23:59:59Z"),
    # the id is unknown
    "unknown metadata_id": unknown(999),
    "metadata_id 0": unknown(0),
    "negative metadata_id": unknown(-1),
    "unknown project_id": no_name("project_id", "XYZ", 'There is no project "XYZ".'),
    "unit of another trace": no_name("unit", "THM", "The trace has the unit KWH."),
    # it is too long
    "long metadata_id": no_key("9" * 300, "9" * 200 + "...", "str", "9" * 200 + "..."),
    "long start": refused("start", LONG, WRONG_TIME, shown=CUT),
    "long value": refused("value", LONG, NUMBER, shown=CUT),
    "number beyond all floats": refused("value", "1" * 400, NUMBER, shown="1" * 200 + "..."),
    "long project_id": no_name("project_id", LONG, TOO_LONG, CUT),
    "long label": no_name("label", LONG, TOO_LONG, CUT),
    # it is no number in JSON's sense; data frames send NaN for what they do not have
    "NaN": kept("value", float("nan"), None),
    "Infinity": refused("value", float("inf"), NUMBER, text="inf", objects=Stored({"value": None})),
    "-Infinity": refused("value", float("-inf"), NUMBER, text="-inf", objects=Stored({"value": None})),
    "NaN as text": kept("value", "NaN", None),
    "Infinity as text": refused("value", "Infinity", NUMBER),
    # numbers and booleans as texts
    "value as text": kept("value", "3.5", 3.5),
    "value as text with blanks": kept("value", " 3.5 ", 3.5),
    "value with an exponent": kept("value", "-1e-300", -1e-300),
    "decimal comma": refused("value", "3,5", NUMBER),
    "thousands with commas": refused("value", "1,234.5", NUMBER),
    "digits with underscores": refused("value", "1_5", NUMBER),
    "digits of another script": refused("value", "٣", NUMBER),
    "hexadecimal": refused("value", "0x10", NUMBER),
    "metadata_id as text": kept_key("1"),
    "hexadecimal metadata_id": no_key("0x1", "0x1", "str", "0x1"),
    "metadata_id as 1.0": kept_key(1.0, tables=second("metadata_id", "1.0", NO_KEY.format("str")), named=BY_NAMES),
    "estimated as text": kept("estimated", "false", False),
    "estimated as another text": kept("estimated", "No", False),
    "estimated as number": kept("estimated", 0, False),
    # more than is asked for
    "another field": kept("color", "red", "no field", tables=Stored(ignored=["color"])),
}


def test_every_fault_is_told_in_every_format() -> None:
    assert gaps({name: fault.cells for name, fault in FAULTS.items()}) == []


@pytest.mark.parametrize(("name", "format"), cases({name: fault.cells for name, fault in FAULTS.items()}))
def test_answers(bulk: Bulk, name: str, format: str) -> None:
    fault = FAULTS[name]
    check(bulk, fault.cells[format], FORMATS[format].media_type, FORMATS[format].write(fault.records(format)))
