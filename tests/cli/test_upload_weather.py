"""`eeds upload weather` to a real server."""

import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.cli.conftest import Eeds, Login, Write

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
    assert f"2 errors. The refused rows are in {file}.refused.csv. Mend them there and upload that file." in outcome.err
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
        "Error: The token may not POST weather_records/sync2/: it lacks the scope, or its user is no admin.\n"
    )
