"""The sums of the portfolio: of the latest results, with bounds in quadrature, and beside what was predicted."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest
from sqlalchemy import true, update
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.engine import Database, psycopg_connection
from eeds.db.statements import SQL_DIR
from eeds.db.tables import ModelingPeriod, Project, ProjectResult, SavingsMonth, SeriesSet, TraceSavings
from eeds.meter.names import ALL_FUELS
from eeds.meter.spread import Spread, add_spreads, quantile
from eeds.meter.types import Savings, TimeSeries
from eeds.runs.portfolio.members import ELECTRICITY, GAS, Counts, choose, counts
from eeds.runs.portfolio.months import Month, months
from eeds.runs.portfolio.realization import Realization, realization_of_projects
from eeds.runs.portfolio.totals import annual_savings, totals
from eeds.runs.results.time_series import save_time_series
from tests.runs.portfolio_results import (
    FEBRUARY,
    JANUARY,
    add_attributes,
    add_project,
    add_result,
    both_fuels,
    found,
    owner_of,
    savings,
)

THERM = 29.3001
NET = "ELECTRICITY_CONSUMPTION_NET"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """The unit of work of a test, with the user ada."""
    with Session(database.engine) as session:
        create_user(session, "ada")
        yield session


@pytest.fixture
def ada(session: Session) -> int:
    """Her project owner."""
    return owner_of(session, "ada")


def test_nothing_adds_up_to_nothing(session: Session) -> None:
    assert totals(choose(session, true())) == []
    assert counts(choose(session, true())) == Counts(0, 0, 0, 0, [])
    assert months_of(session, ALL_FUELS) == annual_savings(choose(session, true()), ALL_FUELS) == []
    assert realization_of_projects(choose(session, true()), ALL_FUELS) == []


def test_distances_of_earlier_results_add_up_in_quadrature(session: Session, ada: int) -> None:
    add_result(session, add_project(session, ada, "a"), *both_fuels(100, 200, distance=30))
    add_result(session, add_project(session, ada, "b"), *both_fuels(300, -500, distance=40))
    both, electricity, gas = totals(choose(session, true()))
    assert [each.interpretation for each in (both, electricity, gas)] == [ALL_FUELS, ELECTRICITY, GAS]
    assert electricity.metered is not None
    assert (electricity.metered.value, electricity.metered.baseline) == (400, 4000)
    assert (electricity.metered.lower, electricity.metered.upper) == (pytest.approx(50), pytest.approx(50))
    assert (electricity.metered.projects, electricity.metered.n) == (2, 730)
    assert electricity.metered.fraction == 0.1
    assert electricity.normalized is not None
    assert (electricity.normalized.value, electricity.normalized.upper) == (800, pytest.approx(50))
    assert gas.metered is not None
    assert gas.metered.value == -300
    assert both.metered is not None
    assert both.metered.value == 100
    assert both.realized is None


def test_only_the_latest_result_of_a_project_counts(session: Session, ada: int) -> None:
    project = add_project(session, ada, "a")
    for value in (100.0, 300.0, 200.0):
        add_result(session, project, found(ELECTRICITY, savings(value, 1, 1000), None, {JANUARY: value}))
    add_project(session, ada, "without a result")
    (electricity,) = totals(choose(session, true()))
    assert electricity.metered is not None
    assert (electricity.metered.value, electricity.metered.projects) == (200, 1)
    assert electricity.normalized is None
    assert [(one.month, one.projects, one.value) for one in months_of(session, ELECTRICITY)] == [(JANUARY, 1, 200)]
    assert counts(choose(session, true())) == Counts(2, 1, 1, 0, [0.95])


def test_a_project_counts_where_it_was_modelled(session: Session, ada: int) -> None:
    add_result(session, add_project(session, ada, "a"), found(NET, savings(10, 1, 100), savings(20, 1, 100)))
    add_result(session, add_project(session, ada, "b"), found(NET, None, None), confidence_level=0.8)
    add_result(session, add_project(session, ada, "by hand"), confidence_level=None)
    (net,) = totals(choose(session, true()))
    assert net.interpretation == NET
    assert net.metered is not None
    assert (net.metered.projects, net.metered.value) == (1, 10)
    assert annual_savings(choose(session, true()), NET) == [(20, 100)]
    assert counts(choose(session, true())) == Counts(3, 3, 1, 0, [0.8, 0.95])


def test_months_of_all_projects(session: Session, ada: int) -> None:
    add_result(session, add_project(session, ada, "a"), *both_fuels(100, 200))
    add_result(session, add_project(session, ada, "b"), found(GAS, savings(1, 1, 1), None, {FEBRUARY: 7.0}))
    january, february = months_of(session, GAS)
    assert (january.projects, january.value, january.baseline, january.cumulative) == (1, 50, 500, 50)
    assert (february.projects, february.value, february.baseline, february.cumulative) == (2, 107, 1070, 157)
    assert [one.value for one in months_of(session, ALL_FUELS)] == [75, 150]


def test_months_have_bounds_and_so_has_their_sum(session: Session, ada: int) -> None:
    one = found(GAS, savings(1, 1, 1, Spread(0.0, 8.0, 0.0, 20.0)), None, {JANUARY: 1.0, FEBRUARY: 7.0})
    for name in "ab":
        add_result(session, add_project(session, ada, name), one)
    january, february = months_of(session, GAS)
    # each project's months have the variance 4, the sums until then 4 and 8; 40 degrees of freedom together
    scale = quantile(40, 0.975)
    assert (january.lower, january.upper) == pytest.approx((scale * 8**0.5, scale * 8**0.5))
    assert (january.cumulative_lower, february.lower) == pytest.approx((scale * 8**0.5, scale * 8**0.5))
    assert february.cumulative_upper == pytest.approx(scale * 16**0.5)
    # a result that has no bounds of months leaves them unknown
    old = add_result(session, add_project(session, ada, "old"), one)
    session.execute(update(SavingsMonth).where(SavingsMonth.project_result_id == old).values(month_variance=None))
    assert [(each.lower, each.cumulative_upper) for each in months_of(session, GAS)] == [(None, None)] * 2


def test_a_project_that_reports_no_longer_has_saved_what_it_had(session: Session, ada: int) -> None:
    spread = Spread(0.0, 8.0, 0.0, 20.0)
    add_result(session, add_project(session, ada, "a"), found(GAS, savings(1, 1, 1, spread), None, {JANUARY: 1.0}))
    later = found(GAS, savings(1, 1, 1, spread), None, {FEBRUARY: 2.0})
    add_result(session, add_project(session, ada, "b"), later)
    january, february = months_of(session, GAS)
    assert (february.projects, february.cumulative) == (1, 3)
    assert february.cumulative_lower == pytest.approx(quantile(40, 0.975) * 8**0.5)
    assert january.cumulative_lower == january.lower


SHARING = Spread(offset=1.0, variance=16.0, shared=2.0, freedom=50.0)


def test_what_buildings_of_one_station_share_adds_up_linearly(session: Session, ada: int) -> None:
    stations = ["a", "a", "b"]
    for number, station in enumerate(stations):
        saved = found(GAS, savings(100, 9, 1000, SHARING), savings(50, 9, 1000, SHARING.minus(SHARING)))
        add_result(session, add_project(session, ada, str(number)), saved, station=station)
    (gas,) = totals(choose(session, true()), 0.9)
    expected = add_spreads((station, SHARING) for station in stations)
    assert expected.shared == pytest.approx(20**0.5)
    assert gas.metered is not None
    assert (gas.metered.lower, gas.metered.upper) == pytest.approx(expected.distances(0.9))
    assert gas.normalized is not None
    assert gas.normalized.lower == pytest.approx(gas.normalized.upper)


@pytest.mark.parametrize("kind", ["metered", "normalized"])
def test_a_portfolio_of_one_is_as_sure_as_the_one(session: Session, ada: int, kind: str) -> None:
    rng = np.random.default_rng(1)
    first, second = (
        Spread(off, float(row @ row), 2.0, 30.0, tuple(row))
        for off, row in zip((1, 5), rng.normal(size=(2, 12)), strict=True)
    )
    spread = first if kind == "metered" else first.minus(second)
    lower, upper = spread.distances(0.95)
    saved = Savings(100.0, upper, lower, 365, 1000.0, spread)
    one = found(GAS, saved) if kind == "metered" else found(GAS, None, saved)
    add_result(session, add_project(session, ada, "a"), one)
    (gas,) = totals(choose(session, true()))
    total = getattr(gas, kind)
    assert (total.value, total.lower, total.upper) == pytest.approx((100, lower, upper))


def test_shocks_that_many_had_in_common_do_not_cancel(session: Session, ada: int) -> None:
    common = tuple(np.random.default_rng(2).normal(size=12))
    spread = Spread(0.0, sum(cosine**2 for cosine in common), 0.0, 12.0, common)
    for number in range(9):
        add_result(session, add_project(session, ada, str(number)), found(GAS, savings(1, 1, 1, spread)))
    (gas,) = totals(choose(session, true()))
    assert gas.metered is not None
    assert gas.metered.lower == pytest.approx(9 * spread.distances(0.95)[0])


def test_savings_beside_predictions(session: Session, ada: int) -> None:
    """Only where there are both, fuel by fuel, and therms in kWh."""
    complete, electric, unpredicted, unmodelled = (add_project(session, ada, name) for name in "abcd")
    for project, electricity in ((complete, 100), (electric, 200), (unpredicted, 400)):
        add_result(session, project, *both_fuels(electricity, 1000))
    add_result(session, unmodelled, found(ELECTRICITY, savings(1, 1, 1)))
    add_attributes(session, complete, predicted_electricity_savings=400.0, predicted_natural_gas_savings=100.0)
    add_attributes(session, electric, predicted_electricity_savings=200.0)
    add_attributes(session, unmodelled, predicted_electricity_savings=9999.0)
    add_attributes(session, electric, predicted_water_savings=9999.0)

    both, electricity, gas = (total.realized for total in totals(choose(session, true())))
    assert electricity == Realization(2, 600, 600, pytest.approx(30 * 2**0.5), pytest.approx(30 * 2**0.5))
    assert electricity.rate == 1
    assert gas == Realization(1, pytest.approx(100 * THERM), 2000, pytest.approx(30), pytest.approx(30))
    assert gas.rate == pytest.approx(2000 / 2930.01)
    assert both == Realization(
        2, pytest.approx(600 + 100 * THERM), 2600, pytest.approx(30 * 3**0.5), pytest.approx(30 * 3**0.5)
    )
    of_both = realization_of_projects(choose(session, true()), ALL_FUELS)
    assert [(name, one.value, one.predicted) for name, one in of_both] == [
        ("a", 2200, pytest.approx(400 + 100 * THERM)),
        ("b", 400, 200),
    ]
    assert [(name, one.rate) for name, one in realization_of_projects(choose(session, true()), ELECTRICITY)] == [
        ("a", 0.5),
        ("b", 2),
    ]
    assert realization_of_projects(choose(session, true()), NET) == []


def test_predictions_of_any_number_type(session: Session, ada: int) -> None:
    whole, zero = add_project(session, ada, "whole"), add_project(session, ada, "zero")
    for project, value in ((whole, 100), (zero, 0)):
        add_result(session, project, *both_fuels(50, 50))
        add_attributes(session, project, "INTEGER", predicted_electricity_savings=value)
    add_attributes(session, whole, predicted_natural_gas_savings=float("nan"))
    rates = [(name, one.rate) for name, one in realization_of_projects(choose(session, true()), ALL_FUELS)]
    assert rates == [("whole", 1.0), ("zero", None)]


def test_others_have_no_part_in_it(session: Session, ada: int) -> None:
    create_user(session, "bob")
    bob = owner_of(session, "bob")
    for owner, value in ((ada, 100.0), (bob, 5000.0)):
        project = add_project(session, owner, f"of {owner}")
        add_result(session, project, *both_fuels(value, value))
        add_attributes(session, project, predicted_electricity_savings=1.0)
    of_ada = visible(Principal(0, ada, is_admin=False, scopes=frozenset(), token_id=None), Project)
    assert counts(choose(session, of_ada)).projects == 1
    assert [total.metered.value for total in totals(choose(session, of_ada)) if total.metered] == [200, 100, 100]
    assert [total.realized.value for total in totals(choose(session, of_ada)) if total.realized] == [200, 200]
    assert [month.value for month in months(choose(session, of_ada), [GAS])[GAS]] == [25, 50]
    assert annual_savings(choose(session, of_ada), GAS) == [(200, 2000)]
    assert [name for name, _ in realization_of_projects(choose(session, of_ada), ALL_FUELS)] == [f"of {ada}"]


# Results of earlier releases -----------------------------------------------------------------------------------------


# The table as that migration finds it, in the place of today's.
EARLIER_TIME_SERIES = """
    CREATE TEMPORARY TABLE time_series ON COMMIT DROP AS
    SELECT
        project_result_id,
        energy_trace_id,
        array_agg(start ORDER BY start) AS start,
        array_agg(day ORDER BY start) AS day,
        array_agg(observed ORDER BY start) AS observed,
        array_agg(baseline ORDER BY start) AS baseline
    FROM time_series_rows
    GROUP BY project_result_id, energy_trace_id
