"""What a file may hold, recognised by what it begins with, and what its columns mean."""

import csv
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from eeds.errors import EedsError, MalformedBody
from eeds.formats.messages import about_table
from eeds.formats.workbooks import OLE_BEGIN
from eeds.portal.energy_preview import ReadingsPreview, preview_of_readings
from eeds.projects.upload_columns import FIELDS, project_columns
from eeds.records.files.header import find_header
from eeds.records.operations import table_columns
from eeds.records.temperatures import TEMPERATURES
from eeds.weather.normals_files import kind_of_normals

PROJECT, ENERGY, WEATHER, GREEN_BUTTON = "projects", "energy", "weather", "greenbutton"
NORMALS = "normals"
KINDS = {
    PROJECT: "Projects",
    ENERGY: "Energy data",
    WEATHER: "Temperatures of weather stations",
    NORMALS: "A normal year of a weather station",
    GREEN_BUTTON: "Green Button",
}
# Columns that only projects have.
PERIODS = {name for names in FIELDS.values() for name in names} - {"project_id"}
# What a workbook has in it, and a zip of Green Button files has not.
IN_WORKBOOKS = (b"[Content_Types].xml", b"opendocument.spreadsheet")
GZIP, PARQUET, ZIP, XML = b"\x1f\x8b", b"PAR1", b"PK\x03\x04", b"<"
HEAD_BYTES = 64 * 1024
UNKNOWN = (
    "Choose below what its columns are if it has readings. Projects need a column project_id, temperatures station, "
    "start and temp_f (or temp_c)."
)
ROWS = 8


@dataclass(frozen=True)
class Preview:
    """What is known of a file from its beginning.

    `kind` is empty if it is not recognised; `meanings` has what each column becomes, "" for nothing, and `problem` why
    the file cannot be loaded. Of a table of readings, `readings` has its first rows and what its columns are taken for.
    `needs_whole`: the beginning is not enough.
    """

    kind: str
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    meanings: Sequence[str] | None = None
    problem: str = ""
    readings: ReadingsPreview | None = None
    needs_whole: bool = False


def preview(head: bytes) -> Preview:
    """Look at the first HEAD_BYTES of a file, or at all of it."""
    whole = len(head) != HEAD_BYTES
    if head.startswith(GZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
            whole = len(head) < HEAD_BYTES
        except zlib.error as error:
            return Preview("", problem=f"It begins like a gzip file, but is none: {error}.")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(XML):
        return Preview(GREEN_BUTTON)
    if head.startswith((PARQUET, ZIP, OLE_BEGIN)):
        if head.startswith(ZIP) and not any(part in head for part in IN_WORKBOOKS):
            return Preview(GREEN_BUTTON)
        return preview_of_any_table(head, whole=True) if whole else Preview(ENERGY, needs_whole=True)
    text = head.decode("utf-8-sig", errors="replace")
    if kind_of_normals(text):
        return Preview(NORMALS)
    kind = kind_of(first_row(text))
    if kind != ENERGY:
        return preview_of_table(kind, text, whole=whole)
    return preview_of_any_table(head, whole=whole)


def first_row(text: str) -> list[str]:
    """The first row of a CSV file."""
    return next(filter(None, csv.reader(text.splitlines(keepends=True))), [])


def preview_of_any_table(head: bytes, *, whole: bool) -> Preview:
    """Look at a table that is neither of projects nor of temperatures."""
    try:
        readings = preview_of_readings(head, whole=whole)
    except EedsError as error:
        return Preview("", problem=about_table("The file", str(error)))
    if not readings.problem:
        return Preview(ENERGY, readings=readings)
    problem = f"{about_table('The file', readings.problem)} {UNKNOWN}" if readings.header else readings.problem
    return Preview("", problem=problem, readings=readings)


def preview_of_table(kind: str, text: str, *, whole: bool) -> Preview:
    """Look at the first rows of a CSV file; the last line may have been cut."""
    lines = text.splitlines(keepends=True)
    header, *rows = [row for row in csv.reader(lines if whole else lines[:-1] or lines) if row][: ROWS + 1]
    try:
        return Preview(kind, header, rows, meanings(kind, [name.strip() for name in header]))
    except MalformedBody as error:
        return Preview(kind, header, rows, problem=about_table("The file", str(error)))


def kind_of(header: Sequence[str]) -> str:
    """What a table with these columns holds; readings where it is neither projects nor temperatures."""
    names = {name.strip().lower() for name in header}
    if "station" in names:
        return WEATHER
    is_project = "project_id" in names and (names & PERIODS or not has_readings(header))
    return PROJECT if is_project and "value" not in names else ENERGY


def has_readings(header: Sequence[str]) -> bool:
    """Whether columns are those of readings."""
    try:
        find_header([[name.strip() for name in header]])
    except EedsError:
        return False
    return True


def meanings(kind: str, header: Sequence[str]) -> Sequence[str]:
    """What each column becomes, "" for nothing; raises MalformedBody if one is missing."""
    if kind == WEATHER:
        places = table_columns(TEMPERATURES, header).places
    else:
        columns = project_columns(header)
        places = {f"attribute {name}": place for name, place in columns.attributes.items()} | dict(columns.fields)
    by_place = {place: meaning for meaning, place in places.items()}
    return [by_place.get(place, "") for place in range(len(header))]
