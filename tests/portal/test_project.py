"""The page of a project: what it has, what was found for it, and for whose eyes."""

from dataclasses import replace
from typing import Any

import pytest

from eeds.db.engine import Database
from eeds.db.tables import ProjectWeather
from tests.api.conftest import CountStatements
from tests.api.test_project_results import ESTIMATED, RESULT, finish
from tests.api.test_result_parts import BILLS, DAYS, with_savings
from tests.portal.conftest import Browser, text_of
from tests.portal.projects import MakePerson, Person, person  # noqa: F401 - fixture

SCRIPT = "<script>alert(1)</script>"
EVIL = {"project_id": SCRIPT, "zipcode": "<b>"}


@pytest.fixture
def amy(person: MakePerson) -> Person:  # noqa: F811
    return person("amy")


def attribute(person: Person, admin: Person, project: int, key: dict[str, str], value: str) -> None:  # noqa: F811
    """Give the project an attribute of a new key, which only admins can make."""
    made = admin.api.post("project_attribute_keys/", key).json["id"]
    body = {"project": project, "key": made, f"{key['data_type'].lower()}_value": value}
    assert person.api.post("project_attributes/", body).status_code == 201


def test_before_any_run(amy: Person, person: MakePerson) -> None:  # noqa: F811
    project = amy.project()
    trace = amy.trace(project)
    amy.load(trace, ("2013-01-01T00:00:00Z", 5.0), ("2013-01-02T00:00:00Z", None))
    attribute(
        amy,
        person("root", admin=True),
        project,
        {"name": "sqft", "display_name": "Floor area", "data_type": "INTEGER"},
        "900",
    )

    page = amy.browser.get(f"projects/{project}/")
    text = text_of(page)
    assert page.status_code == 200
    for expected in (
        "ABC",
        "ZIP code 50321",
        "Baseline from the first reading to 2013-03-10",
        "Retrofit 2013-03-10 to 2013-03-11, left out of both periods",
        "Reporting 2013-03-11 to the last reading",
        "725460 DES MOINES INTERNATIONAL AIRPORT, 1.8 km away. What the first run will try, found by zipcode 50321",
        "Floor area 900",
        f"Electricity consumption supplied main, trace {trace} kWh 2 2013-01-01 2013-01-02",
        "There is no result yet.",
        "The meter has not been run on this project.",
    ):
        assert expected in text
    assert "Owner" not in text
    assert "Owner amy" in text_of(person("chief", admin=True).browser.get(f"projects/{project}/"))


def test_nothing_but_a_name(amy: Person) -> None:
    empty = dict.fromkeys(["zipcode", "baseline_period_end", "reporting_period_start"])
    text = text_of(amy.browser.get(f"projects/{amy.project(**empty)}/"))
    assert "none No weather station: the project has no ZIP code; set zipcode, or" in text
    assert "No consumption is loaded yet" in text


def test_station_that_runs_have_pinned(amy: Person, database: Database) -> None:
    project = amy.project()
    pinned = ProjectWeather(
        project_id=project, station="722880", kind="TMY3", km=31.25, climate_match=False, method="zipcode 91104"
    )
    with database.session() as session:
        session.add(pinned)
    text = text_of(amy.browser.get(f"projects/{project}/"))
    assert (
        "722880 BURBANK-GLENDALE-PASA ARPT, 31.2 km away. Found by zipcode 91104, in another climate zone; "
        "normal year: TMY3." in text
    )


def test_station_that_the_owner_names(amy: Person, person: MakePerson) -> None:  # noqa: F811
    project = amy.project()
    key = {"name": "weather_station", "display_name": "Station", "data_type": "CHAR"}
    attribute(amy, person("root", admin=True), project, key, "roof")
    text = text_of(amy.browser.get(f"projects/{project}/"))
    assert "roof. What the first run will try, found by weather_station attribute." in text


def test_a_result(amy: Person, database: Database) -> None:
    project = amy.project()
    result = finish(amy.api, database, project, with_savings(DAYS, BILLS))
    text = text_of(amy.browser.get(f"projects/{project}/"))
    for expected in (
        "Saved in the reporting period 200 kWh between 150 and 240 kWh, 90 % confidence 20.0 % of the 1,000 kWh",
        "Saved in a normal year – not known",
        "Electricity consumption supplied trace 7 kWh 200 150 to 240 20.0 % ± 22.5 % 0 -4 to 4 – –",
        "Natural gas consumption supplied trace 8 therms – – – – – –",
        "of which the models' mean bias makes 45.0 %",
        "baseline caltrack daily 0.46 55.0 % 1.0 % 882 days SUCCESS",
        "reporting caltrack daily – 55.0 % ≤ 15.0 % 1.0 % ≤ 5.0 % 549 days SUCCESS",
        "NO MODEL NO DATA",
        "NO MODEL TOO FEW",
        f"Result {result} of",
        "settings: the usual; temperatures of station 725460",
    ):
        assert expected in text
    assert f'data-series="/portal/results/{result}/traces/7/plots/"' in amy.browser.get(f"projects/{project}/").text


def test_a_result_names_what_was_done_to_the_readings(amy: Person, database: Database) -> None:
    project = amy.project()
    baseline, reporting, *others = RESULT.traces
    long = "bills of more than 35 days (CalTRACK 3.5.5.4): 1 (2014-06-01, 36 days)"
    told = baseline, replace(reporting, flags=(*ESTIMATED, long)), *others
    finish(amy.api, database, project, replace(with_savings(DAYS, BILLS), traces=told))
    text = text_of(amy.browser.get(f"projects/{project}/"))
    assert text.count("What was done to the readings, and what is worth a look in them") == 1
    assert f"baseline and reporting: {ESTIMATED[0]} reporting: {long} Natural gas" in text


