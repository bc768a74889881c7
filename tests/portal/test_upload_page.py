"""Files from a browser: looked at, checked, loaded, and what was refused of them."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from eeds.config.logs import JsonLine
from eeds.db.engine import Database
from eeds.db.tables import ConsumptionMetadata, Project, ProjectAttribute, WeatherNormal, WeatherYear
from eeds.portal.background_load import UNFORESEEN
from eeds.portal.upload_kinds import HEAD_BYTES
from tests.formats.workbook_files import xlsx
from tests.portal.conftest import Browser, MakeBrowser, send, text_of
from tests.readings import ConsumptionRecord
from tests.records.greenbutton.feeds import HOUR, reading, usual
from tests.weather.normal_files import epw, nsrdb, pvgis_series, pvgis_tmy, tmy2, tmy3

PROJECTS = (
    b"project_id,zipcode,baseline_period_end,reporting_period_start,project_cost\nA,50321,2014-01-01,2014-02-01,10\n"
)
ENERGY = (
    b"project_id,trace_id,fuel,unit,date,value\n"
    b"A,main,electricity,kWh,2014-01-01,1.5\nA,main,electricity,kWh,2014-01-02,oops\nB,main,gas,therm,2014-01-02,1\n"
)
OPOWER = (
    b"Account Number,17\n\nTYPE,DATE,START TIME,END TIME,USAGE (kWh),NOTES\n"
    b"Electric usage,2022-06-01,00:00,00:59,1.5,\nElectric usage,2022-06-01,01:00,01:59,2,\n"
)
NEM = b"100,NEM12,200506081149,UNITEDDP,NEMMCO\n"
WORDS = b"Wann;Wo;Wieviel\n31.01.2022 00:00;Keller;1,5\n31.01.2022 01:00;Keller;2,5\n"
WEATHER = b"station,start,temp_f\n725460,2014-01-01T00:00:00Z,20\n725460,2014-01-01T01:00:00Z,21\n"
# Of more than one batch: the last row is in the second. A column that nobody knows fills them.
LONG = b"project_id,trace_id,fuel,unit,date,value,note\n" + b"".join(
    b"A,main,electricity,kWh,2014-01-01T%02d:%02d:00,1,%s\n" % (*divmod(minute, 60), b"x" * 6_000)
    for minute in range(720)
)
# A database that raises an error when the last row is stored.
FAILING = """
    CREATE FUNCTION go_wrong() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'oops, a secret' USING ERRCODE = '{}'; END $$;
    CREATE TRIGGER go_wrong BEFORE INSERT ON consumption_blocks
    FOR EACH ROW WHEN (NEW.last_start >= '2014-01-01T11:59:00Z') EXECUTE FUNCTION go_wrong()
