"""Reading the files of normal years, and what is wrong with those that are none."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.weather.normals_files import read_normals
from eeds.weather.normals_format import BadNormals
from tests.weather.normal_files import (
    COLUMNS,
    EPW_HEADER,
    NSRDB_COLUMNS,
    NSRDB_VALUES,
    PVGIS_SERIES_HEADER,
    TMY2_HEADER,
    cz2010,
    epw,
    epw_of_quarters,
    mild,
    nsrdb,
    pvgis_series,
    pvgis_tmy,
    tmy2,
    tmy3,
    tmy3_of_2008,
)

HOURS = 8760
Write = Callable[..., str]


def by_hour(hour: int) -> str:
    """A temperature that tells the hour: from -40 degC by a hundredth an hour."""
    return f"{hour / 100 - 40:.2f}"


def by_ten_hours(hour: int) -> str:
    """The same to a tenth of a degree, all that TMY2 has."""
    return f"{hour // 10 / 10 - 40:.1f}"


BY_HOUR_F = (np.arange(HOURS) / 100 - 40) * 9 / 5 + 32


@pytest.mark.parametrize(("kind", "write"), [("TMY3", tmy3), ("TMY3", tmy3_of_2008), ("CZ2010", cz2010), ("EPW", epw)])
def test_each_kind(kind: str, write: Write) -> None:
    """The hour that ends at 01:00 is the first one; the name of a station may have a comma."""
    normal = read_normals(write(by_hour))
    assert (normal.place.station, normal.kind, normal.utc_offset) == ("722880", kind, -8.0)
    assert (normal.place.latitude, normal.place.longitude) == (34.2, -118.35)
    np.testing.assert_allclose(normal.temps, BY_HOUR_F)
    assert normal.notes == []


def test_tmy2() -> None:
    normal = read_normals(tmy2(by_ten_hours))
    assert (normal.place.station, normal.kind, normal.utc_offset) == ("23152", "TMY2", -8.0)
    assert (normal.place.latitude, normal.place.longitude) == (34.2, -118.35)
    np.testing.assert_allclose((normal.temps - 32) * 5 / 9, np.arange(HOURS) // 10 / 10 - 40, atol=1e-9)


@pytest.mark.parametrize(
    ("header", "place", "utc_offset"),
    [
        (" 12839 MIAMI                  FL  -5 N 25 48 W  80 16     2", (25.8, -80 - 16 / 60), -5.0),
        (" 41415 GUAM                   PI  10 N 13 33 E 144 50   110", (13.55, 144 + 50 / 60), 10.0),
        (" 61705 PAGO PAGO              PI -11 S 14 20 W 170 43     3", (-14 - 20 / 60, -170 - 43 / 60), -11.0),
    ],
)
def test_where_a_tmy2_file_is_of(header: str, place: tuple[float, float], utc_offset: float) -> None:
    normal = read_normals(tmy2(header=header))
    assert (normal.place.latitude, normal.place.longitude) == pytest.approx(place)
    assert normal.utc_offset == utc_offset


@pytest.mark.parametrize("columns", [COLUMNS[::-1], ["Extra", *COLUMNS], [name.upper() for name in COLUMNS]])
def test_columns_are_known_by_their_names(columns: list[str]) -> None:
    """In whatever order, and beside others."""
    text = tmy3_of_2008(by_hour).splitlines()
    upper = [name.upper() for name in COLUMNS]
    order = [upper.index(name.upper()) if name.upper() in upper else 2 for name in columns]
    rows = [",".join(line.split(",")[place] for place in order) for line in text[2:]]
    np.testing.assert_allclose(read_normals("\n".join([text[0], ",".join(columns), *rows])).temps, BY_HOUR_F)


# Parts of hours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [(15, 30, 45, 60), (0, 15, 30, 45)])
def test_an_epw_of_quarters_of_hours_is_averaged(minutes: tuple[int, ...]) -> None:
    """However it counts the minutes."""

    def temp(hour: int, minute: int) -> str:
        return f"{hour / 100 - 40 + minutes.index(minute) - 1.5:.2f}"

    normal = read_normals(epw_of_quarters(temp, minutes=minutes))
    np.testing.assert_allclose(normal.temps, BY_HOUR_F)
    assert normal.notes == ["35,040 temperatures became 8,760 of hours, each the mean of the hour's."]


def test_an_hour_that_has_not_all_its_parts() -> None:
    text = epw_of_quarters(lambda hour, minute: "99.9" if (hour, minute) == (30, 15) else "10")
    lines = text.splitlines()
    normal = read_normals("\n".join([*lines[:8], *lines[9:]]))
    np.testing.assert_allclose(normal.temps, 50.0)
    assert normal.notes[1:] == [
        "2 hours have fewer than 4 temperatures, first 1 January; their means are of those that are there."
    ]


def test_a_part_of_an_hour_given_twice() -> None:
    lines = epw_of_quarters(lambda hour, minute: "10").splitlines()
    with pytest.raises(BadNormals, match=r"^line 10: 1 January, 0:15 is given a second time\.$"):
        read_normals("\n".join([*lines[:9], *lines[8:]]))


def test_the_minute_of_a_whole_hour_means_nothing() -> None:
    np.testing.assert_allclose(read_normals(epw(by_hour).replace(",60,A7", ",0,A7")).temps, BY_HOUR_F)


# Instants ------------------------------------------------------------------------------------------------------------


def wave(hour: float) -> float:
    """A year that closes on itself, degC."""
    return 10 + 5 * math.cos(2 * math.pi * hour / HOURS)


WAVE_F = np.array([32 + 9 / 5 * wave(hour + 0.5) for hour in range(HOURS)])  # the mean of an hour is its middle's


@pytest.mark.parametrize("legend", ["", None])
def test_pvgis_typical_year(legend: str | None) -> None:
    options = {} if legend is None else {"legend": legend, "header": ""}
    normal = read_normals(pvgis_tmy(lambda hour: f"{wave(hour):.6f}", **options))
    assert (normal.place.station, normal.kind, normal.utc_offset) == ("", "PVGIS", 0.0)
    np.testing.assert_allclose(normal.temps, WAVE_F, atol=1e-3)
    assert normal.notes == [
        "8,760 temperatures of instants became 8,760 of hours, each the mean of the straight line between them."
    ]


def test_where_a_pvgis_file_is_of() -> None:
    for text in (pvgis_tmy(), pvgis_series()):
        place = read_normals(text).place
        assert (place.latitude, place.longitude) == (34.2, -118.365)
    assert math.isnan(read_normals(pvgis_tmy(header="")).place.latitude)


@pytest.mark.parametrize("minute", [0, 10, 53])
def test_pvgis_time_series_of_a_year(minute: int) -> None:
    normal = read_normals(pvgis_series(lambda hour: f"{wave(hour + minute / 60):.6f}", minute=minute))
    np.testing.assert_allclose(normal.temps, WAVE_F, atol=1e-3)


@pytest.mark.parametrize("minutes", [(0, 30), (30,), (0,), tuple(range(0, 60, 15))])
def test_nsrdb(minutes: tuple[int, ...]) -> None:
    normal = read_normals(nsrdb(lambda hour, minute: f"{wave(hour + minute / 60):.6f}", minutes=minutes))
    assert (normal.place.station, normal.kind, normal.utc_offset) == ("", "NSRDB", -8.0)
    assert (normal.place.latitude, normal.place.longitude) == (34.2, -118.365)
    np.testing.assert_allclose(normal.temps, WAVE_F, atol=1e-3)


def test_nsrdb_in_utc() -> None:
    """Time Zone is that of the times, Local Time Zone that of the place."""
    assert read_normals(nsrdb(lambda *_: "10", values=NSRDB_VALUES.replace(",-8,236", ",0,236"))).utc_offset == 0.0


@pytest.mark.parametrize("write", [pvgis_series, lambda **options: nsrdb(lambda *_: "10", **options)])
def test_several_years_are_no_normal_year(write: Write) -> None:
    with pytest.raises(BadNormals) as raised:
        read_normals(write(years=(2013, 2014)))
    assert raised.value.reasons == [
        "The file has 2013 and 2014, and a normal year has each hour once. Temperatures of several years are loaded "
        "as such: eeds upload weather FILE --station STATION."
    ]


def test_an_instant_given_twice() -> None:
    lines = pvgis_series().splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("20130101:0010"))
    with pytest.raises(BadNormals, match=rf"^line {row + 2}: 1 January, 0:10 is given a second time\.$"):
        read_normals("\n".join([*lines[: row + 1], *lines[row:]]))


def test_an_hour_between_instants_that_is_not_there_is_not_made_up() -> None:
    lines = [line for line in pvgis_series().splitlines() if not line.startswith("20130103:04")]
    with pytest.raises(BadNormals, match=r"^The year has 8,760 hours; 1 are missing, first 3 January, hour 5\.$"):
        read_normals("\n".join(lines))


def test_hours_without_a_temperature_are_filled_and_said() -> None:
    normal = read_normals(pvgis_series(lambda hour: "" if 100 <= hour < 106 else "10"))
    np.testing.assert_allclose(normal.temps, 50.0)
    assert normal.notes[1:] == ["6 hours have no temperature in the file, and were filled by a straight line."]
    with pytest.raises(BadNormals, match=r"^7 hours have no temperature, 7 of them in a row from 5 January;"):
        read_normals(pvgis_series(lambda hour: "" if 100 <= hour < 107 else "10"))


def test_29_february_is_left_out() -> None:
    normal = read_normals(epw(by_hour, year=2012))
    np.testing.assert_allclose(normal.temps, BY_HOUR_F)
    assert normal.notes == ["29 February was left out, 24 lines."]


def test_blank_lines_and_a_byte_order_mark() -> None:
    np.testing.assert_allclose(read_normals(f"\ufeff{epw(by_hour)}\n\n").temps, BY_HOUR_F)


@pytest.mark.parametrize(
    ("write", "missing"), [(epw, "99.9"), (tmy3, "-9900"), (tmy2, "9999"), (cz2010, "-9900.0"), (epw, "")]
)
def test_up_to_six_missing_hours_are_filled_over_the_ends_of_the_year_too(write: Write, missing: str) -> None:
    def temp(hour: int) -> str:
        gone = 100 <= hour < 106 or hour < 2 or hour >= HOURS - 4
        return missing if gone else str(hour / 5 - 10) if hour < 200 else "7"

    normal = read_normals(write(temp))
    celsius = (normal.temps - 32) * 5 / 9
    np.testing.assert_allclose(celsius[99:107], np.arange(99, 107) / 5 - 10)
    np.testing.assert_allclose(celsius[[*range(HOURS - 5, HOURS), 0, 1, 2]], np.linspace(7, -9.6, 8))
    assert normal.notes == ["12 hours have no temperature in the file, and were filled by a straight line."]


def test_seven_are_not() -> None:
    with pytest.raises(BadNormals) as raised:
        read_normals(epw(lambda hour: "99.9" if 100 <= hour < 107 or hour == 500 else "10"))
    assert raised.value.reasons == [
        "8 hours have no temperature, 7 of them in a row from 5 January; at most 6 in a row are filled."
    ]


NO_NORMAL_YEAR = "This is none of the files of normal years that are read. How they begin: EPW with LOCATION; TMY2"
NO_STATION = '722880,"BURBANK, CA",CA,nan,34.200,-118.350,226'
LAST_HEADER = "line 8: it must be DATA PERIODS, the number of periods, and that of records an hour, 1 to 60."


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("", NO_NORMAL_YEAR),
        ("station,start,temp_f\n725460,2014-01-01T00:00:00Z,50\n", NO_NORMAL_YEAR),
        (tmy3().replace("Dry-bulb (C)", "Dry-bulb (F)"), NO_NORMAL_YEAR),
        (tmy3(first="722880,BURBANK,CA,-8.0,34.200,-118.350"), NO_NORMAL_YEAR),
        (tmy3(first="722880,BURBANK, CA,CA,-8.0,34.200,-118.350,226"), "line 1: the time zone is 'CA'; it must be"),
        (EPW_HEADER, "The year has 8,760 hours; 8,760 are missing, first 1 January, hour 1."),
        ("LOCATION,x\n" * 9, NO_NORMAL_YEAR),
        (epw(header=EPW_HEADER.replace("-8.0", "x")), "line 1: the time zone is 'x'; it must be the hours from UTC"),
        (tmy3(first=NO_STATION), "line 1: the time zone is 'nan'"),
        (epw(header=EPW_HEADER.replace("-8.0", "-480")), "line 1: the time zone is '-480'"),
        (epw(header=EPW_HEADER.replace("DATA PERIODS,1,1", "DATA PERIODS,1,0")), LAST_HEADER),
        (epw(header=EPW_HEADER.replace("DATA PERIODS,1,1", "DATA PERIODS")), LAST_HEADER),
        (epw(header=EPW_HEADER.replace("DATA PERIODS", "DATA")), LAST_HEADER),
        (tmy2(header=TMY2_HEADER.replace(" -8 ", " x8 ")), NO_NORMAL_YEAR),
        (tmy2(header=TMY2_HEADER.replace(" -8 ", "-88 ")), "line 1: the time zone is '-88'"),
        (PVGIS_SERIES_HEADER, "This PVGIS file has no line that names the columns time and T2m; ask PVGIS for CSV."),
        (pvgis_series().replace("T2m", "Tm"), "This PVGIS file has no line that names the columns time and T2m;"),
        ("time,value\n20130101:0010,3\n", NO_NORMAL_YEAR),
        (
            nsrdb(lambda *_: "10", columns=NSRDB_COLUMNS.replace("Temperature", "GHI")),
            "This begins like a file of NSRDB, but lacks temperature; ask NSRDB for the attribute air_temperature.",
        ),
        (
            nsrdb(lambda *_: "10").replace("Time Zone", "Zone"),
            "This begins like a file of NSRDB, but lacks Time Zone; ask",
        ),
        (
            nsrdb(lambda *_: "10", values=NSRDB_VALUES.replace(",c,mbar", ",F,mbar")),
            "line 2: the Temperature Units are 'F'; they must be c, degrees Celsius.",
        ),
        (nsrdb(lambda *_: "10", values=NSRDB_VALUES.replace("-8,236", "x,236")), "line 2: the time zone is 'x'"),
        ("Source,\n", NO_NORMAL_YEAR),
        ("Source,\n\n\n", "This begins like a file of NSRDB, but lacks year, month, day, hour, minute, temperature;"),
        ("a" * 200_000, "This is no normal year: field larger than field limit"),
    ],
)
def test_what_is_none(text: str, begins: str) -> None:
    with pytest.raises(BadNormals) as raised:
        read_normals(text)
    assert raised.value.reasons[0].startswith(begins)
    assert len(raised.value.reasons) == 1


EPW_LINES = epw().splitlines()


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("2001,1,1,1,60,A7", "it has 6 fields, and must have 7"),
        ("2001,1,1,0,60,A7,10", "its hour is 0; hours are counted 1 to 24"),
        ("2001,1,1,25,60,A7,10", "its hour is 25; hours are counted 1 to 24"),
        ("2001,13,1,1,60,A7,10", "its month, day and hour cannot be read"),
        ("2001,2,30,1,60,A7,10", "its month, day and hour cannot be read"),
        ("2001,-1,1,1,60,A7,10", "its month, day and hour cannot be read"),
        ("2001,January,1,1,60,A7,10", "its month, day and hour cannot be read"),
        ("2001,1,1,2,60,A7,10", "1 January, hour 2 is given a second time"),
        ("2001,1,1,1,60,A7,warm", "its temperature is 'warm', which is no number"),
        ("2001,1,1,1,60,A7,60.5", "its temperature is 60.5; it must be between -70 and 60 degrees Celsius"),
        ("2001,1,1,1,60,A7,-inf", "its temperature is -inf; it must be between -70 and 60 degrees Celsius"),
    ],
)
def test_a_line_that_is_wrong(line: str, wrong: str) -> None:
    lines = [*EPW_LINES[:8], line, *EPW_LINES[9:]]
    with pytest.raises(BadNormals) as raised:
        read_normals("\n".join(lines))
    said = f"line {10 if 'second' in wrong else 9}: {wrong}."
    assert raised.value.reasons == [said]


TMY2_LINES = tmy2().splitlines()
NSRDB_LINES = nsrdb(lambda *_: "10").splitlines()
PVGIS_LINES = pvgis_series().splitlines()


@pytest.mark.parametrize(
    ("lines", "number", "line", "wrong"),
    [
        (TMY2_LINES, 2, TMY2_LINES[1][:60], "it has 60 characters; a line of TMY2 has 142"),
        (TMY2_LINES, 2, TMY2_LINES[1].replace(" 61010101", " 61013201"), "its month, day and hour cannot be read"),
        (
            TMY2_LINES,
            2,
            f"{TMY2_LINES[1][:67]} warm{TMY2_LINES[1][72:]}",
            "its temperature is ' war', which is no number",
        ),
        (TMY2_LINES, 3, f" 61010125{TMY2_LINES[2][9:]}", "its hour is 25; hours are counted 1 to 24"),
        (NSRDB_LINES, 4, "2023,1,1,24,0,0,10,1,780,,", "its time is 24:00; times are 0:00 to 23:59"),
        (NSRDB_LINES, 4, "2023,1,1,0,60,0,10,1,780,,", "its time is 0:60; times are 0:00 to 23:59"),
        (NSRDB_LINES, 4, "2023,1,1,0,x,0,10,1,780,,", "its month, day and hour cannot be read"),
        (NSRDB_LINES, 4, "2023,1,1,0,0,0", "it has 6 fields, and must have 7"),
        (NSRDB_LINES, 4, "2023,1,1,0,0,0,-9999,1,780,,", "its temperature is -9999; it must be between -70 and 60"),
        (PVGIS_LINES, 10, "2013-01-01 00:10,0.0,0.0,0.0,0.0,10,1,0.0", "its month, day and hour cannot be read"),
        (PVGIS_LINES, 10, "20130101:2410,0.0,0.0,0.0,0.0,10,1,0.0", "its time is 24:10; times are 0:00 to 23:59"),
    ],
)
def test_a_line_of_another_format(lines: list[str], number: int, line: str, wrong: str) -> None:
    with pytest.raises(BadNormals) as raised:
        read_normals("\n".join([*lines[: number - 1], line, *lines[number:]]))
    assert raised.value.reasons[0].startswith(f"line {number}: {wrong}")
    assert len(raised.value.reasons) == 1


STARTS = [
    "LOCATION,",
    "Latitude (decimal degrees): 1\n",
    "time,T2m\n",
    "Source,Time Zone\n,1\nYear,Month,Day,Hour,Minute,Temperature\n",
    f"{TMY2_HEADER}\n",
    f"{EPW_HEADER}",
    "0,,,1,2,3,4\nDate (MM/DD/YYYY),Time (HH:MM),Dry-bulb (C)\n",
    "",
]


@given(st.sampled_from(STARTS), st.lists(st.text(st.sampled_from('0123456789,:/-+.eE \n"\0٣x'), max_size=40)))
def test_whatever_is_sent_is_refused_in_words(start: str, lines: list[str]) -> None:
    with pytest.raises(BadNormals) as raised:
        read_normals(start + "\n".join(lines))
    assert raised.value.reasons


@pytest.mark.parametrize("time", ["01:30", "1", "xx:00", "24:00"])
def test_a_time_that_is_wrong(time: str) -> None:
    lines = tmy3().splitlines()
    lines[2] = lines[2].replace(",01:00,", f",{time},")
    with pytest.raises(BadNormals, match=r"^line (3: its month, day and hour cannot be read|26: 1 January, hour 24)"):
        read_normals("\n".join(lines))


def test_an_hour_that_is_not_there() -> None:
    with pytest.raises(BadNormals, match=r"^The year has 8,760 hours; 1 are missing, first 2 January, hour 3\.$"):
        read_normals("\n".join([*EPW_LINES[: 8 + 26], *EPW_LINES[8 + 27 :]]))


def test_the_first_twenty_of_many() -> None:
    with pytest.raises(BadNormals) as raised:
        read_normals(epw(lambda hour: "warm" if hour % 2 else mild(hour)))
    assert len(raised.value.reasons) == 21
    assert raised.value.reasons[-1] == "... and 4,360 more"
