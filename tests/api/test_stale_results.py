"""Results say when what they were computed from has changed, and what of it. Their input is read as a worker does it;
the figures are made up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
import pytest
from sqlalchemy.orm import Session

from eeds.db.engine import Database, PsycopgConnection, psycopg_connection
from eeds.jobs import leases
from eeds.jobs.stale_results import lock_projects
from eeds.runs import lifecycle as runs
from eeds.runs.inputs import RunInput, load_input
from eeds.runs.results.freshness import succeed_with
from eeds.runs.results.store import save
from eeds.weather.store import store
from tests.api.conftest import Api
from tests.api.test_greenbutton import hours
from tests.api.test_project_results import RESULT
from tests.api.test_shared_series import somebody_waits
from tests.weather.normal_files import cz2010, epw, tmy3
from tests.workers.family import eventually

DES_MOINES = "725460"
DAY, HOUR = np.timedelta64(86_400, "s"), np.timedelta64(3_600, "s")
FIRST, DAYS = np.datetime64("2013-01-01", "s"), 546  # to the end of June 2014
REASONS = "stale_because"


@dataclass
class Begun:
    """A run that has read its input."""

    run: runs.ClaimedRun
    input: RunInput


@dataclass
class Building:
    """A project with a year's baseline and half a year's reporting period, daily readings, and weather."""

    api: Api
    database: Database
    id: int
    trace: int

    def begin(self, settings: dict[str, Any] | None = None) -> Begun:
        """Request a run, and read its input."""
        run = self.api.post("project_runs/", {"project": self.id, "meter_settings": settings}).json["id"]
        with self.database.session() as session:
            held = leases.claim_job(psycopg_connection(session), runs.RUNS, run)
            assert held is not None
            return Begun(held, load_input(session, held))

    def end_in(self, session: Session, begun: Begun) -> int:
        """Store its result."""
        settings = msgspec.to_builtins(begun.input.settings)
        provenance = {"input_sha256": "sha", "versions": {}, "settings": settings}
        id = save(session, begun.run, begun.input, replace(RESULT, provenance=provenance))
        succeed_with(session, begun.run, begun.input, id)
        return id

    def end(self, begun: Begun) -> int:
        """The same in a transaction."""
        with self.database.session() as session:
            return self.end_in(session, begun)

    def run(self, settings: dict[str, Any] | None = None) -> int:
        """All of a run; the id of its result."""
        return self.end(self.begin(settings))

    def result(self, id: int) -> dict[str, Any]:
        """As the API has it."""
        return dict(self.api.get(f"project_results/{id}/").json)

    def because(self, id: int) -> list[str] | None:
        """Why a result is stale."""
        reasons: list[str] | None = self.result(id)[REASONS]
        return reasons

    def change(self, **fields: Any) -> None:
        """Change the project."""
        assert self.api.patch(f"projects/{self.id}/", fields).status_code == 200

    def attribute(self, name: str, value: str) -> int:
        """Give the project an attribute; its id."""
        key = {"name": name, "display_name": name, "data_type": "CHAR"}
        self.api.post("project_attribute_keys/", key)
        keys = {each["name"]: each["id"] for each in self.api.get("project_attribute_keys/").json}
        body = {"project": self.id, "key": keys[name], "char_value": value}
        return int(self.api.post("project_attributes/", body).json["id"])

    def load(self, first: str, values: list[float]) -> Any:
        """Load readings in a row; gives how many were created, updated, unchanged."""
        starts = np.datetime64(first, "s") + np.arange(len(values)) * DAY
        lines = [f"{self.trace},{start}Z,{value}" for start, value in zip(starts, values, strict=True)]
        body = "\n".join(["metadata_id,start,value", *lines])
        answer = self.api.call("POST", "consumption_records/sync2/", data=body, content_type="text/csv")
        assert answer.status_code == 200, answer.text
        return answer.json


def temperatures(connection: PsycopgConnection, first: str, temps: list[float]) -> None:
    """Hours in a row of the station."""
    hours = np.datetime64(first, "s") + np.arange(len(temps)) * HOUR
    store(connection, [DES_MOINES] * len(temps), hours, np.array(temps))


@pytest.fixture
def building(api: Api, database: Database) -> Building:
    ends = {"baseline_period_end": "2014-01-01T00:00:00Z", "reporting_period_end": "2014-07-01T00:00:00Z"}
    body = {"project_id": "ABC", "project_owner": 1, "zipcode": "50321", **ends}
    project = api.post("projects/", body).json["id"]
    trace = api.post("consumption_metadatas/", {"project": project, "interpretation": "E_C_S", "unit": "KWH"})
    building = Building(api, database, project, trace.json["id"])
    building.load(str(FIRST), [10.0] * DAYS)
    with database.connection() as connection:
        temperatures(connection, "2013-01-01", [50.0] * 2 * 8760)
    answer = api.call("POST", f"weather_normals/?station={DES_MOINES}", data=tmy3(), content_type="text/plain")
    assert answer.status_code == 200
    return building


def test_a_fresh_result(building: Building) -> None:
    result = building.result(building.run())
    assert {name: value for name, value in result.items() if "stale" in name} == {
        "stale": False,
        "stale_since": None,
        "stale_because": None,
        "stale_load": None,
    }


# Periods, place and settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({"reporting_period_end": "2014-06-01T00:00:00Z"}, ["periods"]),
        ({"baseline_period_start": "2013-02-01T00:00:00Z"}, ["periods"]),
        ({"reporting_period_start": "2014-01-01T00:00:00Z"}, None),  # as it was, but said
        ({"zipcode": "50309"}, ["weather"]),
        ({"zipcode": "98101"}, ["settings", "weather"]),  # in another time zone
        ({"zipcode": "50321", "project_id": "XYZ"}, None),
    ],
)
def test_projects(building: Building, fields: dict[str, str], reasons: list[str] | None) -> None:
    id = building.run()
    building.change(**fields)
    assert building.because(id) == reasons


def test_a_project_as_it_was_and_again_another(building: Building) -> None:
    id = building.run()
    building.change(reporting_period_end="2014-06-01T00:00:00Z")
    since = building.result(id)["stale_since"]
    assert since is not None
    building.change(baseline_period_start="2013-02-01T00:00:00Z")
    assert building.result(id)["stale_since"] == since, "the first change counts"
    building.change(reporting_period_end="2014-07-01T00:00:00Z", baseline_period_start=None)
    assert building.result(id)["stale"] is False


def test_projects_by_sync_and_table(building: Building) -> None:
    id = building.run()
    known = {"project_id": "ABC", "project_owner_id": 1, "baseline_period_end": "2014-01-01T00:00:00Z"}
    known |= {"reporting_period_start": None, "zipcode": "50321"}
    building.api.post("projects/sync/", [known])
    assert building.because(id) is None
    building.api.post("projects/sync/", [{**known, "baseline_period_end": "2013-12-01T00:00:00Z"}])
    assert building.because(id) == ["periods"]
    again = building.run()
    names = "project_id,zipcode,baseline_period_end,reporting_period_start,timezone"
    table = f"{names}\nABC,50321,2013-12-01,,America/Denver\n"
    for _ in range(2):
        answer = building.api.call("POST", "projects/upload/?owner=1", data=table, content_type="text/csv")
        assert answer.status_code == 200, answer.text
        assert building.because(again) == ["settings"]


@pytest.mark.parametrize(
    ("name", "value", "reasons"),
    [
        ("timezone", "America/Denver", ["settings"]),
        ("timezone", "America/Chicago", None),  # what the ZIP code says
        ("timezone", "Mars/Olympus", ["settings"]),  # which runs refuse
        ("net_metering_changed", "2014-02-01", ["settings"]),
        ("weather_station", "roof", ["weather"]),
        ("weather_station", DES_MOINES, None),
        ("latitude", "41.5", ["weather"]),  # without a longitude
        ("contractor", "Ann", None),
    ],
)
def test_attributes(building: Building, name: str, value: str, reasons: list[str] | None) -> None:
    id, asked = building.run(), building.run({"timezone": "America/New_York", "weather_station": DES_MOINES})
    attribute = building.attribute(name, value)
    assert building.because(id) == reasons
    if name in ("timezone", "weather_station"):
        assert building.because(asked) is None, "settings of the run come first"
    building.api.delete(f"project_attributes/{attribute}/")
    assert building.because(id) == (["weather"] if reasons == ["weather"] else None)


def test_the_key_of_an_attribute(building: Building) -> None:
    attribute = building.attribute("tz", "America/Denver")
    id, path = building.run(), "project_attribute_keys/1/"
    building.api.patch(path, {"name": "timezone"})
    assert building.because(id) == ["settings"]
    building.api.delete(path)
    assert building.because(id) is None
    assert building.api.get(f"project_attributes/{attribute}/").status_code == 404


def test_attributes_by_sync(building: Building) -> None:
    building.attribute("timezone", "America/Chicago")
    id = building.run()
    known = {"project_project_id": "ABC", "project_attribute_key_name": "timezone"}
    building.api.post("project_attributes/sync/", [{**known, "value": "America/Chicago"}])
    assert building.because(id) is None
    building.api.post("project_attributes/sync/", [{**known, "value": "America/Denver"}])
    assert building.because(id) == ["settings"]


# Weather -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "temps", "reasons"),
    [
        ("2013-07-01", [50.0], None),  # as it was
        ("2013-07-01", [51.0], ["weather"]),
        ("2011-06-01", [51.0], None),
        ("2014-09-01", [51.0], None),
        ("2014-06-30T03", [51.0], ["weather"]),  # from which a gap before could be filled
    ],
)
def test_temperatures(building: Building, first: str, temps: list[float], reasons: list[str] | None) -> None:
    id = building.run()
    lines = [f"{DES_MOINES},{first.ljust(13, 'T')[:11]}{first[11:] or '00'}:00:00Z,{temp}" for temp in temps]
    body = "\n".join(["station,start,temp_f", *lines])
    answer = building.api.call("POST", "weather_records/sync2/", data=body, content_type="text/csv")
    assert answer.status_code == 200, answer.text
    assert building.because(id) == reasons


def test_temperatures_of_another_station(building: Building) -> None:
    id = building.run()
    with building.database.connection() as connection:
        store(connection, ["roof"], np.array(["2013-07-01T00"], "datetime64[s]"), np.array([51.0]))
    assert building.because(id) is None


def test_results_that_do_not_say_which_hours_they_looked_at(building: Building) -> None:
    id = building.run()
    with building.database.connection() as connection:
        connection.execute("UPDATE project_results SET provenance = provenance #- '{weather,from}' #- '{weather,to}'")
        temperatures(connection, "2014-09-01", [51.0])
    assert building.because(id) is None
    with building.database.connection() as connection:
        temperatures(connection, "2012-09-01", [51.0])
    assert building.because(id) == ["weather"], "its baseline has no start"


def test_normal_years(building: Building) -> None:
    id = building.run()

    def send(text: str) -> None:
        path = f"weather_normals/?station={DES_MOINES}"
        assert building.api.call("POST", path, data=text, content_type="text/plain").status_code == 200

    send(tmy3())
    send(epw())
    assert building.because(id) is None, "the same, and a lesser kind"
    send(tmy3(lambda hour: "-40"))
    assert building.because(id) == ["weather"]
    again = building.run()
    send(cz2010())
    assert building.because(again) == ["weather"]


# Readings ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "values", "reasons"),
    [
        ("2013-03-01", [10.0] * 20, None),  # as it was
        ("2013-03-01", [10.0, 11.0], ["readings"]),
        ("2013-03-01T12", [5.0], ["readings"]),
        ("2012-01-01", [5.0], None),  # before the last year of the baseline
        ("2014-07-02", [5.0], ["readings"]),  # ends the last of the period
        ("2014-08-01", [5.0] * 30, None),
    ],
)
def test_readings(building: Building, first: str, values: list[float], reasons: list[str] | None) -> None:
    id = building.run()
    building.load(first, values)
    assert building.because(id) == reasons
    with building.database.connection() as connection:
        newest = connection.execute("SELECT max(id) FROM loads").fetchone()
    marked = [result["stale_load"] for result in building.api.get("project_results/?stale=true").json]
    assert marked == (list(newest or ()) if reasons else [])


def test_readings_without_an_end_of_the_reporting_period(building: Building) -> None:
    building.change(reporting_period_end=None)
    id = building.run()
    building.load("2014-08-01", [5.0])
    assert building.because(id) == ["readings"]


def test_readings_as_of_a_time(building: Building) -> None:
    with building.database.connection() as connection:
        ((now,),) = connection.execute("SELECT clock_timestamp()").fetchall()
    begun = building.begin({"as_of": now.isoformat()})
    building.load("2013-03-01", [11.0])
    id = building.end(begun)
    building.load("2013-03-01", [12.0])
    assert building.because(id) is None
    building.change(baseline_period_end="2013-12-01T00:00:00Z")
    assert building.because(id) == ["periods"]


def test_an_undone_load(building: Building) -> None:
    building.load("2013-03-01", [11.0])
    id = building.run()
    load = max(load["id"] for load in building.api.get("loads/").json)
    assert building.api.post(f"loads/{load}/undo/").status_code == 201
    assert building.because(id) == ["readings"]


def test_records_one_by_one(building: Building) -> None:
    id, before = building.run(), {"metadata": building.trace, "start": "2013-03-01T12:00:00Z", "value": 5.0}
    record = building.api.post("consumption_records/", before).json["id"]
    assert building.because(id) == ["readings"]
    id = building.run()
    building.api.patch(f"consumption_records/{record}/", {"value": 5.0})
    assert building.because(id) is None, "as it was"
    building.api.patch(f"consumption_records/{record}/", {"value": 6.0})
    assert building.because(id) == ["readings"]
    id = building.run()
    building.api.delete(f"consumption_records/{record}/")
    assert building.because(id) == ["readings"]


def test_files(building: Building) -> None:
    """As people have them, and of Green Button."""
    lines = "".join(f"{building.trace},2013-03-{day:02},2013-03-{day + 1:02},7\n" for day in range(1, 28))
    table, path = f"metadata_id,start,end,value\n{lines}", "consumption_records/upload/"
    feed = hours(np.datetime64("2013-05-01", "s").astype(int).item(), 24)
    for send in (
        lambda: building.api.call("POST", path, data=table, content_type="text/csv"),
        lambda: building.api.call("POST", "greenbutton/?project=1", data=feed, content_type="application/atom+xml"),
    ):
        for reasons in (["readings"], None):
            id = building.run()
            answer = send()
            assert answer.status_code == 200, answer.text
            assert building.because(id) == reasons


def test_traces(building: Building) -> None:
    path, seen = f"consumption_metadatas/{building.trace}/", []
    for change in ({"label": "roof"}, {"unit": "THM"}, {"unit": "KWH"}):
        id = building.run()
        building.api.patch(path, change)
        seen.append(building.because(id))
    assert seen == [None, ["readings"], ["readings"]]
    id = building.run()
    building.api.delete(path)
    assert building.because(id) == ["readings"]


# Runs and changes at the same time -----------------------------------------------------------------------------------

Change = Callable[[Building], None]


def more_readings(building: Building) -> None:
    building.load("2013-03-01", [11.0])


def other_temperatures(building: Building) -> None:
    with building.database.connection() as connection:
        temperatures(connection, "2013-03-01", [51.0])


def other_periods(building: Building) -> None:
    building.change(baseline_period_end="2013-12-01T00:00:00Z")


def other_settings(building: Building) -> None:
    building.attribute("timezone", "America/Denver")


CHANGES = [
    pytest.param(more_readings, "readings", id="readings"),
    pytest.param(other_temperatures, "weather", id="weather"),
    pytest.param(other_periods, "periods", id="periods"),
    pytest.param(other_settings, "settings", id="settings"),
]


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_a_change_after_the_input_was_read(building: Building, change: Change, reason: str) -> None:
    begun = building.begin()
    change(building)
    assert building.because(building.end(begun)) == [reason]
    assert building.because(building.run()) is None


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_a_change_while_the_result_is_stored(building: Building, change: Change, reason: str) -> None:
    """It waits until the result is there to be marked."""
    begun = building.begin()
    with ThreadPoolExecutor(1) as thread:
        with building.database.session() as session:
            id = building.end_in(session, begun)
            changed = thread.submit(change, building)
            eventually(lambda: changed.done() or somebody_waits(building.database), 20)
            assert not changed.done()
        changed.result()
    assert building.because(id) == [reason]


def test_a_result_that_is_stored_while_readings_change(building: Building) -> None:
    """It waits until they have."""
    begun = building.begin()
    with ThreadPoolExecutor(1) as thread:
        with building.database.connection() as connection:
            connection.execute("UPDATE trace_extents SET changed = clock_timestamp() WHERE metadata_id = 1")
            lock_projects(connection, [building.id])
            stored = thread.submit(building.end, begun)
            eventually(lambda: stored.done() or somebody_waits(building.database), 20)
            assert not stored.done()
        assert building.because(stored.result()) == ["readings"]


def test_a_result_that_is_stored_while_temperatures_change(building: Building) -> None:
    begun = building.begin()
    with ThreadPoolExecutor(1) as thread:
        with building.database.connection() as connection:
            temperatures(connection, "2013-03-01", [51.0])
            stored = thread.submit(building.end, begun)
            eventually(lambda: stored.done() or somebody_waits(building.database), 20)
            assert not stored.done()
        assert building.because(stored.result()) == ["weather"]


# Running again -------------------------------------------------------------------------------------------------------


def request_stale(api: Api, **body: Any) -> Any:
    return api.post("project_runs/bulk/", {"projects": "all", "stale": True, **body})


def test_running_what_is_stale(building: Building) -> None:
    building.run({"model": "billing"})
    settings = {"model": "daily", "confidence_level": 0.9}
    old = building.run(settings)
    answer = request_stale(building.api)
    assert (answer.status_code, answer.json) == (201, {"ordered": 0, "runs": "", "refused": []})
    building.change(baseline_period_end="2013-12-01T00:00:00Z")
    answer = request_stale(building.api)
    assert answer.json["ordered"] == 1
    run = building.api.get(f"project_runs/{answer.json['runs']}/").json
    assert (run["project"], run["meter_settings"]) == (building.id, settings), "those of the latest result"
    assert request_stale(building.api).json["ordered"] == 0, "one waits already"
    new = building.run(settings)
    assert [building.result(id)["stale"] for id in (old, new)] == [True, False]
    assert [each["id"] for each in building.api.get("project_results/?stale=false").json] == [new]
    assert building.api.get("project_results/?stale=perhaps").json == []


def test_stale_ones_have_their_own_settings(building: Building) -> None:
    answer = request_stale(building.api, meter_settings={"model": "daily"})
    message = "Stale results are run again with their own settings: leave this out, or stale."
    assert (answer.status_code, answer.json) == (400, {"meter_settings": [message]})


def test_stale_projects_that_cannot_be_run(building: Building) -> None:
    building.run()
    building.change(zipcode="50309")
    with building.database.connection() as connection:  # as projects were stored before that was refused
        connection.execute("UPDATE projects SET reporting_period_start = '2013-06-01'")
    answer = request_stale(building.api)
    assert (answer.json["ordered"], len(answer.json["refused"])) == (0, 1)
