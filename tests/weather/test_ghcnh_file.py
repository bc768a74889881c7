"""Reading GHCNh files of both versions: which temperatures are good, and which files are not what they should be."""

import io
from collections.abc import Callable

import numpy as np
import pytest

from eeds.weather.sources import BadFile
from eeds.weather.sources.ghcnh_file import Observations, read_observations
from tests.weather.ghcnh_files import DES_MOINES_PLACE, Observation, hourly, psv_1_0_1, psv_1_1_0

Write = Callable[..., bytes]


def read(content: bytes) -> Observations:
    return read_observations(io.BytesIO(content), "FILE")


@pytest.mark.parametrize("write", [psv_1_1_0, psv_1_0_1])
def test_both_versions(write: Write) -> None:
    found = read(write([Observation("2014-01-01T00:53:00", "-12.3"), Observation("2014-01-01T03:05:00", "0")]))
    assert (found.station, found.latitude, found.longitude) == ("USW00014933", *DES_MOINES_PLACE)
    assert found.times.tolist() == np.array(["2014-01-01T00:53", "2014-01-01T03:05"], "datetime64[s]").tolist()
    assert found.temps.tolist() == [-12.3, 0.0]


def test_numbers_without_leading_zeros() -> None:
    content = psv_1_0_1([Observation("2014-01-01T03:05:00", "1.5")]).replace(b"|2014|01|01|03|05|", b"|2014|1|1|3|5|")
    assert read(content).times.tolist() == [np.datetime64("2014-01-01T03:05:00").item()]


@pytest.mark.parametrize(
    ("quality", "source", "good"),
    [
        # nothing to complain of, in words and figures
        *[(code, "343", True) for code in ("", "0", "1", "4", "5", "9")],
        *[(code, "343", False) for code in ("2", "3", "6", "7")],
        # GHCNh's own checks
        *[(code, "220", False) for code in ("o", "d", "h", "w", "p", "L", "S", "K", "U")],
        # edits by the staff of the old dataset; other letters there are checks as well
        *[(code, "313", True) for code in ("A", "C", "I", "M", "P", "R", "U")],
        *[(code, "348", False) for code in ("L", "S", "d")],
        ("", "", True),
        ("1", "", True),
        ("oS", "343", False),
    ],
)
def test_quality_codes(quality: str, source: str, good: bool) -> None:
    seen = [Observation("2014-01-01T00:53:00", "1.5", quality, source), Observation("2014-01-01T01:53:00", "2.5")]
    assert read(psv_1_1_0(seen)).temps.tolist() == ([1.5, 2.5] if good else [2.5])


@pytest.mark.parametrize(
    ("temp", "good"), [("", False), ("-70", True), ("60.0", True), ("-70.1", False), ("60.1", False), ("999.9", False)]
)
def test_temperatures_that_cannot_be(temp: str, good: bool) -> None:
    assert read(psv_1_1_0([Observation("2014-01-01T00:53:00", temp)])).temps.size == good


def test_a_few_malformed_lines_are_left_out() -> None:
    """A remark may have a | in it."""
    lines = psv_1_1_0(hourly(2014, hours=200)).splitlines(keepends=True)
    lines[7] = lines[7].replace(b"SOMEWHERE", b"SOME|WHERE")
    assert read(b"".join(lines)).temps.size == 199


def test_a_quote_is_nothing_special() -> None:
    content = psv_1_1_0(hourly(2014, hours=3)).replace(b"|SOMEWHERE INTL AP|", b'|"THE" PLACE|', 1)
    assert read(content.replace(b"|SOMEWHERE INTL AP|", b'|"SOMEWHERE|', 1)).temps.size == 3


HEADER, *LINES = psv_1_1_0(hourly(2014, hours=50)).splitlines(keepends=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "FILE is empty."),
        (
            b"<!DOCTYPE html>\n<html><body>Maintenance</body></html>\n",
            r"FILE is no GHCNh file: it has no column station, latitude, longitude, temperature, "
            r"temperature_quality_code, temperature_source_code, year, month, day, hour, minute; "
            r"it begins '<!DOCTYPE html>'\.",
        ),
        (
            HEADER.replace(b"|temperature_Quality_Code|", b"|temperature_QC|") + LINES[0],
            r"FILE is no GHCNh file: it has no column temperature_quality_code; it begins 'STATION\|Station_name\|DATE",
        ),
        (HEADER, "FILE has 0 lines of observations and 0 malformed ones."),
        (HEADER + b"".join(LINES)[:-300], "FILE was cut short: its last line ends in the middle."),
        (HEADER + b"".join([LINES[0], *[b"a|" + line for line in LINES]]), "FILE has 1 lines of .* and 50 malformed"),
        (HEADER + LINES[0].replace(b"|10.0|", b"|warm|"), "FILE cannot be read: .*conversion error to double.*'warm'"),
        (
            HEADER + LINES[0].replace(b"2014-01-01T", b"01/01/2014 "),
            "FILE has a time that cannot be read: .*01/01/20",
        ),
        (
            HEADER + LINES[0] + LINES[1].replace(b"USW00014933", b"USW00094971"),
            "FILE should have one .* 'USW00014933', 'USW00094971'",
        ),
        (HEADER + LINES[0].replace(b"USW00014933", b""), "FILE should have one station in it, and has ''."),
        (HEADER + b"\xff" + LINES[0], "FILE cannot be read: .*UTF8"),
    ],
)
def test_what_is_no_such_file(content: bytes, message: str) -> None:
    with pytest.raises(BadFile, match=f"^{message}"):
        read(content)
