"""Whether a trace has enough data is told before any run, with the weather that it would take, and changes nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from eeds.db.engine import Database
from eeds.weather.store import store
from tests.api.conftest import Api, MakeApi

FIRST = datetime(2013, 1, 1, tzinfo=UTC)
PERIODS = {"baseline_period_end": "2014-01-01T00:00:00Z", "reporting_period_start": "2014-01-01T00:00:00Z"}
KEYS = ["name", "measured", "required", "pass", "clause", "advice", "disqualifies"]
STATION = {"weather_station": "roof"}
NO_PLACE = [("time zone of the days", "UTC")]  # of a project without a ZIP code


@pytest.fixture
def project(api: Api) -> int:
    return int(api.post("projects/", {"project_id": "ABC", "project_owner": 1, **PERIODS}).json["id"])


@pytest.fixture
def weather(database: Database) -> None:
    """Two years at a station of one's own."""
    hours = np.datetime64("2013-01-01T00", "s") + np.arange(2 * 8760) * np.timedelta64(3600, "s")
    with database.connection() as connection:
        store(connection, ["roof"] * len(hours), hours, 50 - 30 * np.cos(np.arange(len(hours)) * 2 * np.pi / 8760))


def trace(api: Api, project: int | None, values: Any, step: timedelta = timedelta(days=1)) -> int:
    """A trace of electricity whose readings follow each other."""
    records = [{"start": (FIRST + n * step).isoformat(), "value": value} for n, value in enumerate(values)]
    body = {"project": project, "interpretation": "E_C_S", "unit": "KWH", "records": records}
    return int(api.post("consumption_metadatas/", body).json["id"])


def ask(api: Api, id: int, **settings: Any) -> Any:
    query = {"meter_settings": json.dumps(settings)} if settings else {}
    return api.get(f"consumption_metadatas/{id}/sufficiency/", query_string=query)


def failed(found: Any, period: str) -> list[Any]:
    """Name and measure of what is not met."""
    return [(each["name"], each["measured"]) for each in found["periods"][period] if not each["pass"]]


def days(n: int) -> list[float]:
    return [10 + n % 9 for n in range(n)]


def test_enough_of_one_period_and_too_little_of_the_other(api: Api, project: int, weather: None) -> None:
    id = trace(api, project, days(400))
    answer = ask(api, id, **STATION)
    assert answer.status_code == 200, answer.text
    assert (answer.json["energy_trace"], answer.json["model"], list(answer.json["periods"])) == (
        *(id, "daily"),
        ["baseline", "reporting"],
    )
    assert {tuple(each) for period in answer.json["periods"].values() for each in period} == {tuple(KEYS)}
    assert failed(answer.json, "baseline") == NO_PLACE
    # the last reading is the end of the one before it, and half a day is not whole
    name = "days from the first to the last with a reading and a temperature"
    assert (name, "34") in failed(answer.json, "reporting")
    first = answer.json["periods"]["baseline"][0]
    assert first["clause"]
    assert first["advice"]


def test_asking_changes_nothing(api: Api, database: Database, project: int, weather: None) -> None:
    id = trace(api, project, days(400))
    key = api.post("project_attribute_keys/", {"name": "weather_station", "display_name": "x", "data_type": "CHAR"})
    api.post("project_attributes/", {"project": project, "key": key.json["id"], "char_value": "roof"})
    assert failed(ask(api, id).json, "baseline") == NO_PLACE
    with database.connection() as connection:
        assert connection.execute("SELECT count(*) FROM project_weather").fetchall() == [(0,)]


def test_without_weather_the_reason_comes_first(api: Api, project: int) -> None:
    id = trace(api, project, days(400))
    found = ask(api, id).json
    for period in ("baseline", "reporting"):
        first = found["periods"][period][0]
        assert (first["name"], first["measured"], first["pass"]) == ("temperatures of a weather station", "none", False)
        assert first["advice"].startswith("No weather station: the project has no ZIP code; set zipcode")
        assert len(found["periods"][period]) > 1, "what can be said of the readings is said"


@pytest.mark.parametrize(
    ("values", "name"),
    [([], "records of the trace"), ([3.0], "records of the trace"), ([3.0, None], "readings in the period")],
)
def test_next_to_nothing(api: Api, project: int, weather: None, values: list[float], name: str) -> None:
    found = ask(api, trace(api, project, values, timedelta(hours=1)), **STATION).json
    assert [failed(found, period)[0][0][: len(name)] for period in ("baseline", "reporting")][1] == name


