"""Wide tables: the days of clock changes, the names of columns, and that they equal long ones."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.records.files.reading import HOUSEHOLD, read, readings, refused

SPRING, AUTUMN, USUAL = "2022-03-13", "2022-11-06", "2022-06-01"
HOURS = [f"{hour:02}:00" for hour in range(24)]


def wide(labels: Sequence[str], *rows: tuple[str, Sequence[object]]) -> str:
    """A table of days."""
    lines = [["date", *labels], *([day, *map(str, values)] for day, values in rows)]
    return "".join(",".join(line) + "\n" for line in lines)


def starts_and_values(text: str) -> list[tuple[str, float | None]]:
    """Readings without what is the same in all."""
    return [(each.start, each.value) for each in readings(read(text, **HOUSEHOLD))]


@pytest.mark.parametrize(
    "labels",
    [
        HOURS,
        [f"{hour}:00" for hour in range(1, 25)],
        [f"{hour:02}:00" for hour in [*range(1, 24), 0]],
        [f"HE{hour:02}" for hour in range(1, 25)],
        [f"Hour {hour}" for hour in range(1, 25)],
        [str(hour) for hour in range(24)],
        [str(hour) for hour in range(1, 25)],
        [f"{(hour + 11) % 12 + 1}:00 {'AM' if hour < 12 else 'PM'}" for hour in range(24)],
        [f"kWh_{hour:02}00" for hour in range(1, 25)],
        [f"{hour:02}:00 - {hour + 1:02}:00" for hour in range(24)],
    ],
)
def test_names_of_hours(labels: Sequence[str]) -> None:
    file = read(wide(labels, (USUAL, range(24))), **HOUSEHOLD)
    assert file.plan.kind == "wide table"
    found = readings(file)
    assert (found[0].start, found[0].end, found[0].value) == ("2022-06-01T05:00", "2022-06-01T06:00", 0)
    assert (found[-1].start, found[-1].end, found[-1].value) == ("2022-06-02T04:00", "2022-06-02T05:00", 23)


@pytest.mark.parametrize(
    ("labels", "minutes"),
    [
        ([f"Interval {number}" for number in range(1, 97)], 15),
        ([f"{number // 4:02}:{number % 4 * 15:02}" for number in range(96)], 15),
        ([f"kwh_{number // 4:02}{number % 4 * 15:02}" for number in range(1, 97)], 15),
        ([f"{number // 2:02}:{number % 2 * 30:02}" for number in range(48)], 30),
        ([f"INT{number:03}" for number in range(1, 49)], 30),
    ],
)
def test_parts_of_hours(labels: Sequence[str], minutes: int) -> None:
    found = readings(read(wide(labels, (USUAL, range(len(labels)))), **HOUSEHOLD))
    first = datetime(2022, 6, 1, 5, tzinfo=UTC)
    assert [each.start for each in found] == [
        f"{first + timedelta(minutes=minutes * number):%Y-%m-%dT%H:%M}" for number in range(len(labels))
    ]


def test_a_spring_day_with_an_empty_hour() -> None:
    values = [1, 1, "", *[1] * 21]
    found = starts_and_values(wide(HOURS, (SPRING, values)))
    assert [start for start, _ in found][1:3] == ["2022-03-13T07:00", "2022-03-13T08:00"]
    assert (len(found), found[-1][0]) == (23, "2022-03-14T04:00")


def test_a_spring_day_that_ends_an_hour_early() -> None:
    found = starts_and_values(wide(HOURS, (SPRING, [*range(23), ""])))
    assert found == [(start, number) for number, (start, _) in enumerate(found)]
    assert (len(found), found[2], found[-1]) == (23, ("2022-03-13T08:00", 2), ("2022-03-14T04:00", 22))


def test_a_spring_day_with_too_many_hours() -> None:
    file = read(wide(HOURS, (SPRING, range(24))), **HOUSEHOLD)
    assert refused(file) == ["2 start: No clock of America/Chicago showed this time: clocks went forward."]
    assert len(readings(file)) == 23


def test_an_autumn_day_with_an_hour_more_at_its_end() -> None:
    labels = [f"HE{hour:02}" for hour in range(1, 26)]
    found = starts_and_values(wide(labels, (AUTUMN, range(25)), ("2022-11-07", [*range(24), ""])))
    assert found[:25] == [
        (f"{datetime(2022, 11, 6, 5, tzinfo=UTC) + timedelta(hours=hour):%Y-%m-%dT%H:%M}", hour) for hour in range(25)
    ]
    assert found[25:][0] == ("2022-11-07T06:00", 0)
    assert len(found) == 49


@pytest.mark.parametrize("again", ["02:00*", "02:00 DST", "02:00"])
def test_an_autumn_day_with_an_hour_more_in_its_middle(again: str) -> None:
    labels = ["01:00", "02:00", again, *[f"{hour:02}:00" for hour in range(3, 25)]]
    text = wide(labels, (USUAL, [1, 2, "", *range(3, 25)]), (AUTUMN, range(1, 26)))
    found = starts_and_values(text)
    assert found[:24] == [
        (f"{datetime(2022, 6, 1, 5, tzinfo=UTC) + timedelta(hours=hour):%Y-%m-%dT%H:%M}", hour + 1)
        for hour in range(24)
    ]
    assert found[24:27] == [("2022-11-06T05:00", 1), ("2022-11-06T06:00", 2), ("2022-11-06T07:00", 3)]
    assert found[-1] == ("2022-11-07T05:00", 25)


def test_an_autumn_day_of_24_columns_has_an_hour_of_two() -> None:
    found = readings(read(wide(HOURS, (AUTUMN, range(24))), **HOUSEHOLD))
    assert [(each.start, each.end) for each in found[1:3]] == [
        ("2022-11-06T06:00", "2022-11-06T08:00"),
        ("2022-11-06T08:00", "2022-11-06T09:00"),
    ]


def test_a_usual_day_with_an_hour_more_is_refused() -> None:
    labels = [f"HE{hour:02}" for hour in range(1, 26)]
    file = read(wide(labels, (USUAL, range(25))), **HOUSEHOLD)
    assert refused(file) == ["2 start: The day has fewer hours than the row has values."]


def test_cells_that_are_no_numbers_and_rows_that_are_no_days() -> None:
    file = read(wide(HOURS, (USUAL, ["oops", *range(1, 24)]), ("2022-06-02 05:00", range(24))), **HOUSEHOLD)
    assert refused(file) == [
        "3 start: A row of a wide table is a day; this is a time of day too.",
        "2 00:00: 'oops' is no number.",
    ]
    assert len(readings(file)) == 23


@settings(max_examples=20)
@given(
    st.sampled_from(["America/Chicago", "Europe/Berlin", "America/Phoenix"]),
    st.dates(date(1990, 1, 1), date(2036, 1, 1)),
    st.sampled_from([60, 30, 15]),
    st.integers(1, 30),
)
def test_wide_equals_long(name: str, first: date, minutes: int, days: int) -> None:
    """The same readings, once a row a day with the columns of an hour more, once a row each."""
    zone, per_hour = ZoneInfo(name), 60 // minutes
    rows, lines, number = [], [], 0
    for day in (first + timedelta(days=each) for each in range(days)):
        begin = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
        following = day + timedelta(days=1)
        end = datetime(following.year, following.month, following.day, tzinfo=zone).timestamp()
        count = int(end - begin) // (minutes * 60)
        rows.append((str(day), [*range(number, number + count), *[""] * (25 * per_hour - count)]))
        for part in range(count):
            local = datetime.fromtimestamp(begin + part * minutes * 60, zone)
            lines.append(f"{local:%Y-%m-%d %H:%M},{number + part}\n")
        number += count
    labels = [f"Interval {each}" for each in range(1, 25 * per_hour + 1)]
    by_wide = readings(read(wide(labels, *rows), **HOUSEHOLD), zone)
    by_long = readings(read("start,value\n" + "".join(lines), **HOUSEHOLD), zone)
    assert [(each.start, each.value) for each in by_wide] == [(each.start, each.value) for each in by_long]
