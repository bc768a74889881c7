"""The page of a trace: whether its data are enough, and where they are not good."""

from datetime import UTC, datetime, timedelta

import pytest

from eeds.portal.trace import Cell, years
from eeds.records.quality import Month
from tests.portal.conftest import text_of
from tests.portal.projects import MakePerson, Person, person  # noqa: F401 - fixture

FIRST = datetime(2013, 1, 1, tzinfo=UTC)


@pytest.fixture
def amy(person: MakePerson) -> Person:  # noqa: F811
    return person("amy")


def daily(numbers: dict[int, float | None], n: int) -> list[tuple[str, float | None]]:
    """Readings of ten, day after day, but for some of them."""
    return [((FIRST + timedelta(days=day)).isoformat(), numbers.get(day, 10.0)) for day in range(n)]


def test_story(amy: Person) -> None:
    project = amy.project()
    trace = amy.trace(project)
    readings = daily({0: 0.0, 1: -1.0, 40: None}, 69)
    amy.load(trace, *readings[:28], *readings[31:])
    # two more of February, on the hour that no other is
    amy.load(trace, ("2013-02-20T12:00:00Z", 3.0), ("2013-02-21T12:00:00Z", 3.0), estimated=True)
    page = text_of(amy.browser.get(f"projects/{project}/traces/{trace}/"))
    assert "Electricity consumption supplied, main" in page
    assert "2013 28 3 days without 1 zero 1 negative 30 1 day without 2 estimated 9" in page
    assert "Baseline period:" in page
    assert "What a run would say with the daily model (settings: the usual)." in page
    assert "Days begin and end at midnight in" in page
    assert "not met" in page


def test_nothing_to_judge(amy: Person) -> None:
    project = amy.project(baseline_period_end=None)
    trace = amy.trace(project)
    page = amy.browser.get(f"projects/{project}/traces/{trace}/")
    assert page.status_code == 200
    assert "Project ABC has no baseline_period_end; set it." in text_of(page)
    assert "No readings are loaded." in text_of(page)


def test_settings_are_those_of_the_newest_run(amy: Person) -> None:
    project = amy.project()
    trace = amy.trace(project)
    amy.load(trace, *daily({}, 3))
    for model in ("daily", "hourly"):
        amy.api.post("project_runs/", {"project": project, "meter_settings": {"model": model}})
    page = text_of(amy.browser.get(f"projects/{project}/traces/{trace}/"))
    assert "with the hourly model (settings: model hourly)" in page


def test_trace_of_another_project(amy: Person) -> None:
    trace = amy.trace(amy.project())
    other = amy.project(project_id="XYZ")
    assert amy.browser.get(f"projects/{other}/traces/{trace}/").status_code == 404


def month(number: int, **changed: int) -> Month:
    full = {"records": 30, "missing": 0, "estimated": 0, "zero": 0, "negative": 0, "days": 30, "of_days": 30}
    return Month(year=2013, month=number, **{**full, **changed})


def test_grades() -> None:
    found = years([month(1), month(2, estimated=1), month(3, days=27), month(4, days=26, missing=4)])
    assert found == {
        2013: {
            1: Cell("pass", 30, []),
            2: Cell("warn", 30, ["1 estimated"]),
            3: Cell("warn", 30, ["3 days without"]),
            4: Cell("fail", 30, ["4 days without"]),
        }
    }


def test_bills_are_not_missed_day_by_day() -> None:
    bill = {"records": 1, "days": 1}
    found = years([month(1, **bill), month(2, records=0, days=0), month(3, records=1, days=0, missing=1)])
    assert found == {2013: {1: Cell("pass", 1, []), 2: Cell("pass", 0, []), 3: Cell("fail", 1, ["1 missing"])}}
