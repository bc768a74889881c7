"""One temperature of a bulk load that is wrong, or only unusual: the exact answer in every format.

What the formats and packings do is what they do with consumption records; here is what is different."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from eeds.formats.messages import BLANK, NULL, NUMBER, REQUIRED
from eeds.formats.timestamps import FORMAT_HINT as WRONG_TIME
from tests.api.bulk.cells import (
    TABLES,
    Absent,
    Cell,
    Failed,
    Stored,
    cases,
    gaps,
    row,
    second,
    told,
    told_partly,
)
from tests.api.bulk.conftest import Bulk
from tests.api.bulk.formats import FORMATS, PACKINGS

LEFT_OUT = ...
GOOD = [{"station": "725460", "start": f"2015-01-01T0{hour}:00:00Z", "temp_f": 30.5 + hour} for hour in range(3)]
NO_NAMES = Absent("a station has no other name than its id")
HOURS = "Temperatures are hourly: starts are whole hours (UTC) from 1900 to 2100."
ONE_COLUMN = "The table must have one column of temperatures, temp_f or temp_c; it has {}."
ONE_UNIT = "Give the temperature as temp_f or as temp_c."
RANGE = "Temperatures are between -94 and 140 degrees Fahrenheit."
BAD_STATION = "A station id has at most 32 letters, digits, dots, hyphens and underscores."

Fault = tuple[Mapping[str, Any], dict[str, Cell]]


def refused(field: str, sent: Any, message: str, **cells: Cell) -> Fault:
    return {field: sent}, row(second(field, sent, message), named=NO_NAMES, **cells)


def kept(**change: Any) -> Fault:
    return change, row(Stored(), named=NO_NAMES)


def missing(field: str) -> Fault:
    others = ", ".join(name for name in GOOD[0] if name != field)
    no_column = Failed(f"The table has no column {field if field == 'station' else 'start or date'}; it has: {others}.")
    return {field: LEFT_OUT}, row(second(field, None, REQUIRED), tables=no_column, named=NO_NAMES)


FAULTS: dict[str, Fault] = {
    "no station": missing("station"),
    "no start": missing("start"),
    # a table has the column for all of its records
    "no temperature": (
        {"temp_f": LEFT_OUT},
        row(second("temp_f", None, ONE_UNIT), tables=Failed(ONE_COLUMN.format(0)), named=NO_NAMES),
    ),
    "two temperatures": (
        {"temp_c": 1.5},
        row(second("temp_c", 1.5, ONE_UNIT), tables=Failed(ONE_COLUMN.format(2)), named=NO_NAMES),
    ),
    "null station": refused("station", None, NULL),
    "null start": refused("start", None, NULL),
    # what is missing is not stored, which leaves a year as it is
    "null temperature": ({"temp_f": None}, row(Stored(unchanged=1), named=NO_NAMES)),
    "empty station": refused("station", "", BLANK, csv=second("station", None, NULL)),
    "blank station": refused("station", " ", BLANK),
    "long station": refused("station", "x" * 33, BAD_STATION),
    "longest station": kept(station="x" * 32),
    "station with a slash": refused("station", "a/b", BAD_STATION),
    "station with a line break": refused("station", "a\nb", BAD_STATION),
    "number as station": kept(station=725460),
    "a word": refused("start", "soon", WRONG_TIME),
    "half past": refused("start", "2015-01-01T01:30:00Z", HOURS),
    "a second past": refused("start", "2015-01-01T01:00:01Z", HOURS),
    "half an hour in another zone": refused("start", "2015-01-01T01:00:00+05:30", HOURS),
    "before 1900": refused("start", "1899-12-31T23:00:00Z", HOURS),
    "after 2099": refused("start", "2100-01-01T00:00:00Z", HOURS),
    "an hour in another zone": kept(start="2014-12-31T19:00:00-06:00"),
    "a whole hour only in UTC": kept(start="2015-01-01T06:30:00+05:30"),
    "ambiguous local time, which is UTC": kept(start="2015-11-01T01:00:00"),
    "text as temperature": refused("temp_f", "cold", NUMBER),
    "temperature as text": kept(temp_f="31.5"),
    "NaN": ({"temp_f": float("nan")}, row(Stored(unchanged=1), named=NO_NAMES)),
    "too hot": refused("temp_f", 140.5, RANGE, csv=second("temp_f", "140.5", RANGE)),
    "too cold": refused("temp_f", -94.5, RANGE, csv=second("temp_f", "-94.5", RANGE)),
    "hottest": kept(temp_f=140.0),
    "another field": ({"color": "red"}, row(Stored(), tables=Stored(ignored=["color"]), named=NO_NAMES)),
}


def records(format: str, change: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The second record has the change; in a table, all have fields that are new or left out."""
    found: list[dict[str, Any]] = [dict(record) for record in GOOD]
    if format in TABLES:
        found = [{**dict.fromkeys(change), **record} for record in found]
    found[1].update(change)
    if LEFT_OUT in change.values():
        for record in found if format in TABLES else found[1:2]:
            del record[next(iter(change))]
    return found


def test_every_fault_is_told_in_every_format() -> None:
    assert gaps({name: cells for name, (_, cells) in FAULTS.items()}) == []


@pytest.mark.parametrize(("name", "format"), cases({name: cells for name, (_, cells) in FAULTS.items()}))
def test_answers(bulk: Bulk, name: str, format: str) -> None:
    """Sent again with mode=partial: what is told then is what is stored."""
    weather = replace(bulk, kind="weather_records")
    change, cells = FAULTS[name]
    cell, media_type = cells[format], FORMATS[format].media_type
    body = FORMATS[format].write(records(format, change))
    first = weather.send(body, media_type)
    assert (first.status_code, first.json) == told(cell)
    partly = weather.send(PACKINGS["gzip"](body), media_type, "gzip", "?mode=partial")
    assert (partly.status_code, partly.json) == told_partly(cell)
