"""`eeds upload weather` to a real server."""

import pyarrow as pa
import pyarrow.parquet
import pytest

from eeds.cli import record_files, weather_upload
from tests.cli.conftest import Eeds, Login, Write
from tests.weather.normal_files import nsrdb, pvgis_series

WEATHER = """station,date,temp_c
725460,2011-01-01T00:00,-5
725460,2011-01-01T01:00:00+01:00,-4.5
725460,2011-01-01T01:00:00Z,NA
"""


def test_weather_in_celsius(eeds_here: Eeds, write: Write) -> None:
    file = write("weather.csv", WEATHER)
    first = eeds_here("upload", "weather", file)
    # the second row is the hour of the first again, and wins; the third has no temperature, as before
    assert first.out == f"{file}: temperatures 1 created, 0 updated, 1 unchanged, 1 given more than once\n"
    warmer = write("warmer.csv", "station,start,temp_f\n725460,2011-01-01T00:00:00Z,25\n")
    assert eeds_here("upload", "weather", warmer).out == f"{warmer}: temperatures 0 created, 1 updated, 0 unchanged\n"


def test_weather_in_parquet(eeds_here: Eeds, write: Write) -> None:
    file = write("weather.parquet", "")
    start = pa.array([0, 3_600_000_000_000], pa.timestamp("ns"))
    table = pa.table({"station": ["725460", "725460"], "start": start, "temp_f": pa.array([40.5, None])})
    pa.parquet.write_table(table, file)
    assert eeds_here("upload", "weather", file).out == f"{file}: temperatures 1 created, 0 updated, 1 unchanged\n"


def test_what_the_server_refuses_is_told_by_line_and_the_rest_is_stored(eeds_here: Eeds, write: Write) -> None:
    bad = "725460,2011-01-01T02:30:00Z,1\n725460,2011-01-01T03:00:00Z,200\n"
    file = write("weather.csv", WEATHER + bad)
    outcome = eeds_here("upload", "weather", file)
    assert outcome.status == 1
    assert "1 created, 0 updated, 1 unchanged, 1 given more than once, 2 refused" in outcome.out
    assert (
        f"2 errors. The refused rows are in {file}.refused.csv. Correct them there and upload that file." in outcome.err
    )
    assert "the temperatures of these hours stay as they were, or missing." in outcome.err
    assert "line 5: date: Temperatures are hourly" in outcome.err
    assert "line 6: temp_c: Temperatures are between" in outcome.err


@pytest.mark.parametrize(("header", "found"), [("station,start", 0), ("station,start,temp_f,Temp_C", 2)])
def test_one_column_of_temperatures(eeds_here: Eeds, write: Write, header: str, found: int) -> None:
    file = write("file.csv", f"{header}\n")
    outcome = eeds_here("upload", "weather", file)
    assert outcome.status == 1
    said = f"{file} must have one column of temperatures, temp_f or temp_c; it has {found}."
    assert outcome.err == f"Error: {said}\n"


def test_weather_is_for_admins(server: str, eeds: Eeds, login: Login, write: Write) -> None:
    options = ("--url", server, "--token", login("owner"))
    outcome = eeds("upload", "weather", *options, write("weather.csv", WEATHER))
    assert outcome.status == 1
    assert outcome.err == (
        "Error: The token may not POST weather_records/upload/: it lacks the scope, or its user is no admin.\n"
    )


OBSERVED = "station,start,temp_f\n" + "".join(f"KDSM,2014-01-01T{hour:02}:53:00Z,{hour}\n" for hour in range(24))


def test_observations_at_any_minute_are_made_hourly(eeds_here: Eeds, write: Write) -> None:
    file = write("weather.csv", OBSERVED)
    outcome = eeds_here("upload", "weather", file)
    assert (outcome.status, outcome.out) == (
        0,
        f"{file}: temperatures 24 created, 0 updated, 0 unchanged\n"
        f"{file}: Station KDSM: 24 observations at minute 53 of the hour became the means of 24 hours; a straight line "
        "joins the observations.\n",
    )
    assert "0 created, 0 updated, 24 unchanged" in eeds_here("upload", "weather", file).out


