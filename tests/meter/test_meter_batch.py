"""Many projects of one station: each as if it were alone, the weather's part found once, and none stops another."""

import gc
import pickle
import weakref
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_buildings import (
    DAYS,
    ELECTRICITY,
    FIRST,
    GAS,
    RUN_TRACES,
    SHORT_PERIODS,
    SHORT_TRACES,
    TEMPERATURES,
    WEATHER,
    Numbers,
    bills_trace,
    contents,
    daily_trace,
    periods,
    utc,
)

from eeds.meter.batch import BatchProject, compute_many
from eeds.meter.compute import compute
from eeds.meter.days import local_days, temperature_between
from eeds.meter.kept import KeptFit
from eeds.meter.series import hours_of, normal_year, temperatures_of
from eeds.meter.settings import MeterSettings
from eeds.meter.types import MeterResult, NotModelled, Trace, Weather

ZONES = ("UTC", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe", "America/Asuncion", "Pacific/Apia")


def alone(project: BatchProject, weather: Weather, settings: MeterSettings) -> MeterResult | NotModelled:
    """What compute() makes of a project, in weather of its own."""
    try:
        return compute(project.traces, replace(weather), project.periods, settings, project.kept)
    except NotModelled as reason:
        return reason


def same(outcome: MeterResult | NotModelled, expected: MeterResult | NotModelled) -> bool:
    """To the last bit."""
    if isinstance(outcome, NotModelled) or isinstance(expected, NotModelled):
        return str(outcome) == str(expected) and type(outcome) is type(expected)
    return contents(outcome) == contents(expected)


def assert_as_alone(projects: list[BatchProject], weather: Weather, settings: MeterSettings) -> None:
    outcomes = list(compute_many(projects, weather, settings))
    assert len(outcomes) == len(projects)
    for project, outcome in zip(projects, outcomes, strict=True):
        assert same(outcome, alone(project, weather, settings))


def with_holes(seed: int) -> Weather:
    """Hours, days and a month without temperatures, and fewer of them than there are readings."""
    rng = np.random.default_rng(seed)
    observed = np.where(rng.random(len(TEMPERATURES)) < 0.2, np.nan, TEMPERATURES)
    observed[24 * 90 : 24 * 120] = np.nan
    first = int(rng.integers(0, 50))
    return replace(WEATHER, first_hour=WEATHER.first_hour + first, observed=observed[first : -int(rng.integers(1, 99))])


BILLS = BatchProject([bills_trace()], periods())
SEVERAL = [
    BILLS,
    BatchProject([], periods()),
    BatchProject([bills_trace(), *RUN_TRACES[7:9]], periods(utc(FIRST + timedelta(days=400), 12))),
    BatchProject([RUN_TRACES[6]], periods()),
    BatchProject([replace(bills_trace(5), value=bills_trace().value * 1.3)], periods()),
]


def days_of_project(gaps: Numbers, first: int, retrofit: int) -> BatchProject:
    """Two meters by days, not all of them there."""
    after = utc(FIRST + timedelta(days=retrofit))
    fuels = [
        daily_trace(np.where(gaps, np.nan, building.measured())[first:], first=FIRST + timedelta(days=first), id=id)
        for id, building in enumerate((ELECTRICITY, GAS))
    ]
    return BatchProject(fuels, periods(after, after + timedelta(days=20)))


@pytest.mark.parametrize("zone", ZONES)
def test_bills_and_projects_that_cannot_be_modelled(zone: str) -> None:
    for weather in (WEATHER, with_holes(1)):
        assert_as_alone(SEVERAL, weather, MeterSettings(timezone=zone, ignore_disqualification=True))


def test_days() -> None:
    rng = np.random.default_rng(7)
    projects = [
        days_of_project(rng.random(DAYS) < missing, first, retrofit)
        for missing, first, retrofit in ((0, 0, 365), (0.1, 3, 365), (0, 0, 300))
    ]
    assert_as_alone(projects, with_holes(2), MeterSettings(timezone="America/Los_Angeles"))
    assert_as_alone(projects[:2], WEATHER, MeterSettings(model="billing", ignore_disqualification=True))


def test_hours() -> None:
    projects = [BatchProject([trace], SHORT_PERIODS) for trace in SHORT_TRACES[:2]]
    hourly = MeterSettings(model="hourly", timezone="America/Los_Angeles")
    assert_as_alone([*projects, BILLS], WEATHER, hourly)


def test_fits_that_were_kept() -> None:
    settings = MeterSettings()
    (first,) = compute_many([BILLS], WEATHER, settings)
    assert isinstance(first, MeterResult)
    keys = [origin["sha256"] for origin in first.provenance["fits"]]
    kept = {key: KeptFit(model.model_json or "") for key, model in zip(keys, first.traces, strict=True)}
    (again,) = compute_many([replace(BILLS, kept=kept)], WEATHER, settings)
    assert same(again, first)


@given(
    seed=st.integers(0, 99),
    zone=st.sampled_from(ZONES),
    first=st.integers(-400, 700),
    days=st.integers(1, 900),
    hourly=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_temperatures_are_those_of_each_trace_alone(seed: int, zone: str, first: int, days: int, hourly: bool) -> None:
    """Wherever the trace begins and ends in the weather, or outside."""
    weather = WEATHERS[seed % len(WEATHERS)]
    local = local_days(FIRST + timedelta(days=first), FIRST + timedelta(days=first + days - 1), zone)
    edges = hours_of(local) if hourly else local.midnights
    expected = temperature_between(weather.first_hour, weather.observed, edges)
    assert temperatures_of(weather, zone, edges, hourly=hourly).tobytes() == expected.tobytes()


WEATHERS = [WEATHER, *(with_holes(seed) for seed in range(3)), replace(WEATHER, observed=np.empty(0))]


def test_the_weathers_part_is_found_once() -> None:
    weather = replace(WEATHER)
    list(compute_many(SEVERAL, weather, MeterSettings()))
    found = dict(weather._found)
    assert {key[0] for key in found} == {"cells", "normal year", "sha256"}
    list(compute_many(SEVERAL, weather, MeterSettings()))
    assert weather._found.keys() == found.keys()
    assert all(weather._found[key] is found[key] for key in found)


def test_what_was_found_of_the_weather_stays_true() -> None:
    """Neither the caller's arrays nor those of the weather can change it; other weather has found nothing."""
    observed = TEMPERATURES.copy()
    weather = replace(WEATHER, observed=observed)
    before = normal_year(weather, "UTC", hourly=False)
    observed[:] = 0
    assert weather.observed.tobytes() == TEMPERATURES.tobytes()
    with pytest.raises(ValueError, match="read-only"):
        weather.normal[0] = 0
    for copy in (pickle.loads(pickle.dumps(weather)), replace(weather)):
        assert copy._found == {}
        assert not copy.observed.flags.writeable
        again = normal_year(copy, "UTC", hourly=False)
        assert (again.temperature.tobytes(), again.dates.tobytes()) == (
            before.temperature.tobytes(),
            before.dates.tobytes(),
        )


def test_a_project_on_which_the_meter_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    broken = replace(RUN_TRACES[0], value=RUN_TRACES[0].value[:-5])
    first, failed, last = compute_many([BILLS, BatchProject([broken], periods()), BILLS], WEATHER, MeterSettings())
    assert same(first, last)
    assert isinstance(failed, NotModelled)
    assert str(failed).startswith("The meter failed on this project: ")
    assert "station 725460" in caplog.text


def test_projects_are_read_and_released_one_at_a_time() -> None:
    given: list[weakref.ref[Trace]] = []

    def several() -> Iterator[BatchProject]:
        for trace in (RUN_TRACES[7], bills_trace(), RUN_TRACES[8]):
            project = BatchProject([replace(trace)], periods())
            given.append(weakref.ref(project.traces[0]))
            yield project
            del project

    outcomes = compute_many(several(), WEATHER, MeterSettings())
    for count in (1, 2, 3):
        next(outcomes)
        assert len(given) == count
        gc.collect()
        assert [each() for each in given[:-1]] == [None] * (count - 1)