def test_the_model_is_the_one_that_a_run_would_fit(api: Api, project: int, weather: None) -> None:
    id = trace(api, project, days(24), timedelta(days=30))
    assert ask(api, id, **STATION).json["model"] == "caltrack billing"
    assert ask(api, id, model="daily", **STATION).json["model"] == "daily"


def test_what_cannot_be_told(api: Api, project: int) -> None:
    alone = trace(api, None, days(3))
    assert (ask(api, alone).status_code, ask(api, alone).json) == (
        400,
        {"detail": f"Trace {alone} belongs to no project; give it one, for a project has the periods."},
    )
    api.patch(f"projects/{project}/", {"baseline_period_end": None})
    without_periods = ask(api, trace(api, project, days(3)))
    assert (without_periods.status_code, without_periods.json) == (
        400,
        {"detail": "Project ABC has no baseline_period_end; set it."},
    )


@pytest.mark.parametrize("text", ["x", "[]", "1", '{"a": '])
def test_settings_that_are_no_object(api: Api, project: int, text: str) -> None:
    id = trace(api, project, days(3))
    answer = api.get(f"consumption_metadatas/{id}/sufficiency/", query_string={"meter_settings": text})
    message = "Give a JSON object, as the meter_settings of a run."
    assert (answer.status_code, answer.json) == (400, {"meter_settings": [message]})


def test_settings_that_a_run_would_refuse(api: Api, project: int) -> None:
    answer = ask(api, trace(api, project, days(3)), model="best")
    assert answer.status_code == 400
    assert "'best' is not allowed" in answer.json["meter_settings"][0]


def test_another_owners_trace(api: Api, login: MakeApi, project: int) -> None:
    assert ask(login("bob"), trace(api, project, days(3))).status_code == 404
    assert ask(api, 999).status_code == 404


# Of the project ------------------------------------------------------------------------------------------------------


def give(api: Api, project: int, name: str, data_type: str, **value: Any) -> None:
    """Set an attribute of a project."""
    key = api.post("project_attribute_keys/", {"name": name, "display_name": name, "data_type": data_type}).json["id"]
    assert api.post("project_attributes/", {"project": project, "key": key, **value}).status_code == 201


def test_days_are_those_of_the_projects_place(api: Api, project: int, weather: None) -> None:
    id = trace(api, project, days(400))
    assert ask(api, id, **STATION).json["timezone"] == {
        "name": "UTC",
        "method": "the place of the project is not known",
    }
    api.patch(f"projects/{project}/", {"zipcode": "50321"})
    found = ask(api, id, **STATION).json
    assert found["timezone"] == {"name": "America/Chicago", "method": "zipcode 50321"}
    assert failed(found, "baseline") == []
    assert ask(api, id, timezone=None, **STATION).json["timezone"]["name"] == "America/Chicago"
    give(api, project, "timezone", "CHAR", char_value="America/Denver")
    assert ask(api, id, **STATION).json["timezone"] == {"name": "America/Denver", "method": "timezone attribute"}
    said = ask(api, id, timezone="Asia/Kolkata", **STATION).json["timezone"]
    assert said == {"name": "Asia/Kolkata", "method": "timezone setting"}


def test_an_attribute_that_is_no_time_zone(api: Api, project: int, weather: None) -> None:
    id = trace(api, project, days(400))
    give(api, project, "timezone", "CHAR", char_value="Iowa")
    answer = ask(api, id, **STATION)
    assert (answer.status_code, answer.json) == (
        400,
        {
            "detail": 'The project\'s attribute timezone is "Iowa"; set it to an IANA time zone such as '
            "America/Los_Angeles."
        },
    )


def test_what_a_project_declares_of_its_meter(api: Api, project: int, weather: None) -> None:
    id = trace(api, project, days(400))
    give(api, project, "ev_charging_installed", "DATE", date_value="2013-05-01")
    name = "installation of a charger of electric vehicles in what is compared"
    assert (name, "2013-05-01") in failed(ask(api, id, **STATION).json, "baseline")
    give(api, project, "net_metering_changed", "CHAR", char_value="in spring")
    answer = ask(api, id, **STATION)
    assert answer.status_code == 400
    assert "net_metering_changed: 'in spring' is not allowed; give a date" in answer.json["detail"]


def test_the_last_bill_without_an_end_is_named(api: Api, project: int, weather: None) -> None:
    id = trace(api, project, [900.0 + n for n in range(20)], timedelta(days=30))
    found = failed(ask(api, id, **STATION).json, "reporting")
    assert ("last bill, which has no end and is left out", "2014-07-25, 919 KWH") in found
