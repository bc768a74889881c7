"""What a file may hold, recognised by what it begins with, and what its columns mean."""

import csv
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from eeds.errors import MalformedBody
from eeds.formats.messages import about_table
from eeds.projects.upload_columns import project_columns
from eeds.records.consumption import CONSUMPTION
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
RECORD_TYPES = {ENERGY: CONSUMPTION, WEATHER: TEMPERATURES}
GZIP, PARQUET, ZIP, XML = b"\x1f\x8b", b"PAR1", b"PK\x03\x04", b"<"
HEAD_BYTES = 64 * 1024
UNKNOWN = (
    "These columns are of nothing that can be loaded. Projects need project_id, energy data project_id (or "
    "metadata_id), start and value, temperatures station, start and temp_f (or temp_c)."
)
ROWS = 8


@dataclass(frozen=True)
class Preview:
    """What is known of a file from its beginning.

    `kind` is empty if it is not recognised; `meanings` has what each column becomes, "" for nothing, and `problem` why
    the file cannot be loaded.
    """

    kind: str
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    meanings: Sequence[str] | None = None
    problem: str = ""


def preview(head: bytes) -> Preview:
    """Look at the first HEAD_BYTES of a file."""
    if head.startswith(GZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
        except zlib.error as error:
            return Preview("", problem=f"It begins like a gzip file, but is none: {error}.")
    if head.startswith(ZIP) or head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(XML):
        return Preview(GREEN_BUTTON)
    if head.startswith(PARQUET):
        return Preview("", problem="A Parquet file names its columns at its end: say what it holds, and check it.")
    return preview_of_table(head.decode("utf-8-sig", errors="replace"), whole=len(head) < HEAD_BYTES)


def preview_of_table(text: str, *, whole: bool) -> Preview:
    """Look at the first rows of a CSV file; the last line may have been cut."""
    lines = text.splitlines(keepends=True)
    if kind_of_normals(text):
        return Preview(NORMALS)
    cells = [row for row in csv.reader(lines if whole else lines[:-1]) if row][: ROWS + 1]
    if not cells:
        return Preview("", problem="The file is empty.")
    header, *rows = cells
    kind = kind_of(header)
    if not kind:
        return Preview("", header, rows, problem=UNKNOWN)
    try:
        return Preview(kind, header, rows, meanings(kind, [name.strip() for name in header]))
    except MalformedBody as error:
        return Preview(kind, header, rows, problem=about_table("The file", str(error)))


def kind_of(header: Sequence[str]) -> str:
    """What a table with these columns holds; empty for nothing that is known."""
    names = {name.strip().lower() for name in header}
    if "station" in names:
        return WEATHER
    if "metadata_id" in names or {"project_id", "value"} <= names:
        return ENERGY
    return PROJECT if "project_id" in names else ""


def meanings(kind: str, header: Sequence[str]) -> Sequence[str]:
    """What each column becomes, "" for nothing; raises MalformedBody if one is missing."""
    if kind in RECORD_TYPES:
        places = table_columns(RECORD_TYPES[kind], header).places
    else:
        columns = project_columns(header)
        places = {f"attribute {name}": place for name, place in columns.attributes.items()} | dict(columns.fields)
    by_place = {place: meaning for meaning, place in places.items()}
    return [by_place.get(place, "") for place in range(len(header))]
