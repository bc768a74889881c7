"""A project keeps its station, until its owner says otherwise."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from eeds.db.engine import Database, PsycopgConnection
from eeds.weather.choice import choose_station
from eeds.weather.errors import NoWeather
from tests.weather.conftest import (
    ANKENY,
    DES_MOINES,
    FIRST,
    LAST,
    OAKLAND,
    Choose,
    MakeProject,
    have,
    pinned,
    set_attribute,
    upload_years,
)


def test_a_choice_is_kept(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    """Also when a better station gets its temperatures afterwards."""
    have(connection, ANKENY)
    id = project("50321")
    chosen = choose(id)
    have(connection, DES_MOINES)
    assert choose(id) == chosen
    assert chosen.station == ANKENY
    assert choose(project("50321")).station == DES_MOINES


def test_an_outage_never_changes_the_station(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    have(connection, DES_MOINES, ANKENY)
    id = project("50321")
    choose(id)
    before = pinned(connection, id)
    connection.execute("DELETE FROM weather_years WHERE station = %s", [DES_MOINES])
    with pytest.raises(NoWeather, match=r"^No hourly temperatures for station 725460 \(DES MOINES INTERNATIONAL"):
        choose(id)
    assert pinned(connection, id) == before


def test_a_project_that_moves_gets_another_station(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    have(connection, DES_MOINES, OAKLAND)
    id = project("50321")
    assert choose(id).station == DES_MOINES
    connection.execute("UPDATE projects SET zipcode = '94601' WHERE id = %s", [id])
    assert choose(id).station == OAKLAND
    set_attribute(connection, id, "latitude", 41.54)
    set_attribute(connection, id, "longitude", -93.67)
    assert choose(id).station == DES_MOINES
    set_attribute(connection, id, "latitude", 37.72)
    set_attribute(connection, id, "longitude", -122.22)
    choice = choose(id)
    assert choice.station == OAKLAND
    assert pinned(connection, id) == choice


def test_the_same_zipcode_written_otherwise_is_no_move(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    have(connection, ANKENY)
    id = project("50321")
    choose(id)
    have(connection, DES_MOINES)
    connection.execute("UPDATE projects SET zipcode = '50321-0001' WHERE id = %s", [id])
    assert choose(id).station == ANKENY


def test_an_attribute_replaces_the_pin_and_a_setting_leaves_it(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    have(connection, DES_MOINES, ANKENY, OAKLAND)
    id = project("50321")
    first = choose(id)
    assert choose(id, setting=ANKENY).station == ANKENY
    assert pinned(connection, id) == first
    set_attribute(connection, id, "weather_station", OAKLAND)
    by_attribute = choose(id)
    assert by_attribute.station == OAKLAND
    assert pinned(connection, id) == by_attribute
    connection.execute("DELETE FROM project_attributes")
    assert choose(id) == first


def test_a_better_normal_year_is_taken_when_it_comes(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    have(connection, DES_MOINES)
    id = project("50321")
    assert choose(id).kind == "derived"
    connection.execute(
        "INSERT INTO weather_normals (station, kind, utc_offset, temps)"
        " VALUES (%s, 'TMY3', -6, array_fill(50::double precision, ARRAY[8760]))",
        [DES_MOINES],
    )
    choice = choose(id)
    assert choice.kind == "TMY3"
    assert pinned(connection, id) == choice


def test_runs_at_once_choose_the_same_station(
    database: Database, connection: PsycopgConnection, project: MakeProject
) -> None:
    """One of them looks at a time that only the second station has; whoever comes first chooses for both, or for none:
    a station that lacks the hours of the other run is an error there, never a second choice."""
    have(connection, ANKENY)
    upload_years(connection, DES_MOINES, 2012, 2012, 50.0)
    ids = [project("50321") for _ in range(8)]
    connection.commit()
    together = Barrier(2, timeout=60)
    periods = [(FIRST, datetime(2013, 1, 1, tzinfo=UTC)), (FIRST, LAST)]

    def run(period: tuple[datetime, datetime]) -> list[str]:
        chosen = []
        for id in ids:
            together.wait()
            try:
                with database.connection() as own:
                    chosen.append(choose_station(own, id, None, *period).station)
            except NoWeather:
                chosen.append("none")
        return chosen

    with ThreadPoolExecutor(2) as pool:
        short, long = pool.map(run, periods)
    for id, a, b in zip(ids, short, long, strict=True):
        assert (a, b) in [(ANKENY, ANKENY), (DES_MOINES, "none")]
        kept = pinned(connection, id)
        assert kept is not None
        assert kept.station == a