def test_a_typing_error_among_whole_hours_is_refused(eeds_here: Eeds, write: Write) -> None:
    rows = OBSERVED.replace(":53:", ":00:").replace("T07:00", "T07:30")
    file = write("weather.csv", rows)
    outcome = eeds_here("upload", "weather", file)
    assert "temperatures 23 created, 0 updated, 0 unchanged, 1 refused" in outcome.out
    assert "line 9: start: Temperatures are hourly: starts are whole hours (UTC) from 1900 to 2100." in outcome.err
    assert (
        (file.parent / "weather.csv.refused.csv")
        .read_text()
        .splitlines()[1]
        .startswith("9,KDSM,2014-01-01T07:30:00Z,7,start: ")
    )


@pytest.mark.parametrize("text", [pvgis_series(years=(2013, 2014)), nsrdb(lambda *_: "10", years=(2013, 2014))])
def test_years_of_a_place(eeds_here: Eeds, write: Write, text: str) -> None:
    file = write("series.csv", text)
    refused = eeds_here("upload", "weather", file)
    assert (refused.status, refused.out) == (1, "")
    assert "The file names no station: say by --station" in refused.err
    outcome = eeds_here("upload", "weather", file, "--station", "roof")
    assert outcome.err == ""
    assert "Station roof: " in outcome.out
    first = outcome.out.splitlines()[0]
    # of NSRDB's standard time, 8 hours are of the next year in UTC; all of them were made hourly
    assert first == f"{file}: temperatures 17,520 created, 0 updated, 0 unchanged"
    check = eeds_here("upload", "weather", file, "--station", "roof", "--dry-run", "--all-or-nothing")
    assert "17,520 unchanged (checked only, nothing was stored)" in check.out


def test_a_bad_line_of_such_a_file(eeds_here: Eeds, write: Write) -> None:
    file = write("series.csv", pvgis_series().replace("20130101:0210", "20130101:0299"))
    outcome = eeds_here("upload", "weather", file, "--station", "roof")
    assert (outcome.status, outcome.out) == (1, "")
    assert "line 12: its time is 2:99; times are 0:00 to 23:59." in outcome.err


def test_station_is_for_files_that_name_none(eeds_here: Eeds, write: Write) -> None:
    outcome = eeds_here("upload", "weather", write("weather.csv", WEATHER), "--station", "725460")
    assert outcome.status == 1
    assert "A table says in its column station whose temperatures they are." in outcome.err


def test_several_files_are_looked_at_before_one_is_stored(eeds_here: Eeds, write: Write) -> None:
    good, bad = write("good.csv", OBSERVED), write("bad.csv", "station,start\n")
    outcome = eeds_here("upload", "weather", good, bad)
    assert (outcome.status, outcome.out) == (1, "")
    assert eeds_here("upload", "weather", good, write("weather.csv", WEATHER)).out.count("created") == 2


def test_a_file_that_is_too_large_to_be_sent_as_a_whole(
    eeds_here: Eeds, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (record_files, weather_upload):
        monkeypatch.setattr(module, "WHOLE_BYTES", 2**20)
    rows = "".join(f"big,{2000 + year}-01-01T{hour:02}:00:00Z,50\n" for year in range(20) for hour in range(24))
    file = write("big.csv", "station,start,temp_f\n" + rows + "\n" * 2**20)
    assert "480 created" in eeds_here("upload", "weather", file).out
    mixed = write("mixed.csv", "station,start,temp_f\nbig,2000-01-01T00:53:00Z,50\n" + "\n" * 2**20)
    assert "line 2: start: Temperatures are hourly" in eeds_here("upload", "weather", mixed).err
    assert "with --station a file may have 1 MB" in eeds_here("upload", "weather", file, "--station", "x").err
