"""Files as people have them, read to a grid of texts, or refused with what is wrong and where."""

import gzip
import io
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.grid import Grid, read_grid
from tests.formats.workbook_files import xlsx

MAX_ROWS, MAX_BYTES = 500_000, 32 * 2**20
QUARTERS = 35_040  # hours of a year


def grid(data: bytes, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES, sheet: str | None = None) -> Grid:
    return read_grid(io.BytesIO(data), max_rows, max_bytes, sheet)


def rows(data: bytes | str) -> Sequence[Sequence[str]]:
    return [list(row) for row in grid(data.encode() if isinstance(data, str) else data).rows]


def refusal(data: bytes | str, **limits: Any) -> str:
    with pytest.raises(MalformedBody) as error:
        grid(data.encode() if isinstance(data, str) else data, **limits)
    return str(error.value)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("größe,°C\nä,1\n".encode(), "utf-8"),
        ("größe,°C\nä,1\n".encode("utf-8-sig"), "utf-8"),
        ("größe,°C\nä,1\n".encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + "größe,°C\nä,1\n".encode("utf-16-be"), "utf-16-be"),
        ("größe,°C\nä,1\n".encode("utf-16-le"), "utf-16-le"),
        ("größe,°C\nä,1\n".encode("utf-16-be"), "utf-16-be"),
        ("größe,°C\nä,1\n".encode("windows-1252"), "windows-1252"),
    ],
)
def test_encodings_are_recognised(data: bytes, encoding: str) -> None:
    read = grid(data)
    assert [*read.rows] == [["größe", "°C"], ["ä", "1"]]
    assert (read.encoding, read.delimiter, read.sheet) == (encoding, ",", None)


def test_utf_16_without_a_mark_is_recognised_beside_other_letters() -> None:
    assert rows("€,kWh\n1,2\n".encode("utf-16-le")) == [["€", "kWh"], ["1", "2"]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a,b\n1,\x00\n", "Line 2 has a NUL character; the file is no text, or damaged."),
        (b"a,b\r\rc\x81,\xe4\n", "The byte 0x81 on line 3 is text neither in UTF-8 nor in Windows-1252"),
        (b"\xef\xbb\xbfa\nb\n\xff", "The file begins as text in UTF-8, but line 3 is not."),
        (b"\xff\xfea\0\n\0\x00\xd8b\0", "The file begins as text in UTF-16-LE, but line 2 is not."),
        (b"%PDF-1.7 ...", "The file is no table but a PDF; download the data as CSV or XLSX."),
        (
            b"<!doctype html><html>",
            "The file is no table but a web page: the login page of a site in place of the file, or a table",
        ),
        (b"<?xml version='1.0'?><feed/>", "no table but XML; a Green Button file has a command of its own"),
        (b"\x89PNG\r\n\x1a\n", "no table but a picture."),
        (gzip.compress(gzip.compress(b"a,b")), "The file is packed by gzip twice; unpack it once."),
        (gzip.compress(b"a,b\n1,2\n")[:-6], "cut short"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, message: str) -> None:
    assert message in refusal(data)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, line_end: str) -> None:
    table = [["start", "value"], ["2022-01-01", "1.5"], ["2022-01-02", "2.5"]]
    read = grid(line_end.join(map(delimiter.join, table)).encode())
    assert ([*read.rows], [*read.lines], read.delimiter) == (table, [1, 2, 3], delimiter)


def test_a_decimal_comma_is_no_delimiter() -> None:
    assert rows("Datum;Wert\n01.01.2022;1,5\n02.01.2022;2,5\n")[1] == ["01.01.2022", "1,5"]
    assert rows("01.01.2022;1,5;3,5\n02.01.2022;2,5;4,5\n")[0] == ["01.01.2022", "1,5", "3,5"]
    assert rows("Date\tkWh\nJan 1, 2022\t1\nJan 2, 2022\t2\n")[1] == ["Jan 1, 2022", "1"]


