"""/api/v1/weather_records/upload/: files of temperatures as they are, for admins."""

import csv
import gzip
import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from eeds.db.engine import Database
from eeds.records import temperatures
from eeds.weather.series import load_years
from tests.api.conftest import Api, MakeApi
from tests.weather.normal_files import nsrdb, pvgis_series

PATH = "weather_records/upload/"
OBSERVED = "station,start,temp_f\n" + "".join(f"KDSM,2014-01-01T{hour:02}:53:00Z,50\n" for hour in range(24))
NOTE = (
    "Station KDSM: 24 observations at minute 53 of the hour became the means of 24 hours; a straight line joins the "
    "observations."
)


def send(api: Api, body: str | bytes, query: str = "", **options: Any) -> Any:
    return api.call("POST", f"{PATH}{query}", data=body, **{"content_type": "text/csv", **options})


def stored(database: Database, station: str, year: int = 2014) -> Any:
    """The temperatures of a year, degF."""
    with database.connection() as connection:
        years = load_years(connection, station, year, year)
    return years[year].temps if years else np.array([])


def test_story(api: Api, database: Database) -> None:
    answer = send(api, OBSERVED, "?dry_run=true")
    assert (answer.status_code, answer.json["created"], answer.json["notes"]) == (200, 24, [NOTE])
    assert stored(database, "KDSM").size == 0
    counts = {"created": 24, "updated": 0, "unchanged": 0, "duplicates": 0}
    assert send(api, OBSERVED).json == {"status": "success", **counts, "notes": [NOTE]}
    assert np.nanmin(stored(database, "KDSM")) == np.nanmax(stored(database, "KDSM")) == 50.0
    assert np.count_nonzero(~np.isnan(stored(database, "KDSM"))) == 24
    assert send(api, OBSERVED).json["unchanged"] == 24


def test_whole_hours_are_stored_as_they_are(api: Api, database: Database) -> None:
    rows = OBSERVED.replace(":53:", ":00:").replace("T01:00:00Z,50", "T01:00:00Z,")
    answer = send(api, f"{rows}KDSM,2014-01-01T00:00:00Z,20\n").json
    assert answer == {"status": "success", "created": 23, "updated": 0, "unchanged": 1, "duplicates": 1}
    assert stored(database, "KDSM")[[0, 2]].tolist() == [20.0, 50.0]


def test_stations_that_are_hourly_and_others(api: Api, database: Database) -> None:
    rows = "".join(f"roof,2014-01-01T{hour:02}:00:00Z,{hour}\n" for hour in range(24))
    answer = send(api, f"{OBSERVED}{rows}").json
    assert (answer["created"], answer["notes"]) == (48, [NOTE])
    assert stored(database, "roof")[:24].tolist() == list(range(24))


def test_half_hours_are_no_mistakes(api: Api, database: Database) -> None:
    """Though one more of the times is a whole hour than is not."""
    rows = "".join(f"KDSM,2014-01-01T{minute // 60:02}:{minute % 60:02}:00Z,50\n" for minute in range(0, 150, 30))
    answer = send(api, f"station,start,temp_f\n{rows}").json
    assert answer["created"] == 3
    assert "5 observations at 2 minutes of the hour became the means of 3 hours" in answer["notes"][0]


MISTAKE = OBSERVED.replace(":53:", ":00:").replace("T07:00", "T07:30")
STRAY = "Temperatures are hourly: starts are whole hours (UTC) from 1900 to 2100. Most of this station's are."


def test_a_mistake_among_whole_hours_is_refused(api: Api, database: Database) -> None:
    reason = {"index": 7, "field": "start", "value": "2014-01-01T07:30:00Z", "message": STRAY}
    refused = send(api, MISTAKE)
    assert (refused.status_code, refused.json["errors"]) == (400, [reason])
    assert stored(database, "KDSM").size == 0
    some = send(api, MISTAKE, "?mode=partial").json
    assert (some["created"], some["refused"], some["errors"]) == (23, 1, [reason])
    rows = send(api, MISTAKE, "?mode=partial", headers={"Accept": "text/csv"})
    assert list(csv.reader(io.StringIO(rows.text))) == [
        ["line", "station", "start", "temp_f", "error"],
        ["9", "KDSM", "2014-01-01T07:30:00Z", "50", f"start: {STRAY}"],
    ]


