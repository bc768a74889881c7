"""The made-up building: the same from the same seed, and its truth is what its readings say but for noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.server.demo import project
from eeds.server.demo.building import (
    DES_MOINES,
    Building,
    Response,
    autocorrelated,
    daily,
    hours_of,
    normal_year,
    temperatures,
)

HOURS = hours_of(2011, 2014)
DAYS, MEANS = daily(HOURS, temperatures(DES_MOINES, HOURS, seed=1))
QUIET = Building(
    before=Response(base=20.0, heating=1.0, cooling=2.0, weekend=5.0),
    after=Response(base=18.0, heating=0.5, cooling=1.0, weekend=5.0),
    retrofitted=np.datetime64("2013-06-01"),
    noise=0.0,
    noise_correlation=0.0,
)


def test_hours_are_whole_years_of_utc() -> None:
    assert (str(HOURS[0]), str(HOURS[-1])) == ("2011-01-01T00", "2014-12-31T23")
    assert len(HOURS) == (3 * 365 + 366) * 24


def test_the_same_seed_makes_the_same_weather_and_readings() -> None:
    assert np.array_equal(temperatures(DES_MOINES, HOURS, seed=1), temperatures(DES_MOINES, HOURS, seed=1))
    assert not np.array_equal(temperatures(DES_MOINES, HOURS, seed=1), temperatures(DES_MOINES, HOURS, seed=2))
    assert list(project.readings()) == list(project.readings())


def test_the_climate_is_that_of_des_moines() -> None:
    month = DAYS.astype("datetime64[M]").astype(int) % 12 + 1
    # the normals of 1991-2020 are 22.3 and 76.4 degF
    assert MEANS[month == 1].mean() == pytest.approx(22.3, abs=5)
    assert MEANS[month == 7].mean() == pytest.approx(76.4, abs=5)
    hourly = temperatures(DES_MOINES, HOURS, seed=1).reshape(-1, 24).mean(axis=0)
    assert hourly.argmin() == 4 + 6  # 4 in the morning there is 10:00 UTC
    assert hourly.argmax() == 16 + 6


@given(st.floats(-40, 120), st.dates(min_value=np.datetime64("2011-01-01").item()))
def test_use_is_the_base_load_and_what_the_temperature_asks_for(temperature: float, day: object) -> None:
    response = QUIET.before
    (use,) = response.use(np.array([day], dtype="datetime64[D]"), np.array([temperature]))
    weekend = response.weekend if np.datetime64(day, "D").item().weekday() >= 5 else 0.0  # type: ignore[call-overload]
    heating = response.heating * (response.heating_from - temperature) if temperature < response.heating_from else 0.0
    cooling = response.cooling * (temperature - response.cooling_from) if temperature > response.cooling_from else 0.0
    assert use == pytest.approx(response.base + weekend + heating + cooling)


@given(st.floats(0.0, 0.9))
def test_noise_has_the_correlation_asked_for(correlation: float) -> None:
    noise = autocorrelated(20_000, correlation, seed=7)
    assert noise.std() == pytest.approx(1.0, abs=0.1)
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] == pytest.approx(correlation, abs=0.05)


def test_without_noise_the_readings_before_and_after_add_up_to_the_truth() -> None:
    after = QUIET.retrofitted <= DAYS
    truth = QUIET.truth(DAYS[after], MEANS[after])
    read = QUIET.use(DAYS, MEANS, seed=1)
    never = Building(QUIET.before, QUIET.after, np.datetime64("2100-01-01"), 0.0, 0.0).use(DAYS, MEANS, seed=1)
    assert read[after].sum() == pytest.approx(truth.reporting, abs=0.05 * after.sum())
    assert never[after].sum() == pytest.approx(truth.baseline, abs=0.05 * after.sum())
    assert truth.savings == pytest.approx(never[after].sum() - read[after].sum(), abs=0.1 * after.sum())
    assert np.array_equal(read[~after], never[~after])


def test_a_normal_year_is_the_mean_of_each_calendar_day() -> None:
    days, means = normal_year(DAYS, MEANS)
    assert (len(days), str(days[0]), str(days[-1])) == (365, "2013-01-01", "2013-12-31")
    by_day = dict(zip(DAYS.astype(str), MEANS, strict=True))
    for month_day in ("01-01", "02-28", "03-01", "12-31"):
        expected = np.mean([by_day[f"{year}-{month_day}"] for year in range(2011, 2015)])
        assert means[days == np.datetime64(f"2013-{month_day}")] == pytest.approx(expected)


def test_the_readings_of_the_tutorial_are_those_of_its_building() -> None:
    rows = list(project.readings())
    assert len(rows) == 1462
    assert (rows[0]["date"], rows[-1]["date"]) == ("2011-01-01T00:00:00+0000", "2015-01-01T00:00:00+0000")
    assert rows[-1]["value"] is None
    assert min(row["value"] for row in rows[:-1]) > 0
    truths = project.truths()
    reported = sum(row["value"] for row in rows[:-1] if row["date"] >= "2013-07-01")
    assert reported == pytest.approx(truths["gross_predicted"].reporting, rel=0.02)  # but for noise
    for truth in truths.values():
        assert truth.savings / truth.baseline == pytest.approx(0.14, abs=0.01)
