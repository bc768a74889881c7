"""Files of readings as people have them: what is stored of them, and what the answer says."""

import gzip
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from eeds.db.engine import Database
from eeds.db.tables import ConsumptionMetadata
from eeds.formats import text_columns
from eeds.records.files import sources, store, taken, wrong
from tests.api.conftest import Api, MakeApi
from tests.readings import ConsumptionRecord

HEADER = "project_id,trace_id,start,value,unit,fuel\n"
Send = Callable[..., Any]


@pytest.fixture
def project(api: Api) -> int:
    """A project in Des Moines, where it is UTC-6 in winter."""
    owner = api.get("project_owners/").json[0]["id"]
    project = {"project_id": "house", "project_owner": owner, "zipcode": "50321"}
    return int(api.post("projects/", project).json["id"])


@pytest.fixture
def send(api: Api, project: int) -> Send:
    """Sends a file, and gives the answer's JSON; `how` are options."""

    def post(content: str | bytes, *, status: int = 200, accept: str = "application/json", **how: str) -> Any:
        data = content.encode() if isinstance(content, str) else content
        answer = api.post("consumption_records/upload/", data=data, query_string=how, headers={"Accept": accept})
        assert answer.status_code == status, answer.text
        return answer.json if accept == "application/json" else answer.text

    return post


@pytest.fixture
def stored(database: Database) -> Callable[..., list[tuple[str, float | None]]]:
    """Gives what is stored of a trace: starts in UTC and values."""

    def read(label: str | None = None, interpretation: str | None = None) -> list[tuple[str, float | None]]:
        statement = (
            select(ConsumptionRecord.start, ConsumptionRecord.value)
            .join(ConsumptionMetadata, ConsumptionMetadata.id == ConsumptionRecord.metadata_id)
            .order_by(ConsumptionRecord.metadata_id, ConsumptionRecord.start)
        )
        if label:
            statement = statement.where(ConsumptionMetadata.label == label)
        if interpretation:
            statement = statement.where(ConsumptionMetadata.interpretation == interpretation)
        with database.session() as session:
            return [(f"{row.start:%Y-%m-%dT%H:%M}", row.value) for row in session.execute(statement)]

    return read


def balance(answer: Any, trace: int = 0) -> dict[str, tuple[int, float]]:
    """The balance of a trace in an answer, without what is nothing; it adds up."""
    tallies = {name: (each["readings"], each["energy"]) for name, each in answer["traces"][trace]["balance"].items()}
    parts = [tallies[name] for name in ("stored", "summed", "refused", "replaced")]
    assert sum(part[0] for part in parts) == tallies["received"][0]
    assert sum(part[1] for part in parts) == pytest.approx(tallies["received"][1])
    return {name: each for name, each in tallies.items() if each != (0, 0)}


def test_a_plain_table(send: Send, stored: Any) -> None:
    rows = "house,main,2022-06-01T00:00:00-06:00,1,kWh,electricity\nhouse,main,2022-06-02T00:00:00-06:00,2,kWh,gas\n"
    answer = send(HEADER + rows)
    assert answer["plan"]["kind"] == "plain table"
    assert (answer["created"], answer["received"]) == (2, 2)
    assert balance(answer) == {"received": (1, 1), "stored": (1, 1)}
    assert stored() == [("2022-06-01T06:00", 1), ("2022-06-02T06:00", 2)]
    assert send(HEADER + rows)["unchanged"] == 2


def test_times_without_an_offset_are_those_of_the_place(send: Send, stored: Any) -> None:
    rows = "".join(
        f"house,main,2022-11-06 0{hour}:00,{value},kWh,electricity\n" for value, hour in enumerate((0, 1, 1, 2))
    )
    answer = send(HEADER + rows)
    assert answer["plan"]["timezones"] == {"house": "America/Chicago"}
    assert stored() == [(f"2022-11-06T0{hour}:00", value) for value, hour in enumerate((5, 6, 7, 8))]
    answer = send(HEADER + rows, timezone="America/New_York", dry_run="true")
    assert answer["plan"]["timezones"] == {"house": "America/New_York"}
    assert answer["created"] == 1


