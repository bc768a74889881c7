"""Stations with temperatures, and projects that need them, in the real database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from psycopg.rows import class_row

from eeds.accounts.operations import create_user
from eeds.db.engine import Database, PsycopgConnection
from eeds.weather.choice import Choice, choose_station
from eeds.weather.sources import download
from eeds.weather.store import Counts, store

HOUR = np.timedelta64(3600, "s")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that falters is asked again at once."""
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def connection(database: Database) -> Iterator[PsycopgConnection]:
    """One transaction on the emptied database."""
    with database.connection() as connection:
        yield connection


def hours(first: str, n: int) -> NDArray[np.datetime64]:
    """So many hours in a row, as datetime64[s]."""
    return np.datetime64(first, "s") + np.arange(n) * HOUR


def upload(connection: PsycopgConnection, station: str, first: str, temp_f: Any) -> Counts:
    """Store the temperatures of hours in a row."""
    temps = np.asarray(temp_f, dtype=np.float64)
    return store(connection, [station] * temps.size, hours(first, temps.size), temps)


def upload_years(connection: PsycopgConnection, station: str, first_year: int, last_year: int, temp_f: float) -> None:
    """Store whole years of one temperature."""
    n = (np.datetime64(f"{last_year + 1}-01-01T00") - np.datetime64(f"{first_year}-01-01T00")).astype(int)
    upload(connection, station, f"{first_year}-01-01T00", np.full(n, temp_f))


def put_year(connection: PsycopgConnection, station: str, source: str, year: int, temps: Any) -> None:
    """A station-year from a source other than an upload."""
    temps = np.asarray(temps, dtype=np.float64)
    connection.execute(
        "INSERT INTO weather_years (station, source, year, temps, n_observed) VALUES (%s, %s, %s, %s, %s)",
        [station, source, year, temps.tolist(), np.count_nonzero(~np.isnan(temps))],
    )


MakeProject = Callable[..., int]


@pytest.fixture
def project(database: Database, connection: PsycopgConnection) -> MakeProject:
    """Makes a project with a ZIP code, attributes by name and their values; returns its id."""
    with database.session() as session:
        create_user(session, "owner", is_admin=False)

    def make(zipcode: str | None = None, **attributes: str | float | int) -> int:
        (id,) = connection.execute(
            "INSERT INTO projects (project_owner_id, project_id, zipcode)"
            " SELECT min(id), 'P' || (SELECT count(*) FROM projects), %s FROM project_owners RETURNING id",
            [zipcode],
        ).fetchall()[0]
        for name, value in attributes.items():
            set_attribute(connection, id, name, value)
        return int(id)

    return make


def set_attribute(connection: PsycopgConnection, project_id: int, name: str, value: str | float | int) -> None:
    """Give a project an attribute, in the column of the value's type."""
    data_type = {str: "CHAR", float: "FLOAT", int: "INTEGER"}[type(value)]
    (key,) = connection.execute(
        "INSERT INTO project_attribute_keys (name, display_name, data_type) VALUES (%s, %s, %s)"
        " ON CONFLICT (name, project_owner_id) DO UPDATE SET data_type = excluded.data_type RETURNING id",
        [name, name, data_type],
    ).fetchall()[0]
    connection.execute(
        f"INSERT INTO project_attributes (project_id, key_id, {data_type.lower()}_value) VALUES (%s, %s, %s)",
        [project_id, key, value],
    )


# For the choice of a station ------------------------------------------------------------------------------------------

FIRST, LAST = datetime(2012, 1, 1, tzinfo=UTC), datetime(2014, 1, 1, tzinfo=UTC)
# the best stations of 50321, in order, and one far away
DES_MOINES, ANKENY, AMES, KNOXVILLE, OSCEOLA, NEWTON = "725460", "725466", "725472", "725493", "720701", "725464"
OAKLAND = "724930"

Choose = Callable[..., Choice]


@pytest.fixture
def choose(connection: PsycopgConnection) -> Choose:
    """Chooses the station of a project, for 2012 and 2013 if nothing else is said."""

    def choose(project_id: int, setting: str | None = None, first: datetime = FIRST, last: datetime = LAST) -> Choice:
        return choose_station(connection, project_id, setting, first, last)

    return choose


def have(connection: PsycopgConnection, *stations: str) -> None:
    """Store 2012 and 2013 of some stations."""
    for station in stations:
        upload_years(connection, station, 2012, 2013, 50.0)


def pinned(connection: PsycopgConnection, project_id: int) -> Choice | None:
    """What is kept for a project."""
    with connection.cursor(row_factory=class_row(Choice)) as cursor:
        return cursor.execute(
            "SELECT station, normal_station, kind, km, climate_match, method"
            " FROM project_weather WHERE project_id = %s",
            [project_id],
        ).fetchone()
