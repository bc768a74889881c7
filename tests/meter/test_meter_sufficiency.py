"""Sufficiency: our verdict is the library's, measured exactly, and says what to do."""

from dataclasses import replace

import numpy as np
import pytest
from meter_buildings import ELECTRICITY, WEATHER, bills_trace, daily_trace, hourly_trace, periods, trace
from opendsm import eemeter

from eeds.meter.criteria import Criterion
from eeds.meter.limits import all_limits, limits_of
from eeds.meter.models.library import frame
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings
from eeds.meter.sufficiency import baseline_criteria, obstacles, status_of, sufficiency_report
from eeds.meter.types import BASELINE, REPORTING, Trace
from eeds.meter.views import Given, Target, View
from tools.build_limits import library_limits


def year(days: int = 365) -> Series:
    rng = np.random.default_rng(5)
    dates = np.arange(np.datetime64("2013-01-01"), np.datetime64("2013-01-01") + days)
    temperature = 55 - 25 * np.cos(np.arange(days) * 2 * np.pi / 365) + rng.normal(0, 5, days)
    return Series(dates.astype("datetime64[s]"), dates, 20 + np.abs(60 - temperature), temperature)


def without(series: Series, column: str, days: slice) -> Series:
    getattr(series, column)[days] = np.nan
    return series


def negative(series: Series) -> Series:
    series.energy[:3] = -1
    return series


def fails(criterion: Criterion) -> bool:
    return criterion.disqualifies and not criterion.passed


CASES = [
    pytest.param(year(), "E_C_S", [], [], id="whole"),
    pytest.param(
        year(300),
        "E_C_S",
        [
            "days from the first to the last with a reading and a temperature "
            "(measured 300, required at least 329, CalTRACK 2.2.1.1)"
        ],
        ["incorrect_number_of_total_days"],
        id="short",
    ),
    pytest.param(
        without(year(), "energy", slice(100, 150)),
        "E_C_S",
        [
            "days with a reading (measured 86.3%, 315 of 365, required at least 90%, CalTRACK 2.2.1.2)",
            "days with both (measured 86.3%, 315 of 365, required at least 90%, CalTRACK 2.2.1.2)",
        ],
        ["too_many_days_with_missing_observed_data", "too_many_days_with_missing_joint_data"],
        id="readings missing",
    ),
    pytest.param(
        without(year(), "temperature", slice(181, 191)),
        "E_C_S",
        ["days with a temperature in the month that has fewest (measured 67.7%, required at least 90%)"],
        ["missing_monthly_temperature_data"],
        id="month without temperatures",
    ),
    pytest.param(
        negative(year()),
        "NG_C_S",
        ["days with a negative value (measured 3, required none, CalTRACK 2.3.5)"],
        ["negative_observed_values"],
        id="negative gas",
    ),
    pytest.param(negative(year()), "E_C_N", [], [], id="negative net"),
]


@pytest.mark.parametrize(("series", "interpretation", "expected", "library"), CASES)
def test_our_verdict_is_the_librarys(
    series: Series, interpretation: str, expected: list[str], library: list[str]
) -> None:
    failed = [str(each) for each in baseline_criteria(series, interpretation, limits_of("daily")) if fails(each)]
    assert failed == expected
    data = eemeter.DailyBaselineData(
        frame(series.dates, temperature=series.temperature, observed=series.energy),
        is_electricity_data=interpretation.startswith("E_C_"),
    )
    assert [finding.qualified_name.rpartition(".")[2] for finding in data.disqualification] == library


def test_the_last_day_counts() -> None:
    # 329 of 365 days are 90.1 %; the library counts 328 and refuses
    series = without(year(), "energy", slice(100, 136))
    assert not any(fails(each) for each in baseline_criteria(series, "E_C_S", limits_of("daily")))


def seen(starts: np.ndarray, values: np.ndarray, series: Series) -> tuple[View, Target]:
    """Readings and the days that they were summed to, all of them to be fitted."""
    marker = starts[-1:] + np.timedelta64(1, "D") if starts.size else starts
    start = np.append(starts, marker)
    made = Trace(1, "E_C_S", "KWH", start, np.append(values, [np.nan] * marker.size), np.zeros(len(start), bool))
    all_of_them, none = np.ones(len(series.dates), bool), np.zeros(len(series.dates), bool)
    view = View(
        made,
        series,
        row=np.arange(len(series.dates)),
        marks=np.zeros(len(series.dates), dtype=int),
        cell_of_reading=np.searchsorted(series.dates, starts.astype("datetime64[D]")),
        targets={},
        reporting=none,
        compared=none,
        given=Given(made, WEATHER, periods(), MeterSettings()),
    )
    return view, Target("daily", all_of_them)


STARTS = np.arange(np.datetime64("2013-01-01"), np.datetime64("2014-01-01")).astype("datetime64[s]")


