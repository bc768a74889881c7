"""The hourly model of ordinary buildings: a baseline that lacks some days, hours that are all alike, and clocks that
change at midnight."""

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_buildings import DAYS, FIRST, LAST, RETROFIT, TEMPERATURES, WEATHER, contents, hourly_trace, periods, utc
from opendsm import eemeter

from eeds.meter.compute import compute
from eeds.meter.models import engine
from eeds.meter.models.hour_model import Pair, nearest, with_every_pair
from eeds.meter.models.hourly import hour_frame
from eeds.meter.models.library import NotFitted, computing
from eeds.meter.settings import MeterSettings
from eeds.meter.types import SUCCESS, MeterResult, NotModelled, Periods, Trace

HOURLY = MeterSettings(model="hourly")
HOURS = hourly_trace("E_C_S", 1)
PAIRS = [(month, weekday) for month in range(1, 13) for weekday in range(7)]


def both_engines(trace: Trace, dates: Periods, settings: MeterSettings = HOURLY) -> MeterResult:
    """What the engines find, which is the same."""
    found = {}
    for name in engine.ENGINES:
        with engine.using(name):
            found[name] = compute([trace], WEATHER, dates, settings)
    compiled, library = (contents(found[name]) for name in engine.ENGINES)
    assert compiled.replace(f'"engine": "{engine.COMPILED}"', f'"engine": "{engine.LIBRARY}"') == library
    return found[engine.COMPILED]


def test_a_baseline_that_lacks_days_predicts_the_whole_year() -> None:
    year_after = both_engines(HOURS, periods(baseline_start=utc(FIRST + timedelta(days=25))))
    assert [each.status for each in year_after.traces] == [SUCCESS, SUCCESS]
    assert year_after.savings[0].metered is not None
    assert year_after.savings[0].metered.n == 365
    clusters = json.loads(str(year_after.traces[0].model_json))["temporal_clusters"]
    assert [(month, weekday) for month, weekday, _ in clusters] == PAIRS


def test_a_reporting_period_that_lacks_days_predicts_the_normal_year() -> None:
    shorter = both_engines(HOURS, periods(reporting_end=utc(LAST - timedelta(days=25))))
    assert [each.status for each in shorter.traces] == [SUCCESS, SUCCESS]
    assert shorter.savings[0].normalized is not None


def test_the_librarys_own_model_predicts_from_the_stored_one_whatever_is_asked_of_it() -> None:
    found = compute([HOURS], WEATHER, periods(baseline_start=utc(FIRST + timedelta(days=25))), HOURLY)
    stored = eemeter.HourlyModel.from_json(found.traces[0].model_json)
    later = hour_frame(HOURS.start[:-1], "UTC", temperature=TEMPERATURES).loc["2014"]
    predicted = stored.predict(eemeter.HourlyReportingData(later, is_electricity_data=True), True)["predicted"]
    assert np.array_equal(predicted.to_numpy(), found.time_series[0].baseline[-len(later) :])


@given(st.lists(st.sampled_from(PAIRS), min_size=1, unique=True))
def test_every_month_and_weekday_has_a_cluster_that_was_fitted(pairs: list[Pair]) -> None:
    index = pd.MultiIndex.from_tuples(pairs, names=["month", "day_of_week"])
    fitted = pd.DataFrame({"temporal_cluster": range(len(pairs))}, index=index)
    found = with_every_pair(fitted)["temporal_cluster"]
    assert list(found.index) == PAIRS
    assert set(found) <= set(fitted["temporal_cluster"])
    assert all(found[pair] == cluster for pair, cluster in fitted["temporal_cluster"].items())


@pytest.mark.parametrize(
    ("pair", "known", "expected"),
    [
        ((1, 2), [(1, 4), (1, 1), (2, 2)], (1, 1)),  # the month before the weekday
        ((1, 2), [(1, 5), (12, 3), (3, 2)], (12, 3)),  # no weekend for a working day, and December beside January
        ((7, 6), [(7, 0), (9, 5)], (9, 5)),
        ((7, 6), [(7, 0), (7, 3)], (7, 0)),  # Monday beside Sunday, if nothing else is known
    ],
)
def test_which_days_are_most_alike(pair: Pair, known: list[Pair], expected: Pair) -> None:
    assert nearest(pair, dict.fromkeys(known, 0)) == expected


