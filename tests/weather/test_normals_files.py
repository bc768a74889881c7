"""Reading the files of normal years, and what is wrong with those that are none."""

from collections.abc import Callable

import numpy as np
import pytest

from eeds.weather.normals_files import BadNormals, read_normals
from tests.weather.normal_files import EPW_HEADER, cz2010, epw, mild, tmy3

HOURS = 8760
Write = Callable[..., str]


def by_hour(hour: int) -> str:
    """A temperature that tells the hour: from -40 degC by a hundredth an hour."""
    return f"{hour / 100 - 40:.2f}"


BY_HOUR_F = (np.arange(HOURS) / 100 - 40) * 9 / 5 + 32


@pytest.mark.parametrize(("kind", "write"), [("TMY3", tmy3), ("CZ2010", cz2010), ("EPW", epw)])
def test_each_kind(kind: str, write: Write) -> None:
    """The hour that ends at 01:00 is the first one; the name of a station may have a comma."""
    normal = read_normals(write(by_hour))
    assert (normal.station, normal.kind, normal.utc_offset) == ("722880", kind, -8.0)
    np.testing.assert_allclose(normal.temps, BY_HOUR_F)


def test_29_february_is_left_out() -> None:
    np.testing.assert_allclose(read_normals(epw(by_hour, year=2012)).temps, BY_HOUR_F)


def test_blank_lines_and_a_byte_order_mark() -> None:
    np.testing.assert_allclose(read_normals(f"\ufeff{epw(by_hour)}\n\n").temps, BY_HOUR_F)


@pytest.mark.parametrize(("write", "missing"), [(epw, "99.9"), (tmy3, "-9900"), (cz2010, "-9900.0"), (epw, "")])
def test_up_to_six_missing_hours_are_filled_over_the_ends_of_the_year_too(write: Write, missing: str) -> None:
    def temp(hour: int) -> str:
        gone = 100 <= hour < 106 or hour < 2 or hour >= HOURS - 4
        return missing if gone else str(hour / 4 - 10) if hour < 200 else "7"

    celsius = (read_normals(write(temp)).temps - 32) * 5 / 9
    np.testing.assert_allclose(celsius[99:107], np.arange(99, 107) / 4 - 10)
    np.testing.assert_allclose(celsius[[*range(HOURS - 5, HOURS), 0, 1, 2]], np.linspace(7, -9.5, 8))


def test_seven_are_not() -> None:
    with pytest.raises(BadNormals) as raised:
        read_normals(epw(lambda hour: "99.9" if 100 <= hour < 107 or hour == 500 else "10"))
    assert raised.value.reasons == [
        "8 hours have no temperature, 7 of them in a row from 5 January; at most 6 in a row are filled."
    ]


NO_NORMAL_YEAR = "This is no normal year. An EPW file begins with LOCATION; the second line of a TMY3 or CZ2010 file"


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("", NO_NORMAL_YEAR),
        ("station,start,temp_f\n725460,2014-01-01T00:00:00Z,50\n", NO_NORMAL_YEAR),
        (tmy3(columns=70), f"{NO_NORMAL_YEAR} has 71 or 69 headings, Date"),
        (tmy3().replace("Dry-bulb (C)", "Dry-bulb (F)"), NO_NORMAL_YEAR),
        (tmy3(first="722880,BURBANK, CA,CA,-8.0,34.200,-118.350,226"), NO_NORMAL_YEAR),
        (EPW_HEADER, "The year has 8,760 hours; 8,760 are missing, first 1 January, hour 1."),
        ("LOCATION,x\n" * 9, NO_NORMAL_YEAR),
        (epw(header=EPW_HEADER.replace("-8.0", "x")), "line 1: the time zone is 'x'; it must be the hours from UTC"),
        (tmy3(first='722880,"BURBANK, CA",CA,nan,34.200,-118.350,226'), "line 1: the time zone is 'nan'"),
        (epw(header=EPW_HEADER.replace("-8.0", "-480")), "line 1: the time zone is '-480'"),
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
