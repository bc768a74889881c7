"""CalTRACK's hourly methods: the library's predictions to 1e-9, and clause by clause."""

import json
from pathlib import Path

import numpy as np
import pytest
from drawn_buildings import hourly
from time_of_week_traces import EVERY, traces, warmer

from eeds.meter.models.caltrack.hours import CaltrackHourlyModel
from eeds.meter.models.caltrack.time_of_week import BIN_ENDS, Hours, bin_ends, binned, fit_time_of_week, occupied_hours
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings

EXPECTED = json.loads((Path(__file__).parent / "time_of_week_expected.json").read_text())


def model_of(series: Series, zone: str = "UTC") -> CaltrackHourlyModel:
    """A fit."""
    return CaltrackHourlyModel.fit(series, MeterSettings(timezone=zone), is_electricity=True)


@pytest.mark.parametrize(("name", "zone", "series"), list(traces()), ids=EXPECTED)
def test_predictions_are_the_librarys(name: str, zone: str, series: Series) -> None:
    predicted, expected = model_of(series, zone).predict(warmer(series)), EXPECTED[name]
    assert predicted[::EVERY] == pytest.approx(np.array(expected["every"]), rel=1e-9, abs=1e-9)
    assert predicted.sum() == pytest.approx(expected["total"], rel=1e-9)


@pytest.mark.parametrize(
    ("temperature", "features"),
    [
        (20, [20, 0, 0, 0, 0, 0, 0]),
        (40, [30, 10, 0, 0, 0, 0, 0]),
        (50, [30, 15, 5, 0, 0, 0, 0]),
        (60, [30, 15, 10, 5, 0, 0, 0]),
        (70, [30, 15, 10, 10, 5, 0, 0]),
        (80, [30, 15, 10, 10, 10, 5, 0]),
        (100, [30, 15, 10, 10, 10, 15, 10]),
    ],
)
def test_temperatures_are_binned_as_in_caltracks_example(temperature: float, features: list[float]) -> None:
    """The table of 3.9.2."""
    assert binned(np.array([float(temperature)]), BIN_ENDS).tolist() == [features]


@pytest.mark.parametrize(
    ("counts", "ends"),
    [
        ((20, 20, 20, 20, 20, 20, 20), BIN_ENDS),
        ((19, 20, 20, 20, 20, 20, 20), BIN_ENDS[1:]),
        ((20, 20, 20, 20, 20, 20, 19), BIN_ENDS[:-1]),
        ((20, 20, 19, 20, 20, 20, 20), (30, 45, 65, 75, 90)),  # the larger end of the bin goes
        ((0, 0, 0, 50, 0, 0, 0), ()),
        ((0, 0, 0, 0, 0, 0, 0), ()),
    ],
)
def test_bins_of_less_than_twenty_hours_are_combined(counts: tuple[int, ...], ends: tuple[float, ...]) -> None:
    """3.9.1.2."""
    middles = np.array([20.0, 40, 50, 60, 70, 80, 100])
    assert bin_ends(middles.repeat(counts)) == ends


def test_hours_that_are_mostly_above_are_occupied() -> None:
    """3.8.4: two of three weeks is enough, one of two is not."""
    hour, week = np.tile(np.arange(168), 6), np.arange(6).repeat(168)
    energy = np.where(hour == 50, 9.0 * (week < 4), 0.0) + np.where(hour == 60, 9.0 * (week < 3), 0.0)
    hours = Hours(hour, np.zeros(len(hour), dtype=np.intp), np.full(len(hour), 60.0), energy)
    assert np.flatnonzero(occupied_hours(hours, np.ones(len(hour)))).tolist() == [50]


def test_a_month_is_fitted_with_half_weight_to_those_around_it() -> None:
    """3.7.5: a load that each month has more of is found as the weighted mean."""
    series = hourly(4)
    month = series.month
    level = Series(series.start, series.dates, month.astype(float), np.full(len(month), 60.0))
    predicted = model_of(level).predict(level)
    days = np.bincount(month)[[0, 11, 1]]
    january = (days * [1, 0.5, 0.5]) @ [0, 11, 1] / (days @ [1, 0.5, 0.5])
    assert predicted[month == 0].mean() == pytest.approx(january, abs=0.1)
    assert predicted[month == 5].mean() == pytest.approx(5, abs=0.1)


def test_what_was_not_fitted_is_not_predicted() -> None:
    """Months with no hours in or around them, hours of the week without readings, hours without a temperature."""
    series = hourly(4)
    early = np.isin(series.month, [0, 1, 2])
    sunday = (series.dates.astype(np.int64) + 3) % 7 == 6
    fitted = Series(series.start, series.dates, np.where(early & ~sunday, series.energy, np.nan), series.temperature)
    cold = np.where(np.arange(len(early)) % 50 == 7, np.nan, series.temperature)
    asked = Series(series.start, series.dates, series.energy, cold)
    known = np.isin(series.month, [11, 0, 1, 2, 3]) & ~sunday & ~np.isnan(cold)
    assert np.array_equal(~np.isnan(model_of(fitted).predict(asked)), known)


def test_parameters_are_counted_as_far_as_a_months_own_hours_determine_them() -> None:
    """Of a year about half of the 180 or so of each month: its neighbours have the other half of the weight."""
    assert 800 < model_of(hourly(4)).parameters < 1300


def test_the_json_has_every_month() -> None:
    found = json.loads(model_of(hourly(4)).to_json())
    assert found["method_name"] == "caltrack_hourly"
    assert list(found["months"]) == [str(month) for month in range(1, 13)]
    assert len(found["months"]["1"]["hour_of_week"]) == 168
    assert len(found["months"]["1"]["occupied"]["slopes"]) == len(found["months"]["1"]["occupied"]["bin_ends"]) + 1


def test_the_model_predicts_what_it_was_fitted_to_without_bias() -> None:
    """A weighted mean of the residuals of each hour of the week is nothing."""
    hours = hourly(4)
    fitted = fit_time_of_week(Hours(np.arange(len(hours.start)) % 168, hours.month, hours.temperature, hours.energy))
    predicted = fitted.predict(Hours(np.arange(len(hours.start)) % 168, hours.month, hours.temperature, hours.energy))
    assert predicted.mean() == pytest.approx(hours.energy.mean(), rel=0.01)