def test_results_of_earlier_releases_have_neither_models_nor_flags(amy: Person, database: Database) -> None:
    project = amy.project()
    id = finish(amy.api, database, project, with_savings(DAYS, BILLS))
    with database.connection() as connection:
        connection.execute("UPDATE energy_trace_model_results SET model = NULL, flags = NULL")
        connection.commit()
    page = amy.browser.get(f"projects/{project}/")
    assert "baseline daily 0.46 55.0 % 1.0 % 882 days SUCCESS" in text_of(page)
    assert "What was done" not in page.text
    models = amy.api.get(f"project_results/{id}/").json["energy_trace_model_results"]
    assert [(model["model"], model["flags"]) for model in models] == [(None, None)] * 4


def test_savings_that_may_be_none(amy: Person, database: Database) -> None:
    found = with_savings()
    (sum,) = found.savings_aggregations
    unsure = replace(found, savings_aggregations=(replace(sum, metered=replace(sum.metered, lower=201.0)),))
    project = amy.project()
    finish(amy.api, database, project, unsure)
    assert "90 % confidence: too uncertain to tell from none" in text_of(amy.browser.get(f"projects/{project}/"))


def test_results_are_chosen_and_compared(amy: Person, database: Database) -> None:
    project, other = amy.project(), amy.project(project_id="XYZ")
    older = finish(amy.api, database, project, with_savings(), {"model": "daily"})
    newer = finish(amy.api, database, project, RESULT)
    page = text_of(amy.browser.get(f"projects/{project}/"))
    assert f"Result {newer} of" in page
    assert "No savings are known" in page
    assert "model daily 200 150 to 240 – 725460 1.2.7" in page
    assert f"Result {older} of" in text_of(amy.browser.get(f"projects/{project}/?result={older}"))
    for odd in ("", "x", "1.5", str(2**63)):
        assert f"Result {newer} of" in text_of(amy.browser.get(f"projects/{project}/?result={odd}"))
    assert amy.browser.get(f"projects/{other}/?result={older}").status_code == 404
    assert amy.browser.get(f"projects/{project}/?result={2**62}").status_code == 404


def test_result_made_by_hand(amy: Person) -> None:
    project = amy.project()
    amy.api.post("project_results/", {"project": project})
    page = amy.browser.get(f"projects/{project}/")
    assert (page.status_code, "No savings are known" in page.text) == (200, True)


@pytest.mark.parametrize("path", ["", "runs/", "traces/{trace}/", "traces/{trace}/records.csv"])
def test_for_whose_eyes(amy: Person, person: MakePerson, stranger: Browser, path: str) -> None:  # noqa: F811
    project = amy.project()
    url = f"projects/{project}/{path.format(trace=amy.trace(project))}"
    assert amy.browser.get(url).status_code == 200
    assert person("root", admin=True).browser.get(url).status_code == 200
    assert person("bob").browser.get(url).status_code == 404
    assert stranger.get(url).status_code == 303


def test_results_for_whose_eyes(amy: Person, person: MakePerson, database: Database) -> None:  # noqa: F811
    result = finish(amy.api, database, amy.project(), with_savings(DAYS))
    root, bob = person("root", admin=True), person("bob")
    for path in ("plots/", "timeseries.csv"):
        url = f"results/{result}/traces/7/{path}"
        assert [who.browser.get(url).status_code for who in (amy, root, bob)] == [200, 200, 404]
    own = bob.project(project_id="of bob")
    assert bob.browser.get(f"projects/{own}/?result={result}").status_code == 404


def test_names_are_no_markup(amy: Person, database: Database) -> None:
    project = amy.project(**EVIL)
    trace = amy.trace(project, label=SCRIPT)
    finish(amy.api, database, project, with_savings(DAYS), {"timezone": "America/New_York"})
    run = amy.api.post("project_runs/", {"project": project}).json["id"]
    amy.api.post(f"project_runs/{run}/cancel/")
    for path in ("", "runs/", f"traces/{trace}/"):
        page = amy.browser.get(f"projects/{project}/{path}").text
        assert SCRIPT not in page
        assert "<b>" not in page
    assert "&lt;script&gt;" in amy.browser.get(f"projects/{project}/").text


def test_statements_do_not_grow(amy: Person, database: Database, statements_of: CountStatements) -> None:
    project = amy.project()

    def sent() -> int:
        return len(statements_of(lambda: amy.browser.get(f"projects/{project}/")))

    def grow() -> None:
        amy.trace(project)
        finish(amy.api, database, project, with_savings(DAYS, BILLS))

    grow()
    before = sent()
    for _ in range(3):
        grow()
    # user, project, results; savings: models, traces, sums; labels, kinds and models of them; attributes, traces,
    # what is stored of them, station; results and their sums; runs
    assert (before, sent()) == (16, 16)


def test_records_are_those_of_the_api(amy: Person) -> None:
    project = amy.project()
    trace, other = amy.trace(project), amy.trace(project)
    amy.load(trace, ("2013-01-01T00:00:00Z", 5.0), ("2013-01-02T00:00:00Z", None))
    amy.load(other, ("2013-01-01T00:00:00Z", 7.0))
    answer = amy.browser.get(f"projects/{project}/traces/{trace}/records.csv")
    same: Any = amy.api.get(f"consumption_records/?metadata={trace}&format=csv")
    assert answer.text == same.text
    assert len(answer.text.splitlines()) == 3
    assert answer.headers["Content-Disposition"] == 'attachment; filename="consumption_records.csv"'
    elsewhere = amy.project(project_id="XYZ")
    assert amy.browser.get(f"projects/{elsewhere}/traces/{trace}/records.csv").status_code == 404
