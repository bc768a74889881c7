"""Reads a workbook from standard input, and writes the cells of one sheet to standard output as JSON.

    python workbook_process.py '{"max_rows": 500000, "max_bytes": 33554432, "sheet": null}' < book.xlsx

The answer has `sheet`, `rows` of texts and `lines` (the row of the sheet that each is), or what is wrong for the user:
`malformed` or `too_large`. A process that ends otherwise had a damaged file, or reached the limits that it sets itself.
Run as a script by eeds.formats.workbooks: it imports nothing of eeds.
"""

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

MAX_MEMORY = 2**30  # bytes; 500,000 rows of 5 columns take 600 MB
MAX_CPU_SECONDS = 40
MAX_UNPACKED = 16  # times the limit of the text: XML says much about each cell
EXACT = 2**53  # from here on a number has not all digits of an id


class TooLargeError(Exception):
    """The table has more than it may; the text is for the user."""


class MalformedError(Exception):
    """The workbook has no one table; the text is for the user."""


def main(limits: str, data: bytes) -> dict[str, Any]:
    """The answer."""
    try:
        return read(data, **json.loads(limits))
    except TooLargeError as error:
        return {"too_large": str(error)}
    except MalformedError as error:
        return {"malformed": str(error)}
    except python_calamine.PasswordError:
        return {"malformed": "The workbook is protected by a password; save it without one."}
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError) as error:
        return {"malformed": f"The workbook cannot be read: {error}."}


def read(data: bytes, max_rows: int, max_bytes: int, sheet: str | None) -> dict[str, Any]:
    """The cells of the sheet. Raises TooLargeError and MalformedError."""
    if data.startswith(b"PK"):
        require_small_unpacked(data, max_bytes * MAX_UNPACKED)
    with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
        name, rows = choose(workbook, sheet)
    kept: list[list[str]] = []
    lines: list[int] = []
    size = 0
    for line, row in enumerate(rows, 1):
        cells = [text_of(value) for value in row]
        if any(cells):
            size += sum(map(len, cells))
            if len(kept) >= max_rows:
                raise TooLargeError(f"The table has more than {max_rows:,} rows; send it in parts.")
            if size > max_bytes:
                raise TooLargeError(f"The sheet has more than {max_bytes / 2**20:,.0f} MB of text; send it in parts.")
            kept.append(cells)
            lines.append(line)
    return {"sheet": name, "rows": kept, "lines": lines}


def require_small_unpacked(data: bytes, limit: int) -> None:
    """Raises TooLargeError for a zip that says that it holds more; one that lies ends at the limits of the process."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > limit:
            raise TooLargeError(f"The workbook has more than {limit / 2**20:,.0f} MB unpacked; save the sheet as CSV.")


Rows = Sequence[Sequence[Any]]


def choose(workbook: python_calamine.CalamineWorkbook, sheet: str | None) -> tuple[str, Rows]:
    """The name and the rows of the sheet that is meant; raises MalformedError if that cannot be told."""
    names = [each.name for each in workbook.sheets_metadata if each.typ == python_calamine.SheetTypeEnum.WorkSheet]
    if sheet is not None:
        if sheet not in names:
            raise MalformedError(f"The workbook has no sheet {sheet!r}; it has: {listed(names)}.")
        return sheet, rows_of(workbook, sheet)
    filled = {name: rows for name in names if (rows := rows_of(workbook, name))}
    if not filled:
        raise MalformedError(f"The workbook has nothing in its sheets: {listed(names)}.")
    # a title page, or the date of a report, is no table
    tables = (
        {name: rows for name, rows in filled.items() if sum(map(has_cell, rows)) > 1} if len(filled) > 1 else filled
    )
    if len(tables) != 1:
        raise MalformedError(
            f"The workbook has several sheets: {listed(tables or filled)}; name the one that is meant."
        )
    return next(iter(tables.items()))


def rows_of(workbook: python_calamine.CalamineWorkbook, name: str) -> Sequence[Sequence[Any]]:
    """The rows of a sheet from its first on, blank ones too; none if no cell has anything."""
    rows: Sequence[Sequence[Any]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return rows if any(map(has_cell, rows)) else []


def has_cell(row: Sequence[Any]) -> bool:
    """Whether a row has anything in it."""
    return any(value != "" for value in row)


def listed(names: Iterable[str]) -> str:
    """The names of sheets, as a message shows them."""
    return ", ".join(map(repr, names))


def text_of(value: Any) -> str:
    """A cell as a text: whole numbers without a fraction, times as in ISO 8601 to the second."""
    match value:
        case str():
            return value.strip("\ufeff\u200b \t\r\n\xa0\u202f\u2007")
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < EXACT:
            return str(int(value))
        case datetime() | time():
            return rounded(value)
        case timedelta():
            return clock(value)
        case date() | int() | float():
            return str(value)
    raise MalformedError(f"The workbook has a cell of a kind that is not known: {value!r}.")


def rounded(value: datetime | time) -> str:
    """A time to the second: a workbook has fractions of a day, of which few are whole seconds."""
    if isinstance(value, datetime):
        return str((value + timedelta(microseconds=500_000)).replace(microsecond=0))
    return clock(
        timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    )


def clock(value: timedelta) -> str:
    """A time of day, or a duration of more than a day, as hh:mm:ss."""
    seconds = round(value.total_seconds())
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    json.dump(main(sys.argv[1], sys.stdin.buffer.read()), sys.stdout)