def test_in_parquet_and_packed(api: Api) -> None:
    body = io.BytesIO()
    start = pa.array([53 * 60, 113 * 60], pa.timestamp("s"))
    pa.parquet.write_table(pa.table({"station": ["A", "A"], "start": start, "temp_c": [10.0, 11.0]}), body)
    assert send(api, body.getvalue(), content_type="application/octet-stream").json["created"] == 2
    packed = gzip.compress(OBSERVED.encode())
    assert send(api, packed).json["created"] == 24
    assert send(api, packed, headers={"Content-Encoding": "gzip"}).json["unchanged"] == 24


def test_years_of_a_place(api: Api, database: Database) -> None:
    text = pvgis_series(years=(2013, 2014))
    answer = send(api, text, "?station=roof").json
    assert (answer["created"], answer["duplicates"]) == (17_520, 0)
    assert answer["notes"][0].startswith(
        "Station roof: 17,520 observations at minute 10 of the hour became the means of"
    )
    np.testing.assert_allclose(stored(database, "roof"), 50.0)
    assert send(api, text, "?station=roof&dry_run=true").json["unchanged"] == 17_520
    assert send(api, nsrdb(lambda *_: "10"), "?station=roof").json["created"] == 8_760


@pytest.mark.parametrize(
    ("body", "query", "refusal"),
    [
        (
            pvgis_series(),
            "",
            {"station": "The file names no station: say by --station (in the API station=) which one"},
        ),
        (pvgis_series(), "?station=", {"station": "This field may not be blank."}),
        (pvgis_series(), "?station=a%20b", {"station": "A station id has at most 32 letters, "}),
        (OBSERVED, "?station=A", {"station": "A table says in its column station whose temperatures they are."}),
        (OBSERVED, "?mode=some", {"mode": '"some" is not a valid choice.'}),
        (
            pvgis_series().replace("20130101:0210", "20130101:0299"),
            "?station=A",
            {"non_field_errors": "line 12: its time is 2:99; times are 0:00 to 23:59."},
        ),
    ],
)
def test_what_is_refused(api: Api, body: str, query: str, refusal: dict[str, str]) -> None:
    answer = send(api, body, query)
    assert answer.status_code == 400
    assert answer.json.keys() == refusal.keys()
    for field, message in refusal.items():
        assert answer.json[field][0].startswith(message)


@pytest.mark.parametrize(
    "body", [b"", b"\0", b"station,start\n", b"Source,\n\xff\n", b"\xff\xff\xff\xff", b"PAR1", b"PK\x03\x04", b'"']
)
def test_bodies_that_are_nothing(api: Api, body: bytes) -> None:
    assert send(api, body).status_code == 400


def test_too_large(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from eeds.records import temperature_files

    monkeypatch.setattr(temperature_files, "MAX_SERIES_MB", 0)
    answer = send(api, pvgis_series(), "?station=A")
    assert (answer.status_code, answer.json) == (
        413,
        {"detail": "A file of PVGIS or NSRDB may have 0 MB; ask for fewer years at once."},
    )


def test_for_admins_only(login: MakeApi) -> None:
    assert send(login("ann"), OBSERVED).status_code == 403


def test_too_many_temperatures(api: Api, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temperatures, "MAX_TEMPERATURES", 23)
    answer = send(api, OBSERVED)
    message = "The body has more than 23 temperatures; send it in parts."
    assert (answer.status_code, answer.json) == (413, {"detail": message})
    assert stored(database, "KDSM").size == 0


@pytest.mark.parametrize(("stations", "years"), [(4, 1), (1, 4), (2, 2)])
def test_too_many_years_of_stations(
    api: Api, database: Database, monkeypatch: pytest.MonkeyPatch, stations: int, years: int
) -> None:
    monkeypatch.setattr(temperatures, "MAX_STATION_YEARS", 3)
    rows = [f"K{station},{2014 + year}-01-01T00:00:00Z,50" for station in range(stations) for year in range(years)]
    answer = send(api, "\n".join(["station,start,temp_f", *rows]))
    message = "The body has more than 3 years of stations; send it in parts."
    assert (answer.status_code, answer.json) == (413, {"detail": message})
    assert stored(database, "K0").size == 0
    assert send(api, "\n".join(["station,start,temp_f", *rows[:3]])).status_code == 200
