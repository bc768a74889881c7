"""Local times as instants: whole years in order, the hour that comes twice, and the one that does not come."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.records.files.local_time import STANDARD, SUMMER, ends_in_utc, next_starts, starts_in_utc

ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "America/Phoenix", "Asia/Kolkata", "UTC"]
CHICAGO = ZoneInfo("America/Chicago")


def seconds(text: str) -> int:
    """A local time as if it were UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def local_times(zone: ZoneInfo, instants: np.ndarray) -> np.ndarray:
    """What the clocks of the zone show."""
    return np.array(
        [int(datetime.fromtimestamp(each, zone).replace(tzinfo=UTC).timestamp()) for each in instants.tolist()],
        np.int64,
    )


# of a zone whose clocks change by half an hour, hours are told apart by their order only if there are halves
STEPS = st.sampled_from([900, 1800])


@given(st.sampled_from(ZONES), st.integers(1970, 2037), STEPS, st.booleans())
def test_a_year_in_order_is_the_instants_it_was_made_of(name: str, year: int, step: int, backwards: bool) -> None:
    """Also where the file is written backwards."""
    zone = ZoneInfo(name)
    first = int(datetime(year, 1, 1, tzinfo=zone).timestamp())
    instants = np.arange(first, first + 366 * 86_400, step)
    if backwards:
        instants = instants[::-1]
    found = starts_in_utc(zone, local_times(zone, instants), np.zeros(len(instants), np.int64))
    assert not found.skipped.any()
    assert found.seconds.tolist() == instants.tolist()


def test_the_hour_that_comes_twice() -> None:
    local = np.array([seconds(f"2022-11-06 0{hour}:00") for hour in (0, 1, 1, 2)])
    found = starts_in_utc(CHICAGO, local, np.zeros(4, np.int64))
    assert np.diff(found.seconds).tolist() == [3600, 3600, 3600]


def test_the_hour_that_comes_twice_in_two_traces_side_by_side() -> None:
    local = np.array([seconds(f"2022-11-06 0{hour}:00") for hour in (0, 0, 1, 1, 1, 1, 2, 2)])
    found = starts_in_utc(CHICAGO, local, np.array([0, 1] * 4))
    assert np.diff(found.seconds[::2]).tolist() == np.diff(found.seconds[1::2]).tolist() == [3600, 3600, 3600]


def test_the_same_readings_again_are_the_same_instants() -> None:
    local = np.array([seconds(f"2022-11-06 0{hour}:00") for hour in (0, 1, 1, 2)] * 2)
    found = starts_in_utc(CHICAGO, local, np.zeros(8, np.int64)).seconds
    assert found[:4].tolist() == found[4:].tolist()


@pytest.mark.parametrize(("said", "hours"), [(SUMMER, 6), (STANDARD, 7)])
def test_a_column_says_which_of_the_two_hours(said: int, hours: int) -> None:
    found = starts_in_utc(
        CHICAGO, np.array([seconds("2022-11-06 01:00")]), np.zeros(1, np.int64), np.array([said], np.int8)
    )
    assert datetime.fromtimestamp(int(found.seconds[0]), UTC).hour == hours


def test_the_hour_that_does_not_come() -> None:
    local = np.array([seconds(f"2022-03-13 0{hour}:00") for hour in (1, 2, 3)])
    found = starts_in_utc(CHICAGO, local, np.zeros(3, np.int64))
    assert found.skipped.tolist() == [False, True, False]
    assert found.seconds[2] - found.seconds[0] == 3600


@given(st.sampled_from(ZONES), st.integers(1970, 2037), STEPS)
def test_ends_reach_to_the_next_start(name: str, year: int, step: int) -> None:
    """Whether the clock or the time that went by says when a reading ends."""
    zone = ZoneInfo(name)
    first = int(datetime(year, 1, 1, tzinfo=zone).timestamp())
    instants = np.arange(first, first + 366 * 86_400, step)
    local = local_times(zone, instants)
    traces = np.zeros(len(local), np.int64)
    for ends in (local + step, np.append(local[1:], local[-1] + step)):
        assert ends_in_utc(zone, local, ends, instants, traces).tolist() == (instants + step).tolist()


def test_next_starts() -> None:
    following = next_starts(np.array([10, 5, 10, 7, 20]), np.array([0, 0, 0, 1, 0]))
    assert following.tolist()[:3] == [20, 10, 20]
    assert following.tolist()[3:] == [np.iinfo(np.int64).max] * 2