def test_delimiters_inside_quotes_do_not_count() -> None:
    assert rows('a,b\n"x;y;z",1\n"x;y;z",2\n"x;y;z",3\n')[1] == ["x;y;z", "1"]


def test_lines_above_the_header_and_of_other_lengths_are_kept() -> None:
    read = grid(b'Name,Jane Doe\nAddress,"1 Main St"\n\n ,\n\nTYPE,DATE,USAGE\nElectric usage,2022-01-01,1\nx\n')
    assert [*read.rows] == [
        ["Name", "Jane Doe"],
        ["Address", "1 Main St"],
        ["TYPE", "DATE", "USAGE"],
        ["Electric usage", "2022-01-01", "1"],
        ["x"],
    ]
    assert [*read.lines] == [1, 2, 6, 7, 8]


def test_a_file_whose_cells_are_all_in_quotes() -> None:
    assert [*grid(b'"a"\t"b"\n"1"\t"2"\n').rows] == [["a", "b"], ["1", "2"]]


def test_a_line_with_more_cells_than_a_sheet_has_columns() -> None:
    assert refusal("a,b\n" + "," * 16_384) == "Line 2 has more than 16,384 cells; the file is no table."


def test_a_sheet_of_what_is_no_workbook() -> None:
    assert refusal("a,b", sheet="Data") == "The file is no workbook, so that it has no sheet 'Data'."
    assert refusal(parquet(), sheet="Data") == "The file is no workbook, so that it has no sheet 'Data'."


def test_blanks_of_every_kind_are_stripped() -> None:
    assert rows(" a ,\xa0b\u202f\n\ufeff1\u200b,\t2 \n") == [["a", "b"], ["1", "2"]]


def test_one_column_and_nothing_at_all() -> None:
    assert rows("value\n1\n2\n") == [["value"], ["1"], ["2"]]
    assert rows("") == rows("\n\n , \n") == []


def test_what_excel_says_to_itself_is_understood() -> None:
    read = grid(b'sep=|\r\nid|value\r\n="00123"|1,5\r\n"=""00124"""|"2|5"\r\n')
    assert [*read.rows] == [["id", "value"], ["00123", "1,5"], ["00124", "2|5"]]
    assert ([*read.lines], read.delimiter) == ([2, 3, 4], "|")


def test_quotes_protect_delimiters_quotes_and_line_breaks() -> None:
    read = grid(b'id,note,value\n1,"a, ""b""\r\nand c",2\n3, "d" ,4\n5,6" pipe,7\n"","x\n\ny",8\n')
    assert read.rows[1:] == [["1", 'a, "b"\nand c', "2"], ["3", "d", "4"], ["5", '6" pipe', "7"], ["", "x\n\ny", "8"]]
    assert [*read.lines] == [1, 2, 4, 5, 6]


def test_a_row_of_two_cells_may_go_over_two_lines() -> None:
    assert rows('a,b\n"1\n2",3\n4,5\n') == [["a", "b"], ["1\n2", "3"], ["4", "5"]]


ADVICE = 'Close the quote or leave it out; a quote inside a quoted cell is written twice ("").'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'id,start,value\nm,"1,2022-01-01,1\nm,2022-01-02,2\nm,2022-01-03,3\n',
            f"The quote before '1,2022-01-01,1' on line 2 does not close: it swallows the 2 lines after it. {ADVICE}",
        ),
        (
            'id,start,value\nm,1,2\n"m,2022-01-01,1',
            f"The quote before 'm,2022-01-01,1' on line 3 does not close: it swallows the 0 lines after it. {ADVICE}",
        ),
        (
            'id,start,value\n"m,2022-01-01,1\nm,2022-01-02,2\n"m,2022-01-03,3\nm,2022-01-04,4\n',
            "The quote on line 2 ('\"m,2022-01-01,1') closes only on line 4 ('\"m,2022-01-03,3'): "
            f"it swallows the 2 lines after it. {ADVICE}",
        ),
        (
            'id,start,value\nm,"2022-01-01,1\nm,2022-01-02,2\nm,2022-01-03",3\nm,2022-01-04,4\n',
            "The quote on line 2 ('m,\"2022-01-01,1') closes only on line 4 ('m,2022-01-03\",3'): "
            f"it swallows the 2 lines after it. {ADVICE}",
        ),
        ('id,value\n"a"b,1\n', f"On line 2, 'b' follows a closing quote. {ADVICE}"),
    ],
)
def test_a_quote_that_does_not_close_where_it_should(text: str, message: str) -> None:
    assert refusal(text) == message