def test_times_without_an_offset_by_ids(send: Send, api: Api, project: int, stored: Any) -> None:
    trace = {"project": project, "interpretation": "E_C_S", "unit": "KWH"}
    id = api.post("consumption_metadatas/", trace).json["id"]
    send(f"metadata_id,start,value\n{id},2022-01-01,1\n{id},2022-01-02,2\n")
    assert stored() == [("2022-01-01T06:00", 1), ("2022-01-02T06:00", 2)]
    send(f"metadata_id,start,value,unit\n{id},2022-01-03T06:00:00Z,1,MWh\n")
    assert stored()[2] == ("2022-01-03T06:00", 1000)
    answer = send("metadata_id,start,value\n99,2022-01-01,1\n", status=400)
    assert answer["errors"][0]["message"] == 'Invalid pk "99" - object does not exist.'


def test_a_unit_has_to_be_said(send: Send) -> None:
    answer = send("start,value\n2022-01-01,1\n", status=400, project_id="house", trace_id="m", fuel="electricity")
    assert answer["errors"][0]["message"].startswith("The file does not say the unit")
    answer = send(
        "start,value\n2022-01-01,1\n", status=400, project_id="elsewhere", trace_id="m", fuel="gas", unit="kWh"
    )
    assert (answer["errors"][0]["field"], answer["errors"][0]["value"]) == ("project_id", "elsewhere")


def test_an_hour_that_no_clock_showed_is_refused(send: Send) -> None:
    rows = "".join(f"house,main,2022-03-13 0{hour}:00,1,kWh,electricity\n" for hour in (1, 2, 3))
    answer = send(HEADER + rows, mode="partial")
    assert (answer["created"], answer["refused"]) == (2, 1)
    (error,) = answer["errors"]
    assert (error["line"], error["field"], error["value"]) == (3, "start", "2022-03-13 02:00:00")
    assert "America/Chicago" in error["message"]
    assert balance(answer) == {"received": (3, 3), "stored": (2, 2), "refused": (1, 1)}


def test_a_place_that_is_not_known(send: Send, api: Api, project: int) -> None:
    api.patch(f"projects/{project}/", {"zipcode": None})
    row = "house,main,2022-03-13 01:00,1,kWh,electricity\n"
    answer = send(HEADER + row, status=400)
    assert "give the option timezone" in answer["errors"][0]["message"]
    assert send(HEADER + row, timezone="-06:00")["created"] == 1
    assert send(HEADER + row, status=400, timezone="Mars/Olympus") == {
        "timezone": [
            '"Mars/Olympus" is no time zone. Name one of the IANA, as America/Chicago or Europe/Berlin, '
            "or an offset, as +10:00."
        ]
    }


def test_the_last_bill_ends(send: Send, stored: Any) -> None:
    answer = send(
        "Account,Start Date,End Date,Usage (therms)\n1,2022-01-05,2022-02-03,80\n1,2022-02-04,2022-03-06,70\n",
        project_id="house",
        trace_id="gas meter",
        fuel="gas",
    )
    assert answer["plan"]["ends"] == "the last day"
    assert stored() == [("2022-01-05T06:00", 80), ("2022-02-04T06:00", 70), ("2022-03-07T06:00", None)]
    assert balance(answer) == {"received": (2, 150), "stored": (2, 150)}


def test_units_become_that_of_the_trace(send: Send, stored: Any) -> None:
    rows = "house,e,2022-06-01T00:00Z,1.5,MWh,electricity\nhouse,g,2022-06-01T00:00Z,2,CCF,gas\n"
    answer = send(HEADER + rows, status=400)
    assert [error["field"] for error in answer["errors"]] == ["unit"]
    assert answer["errors"][0]["value"] == "CCF"
    assert "heating value" in answer["errors"][0]["message"]
    answer = send(HEADER + rows, heating_value="1035 BTU/ft3")
    assert stored("e") == [("2022-06-01T00:00", 1500)]
    assert stored("g") == [("2022-06-01T00:00", pytest.approx(2.07))]
    assert answer["plan"]["units"] == ["MWh × 1000 = KWH", "CCF × 1.035 = THM"]
    send(HEADER + "house,g,2022-06-02T00:00Z,1,Dth,gas\n")
    assert stored("g")[1] == ("2022-06-02T00:00", 10)


