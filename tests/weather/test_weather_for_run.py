"""What a run gets: the hours of its periods, a normal year, and where both came from."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from eeds.db.engine import Database, PsycopgConnection
from eeds.weather.errors import NoWeather
from eeds.weather.for_run import WeatherForRun, weather_for_run
from tests.weather.conftest import MakeProject, put_year, upload, upload_years

NAN = float("nan")
FIRST, LAST = datetime(2012, 3, 1, 5, 30, tzinfo=UTC), datetime(2013, 12, 31, 23, 15, tzinfo=UTC)
N_HOURS = (366 + 365 - 31 - 29) * 24 - 5
DES_MOINES = "725460"

Run = Callable[..., WeatherForRun]


@pytest.fixture
def run(database: Database, connection: PsycopgConnection) -> Run:
    """Loads the weather of a project in a transaction of its own, after what the test has stored so far."""

    def run(project_id: int, setting: str | None = None) -> WeatherForRun:
        connection.commit()
        with database.session() as session:
            return weather_for_run(session, project_id, FIRST, LAST, setting)

    return run


def pinned(connection: PsycopgConnection) -> list[str]:
    return [station for (station,) in connection.execute("SELECT station FROM project_weather")]


def test_story(connection: PsycopgConnection, project: MakeProject, run: Run) -> None:
    upload_years(connection, DES_MOINES, 2012, 2013, 50.0)
    upload(connection, DES_MOINES, "2012-06-01T00", [NAN] * 5)
    upload(connection, DES_MOINES, "2013-06-01T00", [NAN] * 50)
    upload(connection, DES_MOINES, "2012-03-01T05", [41])
    found = run(project("50321"))

    weather = found.weather
    assert (weather.station, weather.source, weather.normal_kind) == (DES_MOINES, "upload", "derived")
    assert weather.first_hour == np.datetime64("2012-03-01T05")
    assert weather.observed.shape == (N_HOURS,)
    assert weather.observed[0] == 41
    at = int((np.datetime64("2013-06-01T00") - weather.first_hour).astype(int))
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(weather.observed)), np.arange(at, at + 50))
    assert weather.normal.shape == (8760,)
    assert weather.normal[59 * 24 + 5] == (41 + 50) / 2
    assert not np.isnan(weather.normal).any()

    assert found.provenance == {
        "source": "upload",
        "station": DES_MOINES,
        "name": "DES MOINES INTERNATIONAL AIRPORT",
        "climate": {"iecc_zone": "5", "iecc_moisture": "A", "ba_zone": "Cold", "ca_zone": None},
        "km": 1.8,
        "climate_match": True,
        "method": "zipcode 50321",
        "normal_station": DES_MOINES,
        "normal_kind": "derived",
        "observed": N_HOURS - 55,
        "filled": 5,
        "missing": 50,
        "longest_gap": 50,
        "days_under_half": 2,
        "from": "2012-03-01T05:30:00+00:00",
        "to": "2013-12-31T23:15:00+00:00",
        "files": [],
        "warnings": [],
    }
    assert json.loads(json.dumps(found.provenance)) == found.provenance
    assert pinned(connection) == [DES_MOINES]


def test_a_stored_normal_year(connection: PsycopgConnection, project: MakeProject, run: Run) -> None:
    upload_years(connection, DES_MOINES, 2012, 2013, 50.0)
    connection.execute(
        "INSERT INTO weather_normals (station, kind, utc_offset, temps) VALUES (%s, 'TMY3', -6, %s)",
        [DES_MOINES, list(range(8760))],
    )
    found = run(project("50321"))
    assert (found.weather.normal_kind, found.provenance["normal_kind"]) == ("TMY3", "TMY3")
    assert (found.weather.normal[6], found.weather.normal[5]) == (0, 8759)


def test_a_station_of_ones_own(connection: PsycopgConnection, project: MakeProject, run: Run) -> None:
    upload_years(connection, "roof", 2012, 2013, 50.0)
    found = run(project(), setting="roof")
    assert found.weather.station == "roof"
    unknown = {key: found.provenance[key] for key in ("name", "climate", "km", "climate_match", "warnings")}
    assert unknown == {"name": None, "climate": None, "km": None, "climate_match": None, "warnings": []}


def test_the_files_that_were_fetched(connection: PsycopgConnection, project: MakeProject, run: Run) -> None:
    """Those of the years that the run uses."""
    for year, n in ((2011, 8760), (2012, 8784), (2014, 8760)):
        put_year(connection, DES_MOINES, "ghcnh", year, np.full(n, 50.0))
    upload_years(connection, DES_MOINES, 2013, 2013, 50.0)
    connection.execute("UPDATE weather_years SET url = 'U' || year, sha256 = 'S' || year WHERE source = 'ghcnh'")
    found = run(project("50321"))
    assert found.provenance["source"] == "upload,ghcnh"
    assert found.provenance["files"] == [{"year": 2012, "url": "U2012", "sha256": "S2012"}]


def test_made_up_weather_says_so(connection: PsycopgConnection, project: MakeProject, run: Run) -> None:
    for year, n in ((2012, 8784), (2013, 8760)):
        put_year(connection, DES_MOINES, "synthetic", year, np.full(n, 50.0))
    found = run(project("50321"))
    assert (found.weather.source, found.provenance["source"]) == ("synthetic", "synthetic")


@pytest.mark.parametrize(
    ("station", "warning"),
    [
        # Des Moines, Ames, San Francisco (2,491 km on the ellipsoid)
        ("725460", None),
        ("725472", r"Station 725472 is 51 km from the site, more than 50 km: its weather may differ .*"),
        ("724940", r"Station 724940 is 2,4\d\d km from the site, more than 200 km \(CalTRACK 2\.4\.2\): .*"),
    ],
)
def test_far_stations(
    connection: PsycopgConnection, project: MakeProject, run: Run, station: str, warning: str | None
) -> None:
    upload_years(connection, station, 2012, 2013, 50.0)
    warnings = run(project("50321"), setting=station).provenance["warnings"]
    assert len(warnings) == (1 if warning else 0)
    assert warning is None or re.fullmatch(warning, warnings[0])


def test_too_little_for_a_normal_year_pins_nothing(
    connection: PsycopgConnection, database: Database, project: MakeProject
) -> None:
    """A short period may have its hours, and the station no full year."""
    upload(connection, DES_MOINES, "2012-03-01T00", np.full(2000, 50.0))
    id = project("50321")
    connection.commit()
    first, last = datetime(2012, 3, 1, tzinfo=UTC), datetime(2012, 5, 1, tzinfo=UTC)
    with pytest.raises(NoWeather, match="No normal year for station 725460"), database.session() as session:
        weather_for_run(session, id, first, last, None)
    assert pinned(connection) == []


def test_no_weather_pins_nothing(connection: PsycopgConnection, project: MakeProject, run: Run) -> None:
    with pytest.raises(NoWeather, match="No hourly temperatures"):
        run(project("50321"))
    assert pinned(connection) == []
