"""Columns of dates: how they are written is decided by all cells, and what may be two dates is refused with both."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.errors import MalformedBody
from eeds.formats.clock_times import read_clock_times
from eeds.formats.date_columns import AmbiguousDates, Times, join, read_times

NEW_YEARS_EVE = datetime(2022, 12, 31)
AFTERNOON = datetime(2022, 12, 31, 13, 45)


def read(*texts: str, date_format: str | None = None) -> Times:
    times = read_times(texts, date_format)
    assert not times.wrong
    return times


def refusal(texts: Sequence[str], date_format: str | None = None) -> str:
    with pytest.raises(MalformedBody) as error:
        read_times(texts, date_format)
    return str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        *("2022-12-31", "2022/12/31", "2022.12.31", "20221231", "2022-Dec-31"),
        *("12/31/2022", "12/31/22", "12-31-2022"),
        *("31/12/2022", "31.12.2022", "31-12-2022", "31.12.22"),
        *("31-Dec-2022", "31-DEC-22", "Dec 31, 2022", "December 31 2022", "31 December 2022", "31st dec 2022"),
        *("Saturday, 31 December 2022", "Sat Dec 31, 2022", "44926"),
    ],
)
def test_a_day(text: str) -> None:
    assert read(text) == Times([NEW_YEARS_EVE], {}, True, read(text).format)


@pytest.mark.parametrize(
    "text",
    [
        *("2022-12-31 13:45", "2022-12-31T13:45:00", "2022-12-31 13:45:00.000", "202212311345", "20221231134500"),
        *("20221231T134500", "12/31/2022 13:45", "12/31/2022 1:45 PM", "12/31/22, 01:45:00 p.m.", "12/31/2022 1:45pm"),
        *("31.12.2022 13:45", "31/12/2022 13:45:00", "31-Dec-2022 13:45", "Dec 31, 2022 1:45 PM", "44926.572916666664"),
    ],
)
def test_a_time(text: str) -> None:
    times = read(text)
    assert (times.values, times.is_days) == ([AFTERNOON], False)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2022-12-31 24:00", datetime(2023, 1, 1)),
        ("31/12/2022 24:00:00", datetime(2023, 1, 1)),
        ("12/31/2022 12:15 AM", datetime(2022, 12, 31, 0, 15)),
        ("12/31/2022 12:15 PM", datetime(2022, 12, 31, 12, 15)),
        ("12/31/2022 1 PM", datetime(2022, 12, 31, 13)),
        ("2022123113", datetime(2022, 12, 31, 13)),
        ("2022-12-31T13:45:10.25", datetime(2022, 12, 31, 13, 45, 10, 250_000)),
        ("2022-12-31T13:45Z", AFTERNOON.replace(tzinfo=UTC)),
        ("20221231T134500Z", AFTERNOON.replace(tzinfo=UTC)),
        ("2022-12-31 13:45 UTC", AFTERNOON.replace(tzinfo=UTC)),
        ("2022-12-31T13:45:00-07:00", AFTERNOON.replace(tzinfo=timezone(timedelta(hours=-7)))),
        ("2022-12-31 13:45+0530", AFTERNOON.replace(tzinfo=timezone(timedelta(hours=5, minutes=30)))),
        ("1672494300", AFTERNOON.replace(tzinfo=UTC)),
        ("1672494300000", AFTERNOON.replace(tzinfo=UTC)),
        ("44926.010416666", datetime(2022, 12, 31, 0, 15)),
        ("12/31/69", datetime(2069, 12, 31)),
        ("12/31/70", datetime(1970, 12, 31)),
    ],
)
def test_times_of_all_kinds(text: str, time: datetime) -> None:
    times = read(text)
    assert times.values == [time]
    assert times.values[0].utcoffset() == time.utcoffset() if times.values[0] else False


def test_the_whole_column_decides() -> None:
    assert read("03/04/2022", "13/04/2022").values[0] == datetime(2022, 4, 3)
    assert read("03/04/2022", "04/13/2022").values[0] == datetime(2022, 3, 4)
    assert read("03.04.2022").values[0] == datetime(2022, 4, 3)
    assert read("03.04.2022", "04/05/2022").values[1] == datetime(2022, 5, 4)
    assert read("03/03/2022", "04-04-22").values == [datetime(2022, 3, 3), datetime(2022, 4, 4)]


@pytest.mark.parametrize("texts", [["05/05/2022", "03/04/2022"], ["3-4-22"], ["03/04/2022 00:15", "03/04/2022 00:30"]])
def test_a_date_that_may_be_two(texts: Sequence[str]) -> None:
    with pytest.raises(AmbiguousDates):
        read_times(texts)


def test_both_readings_are_named() -> None:
    assert refusal(["03/04/2022", ""]) == (
        "03/04/2022 may be 4 March 2022 (MM/DD/YYYY) or 3 April 2022 (DD/MM/YYYY), and no other cell of the column "
        "tells; give date_format, one of the two."
    )
    assert refusal(["13/01/2022", "01/13/2022"]) == (
        "Some dates of the column have the month first (01/13/2022), others the day (13/01/2022); write all of them "
        "alike, or as YYYY-MM-DD."
    )


def test_the_order_decides_where_it_leaves_no_doubt() -> None:
    twelve_days_of_two_months = [f"{day:02}/{month:02}/2022" for month in (1, 2) for day in range(1, 13)]
    daily = [f"{day:02}/01/2022" for day in range(1, 13)] + ["01/02/2022"]
    assert read(*twelve_days_of_two_months[:12], "01/02/2022").values[-1] == datetime(2022, 2, 1)
    assert read(*reversed(daily)).values[0] == datetime(2022, 2, 1)
    american = [f"01/{day:02}/2022" for day in range(1, 13)] + ["02/01/2022"]
    assert read(*american).values[-1] == datetime(2022, 2, 1)


@pytest.mark.parametrize(
    "texts",
    [
        [f"{number:02}/01/2022" for number in range(1, 13)],  # twelve days, or the first days of twelve months
        [f"01/{number:02}/2022" for number in range(1, 13)],
        ["10/01/2022", "09/02/2022", "11/03/2022"],  # thirty days from 10 January on, but two steps are no series
        [f"{day:02}/01/2022" for day in (1, 2, 4, 7, 8, 11, 12)] + ["01/02/2022", "05/02/2022"],  # no two steps alike
    ],
)
def test_the_order_does_not_decide_where_it_leaves_a_doubt(texts: Sequence[str]) -> None:
    assert "may be" in refusal(texts)


def test_cells_that_are_not_as_the_others() -> None:
    times = read_times(["01/31/2022"] * 3 + ["foo", "", "2022-02-31", "02/31/2022"])
    assert times.values[3:] == [None] * 4
    assert times.wrong == {
        3: "'foo' cannot be read as a date written MM/DD/YYYY, as the others are.",
        5: "'2022-02-31' cannot be read as a date written MM/DD/YYYY, as the others are.",
        6: "'02/31/2022' cannot be read as a date written MM/DD/YYYY, as the others are.",
    }
    slips = read_times(["01/31/2022"] * 30 + ["31/01/2022"])
    assert list(slips.wrong) == [30]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0022-01-31", "'0022-01-31' is in the year 22; it has to be from 1900 to 2100."),
        ("2101-01-31", "'2101-01-31' is in the year 2101; it has to be from 1900 to 2100."),
        (
            "2022-01-31 25:00",
            "'2022-01-31 25:00' has no time of day that can be read, as in 13:30, 1:30 PM or 13:30:00+01:00.",
        ),
        ("2022-01-31 24:01", "'2022-01-31 24:01' has no time of day"),
        ("2022-01-31 13:00 PM", "'2022-01-31 13:00 PM' has no time of day"),
        ("2022-01-31 13:00+25:00", "'2022-01-31 13:00+25:00' has no time of day"),
        ("9999-12-31 24:00", "'9999-12-31 24:00' has no time of day"),
        ("x" * 1000, "'" + "x" * 40 + "...' cannot be read as a date"),
    ],
)
def test_what_is_wrong_with_a_cell(text: str, message: str) -> None:
    times = read_times(["2022-01-31", "2022-02-01", text])
    assert times.values[2] is None
    assert times.wrong[2].startswith(message)


def test_a_column_of_nothing() -> None:
    assert read_times([]) == Times([], {}, False)
    assert read_times(["", ""]) == Times([None, None], {}, False)


@pytest.mark.parametrize(
    ("date_format", "text", "time"),
    [
        ("DD/MM/YYYY", "03/04/2022", datetime(2022, 4, 3)),
        ("dd/mm/yyyy", "03/04/2022 00:15", datetime(2022, 4, 3, 0, 15)),
        ("MM/DD/YYYY", "03/04/2022 1:00 PM", datetime(2022, 3, 4, 13)),
        ("MM/DD/YY HH:mm", "03/04/22 13:45", datetime(2022, 3, 4, 13, 45)),
        ("DD.MM.YYYY HH:mm", "03.04.2022 24:00", datetime(2022, 4, 4)),
        ("DD.MM.YYYY HH:mm", "03.04.2022", datetime(2022, 4, 3)),
        ("DD/MM/YYYY hh:mm:ss AM", "03/04/2022 01:00:05 PM", datetime(2022, 4, 3, 13, 0, 5)),
        ("D-MMM-YY", "3-Apr-22", datetime(2022, 4, 3)),
        ("ddd, d mmmm yyyy", "Sun, 3 April 2022", datetime(2022, 4, 3)),
        ("YYYYMMDD HHmm", "20220403 1345", datetime(2022, 4, 3, 13, 45)),
        ("HH:mm DD/MM/YY", "13:45 03/04/22", datetime(2022, 4, 3, 13, 45)),
        ("YYYY-DD-MM", "2022-03-04", datetime(2022, 4, 3)),
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2022-04-03T13:45:00.250", datetime(2022, 4, 3, 13, 45, 0, 250_000)),
        ("YYYY-MM-DDTHH:mm:ssZ", "2022-04-03T13:45:00+02:00", datetime(2022, 4, 3, 11, 45, tzinfo=UTC)),
        ("%d/%m/%Y %H:%M", "03/04/2022 13:45", datetime(2022, 4, 3, 13, 45)),
        ("%d%b%y:%H:%M", "03APR22:13:45", datetime(2022, 4, 3, 13, 45)),
        ("%Y%m%d%H%M%S", "20220403134501", datetime(2022, 4, 3, 13, 45, 1)),
        ("%I:%M %p %A %d %B %Y", "1:45 PM Sunday 03 April 2022", datetime(2022, 4, 3, 13, 45)),
    ],
)
def test_a_format_that_is_given(date_format: str, text: str, time: datetime) -> None:
    times = read(text, date_format=date_format)
    assert (times.values, times.format) == ([time], date_format)


def test_dates_of_a_workbook_need_no_format() -> None:
    assert read("2022-04-03 00:15:00", date_format="DD/MM/YYYY HH:mm").values == [datetime(2022, 4, 3, 0, 15)]
    mixed = read_times(["2022-04-03 00:15:00", "13/04/2022"], "DD/MM/YYYY")
    assert mixed.wrong == {0: "'2022-04-03 00:15:00' cannot be read as a date written DD/MM/YYYY, as the others are."}


@pytest.mark.parametrize(
    "date_format",
    [
        *("", "foo", "%Q", "%", "YYYY", "DD/MM", "MM/YYYY", "DD/MM/YY/YYYY", "DD/MM/MMM/YYYY", "DD/MM/YYYY mm AM"),
        *("YYYY/YYYY/MM/DD", "DD/MM/YYYYYY", "DDDDD/MM/YYYY", "DD/MM/YYYY \0x", "D" * 61),
    ],
)
def test_a_format_that_is_not_known(date_format: str) -> None:
    message = refusal(["2022-01-01"], date_format)
    assert message.startswith("date_format '")
    assert message.endswith("%d/%m/%Y %H:%M.")


def test_a_column_of_dates_and_one_of_times() -> None:
    dates = read_times(["12/31/2022", "12/31/2022", "12/31/2022", "", "12/31/2022", "", "12/31/2022", "x"])
    clocks = read_clock_times(["1:45 PM", "24:00", "", "13:45", "25:00", "", "0:00", "0:00"])
    assert join(dates, clocks) == Times(
        [AFTERNOON, datetime(2023, 1, 1), None, None, None, None, NEW_YEARS_EVE, None],
        {
            2: "There is no time of day in this row.",
            3: "There is no date in this row.",
            4: "'25:00' is no time of day, as in 13:30, 1:30 PM or 1330.",
            7: "'x' cannot be read as a date written MM/DD/YYYY, as the others are.",
        },
        False,
        "MM/DD/YYYY",
    )
    midnight = join(read_times(["2022-12-31 00:00:00", "2022-12-31 01:00"]), read_clock_times(["13:45", "13:45"]))
    assert midnight.values == [AFTERNOON, None]
    assert midnight.wrong == {1: "The date has a time of day itself, 01:00:00, beside the one in its own column."}


@pytest.mark.parametrize(
    ("texts", "minutes"),
    [
        (["0100", "100", "2400", "0", "1345"], [60, 60, 1440, 0, 825]),
        (["0", "1", "23", "24"], [0, 60, 1380, 1440]),
        (["12:15 AM", "12:15 p.m.", "1:00:00 PM", "13:30", "1 am"], [15, 735, 780, 810, 60]),
        (["0.5", ".25", "0.010416666"], [720, 360, 15]),
    ],
)
def test_times_of_day(texts: Sequence[str], minutes: Sequence[int]) -> None:
    clocks = read_clock_times(texts)
    assert clocks.values == [timedelta(minutes=each) for each in minutes]
    assert clocks.wrong == {}


def test_what_is_no_time_of_day() -> None:
    texts = [
        "2401",
        "1360",
        "25:00",
        "13:60",
        "0:00 AM",
        "13:00 PM",
        "noon",
        "12:00+01:00",
        "1:" + " " * 100_000 + "x",
        "-1:00",
    ]
    clocks = read_clock_times([*texts, "1345", ""])
    assert clocks.values == [None] * len(texts) + [timedelta(hours=13, minutes=45), None]
    assert sorted(clocks.wrong) == list(range(len(texts)))


@given(st.lists(st.text(max_size=30), max_size=5), st.none() | st.text(max_size=30))
def test_any_text_is_read_or_refused(texts: list[str], date_format: str | None) -> None:
    try:
        times = read_times(texts, date_format)
    except MalformedBody:
        return
    for place, text in enumerate(texts):
        assert (times.values[place] is None) == (place in times.wrong or not text)


def test_texts_of_any_length_are_looked_through_once() -> None:
    long = [" " * 100_000 + "m", "1:" + " " * 100_000 + "!", "1 jan" + " " * 100_000 + "x", "1" * 100_000]
    assert len(read_times(long).wrong) == len(read_times(long, "ddd DD MMM YYYY").wrong) == 4