"""


def test_months_of_earlier_results_come_from_their_series(session: Session, ada: int) -> None:
    """Of the rows of the reporting period with a reading and a prediction, in kWh, and of all fuels together."""
    times = ["2014-01-30T08", "2014-01-31T08", "2014-02-01T08", "2014-02-02T08"]
    measured = {
        7: ("ELECTRICITY", "KWH", [1.0, 2.0, float("nan"), 4.0]),
        8: ("NATURAL_GAS", "THM", [1.0, 1.0, 1.0, 1.0]),
    }
    project = add_project(session, ada, "old")
    id = add_result(session, project)
    series_set = SeriesSet(project_id=project.id)
    session.add(series_set)
    session.flush()
    session.get_one(ProjectResult, id).series_set_id = series_set.id
    starts = np.array(times, dtype="datetime64[s]")
    for trace, (kind, unit, observed) in measured.items():
        values = np.array(observed)
        series = TimeSeries(trace, "daily", starts, *(values * factor for factor in (1, 1, 3, 1, 1, 1)))
        save_time_series(session, series_set.id, [series], "America/Los_Angeles")
        saved = {"energy_trace_id": trace, "trace_interpretation": f"{kind}_CONSUMPTION_SUPPLIED", "unit": unit}
        session.add(TraceSavings(project_result_id=id, metered_value=1.0, **saved))
    begin = datetime(2014, 1, 31, 8, tzinfo=UTC)
    session.add(ModelingPeriod(project_result_id=id, interpretation="BASELINE", end_date=begin))
    session.add(ModelingPeriod(project_result_id=id, interpretation="REPORTING"))
    session.flush()
    connection = psycopg_connection(session)
    connection.execute("DROP TABLE savings_months CASCADE")
    connection.execute(EARLIER_TIME_SERIES)
    connection.execute((SQL_DIR / "migrations" / "0008_savings_months.sql").read_bytes())
    found = connection.execute("SELECT * FROM savings_months ORDER BY trace_interpretation, month").fetchall()
    session.rollback()
    january, february, therms = date(2014, 1, 1), date(2014, 2, 1), 2 * THERM
    assert [row[1:] for row in found] == [
        (ALL_FUELS, january, pytest.approx(4 + therms), 2, pytest.approx(6 + 1.5 * therms)),
        (ALL_FUELS, february, pytest.approx(8 + 2 * therms), 3, pytest.approx(12 + 3 * therms)),
        (ELECTRICITY, january, 4, 1, 6),
        (ELECTRICITY, february, 8, 1, 12),
        (GAS, january, pytest.approx(therms), 1, pytest.approx(1.5 * therms)),
        (GAS, february, pytest.approx(2 * therms), 2, pytest.approx(3 * therms)),
    ]


def months_of(session: Session, fuel: str) -> Sequence[Month]:
    """The months of all projects."""
    return months(choose(session, true()), [fuel])[fuel]
