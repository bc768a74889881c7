"""Sufficiency: our verdict is the library's, measured exactly, and says what to do."""

import numpy as np
import pytest
from opendsm import eemeter

from eeds.meter.models import daily_limits, frame
from eeds.meter.series import Series
from eeds.meter.sufficiency import obstacle, of_baseline, status


def year(days: int = 365) -> Series:
    rng = np.random.default_rng(5)
    dates = np.arange(np.datetime64("2013-01-01"), np.datetime64("2013-01-01") + days)
    temperature = 55 - 25 * np.cos(np.arange(days) * 2 * np.pi / 365) + rng.normal(0, 5, days)
    return Series(dates, 20 + np.abs(60 - temperature), temperature)


def without(series: Series, column: str, days: slice) -> Series:
    getattr(series, column)[days] = np.nan
    return series


def negative(series: Series) -> Series:
    series.energy[:3] = -1
    return series


CASES = [
    pytest.param(year(), "E_C_S", [], [], id="whole"),
    pytest.param(
        year(300),
        "E_C_S",
        ["days from the first to the last with a reading and a temperature (measured 300, required at least 329)"],
        ["incorrect_number_of_total_days"],
        id="short",
    ),
    pytest.param(
        without(year(), "energy", slice(100, 150)),
        "E_C_S",
        [
            "days with a reading (measured 86.3%, 315 of 365, required at least 90%)",
            "days with both (measured 86.3%, 315 of 365, required at least 90%)",
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
        ["days with a negative value (measured 3, required none)"],
        ["negative_observed_values"],
        id="negative gas",
    ),
    pytest.param(negative(year()), "E_C_N", [], [], id="negative net"),
]


@pytest.mark.parametrize(("series", "interpretation", "expected", "library"), CASES)
def test_our_verdict_is_the_librarys(
    series: Series, interpretation: str, expected: list[str], library: list[str]
) -> None:
    failed = [str(each) for each in of_baseline(series, interpretation, daily_limits()) if not each.passed]
    assert failed == expected
    data = eemeter.DailyBaselineData(
        frame(series.dates, temperature=series.temperature, observed=series.energy),
        is_electricity_data=interpretation.startswith("E_C_"),
    )
    assert [finding.qualified_name.rpartition(".")[2] for finding in data.disqualification] == library


def test_the_last_day_counts() -> None:
    # 329 of 365 days are 90.1 %; the library counts 328 and refuses
    series = without(year(), "energy", slice(100, 136))
    assert all(each.passed for each in of_baseline(series, "E_C_S", daily_limits()))


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
            Series(year().dates, 1 + 1e-13 * year().temperature, year().temperature),
            "different values of days (measured 1, required more than 3)",
        ),
        (
            STARTS,
            np.ones(365),
            Series(year().dates, year().energy, np.full(365, 60.0)),
            "different temperatures of days (measured 1, required more than 3)",
        ),
    ],
)
def test_the_first_obstacle_is_named(starts: np.ndarray, values: np.ndarray, series: Series, expected: str) -> None:
    found = obstacle(starts, np.asarray(values, dtype=float), series)
    assert [str(each) for each in found] == [expected]


def test_daily_readings_of_a_year_are_no_obstacle() -> None:
    assert obstacle(STARTS, year().energy, year()) == []


def test_a_status_says_what_to_do_once_each() -> None:
    found = of_baseline(without(year(300), "energy", slice(9, 90)), "E_C_S", daily_limits())
    text = status([each for each in found if not each.passed], ignorable=True)
    assert text.startswith("INSUFFICIENT DATA: days from the first to the last with a reading and a temperature")
    assert text.count("Load the missing readings, or move the period.") == 1
    assert text.endswith("Or set ignore_disqualification to have a model all the same.")