def test_an_hour_that_nothing_explains_fails_no_fit() -> None:
    hour = np.arange(DAYS * 24 + 1) % 24
    shop = Trace(1, "E_C_S", "KWH", HOURS.start, np.where(hour == 3, 0.5, HOURS.value), HOURS.estimated)
    found = both_engines(shop, periods())
    assert [each.status for each in found.traces] == [SUCCESS, SUCCESS]
    coefficients = np.array(json.loads(str(found.traces[0].model_json))["coefficients"])
    assert np.count_nonzero(coefficients[3]) == 0


def test_a_load_of_nothing_but_noise_fails_no_fit() -> None:
    noise = 100 + np.random.default_rng(5).normal(0, 1, DAYS * 24 + 1)
    trace = Trace(1, "E_C_S", "KWH", HOURS.start, noise, HOURS.estimated)
    found = both_engines(trace, periods())
    assert [each.status for each in found.traces] == [SUCCESS, SUCCESS]
    assert found.traces[0].cvrmse == pytest.approx(0.01, rel=0.05)


@pytest.mark.parametrize("zone", ["Africa/Cairo", "America/Asuncion", "Asia/Amman"])
def test_clocks_may_change_at_midnight(zone: str) -> None:
    found = both_engines(HOURS, periods(), MeterSettings(model="hourly", timezone=zone, ignore_disqualification=True))
    assert [each.status for each in found.traces] == [SUCCESS, SUCCESS]


def test_a_model_that_cannot_predict_is_no_model() -> None:
    """The library cannot end with a day whose last hour comes twice, as 19 December 2013 in Jordan."""
    settings = MeterSettings(model="hourly", timezone="Asia/Amman", ignore_disqualification=True)
    dates = periods(utc(date(2013, 11, 1)), utc(date(2013, 11, 1)), reporting_end=utc(date(2013, 12, 19), 22))
    reason = r"BASELINE period: NOT FITTED: the hourly model could not predict \(IndexError: "
    with pytest.raises(NotModelled, match=reason):
        compute([HOURS], WEATHER, dates, settings)


def test_a_failure_names_the_model_and_nobody_elses() -> None:
    with (
        pytest.raises(
            NotFitted, match=r"^NOT FITTED: the caltrack daily model could not be fitted \(KeyError: 'a b'\)"
        ),
        computing("the caltrack daily model could not be fitted"),
    ):
        raise KeyError("a b")


def test_a_poor_fit_of_hours_is_refused_with_its_figure() -> None:
    rng = np.random.default_rng(2)
    spikes = np.where(rng.random(DAYS * 24 + 1) < 0.01, 1000.0, rng.normal(1, 0.1, DAYS * 24 + 1))
    trace = Trace(2, "E_C_S", "KWH", HOURS.start, spikes, HOURS.estimated)
    found = compute([trace, HOURS], WEATHER, periods(), HOURLY)
    assert found.traces[0].status.startswith("POOR FIT: CVRMSE (measured ")
    assert "required at most 1)" in found.traces[0].status
    assert found.traces[2].status == SUCCESS


@pytest.mark.parametrize(("days", "status"), [(97, SUCCESS), (90, "INSUFFICIENT DATA: pairs of month and weekday")])
def test_few_months_are_too_few_for_clusters(days: int, status: str) -> None:
    """The library fits 24 pairs of month and weekday and more, and fails on less."""
    end = utc(RETROFIT + timedelta(days=days))
    settings = MeterSettings(model="hourly", ignore_disqualification=True)
    found = compute([HOURS], WEATHER, periods(reporting_end=end), settings)
    assert found.traces[1].status.startswith(status)
