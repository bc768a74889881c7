"""What a result says of the readings of a trace: what was done to them, and what is worth a look, in words."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from meter_buildings import (
    DAYS,
    ELECTRICITY,
    FIRST,
    WEATHER,
    bills_trace,
    daily_trace,
    hourly_trace,
    periods,
    trace,
    utc,
)

from eeds.meter.compute import compute
from eeds.meter.settings import MeterSettings
from eeds.meter.types import SUCCESS, Trace, TraceModelResult

MEASURED = ELECTRICITY.measured()
LOCAL = "Africa/Abidjan"  # whose days are UTC's
YEAR = 365
MONTHS = [(date(year, month, 1) - FIRST).days for year in (2013, 2014) for month in range(1, 13)] + [DAYS]
WEEKEND = (np.arange(DAYS) + FIRST.weekday()) % 7 >= 5


def run(made: Trace, **settings: object) -> list[TraceModelResult]:
    """The results of the baseline and of the reporting period, by CalTRACK's models if no other is asked for."""
    asked = MeterSettings(**{"model": "caltrack", "timezone": LOCAL, **settings})
    return list(compute([made], WEATHER, periods(), asked).traces)


def flags(made: Trace, **settings: object) -> list[tuple[str, ...]]:
    return [each.flags for each in run(made, **settings)]


def billed(edges: list[int]) -> Trace:
    """Bills of MEASURED between some days, counted from FIRST."""
    sums = [MEASURED[begin:end].sum() for begin, end in pairwise(edges)]
    return trace([utc(FIRST + timedelta(days=day)) for day in edges], np.append(sums, np.nan))


def estimated(made: Trace, *numbers: int) -> Trace:
    made.estimated[list(numbers)] = True
    return made


def with_zeros(mask: np.ndarray) -> Trace:
    return daily_trace(np.where(mask, 0.0, MEASURED))


def test_of_readings_as_they_should_be_there_is_nothing_to_say() -> None:
    for made in (daily_trace(MEASURED), bills_trace(), hourly_trace("E_C_S", 1)):
        assert flags(made) == [(), ()]


SPLIT, LATE, OFF = (
    sorted([*MONTHS, YEAR + 14]),
    [day + 6 * (day == MONTHS[18]) for day in MONTHS],
    sorted([*MONTHS, 345]),
)
SHOP = (
    "zeros of electricity that count as missing (CalTRACK 2.2.1.4): "
    "0, and 104 that come back every week and are readings"
)
ENDS = (
    "weekdays of least use: Sunday and Monday, required others than Sunday and Monday, which stamps that "
    "are the ends of days have"
)
CASES = {
    "a bill that was split": (
        billed(SPLIT),
        (),
        ("bills of less than 25 days, combined with the next (CalTRACK 3.5.5.3): 1 (2014-01-01, 31 days)",),
    ),
    "a bill that was read late": (
        billed(LATE),
        (),
        ("bills of more than 35 days, or 70 if bimonthly or combined (CalTRACK 3.5.5.4): 1 (2014-06-01, 36 days)",),
    ),
    "bills off cycle": (
        billed(OFF),
        (
            "bills that cover too few or too many days and are left out (CalTRACK 2.2.3.4, 2.2.3.5): "
            "2 (2013-12-01, 11 days; 2013-12-12, 20 days)",
        ),
        (),
    ),
    "an estimated bill": (
        estimated(bills_trace(), 3),
        (
            "days of estimated bills, combined with the next and counted as missing (CalTRACK 2.2.3.1): "
            "1 (2013-04-01, 30 days)",
        ),
        (),
    ),
    "estimated days": (
        estimated(daily_trace(MEASURED), 40, 41, 400),
        ("estimated readings, combined with the next (CalTRACK 2.2.2.2): 1 (2013-02-10, 3 days)",),
        ("estimated readings, combined with the next (CalTRACK 2.2.2.2): 1 (2014-02-05, 2 days)",),
    ),
    "zeros that are missing": (
        with_zeros(np.isin(np.arange(DAYS), [20, 50, 111, 300])),
        ("zeros of electricity that count as missing (CalTRACK 2.2.1.4): 4",),
        (),
    ),
    "zeros that are readings": (with_zeros(WEEKEND), (SHOP,), (SHOP,)),
    "stamps that are ends": (
        daily_trace(MEASURED * np.where(WEEKEND, 0.6, 1.0), first=FIRST + timedelta(days=1)),
        (ENDS,),
        (ENDS,),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_was_done_is_named(case: str) -> None:
    made, *expected = CASES[case]
    assert flags(made, cvrmse_threshold=9) == expected


def test_plain_dates_and_days_of_utc_are_named() -> None:
    dates = "readings at midnight UTC, taken for dates: their days are the local ones (CalTRACK 2.3.3): 731 of 731"
    assert flags(daily_trace(MEASURED), timezone="America/Chicago") == [(dates,)] * 2
    zone = "time zone of the days (CalTRACK 3.3.3.5): UTC, required the site's"
    assert flags(daily_trace(MEASURED), timezone="UTC") == [(zone,)] * 2


def test_changes_that_were_declared_are_named() -> None:
    found = flags(daily_trace(MEASURED), net_metering_changed=date(2014, 5, 1), ev_charging_installed=date(2013, 5, 1))
    assert found[0] == (
        "installation of a charger of electric vehicles in what is compared (CalTRACK 2.2.7): 2013-05-01",
    )
    assert found[1][0] == "change of net metering in what is compared (CalTRACK 2.2.6, 3.5.6): 2014-05-01"


def test_what_is_lacking_is_named_once_by_the_status_or_if_it_was_ignored_by_the_flags() -> None:
    values = np.where(np.arange(DAYS) < 120, np.nan, MEASURED)
    values[[130, 160]] = 0
    made = daily_trace(values)
    zeros = "zeros of electricity that count as missing (CalTRACK 2.2.1.4): 2"
    lacking = "days from the first to the last with a reading and a temperature"
    refused, _ = run(made)
    assert refused.status.startswith(f"INSUFFICIENT DATA: {lacking} (measured 245, required at least 329")
    assert (refused.model, refused.flags) == ("caltrack daily", (zeros,))
    had, _ = run(made, ignore_disqualification=True)
    assert had.status == SUCCESS
    assert had.flags[0] == f"{lacking} (CalTRACK 2.2.1.1): 245, required at least 329"
    assert had.flags[-1] == zeros


@pytest.mark.parametrize(
    ("made", "model", "name"),
    [
        (daily_trace(MEASURED), "caltrack", "caltrack daily"),
        (bills_trace(), "caltrack", "caltrack billing"),
        (bills_trace(), "billing", "billing"),
        (hourly_trace("E_C_S", 1), "caltrack_hourly", "caltrack hourly"),
    ],
)
def test_a_result_names_its_model(made: Trace, model: str, name: str) -> None:
    assert [each.model for each in run(made, model=model)] == [name, name]


def test_without_readings_there_is_no_model_to_name() -> None:
    nothing = trace([], np.empty(0), id=2)
    asked = MeterSettings(model="caltrack", timezone=LOCAL)
    *_, last = compute([daily_trace(MEASURED), nothing], WEATHER, periods(), asked).traces
    assert (last.model, last.flags) == (None, ())