def test_a_million_quotes_are_read_in_time_that_grows_with_the_file() -> None:
    assert len(rows('a,"\n' + '""\n' * 300_000 + '",b\n')) == 1
    assert len(rows("a" + ',"\n"' * 16_383)) == 1
    assert "300,000 lines" in refusal('a,"\n' + '""\n' * 300_000)


def test_limits_of_texts() -> None:
    assert len(grid(b"a\n\nb\n\nc\n", max_rows=3).rows) == 3
    with pytest.raises(BodyTooLarge, match="more than 2 rows"):
        grid(b"a\n\nb\n\nc\n", max_rows=2)
    with pytest.raises(BodyTooLarge, match="more than 1 MB; send it in parts"):
        grid(b"a,b\n" * 2**18 + b"c", max_bytes=2**20)


def test_gzip_is_unpacked_up_to_the_limit() -> None:
    assert rows(gzip.compress(b"a;b\n1;2\n")) == [["a", "b"], ["1", "2"]]
    assert rows(gzip.compress(xlsx({"Data": [["a"], [1]]}))) == [["a"], ["1"]]
    with pytest.raises(BodyTooLarge, match="more than 1 MB"):
        grid(gzip.compress(bytes(50 * 2**20)), max_bytes=2**20)


TABLE = pa.table(
    {" start ": ["2022-01-01", None, None], "value": [1.5, None, 2.0], "id": pa.array([1, None, 2**53 + 1])}
)
READ = [["start", "value", "id"], ["2022-01-01", "1.5", "1"], ["", "2.0", str(2**53 + 1)]]


def parquet() -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(TABLE, file)
    return file.getvalue()


def arrow_stream() -> bytes:
    file = io.BytesIO()
    with pa.ipc.new_stream(file, TABLE.schema) as stream:
        stream.write_table(TABLE)
    return file.getvalue()


def arrow_file(compression: str = "uncompressed") -> bytes:
    file = io.BytesIO()
    pyarrow.feather.write_feather(TABLE, file, compression=compression)
    return file.getvalue()


@pytest.mark.parametrize(
    "data", [parquet(), arrow_stream(), arrow_file(), arrow_file("zstd"), gzip.compress(parquet())]
)
def test_arrow_and_parquet(data: bytes) -> None:
    read = grid(data)
    assert list(map(list, read.rows)) == READ
    assert [*read.lines] == [0, 1, 3]
    assert (read.encoding, read.delimiter, read.sheet) == (None, None, None)
    with pytest.raises(BodyTooLarge, match="more than 2 rows"):
        grid(data, max_rows=2)


@pytest.mark.parametrize("data", [parquet(), arrow_stream(), arrow_file()])
def test_damaged_arrow_and_parquet(data: bytes) -> None:
    assert "cannot be read" in refusal(data[: len(data) // 2])


def test_a_parquet_file_that_unpacks_to_more_than_the_limit() -> None:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"a": ["x" * 1000] * 5000}), file)
    with pytest.raises(BodyTooLarge, match="more than 1 MB unpacked"):
        grid(file.getvalue(), max_bytes=2**20)


def test_a_year_of_quarter_hours() -> None:
    text = "start,value\n" + "".join(f"2022-01-01,{place}\n" for place in range(QUARTERS))
    assert rows(text)[-1] == ["2022-01-01", str(QUARTERS - 1)]
    assert len(
        rows(xlsx({"Data": [["start", "value"], *([44562 + place / 96, place] for place in range(QUARTERS))]}))
    ) == (QUARTERS + 1)
