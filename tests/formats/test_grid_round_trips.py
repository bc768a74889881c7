"""Tables written in every way that people's programs write them, and read back equal."""

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eeds.errors import EedsError
from eeds.formats.date_columns import read_times
from eeds.formats.grid import read_grid
from eeds.formats.number_columns import read_numbers
from tests.formats.workbook_files import xlsx

HEADER = ["meter", "start", "value", "note"]
# Where the order of day and month is not in the format, the thirteenth has to be in the column.
FIRST = datetime(2022, 1, 13)
DATES: Sequence[str] = (
    *("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M", "%m/%d/%Y %H:%M", "%m/%d/%y %I:%M %p", "%d.%m.%Y %H:%M:%S"),
    *("%d/%m/%Y %H:%M", "%d-%b-%Y %H:%M", "%B %d, %Y %I:%M:%S %p"),
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252")
NUMBERS: Sequence[Callable[[float], str]] = (
    lambda value: f"{value:.3f}",
    lambda value: f"{value:,.2f}",
    lambda value: f"{value:.2f}".replace(".", ","),
    lambda value: f"{value:,.2f}".translate(str.maketrans(",.", ".,")),
    lambda value: f"{value:,.2f} kWh".translate(str.maketrans(",.", " ,")),
    lambda value: f"${value:,.2f}",
)
# No digits, with which lines inside a note look like rows; no letters that, one after the other, are UTF-8 too.
notes = st.lists(st.text('ab ,;"|\t\néä', max_size=8).map(str.strip), min_size=1, max_size=12)
quarters = st.integers(0, 35_000).map(lambda count: FIRST + timedelta(minutes=15 * count))


@given(
    notes,
    st.lists(quarters, min_size=11, max_size=11),
    st.lists(st.integers(0, 10**8).map(lambda cents: cents / 100), min_size=12, max_size=12),
    st.sampled_from(ENCODINGS),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(DATES),
    st.sampled_from(NUMBERS),
    st.booleans(),
)
def test_texts(
    notes: list[str],
    times: list[datetime],
    values: list[float],
    encoding: str,
    delimiter: str,
    line_end: str,
    quoting: int,
    dates: str,
    written: Callable[[float], str],
    is_packed: bool,
) -> None:
    times = [FIRST, *times][: len(notes)]
    table = [
        ["m1", time.strftime(dates), written(value), note]
        for time, value, note in zip(times, values, notes, strict=False)
    ]
    quoting = csv.QUOTE_ALL if line_end == "\r" else quoting  # else a line feed may stand there without quotes
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows([HEADER, *table])  # type: ignore[arg-type]
    data = file.getvalue().encode(encoding)
    read = read_grid(io.BytesIO(gzip.compress(data) if is_packed else data), 100, 2**20)
    assert [*read.rows] == [HEADER, *table]
    assert read.delimiter == delimiter
    assert read_times([row[1] for row in read.rows[1:]]).values == times
    assert read_numbers(["0.5" if "," not in written(0.5) else "0,5", *(row[2] for row in read.rows[1:])]).values[
        1:
    ].tolist() == [*values[: len(times)]]


@given(st.lists(st.tuples(quarters, st.floats(-1e9, 1e9)), min_size=1, max_size=5))
def test_workbooks(readings: list[tuple[datetime, float]]) -> None:
    read = read_grid(io.BytesIO(xlsx({"Data": [["start", "value"], *readings]})), 100, 2**20)
    times = read_times([row[0] for row in read.rows[1:]])
    assert times.values == [time for time, _ in readings]
    assert read_numbers([row[1] for row in read.rows[1:]]).values.tolist() == [value for _, value in readings]


@given(st.binary(max_size=200) | st.text('a1,;"\n\t|', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read = read_grid(io.BytesIO(data), 100, 2**20)
    except EedsError:
        return
    assert len(read.rows) == len(read.lines)
    assert all(any(row) for row in read.rows)