"""
REFUSED = re.compile(r'href="([^"]*/refused.csv)"')


def refused_rows(browser: Browser, answer: TestResponse) -> list[str]:
    """The lines of the file of refused rows that a page offers."""
    (path,) = REFUSED.findall(answer.text)
    return browser.get(path).text.splitlines()


def number_of(database: Database, model: Any) -> int:
    with database.session() as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def looked_at(browser: Browser, content: bytes) -> str:
    headers = {"X-CSRF-Token": browser.csrf_token(), "Content-Type": "application/octet-stream"}
    return text_of(browser.client.post("/portal/upload/preview/", data=content, headers=headers))


def test_projects_then_their_energy_data(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    told = text_of(send(ada, PROJECTS, "projects"))
    assert "f.csv is loaded projects 1 created values of attributes 1 created refused 0" in told
    assert "new attribute project_cost (FLOAT)" in told
    answer = send(ada, ENERGY, "energy")
    told = text_of(answer)
    assert "records 1 created, 0 updated, 0 unchanged, 0 duplicates refused 2" in told
    assert "line 3: value: 'oops' is no number." in told
    lines = refused_rows(ada, answer)
    assert lines[0] == "line,project_id,trace_id,fuel,unit,date,value,error"
    assert lines[1].startswith("3,A,main,electricity,kWh,2014-01-02,oops,value:")
    with database.session() as session:
        (record,) = session.scalars(select(ConsumptionRecord)).all()
        assert record.value == 1.5
    assert "0 created, 0 updated, 1 unchanged" in text_of(send(ada, ENERGY, "energy"))


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (PROJECTS, "projects", "projects 1 created values of attributes 1 created refused 0"),
        (ENERGY.replace(b"B,", b"A,"), "energy", "records 2 created, 0 updated, 0 unchanged, 0 duplicates refused 1"),
    ],
)
def test_a_check_stores_nothing(
    browser_of: MakeBrowser, database: Database, content: bytes, kind: str, told: str
) -> None:
    ada = browser_of("ada")
    if kind == "energy":
        send(ada, PROJECTS, "projects")
    before = number_of(database, Project)
    answer = text_of(send(ada, content, kind, "check"))
    assert f"f.csv is checked; nothing is stored {told}" in answer
    assert number_of(database, Project) == before
    assert number_of(database, ConsumptionRecord) == number_of(database, ConsumptionMetadata) == 0


def test_a_check_lists_what_would_change(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    changed = PROJECTS.replace(b"50321", b"50322").replace(b",10\n", b",11\n")
    checked = text_of(send(ada, gzip.compress(changed), "projects", "check", "f.csv.gz"))
    assert "projects 1 updated values of attributes 1 updated refused 0" in checked
    assert "A: zipcode 50321 → 50322" in checked
    assert "A: project_cost 10.0 → 11.0" in checked
    with database.session() as session:
        assert session.scalars(select(Project.zipcode)).all() == ["50321"]


def test_what_a_spreadsheet_did_to_projects_is_repaired_and_said(browser_of: MakeBrowser, database: Database) -> None:
    sent = PROJECTS.replace(b"50321", b"2139").replace(b",10\n", b',"1,850"\n') + b"B,K1A 0B1,2014-01-01,2014-01-01,\n"
    ada = browser_of("ada")
    for do in ("check", "load"):
        told = text_of(send(ada, sent, "projects", do))
        assert "line 2, column zipcode, '2139': read as '02139'." in told
        assert "line 2, column project_cost, '1,850': read as '1850'." in told
        assert "line 3, column zipcode, 'K1A 0B1': This is no ZIP code of a US Census area" in told
        assert number_of(database, Project) == (2 if do == "load" else 0)
    with database.session() as session:
        assert session.scalars(select(Project.zipcode).order_by(Project.id)).all() == ["02139", "K1A 0B1"]


def test_projects_whose_periods_are_in_the_wrong_order(browser_of: MakeBrowser, database: Database) -> None:
    told = text_of(send(browser_of("ada"), PROJECTS.replace(b"2014-02-01", b"2013-02-01"), "projects"))
    assert "reporting_period_start 2013-02-01 is before baseline_period_end 2014-01-01; correct one of the two." in told
    assert number_of(database, Project) == 0


def test_one_bad_project_and_none_is_stored(browser_of: MakeBrowser, database: Database) -> None:
    told = text_of(send(browser_of("ada"), PROJECTS + b"B,1,soon,2014-02-01,x\n", "projects"))
    assert "refused" in told
    assert "line 3, column baseline_period_end, 'soon'" in told
    assert number_of(database, Project) == number_of(database, ProjectAttribute) == 0


def test_temperatures_are_for_admins(browser_of: MakeBrowser, database: Database) -> None:
    ada, root = browser_of("ada"), browser_of("root", admin=True)
    answer = send(ada, WEATHER, "weather")
    assert (answer.status_code, number_of(database, WeatherYear)) == (400, 0)
    assert "Say what the file holds." in text_of(answer)
    assert "Temperatures" not in text_of(ada.get("upload/"))
    told = text_of(send(root, gzip.compress(WEATHER), "weather", name="w.csv.gz"))
    assert "w.csv.gz is loaded temperatures 2 created" in told


def test_green_button_into_a_project(browser_of: MakeBrowser, database: Database) -> None:
    ada, eve = browser_of("ada"), browser_of("eve")
    send(ada, PROJECTS, "projects")
    content = gzip.compress(usual(reading(number * HOUR, 1) for number in range(3)))
    told = text_of(send(ada, content, "greenbutton", name="espi.xml.gz", project="A"))
    assert "E_C_S of" in told
    stored = number_of(database, ConsumptionRecord)
    assert stored >= 3
    told = text_of(send(eve, content, "greenbutton", name="espi.xml.gz", project="A"))
    assert "Nothing was stored." in told
    assert number_of(database, ConsumptionRecord) == stored
    assert "Say which project the readings are of." in text_of(send(ada, content, "greenbutton"))


def test_energy_of_a_green_button_file_is_shown_without_rounding(browser_of: MakeBrowser) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    body = usual([reading(1420070400 + n * HOUR, 617_283_945) for n in range(2)])
    assert "1,234,567.89" in text_of(send(ada, body, "greenbutton", name="espi.xml", project="A"))


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"", "energy", "f.csv has no row that names a start and a value"),
        (b"a,b\n1,2\n", "projects", "f.csv has no column project_id; it has: a, b."),
        (b"a,b\n1,2\n", "energy", "it has: a, b. Say which columns they are"),
        (b"\xff\xfe\x00", "energy", "f.csv: The file begins as text in UTF-16-LE"),
        (b"\x1f\x8bnonsense", "energy", "f.csv"),
        (b"\x1f\x8bnonsense", "projects", "f.csv: The body is not gzip"),
        (b"PAR1nonsense", "projects", "f.csv: The Parquet file cannot be read"),
        (b"%PDF-1.7 \xff", "projects", "f.csv: The file is no table but a PDF"),
        (b"PAR1nonsense", "energy", "f.csv"),
        (b"<html>", "greenbutton", "Say which project"),
        (ENERGY, "", "Say what the file holds."),
        (ENERGY, "nonsense", "Say what the file holds."),
    ],
)
def test_what_cannot_be_loaded(
    browser_of: MakeBrowser, database: Database, content: bytes, kind: str, reason: str
) -> None:
    answer = send(browser_of("ada"), content, kind)
    told = text_of(answer)
    assert answer.status_code == 400
    assert "Nothing was stored." in told
    assert reason in told
    assert "/tmp" not in told
    assert number_of(database, Project) == number_of(database, ConsumptionRecord) == 0


def test_nothing_is_stored_of_a_file_that_is_damaged_at_its_end(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    answer = send(ada, gzip.compress(LONG)[:-9], "energy", name="f.csv.gz")
    assert answer.status_code == 400
    assert "Nothing was stored. f.csv.gz: The gzip body ends before its end: it was cut short." in text_of(answer)
    assert number_of(database, ConsumptionRecord) == 0


@contextmanager
def failing(database: Database, sqlstate: str) -> Iterator[None]:
    """The database is FAILING."""
    with database.session() as session:
        session.execute(text(FAILING.format(sqlstate)))
    try:
        yield
    finally:
        with database.session() as session:
            session.execute(text("DROP FUNCTION go_wrong CASCADE"))


@pytest.mark.parametrize(
    ("sqlstate", "status", "told", "kept"),
    [
        ("57P01", 503, "The database is not available right now; try again.", ""),
        ("53100", 507, "The database's disk is full; nothing was stored. Try again when there is room.", ""),
        ("XX000", 500, "Internal Server Error", UNFORESEEN),
    ],
    ids=["away", "full", "unforeseen"],
)
def test_nothing_is_stored_of_a_load_that_ends_early(
    browser_of: MakeBrowser,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    sqlstate: str,
    status: int,
    told: str,
    kept: str,
) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    with failing(database, sqlstate):
        answer = send(ada, LONG, "energy")
    assert (answer.status_code, told in text_of(answer)) == (status, True)
    assert number_of(database, ConsumptionRecord) == number_of(database, ConsumptionMetadata) == 0
    shown = text_of(ada.get("loads/2/"))
    assert "FAILED" in shown
    assert f"Nothing was stored. {kept or told}" in shown
    logged = [JsonLine().format(record) for record in caplog.records]
    assert any("load 2: InternalError_" in line for line in logged) == bool(kept)
    assert not kept or "secret" not in "".join(logged)


def test_columns_that_are_ignored_are_shown(browser_of: MakeBrowser) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    told = text_of(send(ada, LONG[: LONG.index(b"\n", 60) + 1], "energy", do="check"))
    assert "records 1 created, 0 updated, 0 unchanged, 0 duplicates refused 0" in told
    assert "Columns that are not used: note" in told


def test_many_refused_rows(browser_of: MakeBrowser) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    answer = send(ada, LONG.replace(b":00,1,", b":00,x,"), "energy")
    told = text_of(answer)
    assert "is refused; nothing is stored" in told
    assert "refused 720" in told
    assert "SUCCESS Nothing was stored 720" in text_of(ada.get("loads/list/"))
    assert "line 21: value: 'x' is no number. Download" in told
    assert "The first of them: with eeds upload you get them all." in told
    lines = refused_rows(ada, answer)
    assert 100 < len(lines) < 720
    assert lines[-1].endswith("value: 'x' is no number.")


def test_a_file_that_is_too_large(app: Flask, browser_of: MakeBrowser, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = browser_of("ada")
    monkeypatch.setitem(app.extensions, "eeds.settings", replace(app.extensions["eeds.settings"], max_upload_mb=1))
    assert "Files of up to 1 MB" in text_of(ada.get("upload/"))
    assert send(ada, LONG, "energy").status_code == 413


def test_a_form_without_a_file(browser_of: MakeBrowser) -> None:
    answer = browser_of("ada").post("upload/", {"kind": "energy", "do": "load"})
    assert (answer.status_code, "Choose a file." in text_of(answer)) == (400, True)


def test_names_of_files_are_text_and_lead_nowhere(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    answer = send(ada, PROJECTS, "projects", name="../../<script>alert(1)</script>.csv")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert number_of(database, Project) == 1


@pytest.mark.parametrize("name", ["..", ".", "/", "a\0b.csv", "..\\..\\", "x" * 5_000, "\r\n=1+1"])
def test_any_name_of_a_file_is_taken(browser_of: MakeBrowser, name: str) -> None:
    ann = browser_of("ann")
    for kind in ("projects", "energy", "greenbutton"):
        answer = send(ann, b"project_id,zipcode\nP1,50321\n", kind, name=name)
        assert answer.status_code in (200, 400), (kind, answer.text)


def test_other_sites_cannot_upload(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    data = {"file": (BytesIO(PROJECTS), "f.csv"), "kind": "projects", "do": "load"}
    assert ada.client.post("/portal/upload/", data=data).status_code == 400
    assert ada.client.post("/portal/upload/preview/", data=PROJECTS).status_code == 400
    assert number_of(database, Project) == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (PROJECTS, "It looks like: Projects"),
        (PROJECTS, "project_cost attribute project_cost"),
        (PROJECTS[:-30], "zipcode zipcode"),
        (ENERGY, "It looks like: Energy data"),
        (gzip.compress(ENERGY), "It looks like: Energy data Its header is on line 1."),
        (b"metadata_id,start,value,x\n1,2014-01-01,2\n", "It looks like: Energy data"),
        (b"project_id,date,kWh\nA,2014-01-01,2\n", "It looks like: Energy data"),
        (NEM, "It looks like: Energy data It is a NEM12 file."),
        (OPOWER, "It is a Green Button CSV (PG&E, National Grid and others). Its header is on line 3."),
        (OPOWER.decode().encode("utf-16"), "label: 17, from the lines above the header."),
        (xlsx({"S": [["Start", "kWh"], ["2022-01-01", 1]]}), "It looks like: Energy data Its header is on line 1."),
        (b"PK\x03\x04[Content_Types].xml".ljust(HEAD_BYTES), "The file is looked at as a whole."),
        (WEATHER, "It looks like: Temperatures of weather stations"),
        (b"station,start,temp_f,temp_c\n", "The file must have one column of temperatures"),
        (b"project_id,value\n", "The file has no row that names a start and a value"),
        (b"<?xml version='1.0'?><feed/>", "It looks like: Green Button"),
        (b"PK\x03\x04", "It looks like: Green Button"),
        (b"PAR1", "The file: The Parquet file cannot be read"),
        (b"a,b\n", "Choose below what its columns are if it has readings."),
        (b"", "The file is empty."),
        (b"\x1f\x8bnonsense", "It begins like a gzip file, but is none"),
        (b"\x00\xff\n" * 9, "has a NUL character"),
        (b'"' + b"x" * 70_000, ""),
        (b"project_id,<script>alert(1)</script>\n", "<script>alert(1)</script>"),
    ],
)
def test_a_look_at_a_file(browser_of: MakeBrowser, content: bytes, told: str) -> None:
    assert told in looked_at(browser_of("ada"), content)


def selects(page: str) -> dict[str, str]:
    """What is chosen for each column of a preview, by its head."""
    chosen = {}
    for name, options in re.findall(r'aria-label="What ([^"]+) is">(.*?)</select>', page, re.DOTALL):
        found = re.search(r'value="([^"]*)=[^"]*" selected', options)
        chosen[unescape(name)] = found[1] if found else ""
    return chosen


def test_a_preview_offers_to_say_what_columns_are(browser_of: MakeBrowser) -> None:
    ada = browser_of("ada")
    headers = {"X-CSRF-Token": ada.csrf_token(), "Content-Type": "application/octet-stream"}
    page = ada.client.post("/portal/upload/preview/", data=OPOWER, headers=headers).text
    assert selects(page) == {
        "TYPE": "fuel",
        "DATE": "date",
        "START TIME": "time",
        "END TIME": "end_time",
        "USAGE (kWh)": "value",
        "NOTES": "",
    }
    page = ada.client.post("/portal/upload/preview/", data=WORDS, headers=headers).text
    assert selects(page) == {"Wann": "", "Wo": "", "Wieviel": ""}


def test_a_file_of_a_household(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    told = text_of(send(ada, OPOWER, "energy", project="A"))
    assert "taken for a table, Green Button CSV (PG&E, National Grid and others), header on line 3" in told
    assert "times without an offset are those of America/Chicago" in told
    assert "E_C_S of 17 in A KWH 2 3.5 2 3.5" in told
    changed = text_of(send(ada, OPOWER.replace(b"1.5", b"1.75"), "energy", "check", project="A"))
    assert "stored readings that would change 2022-06-01T05:00:00+00:00: 1.5 → 1.75" in changed
    told = text_of(send(ada, OPOWER, "energy", project="A", timezone="Nowhere"))
    assert '"Nowhere" is no time zone.' in told
    assert number_of(database, ConsumptionRecord) == 3


def test_columns_that_somebody_chooses_are_saved(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    household = {"project": "A", "fuel": "electricity", "unit": "kWh"}
    columns = ["start=Wann", "label=Wo", "value=Wieviel"]
    sent = send(ada, WORDS, "energy", **household, columns=columns, save_map="ours")  # type: ignore[arg-type]
    assert "records 2 created" in text_of(sent)
    assert "ours" in ada.get("upload/").text
    assert "2 unchanged" in text_of(send(ada, WORDS, "energy", **household, mapping="ours"))
    told = text_of(send(ada, WORDS, "energy", **household))
    assert "Say which columns they are" in told
    # what the preview recognised is no choice
    both = {"columns": ["value=kWh", "start=date", ""], "recognised": ["value=kWh", "start=date"]}
    told = text_of(send(ada, b"date,kWh,x\n2022-01-01,1,\n", "energy", **household, trace_id="m", **both))  # type: ignore[arg-type]
    assert "records 1 created" in told


def test_what_stands_above_the_header_counts_with_other_columns_too(browser_of: MakeBrowser) -> None:
    ada = browser_of("ada")
    send(ada, PROJECTS, "projects")
    recognised = ["fuel=TYPE", "date=DATE", "time=START TIME", "end_time=END TIME", "value=USAGE (kWh)"]
    as_shown = {"columns": [*recognised, ""], "recognised": recognised}
    assert "E_C_S of 17 in A" in text_of(send(ada, OPOWER, "energy", "check", project="A", **as_shown))  # type: ignore[arg-type]
    without_fuel = {"columns": [*recognised[1:], "", ""], "recognised": recognised}
    told = text_of(send(ada, OPOWER, "energy", "check", project="A", **without_fuel))  # type: ignore[arg-type]
    assert "Give the option fuel" in told
    told = text_of(send(ada, OPOWER, "energy", "check", project="A", fuel="gas", unit="kWh", **without_fuel))  # type: ignore[arg-type]
    assert "NG_C_S of 17 in A" in told


# Weather --------------------------------------------------------------------------------------------------------------

OBSERVED = b"station,start,temp_f\n" + b"".join(b"KDSM,2014-01-01T%02d:53:00Z,50\n" % hour for hour in range(24))


def test_observations_at_any_minute_become_hourly(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada", admin=True)
    told = text_of(send(ada, OBSERVED, "weather"))
    assert "temperatures 24 created, 0 updated, 0 unchanged, 0 duplicates refused 0" in told
    assert "24 observations at minute 53 of the hour became the means of 24 hours; a straight line joins" in told
    assert number_of(database, WeatherYear) == 1


def test_years_of_a_place_need_a_station(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada", admin=True)
    series = pvgis_series(years=(2013, 2014)).encode()
    assert "The file names no station: say by --station" in text_of(send(ada, series, "weather"))
    assert number_of(database, WeatherYear) == 0
    assert "temperatures 17,520 created" in text_of(send(ada, series, "weather", station=" roof "))
    assert number_of(database, WeatherYear) == 2
    assert "A table says in its column station" in text_of(send(ada, OBSERVED, "weather", station="roof"))


def test_normal_years(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada", admin=True)
    checked = text_of(send(ada, tmy3().encode(), "normals", "check"))
    assert "f.csv is checked; nothing is stored TMY3 year of station 722880 1 created refused 0" in checked
    assert number_of(database, WeatherNormal) == 0
    assert "TMY3 year of station 722880 1 created" in text_of(send(ada, gzip.compress(tmy3().encode()), "normals"))
    assert "TMY3 year of station 722880 1 unchanged" in text_of(send(ada, tmy3().encode(), "normals"))
    told = text_of(send(ada, pvgis_tmy().encode(), "normals"))
    assert "The file names no station" in told
    assert "The nearest to the file's position is 722880 (BURBANK-GLENDALE-PASA ARPT)." in told
    told = text_of(send(ada, pvgis_tmy().encode(), "normals", station="722880"))
    assert "PVGIS year of station 722880 1 created refused 0 8,760 temperatures of instants became" in told
    assert number_of(database, WeatherNormal) == 2


def test_a_bad_normal_year(browser_of: MakeBrowser) -> None:
    ada = browser_of("ada", admin=True)
    told = text_of(send(ada, tmy3(lambda hour: "warm" if hour < 2 else "10").encode(), "normals"))
    assert "line 3: its temperature is 'warm', which is no number. line 4: its temperature is 'warm'" in told
    assert "has more than 16 MB" in text_of(send(ada, b" " * (16 * 2**20 + 1), "normals"))


@pytest.mark.parametrize("text", [tmy3(), tmy2(), epw(), pvgis_tmy(), nsrdb(lambda *_: "10")])
def test_a_normal_year_is_recognised(browser_of: MakeBrowser, text: str) -> None:
    told = looked_at(browser_of("ada", admin=True), text[: 64 * 1024].encode())
    assert "It looks like: A normal year of a weather station" in told


def test_stations_are_for_admins(browser_of: MakeBrowser) -> None:
    bob = browser_of("bob")
    assert "Say what the file holds." in text_of(send(bob, tmy3().encode(), "normals"))
    assert "normal year" not in bob.client.get("/portal/upload/").text