def test_the_same_start_twice(send: Send, stored: Any) -> None:
    rows = [
        f"house,main,2022-06-0{day}T00:00Z,{value},kWh,electricity\n" for day, value in ((1, 1), (2, 2), (2, 2), (1, 5))
    ]
    answer = send(HEADER + "".join(rows), mode="partial")
    assert (answer["created"], answer["duplicates"], answer["refused"]) == (2, 1, 1)
    (error,) = answer["errors"]
    assert (error["line"], error["value"]) == (5, "5")
    assert error["message"] == "The trace has another value for this time, 1 on line 2; which of them is right?"
    assert balance(answer) == {"received": (4, 10), "stored": (2, 3), "refused": (1, 5), "replaced": (1, 2)}


def test_readings_that_overlap(send: Send, stored: Any) -> None:
    """Two weeks that overlap by half contradict each other; days in a month are a part of it."""
    said = {"project_id": "house", "trace_id": "m", "fuel": "electricity", "unit": "kWh", "timezone": "UTC"}
    weeks = "start,end,value\n2022-06-01,2022-06-08,7\n2022-06-04,2022-06-11,8\n2022-06-11,2022-06-18,9\n"
    answer = send(weeks, mode="partial", **said)
    (error,) = answer["errors"]
    assert (error["line"], error["field"], error["value"]) == (3, "start", "2022-06-04 00:00:00")
    assert (
        error["message"]
        == "The reading contradicts the one on line 2, which is 7 and of the same time or a part of it."
    )
    assert balance(answer) == {"received": (3, 24), "stored": (2, 16), "refused": (1, 8)}
    assert send(weeks, status=400, **said)["message"] == "1 of 3 records refused, none stored"
    answer = send("start,end,value\n2022-06-01,2022-06-02,2\n2022-06-02,2022-06-03,1\n", **said)
    assert stored()[:3] == [("2022-06-01T00:00", 2), ("2022-06-02T00:00", 1), ("2022-06-03T00:00", pytest.approx(4))]


def test_quarters_of_the_hour_that_comes_twice_with_ends_by_the_clock(send: Send, stored: Any) -> None:
    quarters = ["01:00", "01:15", "01:30", "01:45"] * 2 + ["02:00"]
    rows = "".join(f"2022-11-06,{start},{end},1\n" for start, end in pairwise(quarters))
    said = {"project_id": "house", "trace_id": "m", "fuel": "electricity", "unit": "kWh"}
    answer = send(f"date,start time,end time,kWh\n{rows}", **said)
    assert balance(answer) == {"received": (8, 8), "stored": (8, 8)}
    assert [start[-5:] for start, _ in stored()] == [
        *("06:00", "06:15", "06:30", "06:45", "07:00", "07:15", "07:30", "07:45", "08:00")
    ]


def test_ids_that_were_made_numbers(send: Send, stored: Any) -> None:
    said = {"project_id": "house", "fuel": "electricity", "unit": "kWh"}
    answer = send(
        "trace_id,start,value\n10443720001234567,2022-01-01,10\n10443720001234999,2022-01-01,90\n,,\n", **said
    )
    assert answer["created"] == 2
    answer = send("trace_id,start,value\n1.0443e16,2022-01-01,10\n12345.0,2022-01-01,1\n", mode="partial", **said)
    assert "its last digits are lost" in answer["errors"][0]["message"]
    assert stored("12345") == [("2022-01-01T06:00", 1)]
    assert answer["plan"]["notes"] == ["12345.0 is read as 12345: a spreadsheet made a number of it."]


def test_a_check_shows_what_would_change(send: Send, stored: Any) -> None:
    rows = "house,main,2022-06-01T00:00Z,1,kWh,electricity\nhouse,main,2022-06-02T00:00Z,2,kWh,electricity\n"
    send(HEADER + rows)
    for changed in (rows.replace(",2,", ",3,"), rows.replace(",2,", ",3.0 kWh,")):
        answer = send(HEADER + changed, dry_run="true")
        (change,) = answer["changes"]
        assert (change["start"], change["before"], change["after"]) == ("2022-06-02T00:00:00Z", 2, 3)
        assert balance(answer)["overwritten"] == (1, 2)
        assert (answer["updated"], answer["unchanged"]) == (1, 1)
    assert stored()[1] == ("2022-06-02T00:00", 2)


