"""Observations at any minute into hours, as uploads have them."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.weather.normals_format import BadNormals
from eeds.weather.observations import LISTED, stations_to_hours, to_hours
from eeds.weather.series_files import is_series, read_series
from eeds.weather.sources.hourly import hourly_means
from tests.weather.normal_files import NSRDB_VALUES, nsrdb, pvgis_series, pvgis_tmy

NAN = np.nan


def times(*texts: str) -> np.ndarray:
    """Times of 1 January 2014."""
    return np.array([f"2014-01-01T{text}" for text in texts], "datetime64[s]")


def test_at_53_past() -> None:
    """Half a degree an hour: the mean of an hour is the line's at its 30th minute, less half a minute."""
    starts = np.datetime64("2014-01-01T00:53:00", "s") + np.arange(48) * np.timedelta64(3600, "s")
    hours, means = to_hours(starts, np.arange(48) / 2)
    np.testing.assert_array_equal(hours, np.datetime64("2014-01-01T00", "h") + np.arange(48))
    np.testing.assert_allclose(means[1:-1], (np.arange(1, 47) - (53 - 29.5) / 60) / 2)
    # before the first and behind the last there is no line
    assert (means[0], means[-1]) == (pytest.approx(6.5 * 3.5 / 60 / 60, abs=0.01), pytest.approx(23.0 + 0.5, abs=0.3))


def test_an_hour_without_an_observation_is_not_made_up() -> None:
    hours, means = to_hours(times("00:53", "01:53", "03:53"), np.array([1.0, 2.0, 4.0]))
    assert hours.tolist() == times("00:00", "01:00", "03:00").astype("datetime64[h]").tolist()
    assert not np.isnan(means).any()


def test_an_hour_whose_observations_are_missing_is_missing() -> None:
    hours, means = to_hours(times("00:53", "01:13", "01:53", "02:53"), np.array([1.0, NAN, NAN, 4.0]))
    assert hours.size == 3
    assert np.isnan(means).tolist() == [False, True, False]
    assert np.isnan(to_hours(times("00:53"), np.array([NAN]))[1]).all()


