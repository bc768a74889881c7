"""The plots of a project: what is drawn is what the API tells."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.db.engine import Database
from eeds.meter.types import MeterResult, TimeSeries
from eeds.portal.plots import Plotted, plots
from eeds.runs.results.plot_rows import PlotRow
from eeds.runs.results.retention import drop_series
from tests.api.test_project_results import finish
from tests.api.test_result_parts import DAYS, IN_CALIFORNIA, NAN, series, with_savings
from tests.portal.projects import MakePerson, Person, person  # noqa: F401 - fixture

DAY = 24 * 3600
NINTH, TENTH, ELEVENTH = (int(datetime(2013, 3, day, tzinfo=UTC).timestamp()) for day in (9, 10, 11))
IN_CALIFORNIA_PERIODS = {
    "baseline_period_end": "2013-03-10T08:00:00Z",
    "reporting_period_start": "2013-03-10T08:00:00Z",
    "reporting_period_end": "2013-03-12T07:00:00Z",
}


@pytest.fixture
def amy(person: MakePerson) -> Person:  # noqa: F811
    return person("amy")


def in_california(*stored: TimeSeries) -> MeterResult:
    """A result as a run finds it there, whose provenance has the settings with their defaults."""
    settings = {"confidence_level": 0.9, **IN_CALIFORNIA}
    return replace(with_savings(*stored), provenance={"settings": settings})


def drawn(amy: Person, result: int) -> Any:
    answer = amy.browser.get(f"results/{result}/traces/7/plots/")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


def values_of(plot: Any) -> dict[str, Any]:
    return {each["label"]: each["values"] for each in plot["series"]}


def test_days(amy: Person, database: Database) -> None:
    project = amy.project(**IN_CALIFORNIA_PERIODS)
    result = finish(amy.api, database, project, in_california(DAYS), IN_CALIFORNIA)
    found = drawn(amy, result)

    use = found["use"]
    assert use["x"] == [NINTH, TENTH, ELEVENTH]
    assert use["y_label"] == "kWh a day"
    assert values_of(use) == {
        "Without the retrofit": [3.0, None, 0.6],
        "Used": [1.5, None, 0.3],
        "Model of the reporting period": [-1.5, None, -0.3],
        "Band from": [2.0, None, -0.4],
        "to": [4.0, None, 1.6],
    }
    assert use["bands"] == [{"upper": 4, "lower": 3, "colour": "counterfactual"}]
    assert [(span["label"], span["from"], span["to"]) for span in use["spans"]] == [
        ("Baseline", NINTH, TENTH),
        ("Reporting period", TENTH, ELEVENTH + DAY - 3600),  # the last day is taken to be as long as the one before
    ]

    assert found["savings"]["x"] == [TENTH, ELEVENTH]
    assert values_of(found["savings"]) == {"Saved so far": [None, 0.3], **NO_BOUNDS}

    assert found["temperature"]["x"] == [50.3, 51.5]
    assert values_of(found["temperature"]) == {
        "Used in the baseline": [None, 1.5],
        "Used in the reporting period": [0.3, None],
        "Model of the baseline": [None, 3.0],
    }


def test_hours_are_summed_to_local_days(amy: Person, database: Database) -> None:
    starts = ["2013-03-10T06", "2013-03-10T07", "2013-03-10T08", "2013-03-10T09", "2013-03-11T07"]
    hours = series(7, starts, [1.0, 2.0, 4.0, NAN, 8.0], "hourly")
    project = amy.project(**IN_CALIFORNIA_PERIODS)
    found = drawn(amy, finish(amy.api, database, project, in_california(hours), IN_CALIFORNIA))
    assert found["use"]["x"] == [NINTH + 22 * 3600, TENTH, ELEVENTH]
    assert values_of(found["use"]) == {
        "Without the retrofit": [6.0, None, 16.0],
        "Used": [3.0, None, 8.0],
        "Model of the reporting period": [-3.0, None, -8.0],
    }
    assert found["use"]["bands"] == []
    # of the day with an hour missing, what the others saved
    assert values_of(found["savings"]) == {"Saved so far": [4.0, 12.0], **NO_BOUNDS}
    assert found["temperature"]["x"] == [51.5, 54.0, 58.0]


def test_bills(amy: Person, database: Database) -> None:
    bills = series(7, ["2013-01-10T00", "2013-02-10T00", "2013-03-12T00"], [30.0, 20.0, 10.0], "billing")
    found = drawn(amy, finish(amy.api, database, amy.project(), with_savings(bills)))
    assert found["use"]["y_label"] == "kWh a bill"
    assert found["use"]["spans"][1]["to"] - found["use"]["x"][-1] == 30 * DAY


def test_the_file_behind_a_plot_is_that_of_the_api(amy: Person, database: Database) -> None:
    other = series(8, DAYS.start, [9.0, 9.0, 9.0])
    result = finish(amy.api, database, amy.project(), with_savings(DAYS, other))
    answer = amy.browser.get(f"results/{result}/traces/7/timeseries.csv")
    assert answer.mimetype == "text/csv"
    # the API knows no trace 7 of this owner's, for it was never made: its rows are those of the whole
    whole = amy.api.get(f"project_results/{result}/timeseries/?format=csv").text.splitlines()
    assert answer.text.splitlines() == [line for line in whole if not line.startswith("8,")]
    assert len(answer.text.splitlines()) == 4


def test_series_that_are_not_kept(amy: Person, database: Database) -> None:
    """The page says so, and names the models as before."""
    project = amy.project()
    bills = series(7, ["2013-01-10T00", "2013-02-10T00"], [30.0, 20.0], "billing")
    old, new = (finish(amy.api, database, project, with_savings(bills)) for _ in range(2))
    before = amy.browser.get(f"projects/{project}/?result={old}").text
    with database.connection() as connection:
        assert drop_series(connection, timedelta(0)) == 1
    for path in (f"results/{old}/traces/7/plots/", f"results/{old}/traces/7/timeseries.csv"):
        answer = amy.browser.get(path)
        assert (answer.status_code, "time series of this result were deleted" in answer.text) == (410, True)
    page = amy.browser.get(f"projects/{project}/?result={old}").text
    assert "The time series of this result were deleted on " in page
    assert "plots-7" in before
    assert "plots-7" not in page
    assert "plots-7" in amy.browser.get(f"projects/{project}/?result={new}").text


def test_what_has_no_plots(amy: Person, database: Database) -> None:
    result = finish(amy.api, database, amy.project(), with_savings(DAYS))
    for path in (f"results/{result}/traces/8/", f"results/{result + 1}/traces/7/", f"results/{2**63}/traces/7/"):
        assert amy.browser.get(f"{path}plots/").status_code == 404


numbers = st.none() | st.floats(-1e6, 1e6)
times = st.integers(0, 1000).map(lambda day: day * DAY)


NO_BOUNDS = {"between": [None, None], "and": [None, None]}  # of rows of months that the result has no savings of


def row(start: int, observed: float | None, baseline: float | None, temperature: float | None) -> PlotRow:
    saved = None if observed is None or baseline is None else baseline - observed
    return PlotRow(start, start, observed, temperature, baseline, None, None, None, saved)


@given(
    st.lists(st.tuples(times, numbers, numbers, numbers), unique_by=lambda each: each[0]),
    st.none() | times.map(lambda start: datetime.fromtimestamp(start, UTC)),
    st.none() | times.map(lambda start: datetime.fromtimestamp(start, UTC)),
)
def test_whatever_the_rows(rows: Any, start: datetime | None, end: datetime | None) -> None:
    ordered = [row(*values) for values in sorted(rows)]
    found = plots(ordered, Plotted("KWH", "daily", "UTC", 0.95, None, start, end, {}))
    for plot in found.values():
        assert plot["x"] == sorted(plot["x"])
        assert all(len(each["values"]) == len(plot["x"]) for each in plot["series"])
    saved = [
        each.saved
        for each in ordered
        if each.saved is not None
        and start is not None
        and start.timestamp() <= each.start < (end.timestamp() if end else np.inf)
    ]
    shown = [value for value in found["savings"]["series"][0]["values"] if value is not None]
    assert len(shown) == len(saved)
    if saved:
        assert shown[-1] == pytest.approx(sum(saved), rel=1e-5, abs=1e-6)


def test_savings_so_far_have_bounds_at_the_end_of_each_month() -> None:
    begin = datetime(2014, 1, 1, tzinfo=UTC)
    ordered = [row(int(begin.timestamp()) + day * 86400, 1.0, 3.0, 50.0) for day in range(60)]
    distances = {date(2014, 1, 1): (10.0, 20.0), date(2014, 3, 1): (15.0, 25.0)}
    about = Plotted("KWH", "daily", "UTC", 0.95, None, begin, None, distances)
    saved = plots(ordered, about)["savings"]
    _, lower, upper = (each["values"] for each in saved["series"])
    assert saved["bands"] == [{"upper": 2, "lower": 1, "colour": "good"}]
    assert {day: bounds for day, bounds in enumerate(zip(lower, upper, strict=True)) if bounds != (None, None)} == {
        30: (52, 82),  # 62 by the end of January
        59: (105, 145),
    }
