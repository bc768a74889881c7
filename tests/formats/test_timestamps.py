"""Times as the API reads them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.formats.timestamps import parse_datetime, parse_instant, parse_loose

offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.none() | st.just(UTC) | offsets)


@given(times)
def test_both_ways_to_read_a_time_agree(time: datetime) -> None:
    utc = time if time.tzinfo else time.replace(tzinfo=UTC)
    for text in (time.isoformat(), utc.strftime("%Y-%m-%dT%H:%M:%S.%f%z")):
        assert parse_datetime(text) == parse_loose(text) == utc
        assert parse_datetime(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2015-01-02T03:04:05Z", datetime(2015, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (" 2015-1-2 3:04 ", datetime(2015, 1, 2, 3, 4, tzinfo=UTC)),
        ("2015-01-02T03:04:05,25+02", datetime(2015, 1, 2, 1, 4, 5, 250_000, tzinfo=UTC)),
        ("2015-01-02T03:04:05.1234567Z", datetime(2015, 1, 2, 3, 4, 5, 123_456, tzinfo=UTC)),
        ("2015-01-02", datetime(2015, 1, 2, tzinfo=UTC)),
    ],
)
def test_what_is_read(text: str, read: datetime) -> None:
    assert parse_instant(text) == read


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "2015", "20150102T030405", "2015-W01-1T00:00:00", "2015-13-01T00:00:00Z", "2015-01-01T24:00:00Z"),
        *("2015-02-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2015-01-01T00:00:00+25:00", "١٢٣"),
    ],
)
def test_what_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"wrong format|must be in|out of range"):
        parse_instant(text)