@given(
    st.lists(st.tuples(st.integers(0, 60 * 24 * 40), st.floats(-50, 120)), min_size=1, max_size=60),
    st.randoms(use_true_random=False),
)
def test_as_with_fetched_observations_in_whatever_order(observed: list[tuple[int, float]], random: Random) -> None:
    """The hours that have an observation are those of hourly_means, to the last bit."""
    random.shuffle(observed)
    minutes = np.array([minute for minute, _ in observed])
    temps = np.array([temp for _, temp in observed])
    hours, means = to_hours(np.datetime64("2014-01-01", "s") + minutes * np.timedelta64(60, "s"), temps)
    number = (hours - np.datetime64("2014-01-01", "h")).astype(int)
    assert number.tolist() == sorted(set((minutes // 60).tolist()))
    np.testing.assert_array_equal(means, hourly_means(minutes, temps, 24 * 41)[number])
    assert means.min() >= temps.min() - 1e-9
    assert means.max() <= temps.max() + 1e-9


def test_two_observations_200_years_apart() -> None:
    hours, _ = to_hours(np.array(["1900-01-01T00:30", "2099-12-31T23:30"], "datetime64[s]"), np.array([1.0, 2.0]))
    assert hours.size == 2


def test_stations_are_made_hourly_each_by_itself() -> None:
    stations = np.array(["B", "A", "B", "A", "B"])
    starts = times("00:00", "00:53", "01:00", "01:53", "03:00")
    seen = np.array([5.0, 1.0, 6.0, 2.0, 8.0])
    names, hours, temps, notes = stations_to_hours(stations, starts, seen, are_instants=False)
    assert names.tolist() == ["A", "A", "B", "B", "B"]
    assert hours.tolist() == times("00:00", "01:00", "00:00", "01:00", "03:00").tolist()
    assert temps[2:].tolist() == [5.0, 6.0, 8.0]
    assert notes == [
        "Station A: 2 observations at minute 53 of the hour became the means of 2 hours; a straight line joins the "
        "observations."
    ]


def test_instants_of_whole_hours() -> None:
    stations, starts = np.array(["A"] * 4), times("00:00", "01:00", "02:00", "05:00")
    _, hours, temps, notes = stations_to_hours(stations, starts, np.array([0.0, 60.0, 120.0, 0.0]), are_instants=True)
    assert hours.size == 4
    np.testing.assert_allclose(temps[:2], [29.5, 89.5])
    assert notes[0].endswith("2 hours between have no observation, and stay as they were.")


def test_the_notes_of_many_stations_are_cut() -> None:
    n = LISTED + 3
    stations = np.array([f"S{number:02}" for number in range(n)])
    starts = np.full(n, np.datetime64("2014-01-01T00:30", "s"))
    notes = stations_to_hours(stations, starts, np.ones(n), are_instants=False)[3]
    assert len(notes) == LISTED + 1
    assert notes[-1] == "... and 3 more stations"


def test_several_minutes() -> None:
    notes = stations_to_hours(np.array(["A", "A"]), times("00:15", "00:45"), np.ones(2), are_instants=False)[3]
    assert notes[0].startswith("Station A: 2 observations at 2 minutes of the hour became the means of 1 hours;")


# Files of a place -----------------------------------------------------------------------------------------------------


def test_pvgis() -> None:
    starts, temps = read_series(pvgis_series(lambda hour: str(hour % 50), years=(2012, 2013)))
    assert starts.size == 8784 + 8760
    assert (str(starts[0]), str(starts[-1])) == ("2012-01-01T00:10:00", "2013-12-31T23:10:00")
    assert temps[:3].tolist() == [32.0, 33.8, 35.6]
    assert "2012-02-29T12:10:00" in starts.astype(str)


def test_29_february_may_be_left_out() -> None:
    text = "\n".join(line for line in pvgis_series(years=(2012,)).splitlines() if not line.startswith("20120229"))
    assert read_series(text)[0].size == 8760


def test_nsrdb_by_its_own_clock() -> None:
    starts, _ = read_series(nsrdb(lambda *_: "10"))
    assert (str(starts[0]), str(starts[-1])) == ("2023-01-01T08:00:00", "2024-01-01T07:30:00")
    india = NSRDB_VALUES.replace(",-8,236", ",5.5,236")
    assert str(read_series(nsrdb(lambda *_: "10", values=india))[0][0]) == "2022-12-31T18:30:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (pvgis_tmy(), "The times go from 2005-01-31T23:00:00 to 2006-02-01T00:00:00 (UTC). Those of a series follow"),
        (
            pvgis_series().replace("20130101:0210", "20130101:0110"),
            "The times go from 2013-01-01T01:10:00 to 2013-01-01T01:10:00 (UTC).",
        ),
        (pvgis_series().split("20130101")[0], "The file has no temperatures."),
        (
            pvgis_series().replace("20130101:0210", "18990101:0210"),
            "line 12: its year is 1899; years are 1900 to 2099.",
        ),
        (pvgis_series().replace("20130101:0210", "20130230:0210"), "line 12: its month, day and hour cannot be read."),
        (
            pvgis_series().replace("20130101:0210,0.0,0.0,0.0,0.0,10.0", "20130101:0210,0.0,0.0,0.0,0.0,x"),
            "line 12: its",
        ),
        (nsrdb(lambda *_: "10").replace("2023,1,1,0,30", "99999999999999999999,1,1,0,30"), "line 5: its year is 9999"),
    ],
)
def test_what_is_no_series(text: str, said: str) -> None:
    with pytest.raises(BadNormals) as raised:
        read_series(text)
    assert raised.value.reasons[0].startswith(said)


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("Latitude (decimal degrees): 45.000\n", True),
        ("\ufeffLatitude (decimal degrees):\t45.000\r\n", True),
        ("time(UTC),T2m,RH\n", True),
        ("Source,Location ID,City\n", True),
        ("station,start,temp_f\n", False),
        ("time,temp_f\n", False),
        ("", False),
    ],
)
def test_how_they_begin(line: str, is_one: bool) -> None:
    assert is_series(line) == is_one