@pytest.mark.parametrize(
    ("starts", "values", "series", "expected"),
    [
        (STARTS[:0], [], year(0), "readings in the period (measured 0, required at least 1)"),
        (
            STARTS,
            np.full(365, np.nan),
            year(),
            "readings that are not missing (measured 0 of 365, required at least 1)",
        ),
        (STARTS, np.zeros(365), year(), "readings that are not zero (measured 0 of 365, required at least 1)"),
        (
            STARTS[::30],
            np.ones(13),
            year(),
            "median spacing of the readings (measured 30 days, required at most 1 day)",
        ),
        (
            STARTS,
            np.ones(365),
            without(year(), "temperature", slice(29, None)),
            "days with a reading and a temperature (measured 29, with 365 that have a reading, required at least 30)",
        ),
        (
            STARTS,
            np.ones(365),
            without(year(), "energy", slice(0, None, 2)),
            "median of days from one with a reading to the next (measured 2, required 1)",
        ),
        (
            STARTS,
            np.ones(365),
            replace(year(), energy=1 + 1e-13 * year().temperature),
            "different values of days (measured 1, required more than 3)",
        ),
        (
            STARTS,
            np.ones(365),
            replace(year(), temperature=np.full(365, 60.0)),
            "different temperatures of days (measured 1, required more than 3)",
        ),
    ],
)
def test_the_first_obstacle_is_named(starts: np.ndarray, values: np.ndarray, series: Series, expected: str) -> None:
    found = obstacles(*seen(starts, np.asarray(values, dtype=float), series))
    assert [str(each) for each in found if not each.passed] == [expected]
    assert str(found[-1]) == expected  # what comes after it would say nothing


def test_daily_readings_of_a_year_are_no_obstacle() -> None:
    assert all(each.passed for each in obstacles(*seen(STARTS, year().energy, year())))


def test_a_status_says_what_to_do_once_each() -> None:
    found = baseline_criteria(without(year(300), "energy", slice(9, 90)), "E_C_S", limits_of("daily"))
    text = status_of([each for each in found if not each.passed], ignorable=True)
    assert text.startswith("INSUFFICIENT DATA: days from the first to the last with a reading and a temperature")
    assert text.count("Load the missing readings, or move the period.") == 1
    assert text.endswith("Or set ignore_disqualification to have a model all the same.")


# Limits and the report ----------------------------------------------------------------------------------------------


def test_the_limits_in_the_file_are_those_of_the_library() -> None:
    assert all_limits() == library_limits()


def test_a_report_names_every_criterion_with_its_clause() -> None:
    settings = MeterSettings(timezone="Africa/Abidjan")  # whose days are UTC's
    found = sufficiency_report(daily_trace(ELECTRICITY.measured()), WEATHER, periods(), settings)
    assert found.model == "daily"
    assert list(found.periods) == [BASELINE, REPORTING]
    for criteria in found.periods.values():
        assert all(each.passed for each in criteria)
        assert len(criteria) == 22
        assert {each.clause for each in criteria} == {
            "eeds",
            "eemeter",
            "CalTRACK 2.2.1.1",
            "CalTRACK 2.2.1.2",
            "CalTRACK 2.2.1.4",
            "CalTRACK 2.2.2.2",
            "CalTRACK 2.2.4.1",
            "CalTRACK 2.2.6, 3.5.6",
            "CalTRACK 2.3.6",
            "CalTRACK 3.3.3.5",
        }
        assert all(each.measured and each.required and each.advice for each in criteria)


@pytest.mark.parametrize(("model", "extra"), [("billing", "bills that cover too few"), ("hourly", "hours in a row")])
def test_models_have_criteria_of_their_own(model: str, extra: str) -> None:
    readings = bills_trace() if model == "billing" else hourly_trace("E_C_N", 1)
    found = sufficiency_report(readings, WEATHER, periods(), MeterSettings(model=model))
    assert found.model == model
    assert any(each.name.startswith(extra) and each.passed for each in found.periods[BASELINE])


def test_hours_by_caltrack_are_held_to_what_hours_are_held_to() -> None:
    whole = hourly_trace("E_C_S", 1)
    nights = replace(whole, value=np.where(np.arange(len(whole.value)) % 24 < 4, np.nan, whole.value))
    short = replace(whole, start=whole.start[1500:], value=whole.value[1500:], estimated=whole.estimated[1500:])
    for made, lacking in ((whole, 0), (nights, 3), (short, 1), (daily_trace(ELECTRICITY.measured()), 1)):
        hours, caltracks = (
            sufficiency_report(made, WEATHER, periods(), MeterSettings(model=model))
            for model in ("hourly", "caltrack_hourly")
        )
        assert (hours.model, caltracks.model) == ("hourly", "caltrack hourly")
        assert caltracks.periods == hours.periods
        assert sum(map(fails, caltracks.periods[BASELINE])) == lacking


def test_an_extreme_value_is_told_of_and_does_not_disqualify() -> None:
    values = ELECTRICITY.measured()
    values[30] = 500
    found = sufficiency_report(daily_trace(values), WEATHER, periods(), MeterSettings(timezone="Africa/Abidjan"))
    (extreme,) = [each for each in found.periods[BASELINE] if not each.passed]
    assert (extreme.measured, extreme.disqualifies, extreme.clause) == ("1", False, "CalTRACK 2.3.6")


def test_a_trace_of_one_record_has_one_criterion() -> None:
    found = sufficiency_report(trace([], np.empty(0)), WEATHER, periods(), MeterSettings())
    assert [[each.measured for each in criteria] for criteria in found.periods.values()] == [["0"], ["0"]]