def test_refused_rows_come_back_ready_to_be_sent_again(send: Send) -> None:
    file = (
        "Name,Ann\nAccount Number,17\n\nTYPE,DATE,START TIME,END TIME,USAGE (kWh),NOTES\n"
        "Electric usage,2022-06-01,00:00,00:59,0.5,\nElectric usage,2022-06-01,01:00,01:59,oops,\n"
    )
    how = {"project_id": "house", "mode": "partial"}
    rows = send(file, accept="text/csv", **how)
    assert rows.splitlines()[2:] == [
        "line,TYPE,DATE,START TIME,END TIME,USAGE (kWh),NOTES,error",
        "6,Electric usage,2022-06-01,01:00,01:59,oops,,USAGE (kWh): 'oops' is no number.",
    ]
    answer = send(rows.replace("oops,,", "0.7,,"), **how)
    assert (answer["plan"]["said"]["label"], answer["traces"][0]["balance"]["received"]["energy"]) == ("17", 0.7)


def test_a_mapping_is_saved_and_used_again(send: Send, api: Api, login: MakeApi, stored: Any) -> None:
    file = "Wann;Wieviel;Wo\n31.01.2022 00:00;1,5;keller\n31.01.2022 01:00;2,5;keller\n"
    said = {"project_id": "house", "fuel": "electricity", "unit": "kWh"}
    answer = send(file, status=400, **said)
    assert answer["detail"].endswith("it has: Wann, Wieviel, Wo. Say which columns they are: start=..., value=...")
    columns = {"start": "Wann", "value": "Wieviel", "trace_id": "Wo"}
    assert api.post("column_mappings/", {"name": "mine", "columns": columns}).status_code == 201
    answer = send(file, mapping="mine", **said)
    assert answer["plan"]["columns"] == {"start": "Wann", "value": "Wieviel", "label": "Wo"}
    assert stored("keller") == [("2022-01-31T06:00", 1.5), ("2022-01-31T07:00", 2.5)]
    assert send(file, columns="start=Wann,value=Wieviel,trace_id=Wo", **said)["unchanged"] == 2
    assert send(file, mapping="other", status=400, **said) == {"mapping": ['There is no mapping "other".']}
    assert "is no field" in send(file, columns="x=Wann", status=400, **said)["columns"][0]
    bob = login("bob")
    assert bob.get("column_mappings/").json == []


def test_any_file_of_the_same_readings(send: Send, tmp_path: Path) -> None:
    rows = "house;main;01.02.2022;1,5;kWh;electricity\nhouse;main;13.02.2022;2,5;kWh;electricity\n"
    text = HEADER.replace(",", ";") + rows
    assert send(text)["created"] == 2
    for data in (text.encode("utf-16"), gzip.compress(text.encode()), text.replace(";", "\t").encode()):
        assert send(data)["unchanged"] == 2


