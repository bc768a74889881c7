"""Reads a workbook from standard input, and writes the cells of one sheet to standard output as JSON.

    python workbook_process.py '{"max_rows": 500000, "max_bytes": 33554432, "sheet": null}' < book.xlsx

The answer is a line with `sheet`, and one for each row with its number in the sheet and its texts; or a line with what
is wrong for the user, `malformed` or `too_large`. A process that ends otherwise had a damaged file, or reached the
limits that it sets itself. Run as a script by eeds.formats.workbooks: it imports nothing of eeds.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

import python_calamine

MAX_MEMORY = 2**30  # bytes; 500,000 rows of 5 columns take 400 MB
MAX_CPU_SECONDS = 40
MAX_UNPACKED = 16  # times the limit of the text: XML says much about each cell
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
ERROR_CELL = re.compile(rb'<c\s([^>]*\bt="e"[^>]*)>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>(#[^<]{1,40})</v>')
PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
EXACT = 2**53  # from here on a number has not all digits of an id


class TooLargeError(Exception):
    """The table has more than it may; the text is for the user."""


class MalformedError(Exception):
    """The workbook has no one table; the text is for the user."""


def main(limits: str, data: bytes) -> list[Any]:
    """The lines of the answer."""
    try:
        return read(data, **json.loads(limits))
    except TooLargeError as error:
        return [{"too_large": str(error)}]
    except MalformedError as error:
        return [{"malformed": str(error)}]
    except MemoryError:
        return [{"too_large": "The workbook needs more memory than an upload may take; save the sheet as CSV."}]
    except python_calamine.PasswordError:
        return [{"malformed": "The workbook is protected by a password; save it without one."}]
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError) as error:
        return [{"malformed": f"The workbook cannot be read, it is damaged or no XLSX, XLS or ODS: {error}."}]


def read(data: bytes, max_rows: int, max_bytes: int, sheet: str | None) -> list[Any]:
    """The sheet, and its rows. Raises TooLargeError and MalformedError."""
    if data.startswith(b"PK"):
        require_small_unpacked(data, max_bytes * MAX_UNPACKED)
    with python_calamine.load_workbook(io.BytesIO(data)) as workbook:
        name, rows = choose(workbook, sheet)
    errors = error_cells(data, name) if data.startswith(b"PK") else {}
    kept: list[tuple[int, list[str]]] = []
    size = 0
    for line, row in enumerate(rows, 1):
        cells = [TEXTS[type(value)](value) for value in row]
        for column, error in errors.get(line, {}).items():
            cells[column] = error
        if any(cells):
            size += sum(map(len, cells)) + len(cells)  # as a CSV, which has something between them
            if len(kept) >= max_rows:
                raise TooLargeError(f"The table has more than {max_rows:,} rows; send it in parts.")
            if size > max_bytes:
                raise TooLargeError(f"The sheet has more than {max_bytes / 2**20:,.0f} MB of text; send it in parts.")
            kept.append((line, cells))
    return [{"sheet": name}, *kept]


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


def error_cells(data: bytes, sheet: str) -> Mapping[int, Mapping[int, str]]:
    """The errors in the cells of a sheet of an XLSX (#DIV/0!), by row and column: the library leaves them empty."""
    found: dict[int, dict[int, str]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        path = path_of(archive, sheet)
        xml = archive.read(path) if path else b""
    if b't="e"' in xml:
        for attributes, error in ERROR_CELL.findall(xml):
            if place := PLACE.search(attributes):
                found.setdefault(int(place[2]), {})[column_number(place[1])] = error.decode()
    return found


def path_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Where in an XLSX a sheet is; None for a file of another kind."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    sheets = elements(archive, "xl/workbook.xml", f"{MAIN}sheet")
    targets = elements(archive, "xl/_rels/workbook.xml.rels")
    id = next((each.get(f"{RELATION}id") for each in sheets if each.get("name") == sheet), None)
    target = next((each.get("Target", "") for each in targets if each.get("Id") == id), "")
    path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return path if path in archive.namelist() else None


def elements(archive: zipfile.ZipFile, path: str, tag: str | None = None) -> Iterator[ElementTree.Element]:
    """The elements of an XML file in a zip, all or those of a tag."""
    return ElementTree.fromstring(archive.read(path)).iter(tag)  # noqa: S314 - expat and this process have limits


def column_number(letters: bytes) -> int:
    """The column by its letters, from 0: A, B ... Z, AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def has_cell(row: Sequence[Any]) -> bool:
    """Whether a row has anything in it."""
    return any(value != "" for value in row)


def listed(names: Iterable[str]) -> str:
    """The names of sheets, as a message shows them."""
    return ", ".join(map(repr, names))


def number(value: float) -> str:
    """A number, whole ones without a fraction where it has all digits."""
    return str(int(value)) if value.is_integer() and abs(value) < EXACT else str(value)


def stripped(value: str) -> str:
    """A text without blanks around it."""
    return value.strip().strip("\ufeff\u200b").strip()


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


# The cells as texts, by what the library makes of them: times as in ISO 8601, to the second.
TEXTS: Mapping[type, Callable[[Any], str]] = {
    str: stripped,
    float: number,
    int: str,
    bool: lambda value: str(value).lower(),
    date: str,
    datetime: rounded,
    time: rounded,
    timedelta: clock,
}

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    sys.stdout.writelines(f"{json.dumps(line)}\n" for line in main(sys.argv[1], sys.stdin.buffer.read()))