def test_a_file_that_is_too_large(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eeds.records.files.general.MAX_ROWS", 2)
    rows = "house,main,2022-06-01,1,kWh,electricity\n" * 3
    answer = send(HEADER + rows, status=413)
    assert "This one is not: row 1, start, '2022-06-01': The time has no offset" in answer["detail"]


def test_a_piece_of_a_plain_table_has_its_odd_rows_refused(send: Send) -> None:
    rows = "house,main,2022-06-01,1,kWh,electricity\nhouse,main,2022-06-02T00:00Z,1,kWh,electricity\n"
    answer = send(HEADER + rows, plain="true", mode="partial")
    assert (answer["created"], answer["refused"]) == (1, 1)
    again = "house,main,2022-06-02T00:00Z,1,kWh,electricity\nhouse,main,2022-06-02T00:00Z,4,kWh,electricity\n"
    answer = send(HEADER + again, plain="true", mode="partial")
    assert balance(answer) == {"received": (2, 5), "stored": (1, 4), "replaced": (1, 1), "overwritten": (1, 1)}


def test_what_comes_in_is_accounted_for(send: Send) -> None:
    """Whatever stands in files: repeated, contradicting, overlapping and bad rows, with ends and without; again and
    corrected. The balance of every answer adds up, see `balance`."""
    random = Random(7)
    for number in range(12):
        has_ends = number % 2 == 0
        rows = []
        for _ in range(40):
            day, length = random.randrange(20), random.choice([1, 1, 1, 2, 7])
            start, end = (f"2022-06-{1 + each:02}" for each in (day, min(day + length, 29)))
            cells = [
                f"m{random.randrange(2)}",
                start,
                *([end] if has_ends else []),
                str(random.choice([1, 1, 2, "x", ""])),
            ]
            rows.append(",".join([*cells, random.choice(["kWh", "kWh", "MWh", "CCF"])]))
        header = f"trace_id,start,{'end,' if has_ends else ''}value,unit\n"
        how = {"project_id": "house", "fuel": "electricity", "mode": "partial"}
        answer = send(header + "\n".join(rows) + "\n", **how)
        received = sum(balance(answer, trace).get("received", (0, 0))[0] for trace in range(len(answer["traces"])))
        assert received <= answer["received"] == len(rows)
        assert len(answer["errors"]) >= answer["received"] - received


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("start,value\n" + "1/31/2022 0:00,x\n" * 4, "4 of the first 4 records refused, none stored; the rest was not"),
        ("start,value\n" + "1/31/2022 0:00,1,2\n" * 4, "4 of the first 4 records refused, none stored; the rest was"),
        ("start,value\n1/31/2022 0:00,1\n" + "x,1\n" * 5, "4 of the first 5 records refused, none stored; the rest"),
    ],
)
def test_a_file_of_which_most_is_wrong_is_read_no_further(
    send: Send, monkeypatch: pytest.MonkeyPatch, content: str, reason: str
) -> None:
    for module in (text_columns, wrong):
        monkeypatch.setattr(module, "MOST_WRONG", 3)
    household = {"project_id": "house", "fuel": "electricity", "unit": "kWh", "trace_id": "m", "mode": "partial"}
    answer = send(content, status=400, **household)
    assert answer["message"].startswith(reason)
    assert len(answer["errors"]) == 4
    assert "x" in send(content, status=400, accept="text/csv", **household) or "1,2" in content


@pytest.mark.parametrize(
    ("module", "limit", "reason"),
    [
        (store, "MAX_AT_ONCE", "A trace has more than 1 readings with ends; send the file in parts, by years."),
        (sources, "MAX_SOURCES", "Larger files have to be plain tables"),
        (taken, "MAX_READINGS", "Larger files have to be plain tables"),
    ],
)
def test_what_a_file_becomes_has_bounds(
    send: Send, monkeypatch: pytest.MonkeyPatch, module: ModuleType, limit: str, reason: str
) -> None:
    slots = ",".join(f"{hour:02}:00" for hour in range(24))
    ones = ",".join("1" * 24)
    content = f"trace_id,date,{slots}\na,2022-01-31,{ones}\nb,2022-01-31,{ones}\n"
    household = {"project_id": "house", "fuel": "electricity", "unit": "kWh"}
    monkeypatch.setattr(module, limit, 1)
    assert reason in send(content, status=413, **household)["detail"]
    monkeypatch.undo()
    assert send(content, **household)["created"] == 50


def test_what_is_wrong_behind_days_that_are_not_read_is_not_taken_for_missing(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (text_columns, wrong):
        monkeypatch.setattr(module, "MOST_WRONG", 3)
    slots = ",".join(f"{hour:02}:00" for hour in range(24))
    rows = ["never," + ",".join("x" * 24), "2022-01-31," + ",".join(["abc", *"1" * 23])]
    household = {"project_id": "house", "fuel": "electricity", "unit": "kWh", "trace_id": "m", "mode": "partial"}
    answer = send("\n".join([f"date,{slots}", *rows]), status=400, **household)
    assert "none stored; the rest was not read" in answer["message"]
